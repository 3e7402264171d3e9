/** Quality control of a phantom's image: uniformity, recovery, calibration against the dose calibrator, count rates. */
import { basename } from "node:path";
import { DataError, type Metadata, type QcFinding, type Volume } from "@quintet/core";
import { writeTsv } from "@quintet/io";
import {
  type CalibratorReading,
  type CountRates,
  type CrossCalibration,
  countRates,
  crossCalibration,
  phantomFindings,
  phantomLimits,
  type Recovery,
  radionuclideOf,
  recovery,
  type ScannerCalibration,
  scannerCalibration,
  type Uniformity,
  uniformity,
} from "@quintet/modalities/pet";
import { renderPetQcPage } from "@quintet/view";
import { ResultFiles, readStoredImage, sourcesOf } from "../pet-quantify/pet-image.ts";
import { version } from "../version.ts";
import { type PhantomDescription, readCounts, readPhantom } from "./phantom-description.ts";

export interface CheckPhantomOptions {
  /** JSON (readPhantom): spheres, and what the dose calibrator said. */
  readonly phantom?: string;
  /** Table of counts (readCounts). */
  readonly counts?: string;
  /** Whether randoms are the delayed counts themselves, noise and all: k = 2. */
  readonly noisyRandoms?: boolean;
}

export interface CheckedPhantom {
  /** Of a cylinder without spheres. */
  readonly uniformity?: Uniformity;
  readonly recovery?: Recovery;
  readonly calibration?: CrossCalibration;
  /** Of an image that is not calibrated: the factor that makes it activity. */
  readonly scanner?: ScannerCalibration;
  readonly counts?: CountRates;
  readonly findings: readonly QcFinding[];
  readonly files: readonly string[];
}

/**
 * The image of a uniform cylinder or, where the description names spheres, of a contrast phantom. Its mean (the cylinder's, or
 * the spheres' background) is what the dose calibrator is held against.
 *
 * @param out folder for a JSON with everything, a page to look at and, of a cylinder, a table of its slices
 * @throws DataError `unknown-unit`, `not-decay-corrected` (a calibration of an image that is not, or does not say to when),
 *   `disagreement`, those of readers, readPhantom, readCounts, uniformity, recovery, crossCalibration, countRates
 */
export async function checkPhantom(
  path: string,
  out: string,
  { phantom: described, counts: table, noisyRandoms = false }: CheckPhantomOptions = {},
): Promise<CheckedPhantom> {
  const { volume, metadata } = await readStoredImage(path);
  const phantom: PhantomDescription = described === undefined ? { spheres: [] } : await readPhantom(described);
  const results: { -readonly [K in keyof Omit<CheckedPhantom, "findings" | "files">]: CheckedPhantom[K] } = {};
  let mean: { value: number; error: number };
  try {
    mean = measured(volume, phantom, results);
    if (phantom.calibration) {
      if (volume.unit === "{count}/mm") results.scanner = scannerOf(mean, phantom.calibration, volume, metadata, path);
      else results.calibration = crossCalibration(mean, phantom.calibration, referenceOf(volume, metadata, path));
    }
  } catch (error) {
    throw error instanceof DataError ? error.inFile(path) : error;
  }
  if (table !== undefined) results.counts = countRates(await readCounts(table), noisyRandoms ? 2 : 1);
  const findings = phantomFindings(results);
  const files = new ResultFiles(out, path);
  const sources = await sourcesOf([path, described, table]);
  await files.json("desc-phantom_qc", { ...results, findings, Unit: volume.unit, Sources: sources });
  if (results.uniformity) {
    const columns = ["z_mm", "regions", "mean", "variation", "above", "below"];
    const rows = results.uniformity.slices.map((s) => [s.z, s.regions, s.mean, s.variation, s.above, s.below]);
    await files.text("desc-phantom_slices.tsv", writeTsv(columns, rows));
  }
  const { calibration, ...shown } = results;
  const page = renderPetQcPage(
    {
      source: basename(path),
      image: volume,
      findings,
      ...shown,
      ...(calibration ? { calibration: { ...calibration, measured: mean.value, measuredError: mean.error } } : {}),
      limits: phantomLimits,
    },
    { software: { name: "Quintet", version }, generatedAt: new Date().toISOString() },
  );
  await files.text("desc-phantom_qc.html", page);
  return { ...results, findings, files: files.written };
}

/** The factor for `pet recon --calibration`, from its own image of counts. @throws DataError `disagreement`, those of scannerCalibration */
function scannerOf(
  mean: { readonly value: number; readonly error: number },
  reading: CalibratorReading,
  { frames }: Volume,
  { ImageDecayCorrected: corrected, ImageDecayCorrectionTime: time, TracerRadionuclide: nuclide }: Metadata,
  file: string,
): ScannerCalibration {
  if (nuclide !== undefined && radionuclideOf(nuclide) !== reading.radionuclide) {
    throw new DataError("disagreement", "two radionuclides are stated", {
      file,
      expected: `${reading.radionuclide} of the phantom's description`,
      found: `${nuclide} in the JSON beside the image`,
    });
  }
  const [frame = { start: 0, duration: 0 }] = frames;
  if (corrected === false) return scannerCalibration(mean, reading, frame);
  if (corrected === true && typeof time === "number") return scannerCalibration(mean, reading, frame, time);
  throw new DataError("not-decay-corrected", "whether the image is corrected for decay must be known", {
    file,
    expected: "ImageDecayCorrected false, or true with ImageDecayCorrectionTime (s), in the JSON beside the image",
    found: `${JSON.stringify(corrected) ?? "nothing"} and ${JSON.stringify(time) ?? "nothing"}`,
  });
}

/** Of the cylinder, or of the background beside the spheres: what the dose calibrator is held against. */
function measured(
  volume: Volume,
  { spheres, background, radius }: PhantomDescription,
  results: { uniformity?: Uniformity; recovery?: Recovery },
): { value: number; error: number } {
  if (spheres.length === 0) {
    const found = uniformity(volume);
    results.uniformity = found;
    return { value: found.mean, error: found.standardError };
  }
  const found = recovery(volume, spheres, {
    ...(background ? { background } : {}),
    ...(radius === undefined ? {} : { radius }),
  });
  results.recovery = found;
  const largest = found.spheres.reduce((a, b) => (b.diameter > a.diameter ? b : a));
  return { value: found.background, error: (found.background * largest.variability) / Math.sqrt(found.circles) };
}

/** The time to which the image's activity is corrected, on the side file's clock. */
function referenceOf({ unit }: Volume, metadata: Metadata, file: string): number {
  if (unit !== "Bq/mL") {
    throw new DataError("unknown-unit", "a dose calibrator is held against activity concentration", {
      file,
      expected: "Units Bq/mL (kBq/mL, MBq/mL), or counts/mm of quintet pet recon, in the JSON beside the image",
      found: unit,
    });
  }
  const { ImageDecayCorrected: corrected, ImageDecayCorrectionTime: time } = metadata;
  if (corrected === true && typeof time === "number" && Number.isFinite(time)) return time;
  throw new DataError("not-decay-corrected", "calibration needs an image corrected for decay to a time that is known", {
    file,
    expected: "ImageDecayCorrected true and ImageDecayCorrectionTime (s) in the JSON beside the image",
    found: `${JSON.stringify(corrected) ?? "nothing"} and ${JSON.stringify(time) ?? "nothing"}`,
  });
}
