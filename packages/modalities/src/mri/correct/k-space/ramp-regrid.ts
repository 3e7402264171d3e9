import { DataError } from "@quintet/core";
import { type Regridding, regridding, regridLines } from "@quintet/kernels";
import type { EpiEchoes } from "./epi-ghost.ts";

export interface ReadTrapezoid {
  /** Ramp up, flat top and ramp down of the read gradient, seconds. */
  readonly up: number;
  readonly flat: number;
  readonly down: number;
  /** From the start of the ramp to the first sample, and from sample to sample, seconds. */
  readonly delay: number;
  readonly dwell: number;
}

/**
 * Where each sample of a trapezoid lies in k, in units of the spacing that `samples` even steps over the same area have:
 * the area under the gradient at its time, the middle of the readout at floor(n / 2).
 * @throws DataError `bad-trapezoid` when a sample lies outside the gradient or a time is not positive
 */
export function trapezoidPositions(shape: ReadTrapezoid, samples: number): Float64Array {
  const { up, flat, down, delay, dwell } = shape;
  const end = up + flat + down;
  const last = delay + (samples - 1) * dwell;
  if (!(up >= 0 && down >= 0 && flat >= 0 && end > 0 && dwell > 0 && delay >= 0 && last <= end * (1 + 1e-9))) {
    throw new DataError("bad-trapezoid", "the samples must lie within the read gradient", {
      expected: `0 to ${end} s`,
      found: `${delay} to ${last} s`,
    });
  }
  const area = (t: number): number => {
    const [a, b, c] = [Math.min(t, up), Math.min(Math.max(0, t - up), flat), Math.max(0, t - up - flat)];
    return (up > 0 ? (a * a) / (2 * up) : 0) + b + (down > 0 ? c - (c * c) / (2 * down) : 0);
  };
  const at = Float64Array.from({ length: samples }, (_, i) => area(delay + i * dwell));
  const step = ((at[samples - 1] as number) - (at[0] as number)) / (samples - 1);
  const middle = at[0] as number;
  // even steps from the first to the last sample: sample i would be at index i
  return at.map((value) => (value - middle) / step);
}

/**
 * The map from ramp samples to even steps of k by least squares (`regridding` of the kernels). Fewer voxels than samples
 * remove the oversampling as well, and they must: samples even in time are too far apart on the flat top for as many.
 *
 * @param positions of the samples, in even steps
 * @param centre index of the sample at k = 0
 * @param to voxels of the image along the line
 * @throws DataError as `regridding`
 */
export function rampRegridding(
  positions: ArrayLike<number>,
  centre: number = Math.floor(positions.length / 2),
  to: number = positions.length,
): Regridding {
  const n = positions.length;
  return regridding(
    Float64Array.from(positions, (at) => (at - centre) / n),
    to,
  );
}

/** Ramp-sampled lines on even steps of k, their middle at floor(n / 2). @throws DataError `shape-mismatch` */
export function regridRamp(echoes: EpiEchoes, operator: Regridding): EpiEchoes {
  if (operator.from !== echoes.samples) {
    throw new DataError("shape-mismatch", "one position a sample", {
      expected: `${echoes.samples}`,
      found: `${operator.from}`,
    });
  }
  return { ...echoes, samples: operator.to, data: regridLines(echoes.data, operator) };
}
