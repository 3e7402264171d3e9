import { DataError, type Frame, type KSpace, type KSpaceEncoding, type Readout, type Volume } from "@quintet/core";
import { median } from "@quintet/kernels";
import type { CoilCombination, PartialMethod, ReconMethod } from "./coil-image.ts";
import { type FrameImage, type FrameOptions, frameImage } from "./frame-image.ts";
import { middleGhost, objectMask, signalToNoise } from "./image-quality.ts";
import { offGridImage } from "./off-grid.ts";
import { type PreparedLine, type PreparedLines, readoutLines } from "./readout-lines.ts";
import { type SliceStack, sliceStacks } from "./slice-stack.ts";

export interface ReconstructOptions {
  /** Default `auto`: what the measured lines ask for. */
  readonly method?: ReconMethod | "auto";
  /** Default `sos`. */
  readonly combine?: CoilCombination;
  /** Default `pocs`. */
  readonly partial?: PartialMethod;
  readonly onProgress?: (share: number, note: string) => void;
}

/** What was found about an image; a value that cannot be told is absent. */
export interface ReconQuality {
  /** Median of the object over the SD of the noise (one part), of the first frame. */
  readonly signalToNoise?: number;
  /** Where the noise comes from. */
  readonly noiseFrom?: "noise readouts" | "readout beyond the image";
  /** Ghost at half the field of view along phase, share of the signal, of the first frame; of EPI. */
  readonly ghostRatio?: number;
  /** Lines missing between measured ones, all frames together. */
  readonly missingLines: number;
  readonly acceleration: readonly [number, number];
}

export interface ReconImage {
  readonly volume: Volume<"{arbitrary}">;
  readonly contrast: number;
  readonly phase: number;
  readonly set: number;
  /** Stack of slices of one orientation, from 0. */
  readonly stack: number;
  /** Whether the file tells where the image lies. */
  readonly placed: boolean;
  readonly method: ReconMethod;
  readonly quality: ReconQuality;
  readonly steps: readonly string[];
}

export interface Reconstruction {
  /** One for each contrast, phase, set and stack of slices; repetitions are its frames. */
  readonly images: readonly ReconImage[];
  readonly noise?: { readonly samples: number; readonly correlation: number };
  /** Medians over slices and frames, radians. */
  readonly ghostPhase?: {
    readonly constant: number;
    readonly linear: number;
    readonly drift: number;
    readonly residual: number;
  };
  readonly problems: readonly string[];
}

/**
 * Images from raw readouts, each step chosen from the header and from what was measured:
 *
 * whitening by the noise readouts -> ramp samples to even steps -> reversed lines turned, ghost taken out by the
 * navigators -> lines to their places, averages -> oversampling removed -> missing lines (GRAPPA, SENSE, ESPIRiT, CS) ->
 * partial Fourier -> coils combined -> field of view and matrix of the image -> its place in the scanner.
 *
 * @throws DataError `no-image-lines`, `no-encoding`, `missing-slices`, and those of the steps
 */
export function reconstruct(kspace: KSpace, options: ReconstructOptions = {}): Reconstruction {
  const { method = "auto", combine = "sos", partial = "pocs", onProgress = () => {} } = options;
  onProgress(0, "readouts");
  const prepared = readoutLines(kspace);
  const problems = new Set(prepared.problems);
  const series = seriesOf(prepared.lines, kspace, problems);
  const total = series.reduce((sum, one) => sum + one.slices.size * one.repetitions.length, 0);
  let done = 0;
  const images = series.flatMap((one) => {
    const frames = one.repetitions.map((repetition) => {
      const slices = new Map<number, FrameImage>();
      for (const slice of one.slices.keys()) {
        onProgress(done++ / total, `slice ${slice + 1}, repetition ${repetition + 1}`);
        const made = sliceImage(one, slice, repetition, kspace, { method, combine, partial });
        for (const problem of made.problems) problems.add(problem);
        slices.set(slice, made);
      }
      return slices;
    });
    return imagesOf(one, frames, kspace, prepared, problems);
  });
  const { noise, ghosts } = prepared;
  const middle = (of: (one: (typeof ghosts)[number]) => number): number => median(ghosts.map(of));
  onProgress(1, "done");
  return {
    images,
    ...(noise === undefined ? {} : { noise: { samples: noise.samples, correlation: noise.correlation } }),
    ...(ghosts.length === 0
      ? {}
      : {
          ghostPhase: {
            constant: middle(({ constant }) => constant),
            linear: middle(({ linear }) => linear),
            drift: middle(({ drift }) => drift),
            residual: middle(({ residual }) => residual),
          },
        }),
    problems: [...problems],
  };
}

interface Series {
  readonly contrast: number;
  readonly phase: number;
  readonly set: number;
  readonly encoding: KSpaceEncoding;
  /** By slice, then by repetition. */
  readonly lines: ReadonlyMap<number, ReadonlyMap<number, readonly PreparedLine[]>>;
  /** Its first readout by slice counter. */
  readonly slices: ReadonlyMap<number, Readout>;
  readonly repetitions: readonly number[];
}

