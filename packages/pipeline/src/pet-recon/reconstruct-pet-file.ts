/** Raw PET from file to file: images as NIfTI, beside them a JSON with the model's terms and what was found, and a page to look at. */
import { basename } from "node:path";
import { DataError, type Frame, type Metadata, type QcFinding, type Volume, voxelCount } from "@quintet/core";
import { looksLikePetsird, writeNifti } from "@quintet/io";
import { openFileSource, readVolume, sha256File, writeFileAtomic } from "@quintet/io/node";
import type { Algorithm } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { countFindings, type ListReconstruction, type MotionTrack, sumOfFrames } from "@quintet/modalities/pet";
import { renderPetReconPage } from "@quintet/view";
import { checkOutputFile } from "../output-place.ts";
import { jsonText } from "../recon-side-file.ts";
import { version } from "../version.ts";
import { type ActivityOptions, type ActivityPlan, activityFields, activityPlan, inActivity } from "./activity-plan.ts";
import { type AlignedFrames, alignFrames, type FrameMotion } from "./align-frames.ts";
import { type DoneFrame, reconstructFrame } from "./frame-work.ts";
import { listModeScan } from "./list-mode-scan.ts";
import { onto, type RawScan, type RawScanOptions } from "./raw-scan.ts";
import { readTrack } from "./read-track.ts";
import { countsRecord, readPetReconRecord } from "./recon-record.ts";
import { sinogramScan } from "./sinogram-scan.ts";
import { UnfinishedWork } from "./unfinished-work.ts";

export interface ReconstructPetOptions extends RawScanOptions, ActivityOptions {
  readonly algorithm: Algorithm;
  readonly iterations: number;
  /** Default 1 for MLEM; of a sinogram the largest divisor of the views up to 21, of list mode up to 21 of 10,000 events. */
  readonly subsets?: number;
  readonly strength?: number;
  /** Full width at half maximum of the scanner's point spread, mm: it becomes part of the model. */
  readonly psf?: number;
  /** An image in the scanner's space that guides bsrem (Bowsher) or kernel-em. */
  readonly anatomy?: string;
  /** Time frame of an Interfile sinogram, from 1. */
  readonly frame?: number;
  /** Spans of a list that give an image each, on its clock; one over all of it without. */
  readonly frames?: readonly Frame[];
  /** A table of the head's poses: each event of a list is taken back to where the head was. */
  readonly motion?: string;
  /**
   * Frames are registered to the mean of those from `alignFrom` on (s, default 300 after the first), and either their images are
   * resampled once, or a list's frames are reconstructed again with the head where it was found.
   */
  readonly align?: "images" | "recon";
  readonly alignFrom?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (share: number, note: string) => void;
}

/** What became of one frame. */
export interface ReconstructedFrame {
  /** Seconds from the TimeZero of the side file: the start of the scan, if nothing else was said. */
  readonly start: number;
  readonly duration: number;
  readonly subsets: number;
  /** Counts. */
  readonly prompts: number;
  readonly randoms: number;
  readonly scatter: number;
  readonly scatterScale?: { readonly value: number; readonly error: number };
  readonly iterations: readonly object[];
  readonly blindVoxels: number;
  /** Of its alignment, or of its track: degrees about x, y, z and mm; poses told apart. */
  readonly motion?: FrameMotion | { readonly poses: number; readonly tolerance: number };
}

export interface ReconstructedPet {
  readonly path: string;
  readonly from: RawScan["kind"];
  readonly shape: readonly number[];
  readonly spacing: readonly number[];
  readonly unit: string;
  /** What it was corrected for, and to when; absent: not corrected. */
  readonly decay?: ActivityPlan["decay"];
  readonly kernel: string;
  readonly frames: readonly ReconstructedFrame[];
  readonly findings: readonly QcFinding[];
  readonly notes: readonly string[];
  /** Frames and iterations that an earlier run had finished. */
  readonly resumed: { readonly frames: number; readonly iterations: number };
  readonly seconds: number;
  /** Largest resident memory of the process, MB. */
  readonly peakMemory: number;
}

/**
 * Reconstructs a PET sinogram (Interfile) or list mode (PETSIRD). The images, their JSON and their page are written at the end, each whole
 * or not at all. What is finished meanwhile, each iteration and each frame, is kept in OUT.part under the hash of all it follows
 * from: a run that is stopped or killed goes on from there when it is started again, to the same bits.
 *
 * @param raw an Interfile header of projections (.hs), or a PETSIRD file
 * @throws DataError `bad-name`, `unwritable`, `one-frame`, `bad-track`, those of sinogramScan, listModeScan, activityPlan, reconstruct and reconstructList; AbortError when stopped
 */
