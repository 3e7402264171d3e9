import { studentTwoSided } from "../packages/kernels/src/index.ts";

/** Mean of independent draws with its standard error and 95 % interval by Student's t; NaN where there is one draw alone. */
export function meanInterval(values: readonly number[]): {
  readonly mean: number;
  readonly error: number;
  readonly interval: readonly [number, number];
} {
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const deviation = Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / (n - 1));
  const error = deviation / Math.sqrt(n);
  const reach = n > 1 ? studentBound(n - 1) * error : Number.NaN;
  return { mean, error, interval: [mean - reach, mean + reach] };
}

/** |t| that 5 % lie beyond. */
function studentBound(freedom: number): number {
  let [low, high] = [0, 100];
  while (high - low > 1e-6) {
    const middle = (low + high) / 2;
    if (studentTwoSided(middle, freedom) > 0.05) low = middle;
    else high = middle;
  }
  return low;
}