const isImage = ({ readout: { purpose } }: PreparedLine): boolean => purpose.startsWith("image");
const isCalibration = ({ readout: { purpose } }: PreparedLine): boolean =>
  purpose === "calibration" || purpose === "image-and-calibration";

/** @throws DataError `no-image-lines`, `no-encoding` */
function seriesOf(lines: readonly PreparedLine[], kspace: KSpace, problems: Set<string>): readonly Series[] {
  const groups = new Map<string, PreparedLine[]>();
  for (const line of lines) {
    const { counters, encoding } = line.readout;
    const key = [encoding, counters.contrast, counters.phase, counters.set].join(" ");
    const group = groups.get(key);
    if (group) group.push(line);
    else groups.set(key, [line]);
  }
  const series = [...groups.values()].flatMap((group): Series[] => {
    const image = group.filter(isImage);
    const [first] = image;
    if (first === undefined) {
      problems.add(`${group.length} calibration readouts of an encoding without an image are left out`);
      return [];
    }
    const encoding = kspace.encodings[first.readout.encoding];
    if (encoding === undefined) throw new DataError("no-encoding", "a readout names an encoding that is not there");
    const slices = new Map<number, Readout>();
    for (const { readout } of image)
      if (!slices.has(readout.counters.slice)) slices.set(readout.counters.slice, readout);
    const { contrast, phase, set } = first.readout.counters;
    return [
      {
        contrast,
        phase,
        set,
        encoding,
        lines: bySlice(group),
        slices,
        repetitions: wholeRepetitions(image, slices, problems),
      },
    ];
  });
  if (series.length === 0) throw new DataError("no-image-lines", "the measurement holds no readout of an image");
  return series;
}

function bySlice(lines: readonly PreparedLine[]): ReadonlyMap<number, ReadonlyMap<number, readonly PreparedLine[]>> {
  const slices = new Map<number, Map<number, PreparedLine[]>>();
  for (const line of lines) {
    const { slice, repetition } = line.readout.counters;
    const one = slices.get(slice) ?? new Map<number, PreparedLine[]>();
    slices.set(slice, one);
    const own = one.get(repetition);
    if (own) own.push(line);
    else one.set(repetition, [line]);
  }
  return slices;
}

/**
 * Repetitions in which every slice has lines; a last one with fewer lines than the one before was cut off.
 * @throws DataError `missing-slices`
 */
function wholeRepetitions(
  image: readonly PreparedLine[],
  slices: ReadonlyMap<number, Readout>,
  problems: Set<string>,
): readonly number[] {
  const counts = new Map<number, Map<number, number>>();
  for (const {
    readout: { counters },
  } of image) {
    const one = counts.get(counters.repetition) ?? new Map<number, number>();
    one.set(counters.slice, (one.get(counters.slice) ?? 0) + 1);
    counts.set(counters.repetition, one);
  }
  const lines = (repetition: number): number => [...(counts.get(repetition) ?? [])].reduce((sum, [, n]) => sum + n, 0);
  const all = [...counts.keys()].sort((a, b) => a - b);
  const whole = all.filter((repetition) => counts.get(repetition)?.size === slices.size);
  const [last, before] = [whole.at(-1), whole.at(-2)];
  if (last !== undefined && before !== undefined && lines(last) < 0.9 * lines(before)) whole.pop();
  if (whole.length === 0) {
    throw new DataError("missing-slices", "no repetition holds all slices", {
      expected: `${slices.size} slices`,
      found: [...counts].map(([repetition, one]) => `${one.size} in repetition ${repetition}`).join(", "),
    });
  }
  if (whole.length < all.length)
    problems.add(`${all.length - whole.length} of ${all.length} repetitions are not complete and are left out`);
  return whole;
}

function sliceImage(
  { lines, encoding }: Series,
  slice: number,
  repetition: number,
  { coils }: KSpace,
  options: FrameOptions,
): FrameImage {
  const here = lines.get(slice) ?? new Map<number, readonly PreparedLine[]>();
  const now = here.get(repetition) ?? [];
  const image = now.filter(isImage);
  if (encoding.trajectory !== "cartesian" && encoding.trajectory !== "epi")
    return offGridImage(image, encoding, coils, options);
  // Calibration may have been measured once for all repetitions.
  const own = now.filter(isCalibration);
  const calibration =
    own.length > 0
      ? own
      : ([...here.values()].map((lines) => lines.filter(isCalibration)).find((some) => some.length > 0) ?? []);
  // The echoes of EPI's calibration are not those of its image; other sequences measure both alike.
  if (encoding.trajectory === "epi") return frameImage(image, calibration, encoding, coils, options);
  const taken = new Set(image.map(({ line, partition }) => `${line} ${partition}`));
  const more = calibration.filter(({ line, partition }) => !taken.has(`${line} ${partition}`));
  return frameImage([...image, ...more], [], encoding, coils, options);
}

