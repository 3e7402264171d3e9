import { type ArDesign, type ArIrlsResult, effectiveDof, type Hypothesis, testHypothesis } from "@quintet/kernels";

/**
 * Test of rows of weights over a linear model's coefficients, with the degrees of freedom that estimating the noise leaves: of a t by
 * Satterthwaite (`effectiveDof`), of an F from those of its rows made independent of each other,
 *
 *   nu = 2 E / (E - q),   E = sum over rows with d > 2 of d / (d - 2)          (the smallest d where E does not exceed q)
 *
 * so that rows of equal d give that d.
 *
 * @throws DataError as testHypothesis
 * @see Fai & Cornelius, J Stat Comput Simul 1996;54:363-78
 */
export function effectTest(whole: ArDesign, fit: ArIrlsResult, rows: readonly Float64Array[]): Hypothesis {
  const dofs = independent(rows, fit.covariance, whole.columns).map((row) =>
    effectiveDof(whole, fit.covariance, fit.noise, fit.dof, row),
  );
  const q = dofs.length;
  const expected = dofs.reduce((sum, d) => sum + (d > 2 ? d / (d - 2) : 0), 0);
  const dof = q === 1 ? (dofs[0] as number) : expected > q ? (2 * expected) / (expected - q) : Math.min(...dofs);
  return testHypothesis(fit.coefficients, fit.covariance, rows, q > 0 ? dof : fit.dof);
}

/** The same rows, each cleared of what its estimate shares with those before it. */
function independent(rows: readonly Float64Array[], covariance: Float64Array, columns: number): Float64Array[] {
  const shared = (a: Float64Array, b: Float64Array): number => {
    let sum = 0;
    for (let i = 0; i < columns; i++) {
      if (a[i] === 0) continue;
      for (let j = 0; j < columns; j++)
        sum += (a[i] as number) * (covariance[i * columns + j] as number) * (b[j] as number);
    }
    return sum;
  };
  const out: Float64Array[] = [];
  for (const row of rows) {
    const own = row.slice();
    for (const other of out) {
      const share = shared(own, other) / shared(other, other);
      for (let i = 0; i < columns; i++) own[i] = (own[i] as number) - share * (other[i] as number);
    }
    out.push(own);
  }
  return out;
}
