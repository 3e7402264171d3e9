import { DataError } from "@quintet/core";
import { fisherTail } from "../glm/tails.ts";
import { studentTwoSided } from "./distribution.ts";

export interface Hypothesis {
  readonly kind: "t" | "F";
  readonly statistic: number;
  /** Of the effect (1 of a t) and of the error. */
  readonly dof: readonly [effect: number, error: number];
  /** Two-sided for t. */
  readonly p: number;
  /** Of a t: c'b and its standard error. */
  readonly value?: number;
  readonly standardError?: number;
}

/**
 * Test of C b = 0 for coefficients with a covariance that already holds the noise's variance:
 *
 *   t = c'b / sqrt(c' V c),   F = (C b)' (C V C')^-1 (C b) / q      q rows
 *
 * @param covariance row-major p x p
 * @param rows one row gives a t, several an F
 * @throws DataError `shape-mismatch`, `bad-contrast` (none, all 0, or rows that depend on each other)
 * @see Seber & Lee, Linear Regression Analysis, 2003, section 4.3
 */
export function testHypothesis(
  coefficients: ArrayLike<number>,
  covariance: ArrayLike<number>,
  rows: readonly ArrayLike<number>[],
  dof: number,
): Hypothesis {
  const [p, q] = [coefficients.length, rows.length];
  if (covariance.length !== p * p || rows.some((row) => row.length !== p)) {
    throw new DataError("shape-mismatch", "a contrast has one weight for each coefficient", {
      expected: `${p}`,
      found: `${rows.map((row) => row.length).join(", ")}`,
    });
  }
  if (q === 0 || rows.some((row) => Array.from(row).every((w) => w === 0)))
    throw new DataError("bad-contrast", "a contrast weighs something");
  const effect = rows.map((row) => sum(p, (i) => row[i] * coefficients[i]));
  const spread = rows.map((a) => rows.map((b) => sum(p, (i) => sum(p, (j) => a[i] * covariance[i * p + j] * b[j]))));
  if (q === 1) {
    const standardError = Math.sqrt(spread[0][0]);
    const statistic = effect[0] / standardError;
    return { kind: "t", statistic, dof: [1, dof], p: studentTwoSided(statistic, dof), value: effect[0], standardError };
  }
  // Cholesky, and L z = C b: the quadratic form is |z|^2.
  const z = effect.slice();
  for (let j = 0; j < q; j++) {
    const whole = spread[j][j];
    for (let k = 0; k < j; k++) spread[j][j] -= spread[j][k] ** 2;
    if (!(spread[j][j] > 1e-10 * whole))
      throw new DataError("bad-contrast", "rows of an F contrast depend on each other");
    spread[j][j] = Math.sqrt(spread[j][j]);
    for (let i = j + 1; i < q; i++) {
      for (let k = 0; k < j; k++) spread[i][j] -= spread[i][k] * spread[j][k];
      spread[i][j] /= spread[j][j];
    }
    for (let k = 0; k < j; k++) z[j] -= spread[j][k] * z[k];
    z[j] /= spread[j][j];
  }
  const statistic = sum(q, (i) => z[i] ** 2) / q;
  return { kind: "F", statistic, dof: [q, dof], p: fisherTail(statistic, q, dof) };
}

function sum(n: number, of: (i: number) => number): number {
  let total = 0;
  for (let i = 0; i < n; i++) total += of(i);
  return total;
}
