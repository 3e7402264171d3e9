/** A BOLD series from its volumes to maps: motion, slice timing, quality, then activation or the resting state. */

import {
  DataError,
  type Events,
  type LabelVolume,
  type Mask,
  type Metadata,
  mapTime,
  type Point,
  type QcFinding,
  type Seconds,
  type TimeMap,
  type Volume,
  voxelCount,
} from "@quintet/core";
import { type Design, eventDesign, type HrfDerivatives, type NamedCourse } from "@quintet/kernels";
import {
  type Activation,
  activation,
  boldQc,
  type ContrastOf,
  correctSliceTiming,
  type DistortionHint,
  type Dvars,
  distortionHint,
  dvars,
  type EpiGeometry,
  epiGeometry,
  estimateMotion,
  type FieldmapFile,
  framewiseDisplacement,
  framewiseDisplacementRms,
  type HeadMotion,
  motionRegressors,
  motionThreshold,
  resampleBold,
  smoothBold,
  standardContrasts,
  temporalSnr,
} from "@quintet/modalities/mri";
import { type PeakCourse, peakCourse } from "./peak-course.ts";
import { type RestMaps, restMaps } from "./rest-maps.ts";

export interface BoldInput {
  readonly bold: Volume;
  readonly metadata: Metadata;
  readonly fieldmaps?: readonly FieldmapFile[];
  /** On the series' clock, or on another one that `toClock` joins to it; without events the resting state is described. */
  readonly events?: Events;
  readonly toClock?: TimeMap;
}

export interface BoldOptions {
  /** mm; default 6. */
  readonly fwhm?: number;
  /** Each condition and each pair's difference without it. */
  readonly contrasts?: readonly ContrastOf[];
  /** Default "time". */
  readonly derivatives?: HrfDerivatives;
  /** Centre of a sphere of 6 mm, mm of the series' space. */
  readonly seed?: Point;
  readonly progress?: (fraction: number, note: string) => void;
}

export interface BoldResult {
  readonly geometry: EpiGeometry;
  readonly distortion: DistortionHint;
  readonly motion: HeadMotion;
  /** Without motion, at one moment of each volume; not smoothed. */
  readonly preprocessed: Volume;
  readonly mask: Mask;
  /** When the values of each volume hold, seconds on the series' clock. */
  readonly times: readonly Seconds[];
  readonly displacement: Float64Array;
  readonly displacementRms: Float64Array;
  readonly dvars: Dvars;
  readonly tsnr: Volume<"1">;
  /** Volumes that moved by more than the threshold and got a column of their own. */
  readonly censored: readonly number[];
  readonly task?: {
    readonly design: Design;
    readonly found: Activation;
    /** On the series' clock. */
    readonly events: Events;
    readonly peak?: PeakCourse;
  };
  readonly rest?: RestMaps;
  readonly fwhm: number;
  readonly qc: readonly QcFinding[];
  readonly warnings: readonly string[];
}

/** Fewer volumes describe neither noise nor drift. */
const fewest = 10;

/**
 * Order of work: motion from the series as measured; slice timing; then one interpolation that takes the motion out; quality
 * on what that gives; smoothing; a general linear model with the six motions, a column per moved volume and slow cosines, or
 * ALFF, fALFF, ReHo and seed connectivity.
 *
 * @throws DataError `too-short`, `not-finite`, `constant-data`, and those of epiGeometry, estimateMotion, eventDesign and activation
 */
export function analyseBold(input: BoldInput, options: BoldOptions = {}): BoldResult {
  const { bold, metadata, events } = input;
  const { fwhm = 6, progress } = options;
  checked(bold);
  const geometry = epiGeometry(metadata, bold);
  const { repetitionTime, sliceTimes, sliceAxis } = geometry;
  const distortion = distortionHint(geometry, input.fieldmaps ?? []);
  const warnings: string[] = [];

  const motion = estimateMotion(bold, { progress: (done) => progress?.(0.02 + 0.5 * done, "motion") });
  progress?.(0.52, "slice timing");
  const timed = sliceTimes && correctSliceTiming(bold, { repetitionTime, sliceTimes, sliceAxis });
  if (!timed)
    warnings.push("Slice times are not known; all slices are taken as measured in the middle of their volume");
  progress?.(0.6, "motion taken out");
  const preprocessed = resampleBold(timed?.volume ?? bold, motion, bold);
  const { mask } = motion;
  const reference = timed?.reference ?? repetitionTime / 2;
  const times = bold.frames.map((_, t) => (bold.frames[0]?.start ?? 0) + t * repetitionTime + reference);

  progress?.(0.68, "quality");
  const tsnr = temporalSnr(preprocessed, mask, repetitionTime);
  const displacement = framewiseDisplacement(motion);
  const changes = dvars(preprocessed, mask);
  const censored = censoredVolumes(displacement, warnings);
  const confounds = varying(motionRegressors(motion, 6));

  progress?.(0.74, "smoothing");
  const smooth = smoothBold(preprocessed, fwhm);
  const common = { mask, repetitionTime, confounds: [...confounds, ...spikes(censored, times.length)] };
  const task =
    events && events.list.length > 0
      ? taskOf(smooth, { ...common, confounds, censored, times, events }, input, options, warnings)
      : undefined;
  if (events && !task) warnings.push("The table of events is empty; the series is described as a resting state");
  const rest =
    task && options.seed === undefined
      ? undefined
      : restMaps(preprocessed, smooth, common, options.seed, task !== undefined, warnings);
  progress?.(1, "done");
  return {
    geometry,
    distortion,
    motion,
    preprocessed,
    mask,
    times,
    displacement,
    displacementRms: framewiseDisplacementRms(motion),
    dvars: changes,
    tsnr,
    censored,
    ...(task ? { task } : {}),
    ...(rest ? { rest } : {}),
    fwhm,
    qc: boldQc({ motion, tsnr, mask, geometry, distortion, sliceTimed: timed !== undefined }),
    warnings,
  };
}

