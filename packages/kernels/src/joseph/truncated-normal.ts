import { tofReach } from "./lines.ts";

/** erf by its Taylor series: |x| < 2.2 here, where 60 terms leave 1e-14. */
function erf(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; n < 60; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const inside = erf(tofReach / Math.SQRT2);

/**
 * Distribution function of a normal variable cut at +- tofReach standard deviations and brought back to a total of 1, so
 * that the weights of touching bins add up to 1 exactly.
 */
export function truncatedNormal(x: number): number {
  if (x <= -tofReach) return 0;
  if (x >= tofReach) return 1;
  return (1 + erf(x / Math.SQRT2) / inside) / 2;
}
