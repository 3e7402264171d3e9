import { DataError } from "@quintet/core";
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
 * Ramp-sampled lines on even k: least squares for the even samples s of the band-limited line through the measured y,
 *
 *   y(k_j) = sum_m s_m D(k_j - m),   D the Dirichlet kernel of n points
 *
 * with a Tikhonov term of 1e-6, so that the regridding undoes the sampling and not merely interpolates (Rosenfeld, Magn
 * Reson Med 1998;40:14-23, URS; from the literature, not re-checked).
 *
 * @param positions of the samples, in even steps
 * @throws DataError `shape-mismatch`
 */
export function regridRamp(echoes: EpiEchoes, positions: ArrayLike<number>): EpiEchoes {
  const { samples: n, data } = echoes;
  if (positions.length !== n) {
    throw new DataError("shape-mismatch", "one position a sample", { expected: `${n}`, found: `${positions.length}` });
  }
  const inverse = regularisedInverse(positions, n);
  const out = new Float32Array(data.length);
  for (let line = 0; line < data.length; line += 2 * n) {
    for (let m = 0; m < n; m++) {
      let [re, im] = [0, 0];
      for (let j = 0; j < n; j++) {
        const w = inverse[m * n + j] as number;
        re += w * (data[line + 2 * j] as number);
        im += w * (data[line + 2 * j + 1] as number);
      }
      out[line + 2 * m] = re;
      out[line + 2 * m + 1] = im;
    }
  }
  return { ...echoes, data: out };
}

/** (D'D + 1e-6)^-1 D', real, by Gauss-Jordan on a positive definite matrix. */
function regularisedInverse(positions: ArrayLike<number>, n: number): Float64Array {
  const d = Float64Array.from({ length: n * n }, (_, i) =>
    dirichlet((positions[Math.floor(i / n)] as number) - (i % n), n),
  );
  const a = new Float64Array(n * n);
  const right = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let sum = i === j ? 1e-6 : 0;
      for (let k = 0; k < n; k++) sum += (d[k * n + i] as number) * (d[k * n + j] as number);
      a[i * n + j] = sum;
      right[i * n + j] = d[j * n + i] as number;
    }
  }
  for (let p = 0; p < n; p++) {
    const pivot = a[p * n + p] as number;
    for (let row = 0; row < n; row++) {
      if (row === p) continue;
      const f = (a[row * n + p] as number) / pivot;
      if (f === 0) continue;
      for (let k = 0; k < n; k++) {
        a[row * n + k] = (a[row * n + k] as number) - f * (a[p * n + k] as number);
        right[row * n + k] = (right[row * n + k] as number) - f * (right[p * n + k] as number);
      }
    }
    for (let k = 0; k < n; k++) {
      a[p * n + k] = (a[p * n + k] as number) / pivot;
      right[p * n + k] = (right[p * n + k] as number) / pivot;
    }
  }
  return right;
}

/** Real part of (1/n) sum over image points r of exp(2 pi i r x / n), r = -floor(n/2) ..; 1 at 0, 0 at other whole x. */
function dirichlet(x: number, n: number): number {
  let sum = 0;
  for (let r = -Math.floor(n / 2); r < Math.ceil(n / 2); r++) sum += Math.cos((2 * Math.PI * r * x) / n);
  return sum / n;
}
