import { DataError } from "@quintet/core";

export interface Estimate {
  readonly value: number;
  readonly standardError: number;
}

/**
 * Asymmetry index of two homologous regions in percent, positive when the left is higher.
 *
 *   AI = 200 (L - R) / (L + R)
 *   se(AI) = 400 / (L + R)^2 * sqrt(R^2 se_L^2 + L^2 se_R^2)     (first order, L and R independent)
 *
 * @throws DataError `not-positive` when L + R is not above zero
 */
export function asymmetry(left: Estimate, right: Estimate): Estimate {
  const sum = left.value + right.value;
  if (!(sum > 0)) throw new DataError("not-positive", "left and right must have a positive sum", { found: `${sum}` });
  const value = (200 * (left.value - right.value)) / sum;
  const standardError =
    (400 / sum ** 2) * Math.hypot(right.value * left.standardError, left.value * right.standardError);
  return { value, standardError };
}
