import { fftPlan } from "../fft/fft.ts";
import { transformRows } from "./fft-lanes.ts";

/** The transforms of complex rows of n points, interleaved re, im: compiled, two at a time, where that is there. */
export function complexTransforms(rows: readonly Float64Array[], n: number): readonly Float64Array[] {
  const compiled = transformRows(rows, n);
  if (compiled) return compiled;
  const plan = fftPlan(n);
  return rows.map((row) => {
    const out = new Float64Array(2 * n);
    plan.forward(out, row);
    return out;
  });
}
