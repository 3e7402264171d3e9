import { DataError } from "@quintet/core";
import { standingCrew } from "../pool/standing-crew.ts";
import { type ArDesign, type ArIrlsFit, arIrls, checkSeries } from "./ar-irls.ts";

/** What of a fit is kept when many series are fitted: not the weight of each sample. */
export type ArIrlsResult = Omit<ArIrlsFit, "weights">;

/** Series that are brought in together. */
const mostTogether = 64;
const mostRounds = 10;

/**
 * `arIrls` of many series on one design, on all threads.
 *
 * Compiled where that is registered, in float64. Three things make it fast: the whitened design's products come from the lag
 * products of its columns instead of from its samples; the basis is then one triangular product; and the robust regression steps by
 * Q' psi(r) / mean psi', which has the fixed point Q' W r = 0 of the reweighted normal equations without forming them. Where the
 * products cancel (a column that whitening all but takes away) the series goes the plain way.
 *
 * Both forms end their robust regressions at 1e-6 of the largest coefficient in the rounds before the last and at 1e-10 in the last,
 * so that coefficients and errors agree within 1e-5 standard errors.
 *
 * @throws DataError as `arIrls`
 */
export function arIrlsAll(design: ArDesign, all: readonly Float64Array[]): ArIrlsResult[] {
  for (const y of all) checkSeries(design, y);
  const found = compiled(design, all);
  return found ?? all.map((y) => arIrls(design, y, mostRounds));
}

function compiled(design: ArDesign, all: readonly Float64Array[]): ArIrlsResult[] | undefined {
  const { rows, columns, x, mostOrder, products, basis } = design;
  const stride = 8 * Math.ceil(rows / 8) + 8;
  const size = mostOrder + 1;
  const together = Math.min(mostTogether, all.length);
  const resultValues = columns + columns * columns + 5 + mostOrder;
  const scratchValues =
    stride * (columns + 5) + 2 * size * size + 3 * size + 3 * columns * columns + 4 * columns + 2 + 8 * columns + 16;
  // Places in values of 8 bytes behind the plan, each at a multiple of 8 values.
  const places: number[] = [];
  let end = 16;
  const threads = (standingCrew("ar-irls", 0)?.crew.threads ?? 0) as number;
  if (threads === 0) return undefined;
  const lengths = [
    columns * stride,
    columns * stride,
    columns * columns,
    stride,
    products.length,
    together * stride,
    together * resultValues,
    threads * 8 * Math.ceil(scratchValues / 8),
  ];
  for (const length of lengths) {
    places.push(end);
    end += 8 * Math.ceil(length / 8);
  }
  const standing = standingCrew("ar-irls", 8 * end);
  if (!standing) return undefined;
  const { crew, at } = standing;
  const addresses = places.map((place) => at + 8 * place);
  const values = (part: number): Float64Array =>
    new Float64Array(crew.buffer, addresses[part], lengths[part] as number);
  new Uint32Array(crew.buffer, at, 14).set([
    rows,
    columns,
    mostOrder,
    mostRounds,
    stride,
    ...addresses,
    64 * Math.ceil(scratchValues / 8),
  ]);
  const [own, blocks, inverse, leverage, lags, series, results] = [0, 1, 2, 3, 4, 5, 6].map(values) as Float64Array[];
  own.fill(0);
  blocks.fill(0);
  leverage.fill(0);
  for (let j = 0; j < columns; j++) {
    own.set(x.subarray(j * rows, (j + 1) * rows), j * stride);
    for (let t = 0; t < rows; t++) {
      const q = basis.q[j * rows + t];
      blocks[((t >> 3) * columns + j) * 8 + (t & 7)] = q;
      leverage[t] += q * q;
    }
  }
  inverse.set(basis.inverseR);
  lags.set(products);
  const out: ArIrlsResult[] = [];
  for (let from = 0; from < all.length; from += together) {
    const now = all.slice(from, from + together);
    series.fill(0);
    for (const [i, y] of now.entries()) series.set(y, i * stride);
    crew.run("ar-irls.series", now.length, at);
    for (const [i, y] of now.entries()) {
      out.push(resultOf(results.subarray(i * resultValues, (i + 1) * resultValues), columns) ?? arIrls(design, y));
    }
  }
  return out;
}

/** Undefined where the compiled form gave the series back. @throws DataError `rank-deficient` */
function resultOf(values: Float64Array, columns: number): ArIrlsResult | undefined {
  const told = columns + columns * columns;
  const [sigma, dof, order, rounds, state] = values.subarray(told) as unknown as number[];
  if (state === 1) return undefined;
  if (state === 2)
    throw new DataError("rank-deficient", "the rows that are left have no weight to tell the columns apart");
  return {
    coefficients: values.slice(0, columns),
    covariance: values.slice(columns, told),
    sigma,
    dof,
    noise: values.slice(told + 5, told + 5 + order),
    rounds,
  };
}
