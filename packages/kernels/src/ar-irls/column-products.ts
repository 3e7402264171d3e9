import { standingCrew } from "../pool/standing-crew.ts";
import { lagProducts } from "./lag-products.ts";

/**
 * Lag products of each pair of columns i and j <= i over the samples that have a full past,
 *
 *   P_ij[k][l] = G_ij[k][l] + G_ij[l][k]  (i > j),   P_ii = G_ii,   G as `lagProducts` has it.
 *
 * Of a whitened column x~_t = x_t - sum_k a_k x_{t-k} every product is then a sum over lags: f' G_ij f, f = (1, -a). Compiled where
 * that is registered, a column at a time on all threads; both forms agree within 1e-12 of the largest (other order of the sums).
 *
 * @param x [column][row]
 * @returns [pair][lag][lag], pairs in the order (0,0), (1,0), (1,1), (2,0) ...
 */
export function columnProducts(x: Float64Array, rows: number, most: number): Float64Array {
  return compiled(x, rows, most) ?? plain(x, rows, most);
}

function plain(x: Float64Array, rows: number, most: number): Float64Array {
  const [columns, size] = [x.length / rows, most + 1];
  const out = new Float64Array(((columns * (columns + 1)) / 2) * size * size);
  const both = new Float64Array(size * size);
  let at = 0;
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j <= i; j++, at += both.length) {
      lagProducts(x.subarray(i * rows, (i + 1) * rows), x.subarray(j * rows, (j + 1) * rows), most, both);
      const own = out.subarray(at, at + both.length);
      own.set(both);
      if (i === j) continue;
      for (let p = 0; p < size; p++) for (let q = 0; q < size; q++) own[p * size + q] += both[q * size + p];
    }
  }
  return out;
}

function compiled(x: Float64Array, rows: number, most: number): Float64Array | undefined {
  const columns = x.length / rows;
  const length = ((columns * (columns + 1)) / 2) * (most + 1) ** 2;
  const standing = standingCrew("ar-irls", 64 + 8 * (x.length + length));
  if (!standing) return undefined;
  const { crew, at } = standing;
  const [xAt, outAt] = [at + 64, at + 64 + 8 * x.length];
  new Uint32Array(crew.buffer, at, 5).set([rows, most, rows, xAt, outAt]);
  new Float64Array(crew.buffer, xAt, x.length).set(x);
  crew.run("ar-irls.column", columns, at);
  return new Float64Array(crew.buffer, outAt, length).slice();
}
