/** SUV, SUV by lean body mass and SUVR from a PET image with its side file. */
import { DataError, type Measure, type Participant, type Volume } from "@quintet/core";
import { writeTsv } from "@quintet/io";
import { loadKernels } from "@quintet/kernels/node";
import {
  asymmetryIndex,
  injectionFrom,
  meanOverWindow,
  regionalMeans,
  sul,
  suv,
  suvr,
  type Window,
} from "@quintet/modalities/pet";
import { labelsOn, maskOn, ResultFiles, readPetImage, regionsNamed, sourcesOf } from "./pet-image.ts";

export const uptakeMeasures = ["suv", "sul", "suvr"] as const;
export type UptakeMeasure = (typeof uptakeMeasures)[number];

export interface MeasureUptakeOptions {
  readonly measure: UptakeMeasure;
  /** Of the person: what the side file does not say. */
  readonly weight?: number;
  readonly height?: number;
  readonly sex?: "F" | "M";
  /** Minutes after the injection; frames wholly inside are averaged. All frames without it. */
  readonly window?: readonly [from: number, to: number];
  /** Regions that are measured. */
  readonly labels?: string;
  /** Of suvr: a mask, or names of regions in `labels`. */
  readonly reference?: string;
  readonly referenceRegions?: readonly string[];
  /** FWHM of the image in mm: for standard errors. */
  readonly resolution?: number;
}

export interface MeasuredUptake {
  readonly measure: UptakeMeasure;
  readonly unit: string;
  readonly window?: readonly [number, number];
  readonly reference?: string;
  readonly regions: readonly Measure[];
  readonly files: readonly string[];
}

/**
 * Writes the image of SUV (g/mL) or SUVR and, with regions, their means with standard errors and left against right.
 *
 * @throws DataError `missing-reference`, `missing-injection-time` (a window without it), and those of readers, injectionFrom, suv,
 *   sul, suvr, meanOverWindow
 */
export async function measureUptake(path: string, out: string, options: MeasureUptakeOptions): Promise<MeasuredUptake> {
  await loadKernels();
  const { measure, weight, height, sex, labels: atlas, reference: mask } = options;
  const { volume, metadata } = await readPetImage(path);
  const window = windowOf(options.window, metadata.InjectionStart, path);
  const labels = atlas === undefined ? undefined : await labelsOn(volume, atlas);
  const participant: Participant = {
    label: "person",
    ...(weight === undefined ? {} : { weight }),
    ...(height === undefined ? {} : { height }),
    ...(sex === undefined ? {} : { sex }),
  };
  let image: Volume<"1" | "g/mL">;
  let reference: string | undefined;
  if (measure === "suvr") {
    if (volume.unit !== "Bq/mL" && volume.unit !== "g/mL") throw wrongUnit(path, volume.unit);
    const names = options.referenceRegions ?? [];
    if ((mask === undefined) === (names.length === 0) || (names.length > 0 && !labels)) {
      throw new DataError("missing-reference", "SUVR is a ratio to one reference region", {
        file: path,
        expected: "--reference MASK, or --labels with --reference-region",
        found:
          mask === undefined && names.length === 0 ? "neither" : names.length > 0 && !labels ? "no labels" : "both",
      });
    }
    const region =
      mask === undefined
        ? regionsNamed(labels as NonNullable<typeof labels>, names, atlas as string)
        : await maskOn(volume, mask);
    reference = mask === undefined ? names.join(" + ") : mask;
    image = suvr(volume as Volume<"Bq/mL">, region, window);
  } else {
    if (volume.unit !== "Bq/mL") throw wrongUnit(path, volume.unit);
    const person = {
      ...participant,
      ...(weight === undefined && typeof metadata.PatientWeight === "number" ? { weight: metadata.PatientWeight } : {}),
    };
    const injection = injectionFrom(metadata, participant, path);
    const mean = meanOverWindow(volume as Volume<"Bq/mL">, window);
    image = measure === "suv" ? suv(mean, injection) : sul(mean, injection, person);
  }
  const about = options.resolution === undefined ? {} : { fwhm: options.resolution };
  const regions = labels ? [...regionalMeans(image, labels, about), ...asymmetryIndex(image, labels, about)] : [];
  const files = new ResultFiles(out, path);
  const name = measure === "suvr" ? "SUVR" : measure.toUpperCase();
  const sources = await sourcesOf([path, atlas, mask]);
  await files.image(`desc-${name}_pet`, image, {
    Sources: sources as never,
    ...(options.window ? { WindowMinutes: [...options.window] } : {}),
    ...(reference === undefined ? {} : { ReferenceRegion: reference.replace(/^.*[\\/]/, "") }),
  });
  if (labels) {
    const columns = ["region", "side", "measure", "value", "standard_error", "unit", "n", "method"];
    const rows = regions.map((m) => [m.region, m.side, m.measure, m.value, m.standardError, m.unit, m.n, m.method]);
    await files.text(`desc-${name}_measures.tsv`, writeTsv(columns, rows));
  }
  return {
    measure,
    unit: image.unit === "1" ? "SUVR" : image.unit,
    ...(options.window ? { window: options.window } : {}),
    ...(reference === undefined ? {} : { reference }),
    regions,
    files: files.written,
  };
}

function wrongUnit(file: string, found: string): DataError {
  return new DataError("unknown-unit", "uptake is measured in activity concentration", {
    file,
    expected: "Units Bq/mL (kBq/mL, MBq/mL) in the JSON beside the image",
    found,
  });
}

/** Minutes after the injection to seconds of the image's clock. @throws DataError `missing-injection-time` */
export function windowOf(
  minutes: readonly [number, number] | undefined,
  injection: unknown,
  file: string,
): Window | undefined {
  if (minutes === undefined) return undefined;
  if (typeof injection !== "number" || !Number.isFinite(injection)) {
    throw new DataError("missing-injection-time", "a window after the injection needs the time of the injection", {
      file,
      expected: "InjectionStart (s) in the JSON beside the image",
      found: JSON.stringify(injection) ?? "nothing",
    });
  }
  return { start: injection + 60 * minutes[0], end: injection + 60 * minutes[1] };
}
