import { DataError } from "@quintet/core";
import { thinQr } from "../glm/thin-qr.ts";
import { bisquareFit, type RobustFit } from "./bisquare-fit.ts";
import { autoregressiveFit, innovations } from "./burg.ts";

export interface ArIrlsOptions {
  /** The largest order tried for the noise; as many samples as four seconds hold is usual. */
  readonly mostOrder: number;
  /** Rounds of prewhitening. Default 10. */
  readonly rounds?: number;
}

export interface ArIrlsFit extends RobustFit {
  /** Order of the noise model of the last round. */
  readonly order: number;
  readonly rounds: number;
}

/**
 * Robust regression with autoregressive noise (AR-IRLS): y = X b + n, n autoregressive with heavy-tailed innovations.
 *
 *   0. b by robust regression of y on X
 *   1. r = y - X b; coefficients a of its autoregression, order by BIC
 *   2. X~ = X - sum_k a_k X_{t-k}, y~ likewise
 *   3. b by robust regression (bisquare) of y~ on X~; from 1 again until b moves by less than 1 % of its size
 *
 * Degrees of freedom n - p; the first `order` samples, which have no past, are left out of the last regression.
 * Nothing may have been low-passed before: that would make of the noise what no short model whitens.
 *
 * @param x [column][row], n rows and p columns, the same for every series of one recording
 * @param y n values
 * @throws DataError `not-finite`, `shape-mismatch`, `rank-deficient` (naming the column), `bad-order`
 * @see Barker, Aarabi & Huppert, Biomed Opt Express 2013;4:1366-79
 */
export function arIrls(
  x: Float64Array,
  y: Float64Array,
  { mostOrder, rounds = 10 }: ArIrlsOptions,
  names?: readonly string[],
): ArIrlsFit {
  const rows = y.length;
  const columns = x.length / rows;
  if (!(Number.isInteger(columns) && columns > 0)) {
    throw new DataError("shape-mismatch", "each column of the design needs one value per sample", {
      expected: `a multiple of ${rows} values`,
      found: `${x.length}`,
    });
  }
  if (!(y.every(Number.isFinite) && x.every(Number.isFinite)))
    throw new DataError("not-finite", "a value of the design or of the series is no number");
  thinQr(x, rows, columns, names);
  let fit = bisquareFit(x, y, columns);
  let order = 0;
  const residuals = new Float64Array(rows);
  for (let round = 1; ; round++) {
    residuals.set(y);
    for (let j = 0; j < columns; j++) {
      const c = fit.coefficients[j];
      for (let t = 0; t < rows; t++) residuals[t] -= c * x[j * rows + t];
    }
    const { coefficients: a } = autoregressiveFit(residuals, mostOrder);
    order = a.length;
    const left = rows - order;
    const [whiteX, whiteY] = [new Float64Array(columns * left), new Float64Array(left)];
    innovations(y, a, order, whiteY);
    for (let j = 0; j < columns; j++)
      innovations(x.subarray(j * rows, (j + 1) * rows), a, order, whiteX.subarray(j * left, (j + 1) * left));
    const next = bisquareFit(whiteX, whiteY, columns, round > 1 ? aligned(fit.weights, left) : undefined);
    let [change, size] = [0, 0];
    for (let j = 0; j < columns; j++) {
      change += (next.coefficients[j] - fit.coefficients[j]) ** 2;
      size += next.coefficients[j] ** 2;
    }
    fit = next;
    if (change <= 1e-4 * size || round === rounds) return { ...fit, order, rounds: round };
  }
}

/** The weights of the last samples, those of samples that had none before being 1. */
function aligned(weights: Float64Array, length: number): Float64Array {
  if (weights.length >= length) return weights.subarray(weights.length - length);
  const out = new Float64Array(length).fill(1);
  out.set(weights, length - weights.length);
  return out;
}
