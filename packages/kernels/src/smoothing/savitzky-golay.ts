import { DataError } from "@quintet/core";

/**
 * Savitzky-Golay filter: each sample becomes the value there of the polynomial that fits its neighbourhood best; the ends take
 * the polynomials of the first and last whole neighbourhood. By polynomials orthogonal on -m ... m (Gram's), so that the fit is a
 * sum of projections.
 *
 * @param frame samples of a neighbourhood, 2 m + 1
 * @throws DataError `bad-frame` (an even frame, one that is not longer than the order, or longer than the signal)
 * @see Savitzky & Golay, Anal Chem 1964;36:1627-39; Gorry, Anal Chem 1990;62:570-3
 */
export function savitzkyGolay(signal: ArrayLike<number>, order: number, frame: number): Float64Array {
  const n = signal.length;
  if (
    !(
      Number.isInteger(frame) &&
      frame % 2 === 1 &&
      frame > order &&
      frame <= n &&
      Number.isInteger(order) &&
      order >= 0
    )
  ) {
    throw new DataError("bad-frame", "a neighbourhood is an odd number of samples within the signal", {
      expected: `odd, more than ${order}, at most ${n}`,
      found: `${frame}`,
    });
  }
  const half = (frame - 1) / 2;
  const basis = gramPolynomials(order, half);
  const weightsAt = (place: number): Float64Array =>
    Float64Array.from({ length: frame }, (_, i) => basis.reduce((sum, q) => sum + q[i] * q[place + half], 0));
  const out = new Float64Array(n);
  const put = (to: number, from: number, weights: Float64Array): void => {
    let sum = 0;
    for (let i = 0; i < frame; i++) sum += weights[i] * (signal[from + i] as number);
    out[to] = sum;
  };
  const middle = weightsAt(0);
  for (let t = half; t < n - half; t++) put(t, t - half, middle);
  for (let k = 1; k <= half; k++) {
    put(half - k, 0, weightsAt(-k));
    put(n - 1 - half + k, n - frame, weightsAt(k));
  }
  return out;
}

/** Orthonormal polynomials up to `order` on -half ... half. */
function gramPolynomials(order: number, half: number): Float64Array[] {
  const out: Float64Array[] = [];
  for (let k = 0; k <= order; k++) {
    const q = Float64Array.from({ length: 2 * half + 1 }, (_, i) => ((i - half) / Math.max(1, half)) ** k);
    for (let round = 0; round < 2; round++) {
      for (const other of out) {
        let share = 0;
        for (let i = 0; i < q.length; i++) share += q[i] * other[i];
        for (let i = 0; i < q.length; i++) q[i] -= share * other[i];
      }
    }
    const size = Math.hypot(...q);
    out.push(q.map((v) => v / size));
  }
  return out;
}
