/** SUV, SUV by lean body mass and SUVR from a PET image with its side file. */
import { DataError, type Measure, type Volume } from "@quintet/core";
import { writeTsv } from "@quintet/io";
import { loadKernels } from "@quintet/kernels/node";
import { asymmetryIndex, regionalMeans, suvr, type Window } from "@quintet/modalities/pet";
import { personOfImage } from "./person-of-image.ts";
import {
  inFile,
  labelsOn,
  maskOn,
  ResultFiles,
  readPetImage,
  regionsNamed,
  sideFileOf,
  sourcesOf,
} from "./pet-image.ts";
import { standardUptake, wrongUnit } from "./standard-uptake.ts";

export const uptakeMeasures = ["suv", "sul", "suvr"] as const;
export type UptakeMeasure = (typeof uptakeMeasures)[number];

export interface MeasureUptakeOptions {
  readonly measure: UptakeMeasure;
  /** Of the person: what neither participants.tsv nor the side file says; where one does, it must agree. */
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
 * @throws DataError `missing-reference`, `missing-injection-time` (a window without it), and those of readers, personOfImage,
 *   standardUptake, suvr, meanOverWindow
 */
export async function measureUptake(path: string, out: string, options: MeasureUptakeOptions): Promise<MeasuredUptake> {
  await loadKernels();
  const { measure, labels: atlas, reference: mask } = options;
  const { volume, metadata } = await readPetImage(path);
  const window = windowOf(options.window, metadata.InjectionStart, path);
  const labels = atlas === undefined ? undefined : await labelsOn(volume, atlas);
  let image: Volume<"1" | "g/mL">;
  let reference: string | undefined;
  if (measure === "suvr") {
    if (volume.unit !== "Bq/mL" && volume.unit !== "g/mL") throw wrongUnit(sideFileOf(path), volume.unit);
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
    image = inFile(path, () => suvr(volume as Volume<"Bq/mL">, region, window));
  } else {
    const { weight, height, sex } = options;
    const given = {
      ...(weight === undefined ? {} : { weight }),
      ...(height === undefined ? {} : { height }),
      ...(sex === undefined ? {} : { sex }),
    };
    const person = await personOfImage(path, metadata, given);
    const sideFile = sideFileOf(path);
    image = inFile(sideFile, () => standardUptake(measure, { volume, metadata, person, window, sideFile }));
  }
  const about = options.resolution === undefined ? {} : { fwhm: options.resolution };
  const regions = labels ? [...regionalMeans(image, labels, about), ...asymmetryIndex(image, labels, about)] : [];
  const files = new ResultFiles(out, path);
  const name = measure === "suvr" ? "SUVR" : measure.toUpperCase();
  const sources = await sourcesOf([path, atlas, mask]);
  await files.image(`desc-${name}_pet`, image, {
    Sources: sources as never,
    ...(measure === "suvr" ? {} : { SUVType: measure === "suv" ? "BW" : "LBMJANMA" }),
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

/** Minutes after the injection to seconds of the image's clock. @throws DataError `missing-injection-time` */
export function windowOf(
  minutes: readonly [number, number] | undefined,
  injection: unknown,
  file: string,
): Window | undefined {
  if (minutes === undefined) return undefined;
  if (typeof injection !== "number" || !Number.isFinite(injection)) {
    throw new DataError("missing-injection-time", "a window after the injection needs the time of the injection", {
      file: sideFileOf(file),
      expected: 'a line like "InjectionStart": 0 (s from time zero)',
      found: JSON.stringify(injection) ?? "nothing",
    });
  }
  return { start: injection + 60 * minutes[0], end: injection + 60 * minutes[1] };
}
