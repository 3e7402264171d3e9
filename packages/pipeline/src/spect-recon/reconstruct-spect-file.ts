/** Raw SPECT from file to file: an image as NIfTI, beside it a JSON with the model's terms and what was found, and a page to look at. */
import { basename } from "node:path";
import { setImmediate as othersFirst } from "node:timers/promises";
import { DataError, type QcFinding, type SpectProjections, type Volume } from "@quintet/core";
import { writeNifti } from "@quintet/io";
import { readSpectProjections, readVolume, sha256File, writeFileAtomic } from "@quintet/io/node";
import type { Algorithm, EmissionFit, ReconstructionOptions, ReconstructionState } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import {
  directionEvidence,
  filteredBackProjection,
  reconFindings,
  reconstruct,
  refuseWrongDirection,
  type SpectReconstruction,
  spectGrid,
  viewTotals,
} from "@quintet/modalities/spect";
import { renderSpectReconPage } from "@quintet/view";
import { checkOutputFile } from "../output-place.ts";
import { UnfinishedWork } from "../pet-recon/unfinished-work.ts";
import { jsonText, methodSettings } from "../recon-side-file.ts";
import { version } from "../version.ts";
import { termLines, viewsRecord } from "./recon-record.ts";
import { noteOn, replicatesPath, smoothed, writeReplicates } from "./replicate-files.ts";
import { checkReplicates, replicateScans } from "./replicate-scans.ts";
import { onto, photons, type ReadTerms, readTerms, type SpectTermFiles } from "./spect-terms.ts";

export interface ReconstructSpectOptions extends SpectTermFiles {
  readonly algorithm: Algorithm | "fbp";
  readonly iterations: number;
  /** Default 1 for MLEM, else the largest divisor of the views up to 12. */
  readonly subsets?: number;
  readonly strength?: number;
  /** An image in the scanner's space that guides bsrem (Bowsher) or kernel-em. */
  readonly anatomy?: string;
  /** Whether the stated direction of rotation is held against the counts (default true). */
  readonly checkDirection?: boolean;
  /** Gaussian after reconstruction, mm FWHM; of replicates too. */
  readonly filter?: number;
  /** How many replicates of the scan are reconstructed beside it, for the standard errors of what is measured in it. */
  readonly replicates?: number;
  /** Of the replicates' noise; default 1. */
  readonly seed?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (share: number, note: string) => void;
}

export interface ReconstructedSpect {
  readonly path: string;
  readonly shape: readonly number[];
  readonly spacing: readonly number[];
  readonly unit: string;
  readonly kernel: string;
  /** Absent of FBP. */
  readonly subsets?: number;
  readonly iterations: EmissionFit["history"];
  readonly counts: number;
  readonly scatter: number;
  readonly findings: readonly QcFinding[];
  readonly notes: readonly string[];
  readonly replicates?: ReplicatesRecord;
  /** Iterations that an earlier run had finished. */
  readonly resumed: number;
  readonly seconds: number;
  /** Largest resident memory of the process, MB. */
  readonly peakMemory: number;
}

export interface ReplicatesRecord {
  /** One image with a frame a replicate. */
  readonly path: string;
  readonly count: number;
  readonly seed: number;
  /** Scatter of the counts about what the image expects, by what Poisson counts do (countDispersion). */
  readonly dispersion: number;
}

/**
 * Reconstructs SPECT projections (Interfile, NM images of DICOM). Image, JSON and page are written at the end, each whole or not at all; finished iterations
 * are kept in OUT.part, and the same call goes on from there to the same bits. Replicates of the scan go into OUT_replicates, with the
 * image's hash in their JSON.
 *
 * @throws DataError `bad-name`, `unwritable`, `wrong-direction`, `bad-algorithm` (replicates of FBP), those of checkReplicates and replicateScans, those of readSpectProjections, readTerms and reconstruct; AbortError when stopped
 */