export async function reconstructPetFile(
  raw: string,
  out: string,
  options: ReconstructPetOptions,
): Promise<ReconstructedPet> {
  if (!/\.nii(\.gz)?$/i.test(out))
    throw new DataError("bad-name", "the image is written as NIfTI", { expected: ".nii or .nii.gz", found: out });
  await checkOutputFile(out);
  const started = performance.now();
  const { onProgress, algorithm, iterations, subsets, strength, psf } = options;
  await loadKernels();
  onProgress?.(0, "reading");
  const scan = await readScan(raw, options);
  const { grid, jobs } = scan;
  const plan = await activityPlan(raw, scan, options);
  if (options.align && jobs.length < 2) {
    throw new DataError("one-frame", "frames are aligned to each other", {
      file: raw,
      expected: "list mode with --frames",
      found: "one frame",
    });
  }
  const anatomy = options.anatomy === undefined ? undefined : onto(grid, await readVolume(options.anatomy));
  const track = options.motion === undefined ? undefined : await trackOf(options.motion, raw, scan);
  const how = { algorithm, iterations, subsets, strength, psf };
  const work = new UnfinishedWork(out, [version, scan.content, anatomy, track, grid, how]);
  const resumed = { frames: 0, iterations: 0 };
  const passes = options.align === "recon" ? 2 : 1;
  const pass = async (number: number, trackOfFrame: (i: number) => MotionTrack | undefined): Promise<DoneFrame[]> => {
    const done: DoneFrame[] = [];
    for (const [i, job] of jobs.entries()) {
      const tell = (share: number, note: string): void =>
        onProgress?.(
          (number + (i + share) / jobs.length) / passes,
          jobs.length > 1 ? `frame ${i + 1} of ${jobs.length}${number > 0 ? ", aligned" : ""}, ${note}` : note,
        );
      const name = `frame-${i + 1}${number > 0 ? "-aligned" : ""}`;
      done.push(
        await reconstructFrame(job, name, { ...options, anatomy, track: trackOfFrame(i) }, { work, resumed, tell }),
      );
    }
    return done;
  };
  let done: readonly DoneFrame[];
  let aligned: AlignedFrames | undefined;
  try {
    done = await pass(0, () => track);
    if (options.align) aligned = alignFrames(imageOf(done), options.alignFrom);
    if (aligned && options.align === "recon") {
      const { maps } = aligned;
      done = await pass(1, (i) => ({ time: Float64Array.of(jobs[i]?.frame.start ?? 0), maps: maps.slice(i, i + 1) }));
    }
  } catch (error) {
    throw error instanceof DataError ? error.inFile(raw) : error;
  }
  const images = aligned && options.align === "images" ? aligned.image : imageOf(done);
  const image = inActivity({ ...images, unit: "1" }, plan);
  const total = sumOfFrames(done.map(({ result }) => result));
  const written: ReconstructedPet = {
    path: out,
    from: scan.kind,
    shape: image.shape,
    spacing: [0, 5, 10].map((k) => image.affine[k] as number),
    unit: plan.calibration ? "Bq/mL" : "counts per mm of line (not calibrated)",
    ...(plan.decay ? { decay: plan.decay } : {}),
    kernel: total.kernel,
    frames: done.map((frame, i) => frameFacts(frame, plan, aligned?.motion[i])),
    findings: countFindings(
      total,
      image.frames.reduce((sum, { duration }) => sum + duration, 0),
      { randoms: options.randoms !== "none", scatter: options.scatter !== "none" },
    ),
    notes: [...scan.notes, ...total.notes],
    resumed,
    seconds: (performance.now() - started) / 1000,
    peakMemory: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  const places =
    track ?? (aligned ? { time: Float64Array.from(jobs, ({ frame }) => frame.start), maps: aligned.maps } : undefined);
  const side = {
    ...(await sidecar(raw, written, options, scan, activityFields(image.frames, plan))),
    Counts: countsRecord(written.frames, scan, places),
  };
  await writeFileAtomic(out, writeNifti(image, { gzip: /\.gz$/i.test(out) }));
  await writeFileAtomic(out.replace(/\.nii(\.gz)?$/i, ".json"), `${jsonText(side)}\n`);
  const page = renderPetReconPage(
    { source: basename(raw), ...readPetReconRecord(side, out), image },
    { software: { name: "Quintet", version }, generatedAt: new Date().toISOString() },
  );
  await writeFileAtomic(out.replace(/\.nii(\.gz)?$/i, ".html"), page);
  await work.clear();
  return written;
}

async function readScan(raw: string, { frames, ...options }: ReconstructPetOptions): Promise<RawScan> {
  if (startsAsPetsird(raw)) return listModeScan(raw, { ...options, ...(frames ? { frames } : {}) });
  if (frames) {
    throw new DataError("list-mode-only", "a sinogram is cut into its frames already", {
      file: raw,
      expected: "--frame N, or a PETSIRD file",
      found: `${frames.length} frames asked for`,
    });
  }
  return sinogramScan(raw, options);
}

/** @throws DataError `missing-file` */
function startsAsPetsird(path: string): boolean {
  using source = openFileSource(path);
  return looksLikePetsird(source.read(0, Math.min(source.size, 9)));
}

/** All frames as one image, in counts per mm of line. */
function imageOf(done: readonly DoneFrame[]): Volume<"1"> {
  const [first] = done as [DoneFrame];
  const n = voxelCount(first.result.image);
  const data = new Float32Array(n * done.length);
  for (const [t, { result }] of done.entries()) data.set(result.image.data, t * n);
  return { ...first.result.image, frames: done.map(({ frame }) => frame), data };
}

/** @throws DataError `list-mode-only`, `bad-track` (it begins after the scan) */
async function trackOf(path: string, raw: string, { kind, jobs }: RawScan): Promise<MotionTrack> {
  if (kind !== "list mode") {
    throw new DataError("list-mode-only", "a motion track moves single events", {
      file: raw,
      expected: "a PETSIRD file",
      found: "a sinogram",
    });
  }
  const track = await readTrack(path);
  const [begin, start] = [track.time[0] as number, jobs[0]?.frame.start ?? 0];
  if (begin <= start + 1) return track;
  throw new DataError("bad-track", "nothing says where the head was when the scan began", {
    file: path,
    expected: `a first time of ${start} s or before, on the clock of the list`,
    found: `${begin} s`,
  });
}

function frameFacts(
  { frame, subsets, result }: DoneFrame,
  { scanStart }: ActivityPlan,
  found: FrameMotion | undefined,
): ReconstructedFrame {
  const { totals, tails, fit } = result;
  const motion = found ?? ("motion" in result ? (result as ListReconstruction).motion : undefined);
  return {
    start: frame.start + scanStart,
    duration: frame.duration,
    subsets,
    ...totals,
    ...(tails ? { scatterScale: tails.overall } : {}),
    iterations: fit.history,
    blindVoxels: fit.blind,
    ...(motion ? { motion } : {}),
  };
}

async function sidecar(
  raw: string,
  { path: _, unit: __, decay: ___, frames, ...written }: ReconstructedPet,
  options: ReconstructPetOptions,
  { facts, window, kind }: RawScan,
  activity: Metadata,
): Promise<object> {
  const { algorithm, iterations, strength, psf, anatomy } = options;
  const parameters = [
    ...(strength === undefined ? [] : [["strength", strength, "none"] as const]),
    ...(psf === undefined ? [] : [["point spread FWHM", psf, "mm"] as const]),
  ];
  const named = (text: string): string => (/^(none|pairs|file|delayeds|estimate)$/.test(text) ? text : basename(text));
  const map = options.attenuation.startsWith("ct:")
    ? `ct:${named(options.attenuation.slice(3))}`
    : named(options.attenuation);
  const subsets = [...new Set(frames.map((frame) => frame.subsets))];
  return {
    ...(kind === "list mode" ? { AcquisitionMode: "list mode" } : {}),
    ...activity,
    RawData: { file: basename(raw), sha256: await sha256File(raw), ...facts },
    Model: "y = n a (A x) + r + s",
    Terms: {
      normalisation: named(options.normalisation),
      attenuation: map,
      randoms: named(options.randoms),
      scatter: named(options.scatter),
      ...(window ? { energyWindow_keV: [window.low, window.high], resolution: window.resolution } : {}),
    },
    AttenuationCorrection: options.attenuation === "none" ? "none" : "mu-map at 511 keV",
    RandomsCorrectionMethod: named(options.randoms),
    ScatterCorrectionMethod: options.scatter === "estimate" ? "single scatter simulation" : named(options.scatter),
    ReconMethodName: written.from === "list mode" ? `list-mode ${algorithm}` : algorithm,
    ReconMethodParameterLabels: ["iterations", "subsets", ...parameters.map(([label]) => label)],
    ReconMethodParameterValues: [
      iterations,
      subsets.length === 1 ? subsets[0] : subsets,
      ...parameters.map(([, value]) => value),
    ],
    ReconMethodParameterUnits: ["none", "none", ...parameters.map(([, , unit]) => unit)],
    ReconFilterType: "none",
    ...(anatomy === undefined ? {} : { Anatomy: basename(anatomy) }),
    ...(options.motion === undefined ? {} : { MotionTrack: basename(options.motion) }),
    ...(options.align === undefined
      ? {}
      : { FrameAlignment: options.align === "recon" ? "reconstructed where the head was found" : "resampled once" }),
    frames,
    ...written,
    GeneratedBy: [{ Name: "quintet pet recon", Version: version }],
    note: "Research use only: not a medical device.",
  };
}
