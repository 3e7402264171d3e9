import { DataError } from "@quintet/core";

export interface ShrunkCovariance {
  /** [row][row] */
  readonly covariance: readonly Float64Array[];
  /** S itself. */
  readonly plain: readonly Float64Array[];
  /** Share of the target m I in it, 0 to 1. */
  readonly shrinkage: number;
  readonly samples: number;
}

/**
 * Covariance drawn towards a multiple of the identity by as much as its own sampling error asks:
 *
 *   S = 1/n sum_t x_t x_t',   m = tr(S)/p,   d^2 = |S - m I|^2/p,   b^2 = min(d^2, 1/n^2 sum_t |x_t x_t' - S|^2/p)
 *   C = (b^2/d^2) m I + (1 - b^2/d^2) S
 *
 * Rows have their means taken away; samples count as independent, so that those of a slow signal are shrunk too little.
 *
 * @param rows [channel][sample]
 * @throws DataError `too-few-samples` (fewer than two), `shape-mismatch`, `not-finite`
 * @see Ledoit & Wolf, J Multivar Anal 2004;88:365-411, lemmas 3.2 to 3.4
 */
export function shrunkCovariance(rows: readonly ArrayLike<number>[]): ShrunkCovariance {
  const [p, n] = [rows.length, rows[0]?.length ?? 0];
  if (rows.some((row) => row.length !== n)) throw new DataError("shape-mismatch", "all channels have as many samples");
  if (n < 2) throw new DataError("too-few-samples", "a covariance needs two samples", { found: `${n}` });
  const centred = rows.map((row) => {
    const x = Float64Array.from(row);
    const mean = x.reduce((a, b) => a + b, 0) / n;
    return x.map((v) => v - mean);
  });
  if (!centred.every((row) => row.every(Number.isFinite)))
    throw new DataError("not-finite", "a covariance is of numbers", { found: "NaN or infinity" });
  const s = centred.map(() => new Float64Array(p));
  for (let i = 0; i < p; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let t = 0; t < n; t++) sum += centred[i][t] * centred[j][t];
      s[i][j] = s[j][i] = sum / n;
    }
  const mean = s.reduce((sum, row, i) => sum + row[i], 0) / p;
  const squares = s.reduce((sum, row) => sum + row.reduce((q, v) => q + v * v, 0), 0);
  const spread = squares / p - mean * mean;
  // sum_t |x_t x_t' - S|^2 = sum_t |x_t|^4 - n |S|^2
  let fourth = 0;
  for (let t = 0; t < n; t++) fourth += centred.reduce((sum, row) => sum + row[t] ** 2, 0) ** 2;
  const error = Math.max(0, fourth / n - squares) / (n * p);
  const shrinkage = spread > 0 ? Math.min(1, error / spread) : 1;
  const covariance = s.map((row, i) => row.map((v, j) => (1 - shrinkage) * v + (i === j ? shrinkage * mean : 0)));
  return { covariance, plain: s, shrinkage, samples: n };
}