export async function reconstructSpectFile(
  raw: string,
  out: string,
  options: ReconstructSpectOptions,
): Promise<ReconstructedSpect> {
  if (!/\.nii(\.gz)?$/i.test(out))
    throw new DataError("bad-name", "the image is written as NIfTI", { expected: ".nii or .nii.gz", found: out });
  await checkOutputFile(out);
  const started = performance.now();
  const { onProgress, algorithm, replicates } = options;
  if (replicates !== undefined && algorithm === "fbp")
    throw new DataError("bad-algorithm", "replicates are drawn about what a modelled image expects", {
      expected: "any but fbp",
      found: algorithm,
    });
  await loadKernels();
  onProgress?.(0, "reading");
  const { projections: measured, notes } = await readSpectProjections(raw, photons[options.nuclide]);
  try {
    if (replicates !== undefined) checkReplicates(replicates, measured);
    const grid = spectGrid(measured);
    const read = await readTerms(measured, grid, options);
    const { projections, response, centre } = read;
    onProgress?.(0.02, "direction of rotation");
    const direction =
      response !== "none" && options.checkDirection !== false ? directionEvidence(projections, response) : undefined;
    if (direction) refuseWrongDirection(direction);
    const subsets = algorithm === "mlem" || algorithm === "fbp" ? 1 : (options.subsets ?? mostSubsets(projections));
    // each replicate is as much work as the scan itself
    const own = 1 / (1 + (replicates ?? 0));
    const tell = (from: number, share: number) => (done: number, note: string) =>
      onProgress?.(from + share * done, note);
    const run =
      algorithm === "fbp"
        ? undefined
        : await iterate(out, read, { ...options, algorithm, subsets, onProgress: tell(0, own) });
    const sharp = run?.result.image ?? filteredBackProjection(projections, grid);
    const image = smoothed(sharp, options.filter);
    const again =
      run && replicates !== undefined
        ? await replicateScans(read, grid, sharp.data, {
            ...options,
            count: replicates,
            seed: options.seed ?? 1,
            how: run.how,
            work: run.work,
            onProgress: tell(own, 1 - own),
          })
        : undefined;
    const found = reconFindings(projections, run?.result, {
      ...(centre ? { centre } : {}),
      ...(direction ? { direction } : {}),
      scatter: read.terms.scatter !== "none",
    });
    const findings = run ? [...found, ...read.findings] : found;
    const written: ReconstructedSpect = {
      path: out,
      shape: image.shape,
      spacing: [0, 5, 10].map((k) => image.affine[k] as number),
      unit: "counts per mm of line (not calibrated)",
      kernel: run?.result.kernel ?? "filtered back projection, Hann's window to 0.5 cycles a pixel",
      ...(run ? { subsets } : {}),
      iterations: run?.result.fit.history ?? [],
      counts: projections.data.reduce((sum, y) => sum + y, 0),
      scatter: run?.result.totals.scatter ?? 0,
      findings,
      notes: [...notes, ...(run ? [...read.notes, ...run.result.notes] : controlNotes), ...noteOn(again?.dispersion)],
      ...(again
        ? {
            replicates: {
              path: replicatesPath(out),
              count: again.images.length,
              seed: options.seed ?? 1,
              dispersion: again.dispersion,
            },
          }
        : {}),
      resumed: run?.resumed ?? 0,
      seconds: (performance.now() - started) / 1000,
      peakMemory: Math.round(process.resourceUsage().maxRSS / 1024),
    };
    const views = viewTotals(projections);
    const side = await sidecar(raw, written, options, projections);
    const bytes = writeNifti(image, { gzip: /\.gz$/i.test(out) });
    if (again) await writeReplicates(out, bytes, image, again.images, options);
    await writeFileAtomic(out, bytes);
    await writeFileAtomic(
      out.replace(/\.nii(\.gz)?$/i, ".json"),
      `${jsonText({ ...side, Views: viewsRecord(views) })}\n`,
    );
    const page = renderSpectReconPage(
      {
        source: basename(raw),
        settings: methodSettings(side),
        terms: termLines(side.Terms),
        notes: written.notes,
        findings,
        views,
        image,
      },
      { software: { name: "Quintet", version }, generatedAt: new Date().toISOString() },
    );
    await writeFileAtomic(out.replace(/\.nii(\.gz)?$/i, ".html"), page);
    await run?.work.clear();
    return written;
  } catch (error) {
    throw error instanceof DataError ? error.inFile(raw) : error;
  }
}

const controlNotes = ["filtered back projection is a control: no attenuation, response, scatter or decay is modelled"];

function mostSubsets({ angles }: SpectProjections): number {
  return [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2].find((n) => angles.length % n === 0) ?? 1;
}

interface Iterated {
  readonly result: SpectReconstruction;
  readonly resumed: number;
  readonly work: UnfinishedWork;
  /** What replicates are reconstructed with. */
  readonly how: ReconstructionOptions;
}