function checked(bold: Volume): void {
  const [n, frames] = [voxelCount(bold), bold.frames.length];
  if (frames === 1)
    throw new DataError("too-short", "this is a single volume; a BOLD series has volumes over time", {
      expected: `a 4D file of ${fewest} volumes or more`,
      found: `${bold.shape.join(" x ")}, 1 volume`,
    });
  if (frames < fewest)
    throw new DataError("too-short", "too few volumes to tell signal from noise", {
      expected: `>= ${fewest} volumes`,
      found: `${frames}`,
    });
  const bad = bold.data.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0)
    throw new DataError("not-finite", "the series holds values that are no numbers", {
      found: `${bold.data[bad]} in volume ${Math.floor(bad / n)}`,
    });
  const first = bold.data.subarray(0, n);
  if (bold.data.every((v, i) => v === first[i % n]))
    throw new DataError("constant-data", "all volumes are the same image: nothing varies over time", {
      expected: "a measured series",
      found: `${frames} equal volumes`,
    });
}

/** Volumes with more motion than the threshold, as long as at least half of the run stays. */
function censoredVolumes(displacement: Float64Array, warnings: string[]): number[] {
  const moved = [...displacement.keys()].filter((t) => (displacement[t] as number) > motionThreshold);
  if (moved.length <= displacement.length / 2) return moved;
  warnings.push(
    `${moved.length} of ${displacement.length} volumes moved by more than ${motionThreshold} mm: too many to leave out, so none is; the maps may show motion`,
  );
  return [];
}

/** A head that did not move in one way has no course for it. */
function varying(courses: readonly NamedCourse[]): NamedCourse[] {
  return courses.filter(({ values }) => {
    const list = Array.from(values);
    return Math.max(...list) - Math.min(...list) > 1e-7;
  });
}

function spikes(volumes: readonly number[], n: number): NamedCourse[] {
  return volumes.map((volume) => {
    const values = new Float64Array(n);
    values[volume] = 1;
    return { name: `motion_outlier_${volume}`, values };
  });
}

interface TaskInput {
  readonly mask: Mask;
  readonly repetitionTime: Seconds;
  readonly confounds: readonly NamedCourse[];
  readonly censored: readonly number[];
  readonly times: readonly Seconds[];
  readonly events: Events;
}

function taskOf(
  smooth: Volume,
  { mask, repetitionTime, confounds, censored, times, events }: TaskInput,
  { toClock }: BoldInput,
  { contrasts, derivatives = "time", progress }: BoldOptions,
  warnings: string[],
): NonNullable<BoldResult["task"]> {
  progress?.(0.78, "activation");
  const design = eventDesign(events, {
    sampleTimes: times,
    clock: smooth.clock,
    repetitionTime,
    derivatives,
    confounds,
    censored,
    ...(toClock ? { toClock } : {}),
  });
  for (const { name, outside, events: n } of design.conditions)
    if (outside > 0)
      warnings.push(`${outside} of ${n + outside} events "${name}" lie outside the run and are left out`);
  const found = activation(smooth, mask, design, contrasts ?? standardContrasts(design), {
    progress: (done) => progress?.(0.78 + 0.2 * done, "activation"),
  });
  const peak = peakCourse(smooth, found, design);
  return { design, found, events: onClock(events, smooth.clock, toClock), ...(peak ? { peak } : {}) };
}

function onClock({ list, ...events }: Events, clock: string, toClock: TimeMap | undefined): Events {
  if (!toClock) return { ...events, list };
  return { ...events, clock, list: list.map((event) => ({ ...event, onset: mapTime(toClock, event.onset) })) };
}

/** Mean of a map over each region of labels that lie on the map's grid, and how many voxels of the mask that is. */
export function regionMeans(
  map: Volume,
  mask: Mask,
  regions: LabelVolume,
): readonly { readonly name: string; readonly mean: number; readonly n: number }[] {
  const sums = new Map<number, { sum: number; n: number }>();
  for (let i = 0; i < mask.data.length; i++) {
    const label = regions.data[i] as number;
    if (mask.data[i] === 0 || label === 0) continue;
    const own = sums.get(label) ?? { sum: 0, n: 0 };
    own.sum += map.data[i] as number;
    own.n++;
    sums.set(label, own);
  }
  return [...sums].flatMap(([label, { sum, n }]) => {
    const name = regions.names.get(label);
    return name === undefined ? [] : [{ name, mean: sum / n, n }];
  });
}
