import { DataError, type Frame, type Grid, type Metadata, type Point, type Seconds } from "@quintet/core";

/** How an EPI series was measured: what its side file says, held against the image. */
export interface EpiGeometry {
  readonly repetitionTime: Seconds;
  readonly echoTime?: Seconds;
  /** Voxel axis that the slices are stacked along. */
  readonly sliceAxis: 0 | 1 | 2;
  /** When each slice was measured, seconds after the start of its volume, in the order of the voxel index. */
  readonly sliceTimes?: readonly Seconds[];
  /** Slices measured at once. */
  readonly multiband?: number;
  readonly phaseEncoding?: PhaseEncoding;
  /** From the middle of the first to the middle of the last echo, as if the whole matrix were measured (BIDS). */
  readonly totalReadout?: Seconds;
}

export interface PhaseEncoding {
  /** As BIDS writes it: i, j, k with "-" where it runs from high to low index. */
  readonly voxel: string;
  readonly axis: 0 | 1 | 2;
  readonly sign: 1 | -1;
  /** The nearest world axis in words: "P->A", "R->L" ... */
  readonly world: string;
  /** Unit vector, RAS. */
  readonly direction: Point;
  /** Between `direction` and the axis of `world`, degrees. */
  readonly obliquity: number;
}

/** Slice times are told with four digits or more; scanners count in ticks of up to 2.5 ms. */
const tick = 0.0026;

/**
 * Repetition time, slice times, phase encoding and readout of an EPI series.
 *
 * Voxel directions become world words by the image's own affine: "j-" on an axis whose index runs to the front is
 * "A->P". A list of slice times whose `SliceEncodingDirection` ends with "-" is turned round.
 *
 * @throws DataError `missing-tr`, `tr-mismatch` (side file and image differ by more than 1 ms), `slice-timing` (another
 *   number of times than slices, a time outside 0 .. TR), `bad-direction`
 * @see BIDS specification, MRI: PhaseEncodingDirection, SliceTiming, SliceEncodingDirection, TotalReadoutTime
 */
export function epiGeometry(sidecar: Metadata, image: Grid & { readonly frames: readonly Frame[] }): EpiGeometry {
  const repetitionTime = repetitionTimeOf(sidecar, image.frames);
  const [sliceAxis, sliceSign] = directionOf(sidecar.SliceEncodingDirection, "SliceEncodingDirection") ?? [2, 1];
  const times = sliceTimesOf(sidecar.SliceTiming, image.shape[sliceAxis], repetitionTime, sliceSign);
  const encoded = directionOf(sidecar.PhaseEncodingDirection, "PhaseEncodingDirection");
  const [echoTime, totalReadout] = [positive(sidecar.EchoTime), positive(sidecar.TotalReadoutTime)];
  return {
    repetitionTime,
    sliceAxis,
    ...(echoTime === undefined ? {} : { echoTime }),
    ...(times ? { sliceTimes: times, multiband: largestGroup(times) } : {}),
    ...(encoded ? { phaseEncoding: phaseEncodingOf(String(sidecar.PhaseEncodingDirection), encoded, image) } : {}),
    ...(totalReadout === undefined ? {} : { totalReadout }),
  };
}

function positive(value: unknown): number | undefined {
  return typeof value === "number" && value > 0 && Number.isFinite(value) ? value : undefined;
}

function repetitionTimeOf(sidecar: Metadata, frames: readonly Frame[]): Seconds {
  const said = positive(sidecar.RepetitionTime);
  const step = positive(frames[0]?.duration);
  if (said === undefined && step === undefined) {
    throw new DataError("missing-tr", "neither the image nor its side file says how long a volume takes", {
      expected: "RepetitionTime in seconds",
    });
  }
  if (said !== undefined && step !== undefined && Math.abs(said - step) > 1e-3) {
    const factor = Math.abs(step / said - 1000) < 1 ? "; the image counts milliseconds" : "";
    throw new DataError("tr-mismatch", `image and side file name different repetition times${factor}`, {
      expected: `${said} s`,
      found: `${step} s`,
    });
  }
  return said ?? (step as number);
}

function directionOf(value: unknown, name: string): [axis: 0 | 1 | 2, sign: 1 | -1] | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const [, letter, minus] = /^([ijk])([+-]?)$/.exec(String(value)) ?? [];
  if (letter === undefined) {
    throw new DataError("bad-direction", `${name} is a voxel axis`, {
      expected: "i, j, k, i-, j- or k-",
      found: `${value}`,
    });
  }
  return ["ijk".indexOf(letter) as 0 | 1 | 2, minus === "-" ? -1 : 1];
}

function sliceTimesOf(value: unknown, slices: number, tr: Seconds, sign: 1 | -1): readonly Seconds[] | undefined {
  if (value === undefined || value === null) return undefined;
  const refuse = (message: string, expected: string, found: string): never => {
    throw new DataError("slice-timing", message, { expected, found });
  };
  if (!Array.isArray(value)) return refuse("SliceTiming is a list", `${slices} times`, String(value));
  const times = value.map(Number);
  if (times.length !== slices) refuse("there must be one time for each slice", `${slices}`, `${times.length}`);
  const [low, high] = [Math.min(...times), Math.max(...times)];
  if (!(low >= 0 && high <= tr + tick)) {
    const hint = high > tr && high / 1000 <= tr ? " (these look like milliseconds)" : "";
    refuse(`slice times lie within one volume${hint}`, `0 to ${tr} s`, `${low} to ${high}`);
  }
  return sign === 1 ? times : times.toReversed();
}

function largestGroup(times: readonly Seconds[]): number {
  const counts = new Map<number, number>();
  for (const time of times) counts.set(Math.round(time * 1e4), (counts.get(Math.round(time * 1e4)) ?? 0) + 1);
  return Math.max(...counts.values());
}

const ends = ["LR", "PA", "IS"] as const;

function phaseEncodingOf(voxel: string, [axis, sign]: [0 | 1 | 2, 1 | -1], { affine }: Grid): PhaseEncoding {
  const column = [0, 1, 2].map((row) => sign * (affine[row * 4 + axis] as number));
  const length = Math.hypot(...column);
  const direction = column.map((v) => v / length) as unknown as Point;
  const world = [0, 1, 2].sort((a, b) => Math.abs(direction[b] as number) - Math.abs(direction[a] as number))[0] as
    | 0
    | 1
    | 2;
  const [low, high] = (ends[world] as string).split("") as [string, string];
  return {
    voxel,
    axis,
    sign,
    world: (direction[world] as number) > 0 ? `${low}->${high}` : `${high}->${low}`,
    direction,
    obliquity: (Math.acos(Math.min(1, Math.abs(direction[world] as number))) * 180) / Math.PI,
  };
}