/** From what an earlier run left; each finished iteration is kept. */
async function iterate(
  out: string,
  { projections, terms }: ReadTerms,
  options: Omit<ReconstructSpectOptions, "algorithm"> & { readonly algorithm: Algorithm; readonly subsets: number },
): Promise<Iterated> {
  const { algorithm, iterations, subsets, strength, signal, onProgress, collimator, nuclide } = options;
  const grid = spectGrid(projections);
  const anatomy: Volume | undefined =
    options.anatomy === undefined ? undefined : onto(grid, await readVolume(options.anatomy));
  const { response: _, ...values } = terms;
  const how = { algorithm, iterations, subsets, strength };
  const work = new UnfinishedWork(out, ["spect", version, projections, values, collimator, nuclide, anatomy, how]);
  const resume = await work.take<ReconstructionState>("state");
  const plain: ReconstructionOptions = {
    algorithm,
    iterations,
    subsets,
    ...(strength === undefined ? {} : { strength }),
    ...(anatomy ? { anatomy } : {}),
  };
  const steps = reconstruct(projections, grid, terms, {
    ...plain,
    logLikelihood: true,
    ...(resume ? { resume } : {}),
  });
  try {
    for (;;) {
      const step = steps.next();
      if (step.done) return { result: step.value, resumed: resume?.history.length ?? 0, work, how: plain };
      const { stage, fraction, iteration = 0, state } = step.value;
      if (state) await work.keep("state", state);
      onProgress?.(0.05 + 0.95 * fraction, `${stage}, iteration ${iteration + 1}`);
      await othersFirst();
      signal?.throwIfAborted();
    }
  } finally {
    steps.return(undefined as never);
  }
}

async function sidecar(
  raw: string,
  { path: _, iterations: history, replicates, ...written }: ReconstructedSpect,
  options: ReconstructSpectOptions,
  { columns, rows, size, angles, radii, window, focalLength, offsets }: SpectProjections,
): Promise<{
  readonly Terms: Readonly<Record<string, string | boolean | undefined>>;
  readonly [name: string]: unknown;
}> {
  const { algorithm, iterations, strength, anatomy } = options;
  const control = algorithm === "fbp";
  const parameters: readonly (readonly [string, number | undefined])[] = control
    ? [["cutoff_cycles_per_pixel", 0.5]]
    : [
        ["iterations", iterations],
        ["subsets", written.subsets],
        ...(strength === undefined ? [] : [["strength", strength] as const]),
      ];
  const named = (text: string | undefined): string | undefined =>
    text === undefined || !/[/\\.]/.test(text) || /^[\d.,-]+$/.test(text) ? text : basename(text);
  const degrees = (radians: number | undefined): number => Number((((radians ?? 0) * 180) / Math.PI).toFixed(3));
  return {
    RawData: {
      file: basename(raw),
      sha256: await sha256File(raw.replace(/#\d+$/, "")),
      columns,
      rows,
      size,
      views: angles.length,
      angles_deg: [degrees(angles[0]), degrees(angles[1])],
      radii_mm: [Math.min(...radii), Math.max(...radii)],
      ...(window ? { energyWindow_keV: [window.low, window.high] } : {}),
      ...(focalLength === undefined ? {} : { focalLength_mm: focalLength }),
      ...(offsets ? { axisOffset_mm: offsets[0] } : {}),
    },
    Model: control ? "none: filtered back projection" : "y = f (A x) + s",
    Terms: {
      nuclide: options.nuclide,
      ...(control
        ? {
            collimator: "none",
            attenuation: "none",
            scatter: "none",
            centre: options.centre,
            decay: false,
            flood: "none",
          }
        : {
            collimator: options.collimator,
            attenuation: named(options.attenuation),
            scatter: options.scatter,
            lower: named(options.lower),
            upper: named(options.upper),
            above: named(options.above),
            centre: options.centre,
            decay: options.decay,
            flood: named(options.flood),
          }),
    },
    ReconMethodName: algorithm,
    ReconMethodParameterLabels: parameters.map(([label]) => label),
    ReconMethodParameterValues: parameters.map(([, value]) => value),
    ...(anatomy === undefined ? {} : { Anatomy: basename(anatomy) }),
    ...(options.filter === undefined ? {} : { ReconFilterType: "Gaussian", ReconFilterSize: options.filter }),
    ImageDecayCorrected: options.decay && !control,
    iterations: history,
    ...written,
    ...(replicates ? { replicates: { ...replicates, path: basename(replicates.path) } } : {}),
    GeneratedBy: [{ Name: "quintet spect recon", Version: version }],
    note: "Research use only: not a medical device.",
  };
}