function imagesOf(
  series: Series,
  frames: readonly ReadonlyMap<number, FrameImage>[],
  kspace: KSpace,
  prepared: PreparedLines,
  problems: Set<string>,
): ReconImage[] {
  const some = [...(frames[0]?.values() ?? [])][0] as FrameImage;
  const stacks = sliceStacks(series.slices, some);
  if (stacks.some(({ placed }) => !placed))
    problems.add("the file does not tell where the image lies: its axes stand for R, A, S, its centre for 0");
  return stacks.map((stack, index) => {
    const { volume, first } = stacked(series, stack, frames, kspace, some);
    const quality = qualityOf(series, stack, frames, prepared, first, volume.shape, some);
    return {
      volume,
      contrast: series.contrast,
      phase: series.phase,
      set: series.set,
      stack: index,
      placed: stack.placed,
      method: some.method,
      quality,
      steps: [...stepsBefore(series, prepared), ...some.steps],
    };
  });
}

function stacked(
  series: Series,
  stack: SliceStack,
  frames: readonly ReadonlyMap<number, FrameImage>[],
  kspace: KSpace,
  { shape: [nx, ny, nz] }: FrameImage,
): { volume: Volume<"{arbitrary}">; first: Float32Array } {
  const depth = stack.slices.length > 1 ? stack.slices.length : nz;
  if (stack.slices.length > 1 && nz > 1)
    throw new DataError("irregular-slices", "several slabs of one image are not joined", {
      found: `${stack.slices.length} slabs`,
    });
  const voxels = nx * ny * depth;
  const data = new Float32Array(voxels * frames.length);
  for (const [t, frame] of frames.entries())
    for (const [z, slice] of stack.slices.entries())
      data.set((frame.get(slice) as FrameImage).image, t * voxels + z * nx * ny);
  const volume: Volume<"{arbitrary}"> = {
    unit: "{arbitrary}",
    shape: [nx, ny, depth],
    affine: stack.affine,
    space: kspace.space,
    clock: kspace.clock,
    frames: framesOf(series, kspace),
    data,
  };
  return { volume, first: data.subarray(0, voxels) };
}

/** Seconds from the first readout of the measurement; all 0 when no tick is known. */
function framesOf({ lines, repetitions }: Series, { tick, readouts }: KSpace): readonly Frame[] {
  const zero = readouts.reduce((least, { stamp }) => Math.min(least, stamp), Number.POSITIVE_INFINITY);
  const starts = repetitions.map((repetition) => {
    const own = [...lines.values()].flatMap((slice) => slice.get(repetition) ?? []).filter(isImage);
    const stamp = own.reduce((least, { readout }) => Math.min(least, readout.stamp), Number.POSITIVE_INFINITY);
    return tick === undefined ? 0 : (stamp - zero) * tick;
  });
  return starts.map((start, t) => {
    const next = starts[t + 1] ?? (t > 0 ? 2 * start - (starts[t - 1] as number) : start);
    return { start, duration: Math.max(0, next - start) };
  });
}

function qualityOf(
  { encoding }: Series,
  stack: SliceStack,
  frames: readonly ReadonlyMap<number, FrameImage>[],
  { noise, lines }: PreparedLines,
  first: Float32Array,
  shape: readonly [number, number, number],
  some: FrameImage,
): ReconQuality {
  const object = objectMask(first);
  // Whitened data have a noise of 1 in each part; averages and regridding change it. What fills missing lines changes it
  // from place to place.
  const gain = Math.sqrt((lines[0]?.noiseGain ?? 1) / some.averages);
  const sd = noise === undefined ? some.noise : gain;
  const snr = some.method === "fft" ? signalToNoise(first, object, sd) : undefined;
  const ghost = encoding.trajectory === "epi" ? middleGhost(first, object, shape) : undefined;
  const all = frames.flatMap((frame) => stack.slices.map((slice) => frame.get(slice) as FrameImage));
  return {
    ...(snr === undefined
      ? {}
      : { signalToNoise: snr, noiseFrom: noise ? ("noise readouts" as const) : ("readout beyond the image" as const) }),
    ...(ghost === undefined ? {} : { ghostRatio: ghost }),
    missingLines: all.reduce((sum, { pattern }) => sum + pattern.missing, 0),
    acceleration: some.pattern.acceleration,
  };
}

function stepsBefore({ encoding }: Series, { noise, ghosts }: PreparedLines): string[] {
  return [
    ...(noise ? [`whitened by ${noise.samples} noise samples a coil`] : []),
    ...(encoding.ramp ? ["ramp samples brought to even steps"] : []),
    ...(ghosts.length > 0
      ? [
          `reversed lines turned, their ghost taken out by ${ghosts.length} ${ghosts.length === 1 ? "set" : "sets"} of navigators`,
        ]
      : []),
  ];
}
