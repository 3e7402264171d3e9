import { bisquareTune } from "./bisquare-fit.ts";

/** Bisquare regression as it is written down: the normal equations of all columns solved from scratch in each round. */
export function bisquareReference(x: Float64Array, y: Float64Array, columns: number): Float64Array {
  const rows = y.length;
  const at = (t: number, j: number): number => x[j * rows + t];
  const indices = Array.from({ length: columns }, (_, j) => j);
  const normal = (weights: Float64Array): number[][] =>
    indices.map((i) => indices.map((j) => weights.reduce((sum, w, t) => sum + w * at(t, i) * at(t, j), 0)));
  const fit = (weights: Float64Array): number[] =>
    solved(
      normal(weights),
      indices.map((i) => weights.reduce((sum, w, t) => sum + w * at(t, i) * y[t], 0)),
    );
  const plain = new Float64Array(rows).fill(1);
  const leverage = Array.from(y, (_, t) => {
    const row = indices.map((j) => at(t, j));
    return solved(normal(plain), row).reduce((sum, v, j) => sum + v * row[j], 0);
  });
  let b = fit(plain);
  for (let round = 0; round < 50; round++) {
    const r = Float64Array.from(y, (v, t) => {
      const predicted = b.reduce((sum, c, j) => sum + c * at(t, j), 0);
      return (v - predicted) / Math.sqrt(1 - leverage[t]);
    });
    const away = r.map(Math.abs).sort().subarray(columns);
    const half = away.length >> 1;
    const s = (away.length % 2 === 1 ? away[half] : (away[half - 1] + away[half]) / 2) / 0.6745;
    b = fit(r.map((e) => Math.max(0, 1 - (e / (bisquareTune * s)) ** 2) ** 2));
  }
  return Float64Array.from(b);
}

/** Gauss-Jordan elimination with the largest pivot of each column. */
function solved(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]]);
  const n = rows.length;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(rows[i][k]) > Math.abs(rows[pivot][k])) pivot = i;
    [rows[k], rows[pivot]] = [rows[pivot], rows[k]];
    for (let i = 0; i < n; i++) {
      if (i === k) continue;
      const factor = rows[i][k] / rows[k][k];
      for (let j = k; j <= n; j++) rows[i][j] -= factor * rows[k][j];
    }
  }
  return rows.map((row, i) => row[n] / row[i]);
}
