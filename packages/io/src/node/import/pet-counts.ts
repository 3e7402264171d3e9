/** A converted PET series as it is stored: counts made activity or SUV by the scanner's own factor, and what is said of that. */
import type { Metadata, Volume } from "@quintet/core";
import type { DicomSeries } from "../dicom.ts";

export interface StoredPet {
  readonly volume: Volume;
  readonly metadata: Metadata;
  /** What was done to the values, and what is left to do, for people. */
  readonly notes: readonly string[];
}

/**
 *   value in unit = counts x factor of its frame
 *
 * SourceUnits, SourceScale (a number, or one a frame) and SourceScaleName of the side file tell what was done.
 */
export function storedPet({ volume, counts, suv, suvRefused, radiopharmaceutical }: DicomSeries): StoredPet {
  const weight = radiopharmaceutical?.weight;
  const known = {
    ...(weight === undefined ? {} : { PatientWeight: weight.value }),
    // Units GML without a type is SUV by body weight (PS3.3 C.8.9.1.1.3).
    ...(suv && (suv.units === "GML" || suv.counts?.unit === "g/mL") ? { SUVType: "BW" } : {}),
  };
  const told = [
    ...(suvRefused === undefined ? [] : [`no SUV can be made: ${suvRefused}`]),
    ...(suv?.notes ?? []).filter((note) => counts === undefined || !note.endsWith(counts.name)),
    ...(radiopharmaceutical?.decayCorrection === "NONE"
      ? ["not corrected for decay (DecayCorrection NONE); quintet pet uptake corrects each frame"]
      : []),
  ];
  if (counts === undefined || volume.unit !== "{count}") return { volume, metadata: known, notes: told };
  const { unit, factors, name } = counts;
  const [first = 1] = factors;
  const each = factors.every((factor) => factor === first);
  const voxels = volume.data.length / factors.length;
  const data = volume.data.map((value, i) => value * (factors[Math.floor(i / voxels)] as number));
  const by = each ? `${first}` : `${factors.length} factors, ${first} first`;
  return {
    volume: { ...volume, unit, data },
    metadata: {
      ...known,
      Units: unit,
      SourceUnits: "CNTS",
      SourceScale: each ? first : [...factors],
      SourceScaleName: name,
    },
    notes: [`counts times ${by} (${name}) are ${unit}${unit === "g/mL" ? ", SUV by body weight" : ""}`, ...told],
  };
}
