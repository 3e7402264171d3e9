import { DataError } from "@quintet/core";
import { regridding, regridLines } from "@quintet/kernels";
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
 * Ramp-sampled lines brought onto even k by least squares, each through `regridding` of the kernels.
 *
 * @param positions of the samples, in even steps
 * @throws DataError `shape-mismatch`, and as `regridding`
 */
export function regridRamp(echoes: EpiEchoes, positions: ArrayLike<number>): EpiEchoes {
  const { samples: n, data } = echoes;
  if (positions.length !== n) {
    throw new DataError("shape-mismatch", "one position a sample", { expected: `${n}`, found: `${positions.length}` });
  }
  const cycles = Float64Array.from(positions, (at) => (at - Math.floor(n / 2)) / n);
  return { ...echoes, data: regridLines(data, regridding(cycles, n)) };
}
