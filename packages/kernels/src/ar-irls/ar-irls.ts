import { DataError } from "@quintet/core";
import { type ThinQr, thinQr } from "../glm/thin-qr.ts";
import { autoregressiveFit, innovations } from "./autoregressive-fit.ts";
import { bisquareFit, type RobustFit } from "./bisquare-fit.ts";
import { columnProducts } from "./column-products.ts";

/** A design made ready for series with autoregressive noise: the same for all channels of one recording. */
export interface ArDesign {
  readonly rows: number;
  readonly columns: number;
  /** [column][row] */
  readonly x: Float64Array;
  /** The largest order tried for the noise. */
  readonly mostOrder: number;
  /** The columns made orthonormal, and what makes them so. */
  readonly basis: ThinQr;
  /** Lag products of each pair of columns i and j <= i, [pair][lag][lag], both orders of a pair added up. */
  readonly products: Float64Array;
}

/**
 * @param x [column][row]
 * @param mostOrder the largest order tried for the noise; as many samples as four seconds hold is usual
 * @param names of the columns, for what is said of them
 * @throws DataError `shape-mismatch`, `not-finite`, `bad-order`, `rank-deficient` (naming the column)
 */
export function arDesign(x: Float64Array, rows: number, mostOrder: number, names?: readonly string[]): ArDesign {
  const columns = x.length / rows;
  if (!(Number.isInteger(columns) && columns > 0)) {
    throw new DataError("shape-mismatch", "each column of the design needs one value per sample", {
      expected: `a multiple of ${rows} values`,
      found: `${x.length}`,
    });
  }
  if (!x.every(Number.isFinite)) throw new DataError("not-finite", "a value of the design is no number");
  if (!(Number.isInteger(mostOrder) && mostOrder >= 0 && mostOrder <= rows / 2)) {
    throw new DataError("bad-order", "the order of the noise is at most half the number of samples", {
      expected: `0 to ${Math.floor(rows / 2)}`,
      found: `${mostOrder}`,
    });
  }
  const basis = thinQr(x, rows, columns, names);
  return { rows, columns, x, mostOrder, basis, products: columnProducts(x, rows, mostOrder) };
}

/** Of the robust regressions before the last, whose noise model is still to change. */
const rough = 1e-6;
/** Of the last. */
const fine = 1e-10;

export interface ArIrlsFit extends RobustFit {
  /** The noise model of the last round: a_1 ... a_order. */
  readonly noise: Float64Array;
  readonly rounds: number;
}

/**
 * Robust regression with autoregressive noise (AR-IRLS): y = X b + n, n autoregressive with heavy-tailed innovations.
 *
 *   0. b by robust regression of y on X, C the covariance of b
 *   1. r = y - X b; the autoregression a of the noise from the lag products of r and of X C X' added up; order by BIC
 *   2. X~ = X_t - sum_k a_k X_{t-k}, y~ likewise
 *   3. b and C by robust regression (bisquare) of y~ on X~; from 1 again until b moves by less than 1 % of its size
 *
 * The second summand of 1 is what differs from the paper: the fit takes some of the noise's slow part into X b, so that r
 * alone looks whiter than the noise. E[n n' | y] = r r' + X C X' puts it back (the step of an EM algorithm for restricted
 * maximum likelihood): with r alone 6 to 7 of 100 tests of pure noise are positive at 5 %, so 5 (docs/science/fnirs.md).
 *
 * Degrees of freedom n - p of the residuals (those of a test: `effectiveDof`); the first `order` samples, which have no past, are left out of the last regression.
 * Nothing may have been low-passed before: that would make of the noise what no short model whitens.
 *
 * @param y as many values as the design has rows
 * @param mostRounds of prewhitening; default 10
 * @throws DataError `not-finite`, `shape-mismatch`
 * @see Barker, Aarabi & Huppert, Biomed Opt Express 2013;4:1366-79; Dempster, Laird & Rubin, J R Stat Soc B 1977;39:1-38
 */
export function arIrls(design: ArDesign, y: Float64Array, mostRounds = 10): ArIrlsFit {
  const { rows, columns, x } = design;
  checkSeries(design, y);
  let fit = bisquareFit(x, y, columns, undefined, rough);
  const residuals = new Float64Array(rows);
  for (let round = 1; ; round++) {
    residuals.set(y);
    for (let j = 0; j < columns; j++) {
      const c = fit.coefficients[j];
      for (let t = 0; t < rows; t++) residuals[t] -= c * x[j * rows + t];
    }
    const { coefficients: a } = autoregressiveFit(residuals, design.mostOrder, taken(design, fit.covariance));
    const left = rows - a.length;
    const [whiteX, whiteY] = [new Float64Array(columns * left), new Float64Array(left)];
    innovations(y, a, a.length, whiteY);
    for (let j = 0; j < columns; j++)
      innovations(x.subarray(j * rows, (j + 1) * rows), a, a.length, whiteX.subarray(j * left, (j + 1) * left));
    const next = bisquareFit(whiteX, whiteY, columns, round > 1 ? aligned(fit.weights, left) : undefined, rough);
    let [change, size] = [0, 0];
    for (let j = 0; j < columns; j++) {
      change += (next.coefficients[j] - fit.coefficients[j]) ** 2;
      size += next.coefficients[j] ** 2;
    }
    fit = next;
    if (change > 1e-4 * size && round < mostRounds) continue;
    return { ...bisquareFit(whiteX, whiteY, columns, fit.weights, fine), noise: a, rounds: round };
  }
}

/** @throws DataError `shape-mismatch`, `not-finite` */
export function checkSeries({ rows }: ArDesign, y: Float64Array): void {
  if (y.length !== rows) {
    throw new DataError("shape-mismatch", "a series has one value for each row of its design", {
      expected: `${rows}`,
      found: `${y.length}`,
    });
  }
  if (!y.every(Number.isFinite)) throw new DataError("not-finite", "a value of the series is no number");
}

/** Lag products of X C X': what the fit is expected to have taken of the noise. */
function taken({ products, columns, mostOrder }: ArDesign, covariance: Float64Array): Float64Array {
  const out = new Float64Array((mostOrder + 1) ** 2);
  let at = 0;
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j <= i; j++, at += out.length) {
      const c = covariance[i * columns + j];
      for (let k = 0; k < out.length; k++) out[k] += c * products[at + k];
    }
  }
  return out;
}

/** The weights of the last samples, those of samples that had none before being 1. */
function aligned(weights: Float64Array, length: number): Float64Array {
  if (weights.length >= length) return weights.subarray(weights.length - length);
  const out = new Float64Array(length).fill(1);
  out.set(weights, length - weights.length);
  return out;
}
