import type { ThinQr } from "./thin-qr.ts";

/** Beyond it an AR(1) model no longer describes what is there, and whitening would difference the data. */
export const largestRho = 0.95;

/**
 * The AR(1) coefficient behind a lag-1 autocorrelation of residuals.
 *
 * Fitting takes away slow variation, so the residuals' autocorrelation is lower than the noise's:
 *
 *   g(rho) = tr(R D_1 R V) / tr(R V) - 2 rho / (n - p),   R = I - QQ',  V_ij = rho^|i - j|,  D_1 half at the first off-diagonals
 *
 * is what to expect, and is turned round: rho = g^-1(a_1 / a_0), a_l = sum_t r_t r_{t+l}. Worsley's form keeps the
 * first lag of V only; here all are kept. The second term is what the mean of a ratio lacks of the ratio of means.
 *
 * @returns rho of a measured ratio, within +-`largestRho`
 * @see Worsley et al., NeuroImage 2002;15:1-15, appendix A.1; Kendall, Biometrika 1954;41:403-4 (the ratio's bias)
 */
export function rhoOfResiduals(qr: ThinQr): (ratio: number) => number {
  const steps = 191;
  const rhos = Float64Array.from({ length: steps }, (_, i) => -largestRho + (2 * largestRho * i) / (steps - 1));
  const [lag1, lag0] = [diagonalSums(qr, 1), diagonalSums(qr, 0)];
  const free = qr.rows - qr.columns;
  const expected = rhos.map((rho) => weigh(lag1, rho) / weigh(lag0, rho) - (2 * rho) / free);
  return (ratio) => {
    if (!(ratio > (expected[0] as number))) return -largestRho;
    let [low, high] = [0, steps - 1];
    if (ratio >= (expected[high] as number)) return largestRho;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((expected[middle] as number) <= ratio) low = middle;
      else high = middle;
    }
    const share = (ratio - expected[low]) / (expected[high] - expected[low]);
    return rhos[low] + share * (rhos[high] - rhos[low]);
  };
}

function weigh(sums: Float64Array, rho: number): number {
  let [total, power] = [0, 1];
  for (let k = 0; k < sums.length; k++) {
    total += power * sums[k];
    power *= rho;
  }
  return total;
}

/** Sums along the diagonals k and -k of R D R, D the identity (lag 0) or half at the off-diagonals (lag 1). */
function diagonalSums({ rows, columns, q }: ThinQr, lag: 0 | 1): Float64Array {
  // D Q, and Q' D Q.
  const moved = new Float64Array(q.length);
  for (let j = 0; j < columns; j++) {
    for (let t = 0; t < rows; t++) {
      const at = j * rows + t;
      moved[at] = lag === 0 ? q[at] : ((t > 0 ? q[at - 1] : 0) + (t < rows - 1 ? q[at + 1] : 0)) / 2;
    }
  }
  const inner = new Float64Array(columns * columns);
  for (let i = 0; i < columns; i++) {
    for (let j = 0; j < columns; j++) {
      let sum = 0;
      for (let t = 0; t < rows; t++) sum += q[i * rows + t] * moved[j * rows + t];
      inner[i * columns + j] = sum;
    }
  }
  // R D R = D - sum_j (q_j m_j' + m_j q_j') + sum_ij inner_ij q_i q_j'; turned = inner q.
  const turned = new Float64Array(q.length);
  for (let i = 0; i < columns; i++)
    for (let j = 0; j < columns; j++)
      for (let t = 0; t < rows; t++) turned[i * rows + t] += inner[i * columns + j] * q[j * rows + t];
  const sums = new Float64Array(rows);
  for (let k = 0; k < rows; k++) {
    let sum = 0;
    for (let j = 0; j < columns; j++) {
      const base = j * rows;
      for (let t = 0; t + k < rows; t++) {
        const [a, b] = [base + t, base + t + k];
        sum += q[a] * (turned[b] - moved[b]) - moved[a] * q[b];
      }
    }
    const own = lag === 0 ? (k === 0 ? rows : 0) : k === 1 ? (rows - 1) / 2 : 0;
    sums[k] = (k === 0 ? 1 : 2) * (sum + own);
  }
  return sums;
}
