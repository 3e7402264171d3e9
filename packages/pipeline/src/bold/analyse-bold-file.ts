/** BOLD from file to derivatives: what `quintet mri bold` does. */
import { basename, join, relative } from "node:path";
import {
  apply,
  DataError,
  frameData,
  invert,
  type LabelVolume,
  type Point,
  type QcFinding,
  type Volume,
} from "@quintet/core";
import { parseBidsName } from "@quintet/io";
import { readLabels, readVolume, sha256File, writeFileAtomic } from "@quintet/io/node";
import { loadKernels } from "@quintet/kernels/node";
import { brainMask, type ContrastOf } from "@quintet/modalities/mri";
import { version } from "../version.ts";
import { analyseBold, type BoldResult } from "./analyse-bold.ts";
import { type BoldCluster, type BoldPlace, boldClusters, boldFiles } from "./bold-files.ts";
import { placeFinding, placeOnT1 } from "./place-on-t1.ts";
import { type ReadBoldOptions, readBold } from "./read-bold.ts";

export interface AnalyseBoldFileOptions extends Omit<ReadBoldOptions, "metadata" | "fieldmaps"> {
  /** A T1 of the same head: peaks and seed are then told in its mm. */
  readonly t1?: string;
  /** Labels in the T1's space: peaks get the name of their region. */
  readonly atlas?: string;
  readonly contrasts?: readonly ContrastOf[];
  readonly fwhm?: number;
  /** mm of the T1 where one is given, else of the BOLD images. */
  readonly seed?: Point;
  readonly onProgress?: (share: number, note: string) => void;
}

export interface AnalysedBold {
  /** Relative to the folder. */
  readonly files: readonly string[];
  readonly volumes: number;
  readonly repetitionTime: number;
  readonly qc: readonly QcFinding[];
  readonly clusters: readonly BoldCluster[];
  readonly contrasts: readonly { readonly name: string; readonly threshold?: number; readonly significantMl: number }[];
  /** mm. */
  readonly t1Error?: number;
  readonly warnings: readonly string[];
  readonly seconds: number;
}

/**
 * Nothing is written before everything is computed; each file appears whole.
 *
 * @throws DataError `atlas-without-t1`, and those of readBold, analyseBold, brainMask and registerRigid
 */
export async function analyseBoldFile(
  file: string,
  out: string,
  options: AnalyseBoldFileOptions = {},
): Promise<AnalysedBold> {
  const started = performance.now();
  const { t1: t1Path, atlas, seed, contrasts, fwhm, onProgress, ...reading } = options;
  if (atlas !== undefined && t1Path === undefined)
    throw new DataError("atlas-without-t1", "labels name places of the T1, so the T1 must be there too", {
      file: atlas,
    });
  await loadKernels();
  onProgress?.(0, "reading");
  const { input, files, notes } = await readBold(file, reading);
  const named = await inFile(file, async () => {
    const first = t1Path === undefined ? undefined : await anatomyOf(t1Path, atlas);
    const share = first ? 0.8 : 1;
    // A seed in the T1's mm must be placed in the series first: by the volume whose frame of reference is kept.
    const place = first && seed ? await placed(middleVolume(input.bold), first) : undefined;
    const own = seed && place ? apply(invert(place.toT1.matrix), seed) : seed;
    const result = analyseBold(input, {
      ...(contrasts ? { contrasts } : {}),
      ...(fwhm === undefined ? {} : { fwhm }),
      ...(own ? { seed: own } : {}),
      progress: (done, note) => onProgress?.(share * done, note),
    });
    onProgress?.(share, "on the T1");
    return { result, place: place ?? (first && (await placed(result.motion.reference, first))) };
  });
  const { result, place } = named;
  const qc = place ? [...result.qc, placeFinding(place)] : result.qc;
  const inputs = [...files, ...[t1Path, atlas].filter((path) => path !== undefined)];
  const facts = {
    inputs: await Promise.all(inputs.map(async (path) => ({ file: basename(path), sha256: await sha256File(path) }))),
    parameters: { fwhm: result.fwhm, seed, contrasts, notes },
    ...(place ? { bold_to_t1: { matrix: [...place.toT1.matrix], expected_error_mm: place.expectedError } } : {}),
  };
  const { folder, stem } = derivativeName(file);
  const written: string[] = [];
  for (const { name, content } of boldFiles(result, facts, place, qc)) {
    const path = join(out, folder, `${stem}_${name}`);
    await writeFileAtomic(path, content());
    written.push(relative(out, path));
  }
  await writeFileAtomic(join(out, "dataset_description.json"), description(basename(file)));
  onProgress?.(1, "done");
  return {
    files: written,
    volumes: result.times.length,
    repetitionTime: result.geometry.repetitionTime,
    qc,
    clusters: boldClusters(result, place),
    contrasts: contrastRows(result),
    ...(place ? { t1Error: place.expectedError } : {}),
    warnings: [...notes, ...result.warnings],
    seconds: (performance.now() - started) / 1000,
  };
}

async function inFile<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof DataError ? error.inFile(file) : error;
  }
}

function middleVolume(bold: Volume): Volume {
  const middle = bold.frames.length >> 1;
  return { ...bold, frames: bold.frames.slice(middle, middle + 1), data: frameData(bold, middle) };
}

interface Anatomy {
  readonly t1: Volume;
  readonly regions?: LabelVolume;
}

async function anatomyOf(path: string, atlas: string | undefined): Promise<Anatomy> {
  const t1 = await readVolume(path, { space: "subject:T1w", clock: "mri" });
  if (atlas === undefined) return { t1 };
  return { t1, regions: await readLabels(atlas, { space: "subject:T1w" }) };
}

async function placed(series: Volume, { t1, regions }: Anatomy): Promise<BoldPlace> {
  return (await placeOnT1(series, t1, brainMask(t1), regions)).place;
}

function contrastRows({ task }: BoldResult): AnalysedBold["contrasts"] {
  return (task?.found.maps ?? []).map(({ name, threshold, clusters }) => ({
    name,
    ...(threshold === undefined ? {} : { threshold }),
    significantMl: clusters.reduce((sum, { volume }) => sum + volume, 0),
  }));
}

/** sub-01/ses-a/func and sub-01_ses-a_task-x for a BIDS name; any other name stays flat. */
function derivativeName(file: string): { readonly folder: string; readonly stem: string } {
  const base = basename(file).replace(/\.nii(\.gz)?$/i, "");
  const sub = parseBidsName(basename(file))?.entities.sub;
  const ses = parseBidsName(basename(file))?.entities.ses;
  const stem = base.replace(/_bold$/, "") || "bold";
  if (sub === undefined) return { folder: ".", stem };
  return { folder: join(`sub-${sub}`, ...(ses === undefined ? [] : [`ses-${ses}`]), "func"), stem };
}

function description(name: string): string {
  const text = {
    Name: `BOLD of ${name}: Quintet derivatives`,
    BIDSVersion: "1.10.0",
    DatasetType: "derivative",
    GeneratedBy: [{ Name: "Quintet", Version: version }],
  };
  return `${JSON.stringify(text, null, 2)}\n`;
}
