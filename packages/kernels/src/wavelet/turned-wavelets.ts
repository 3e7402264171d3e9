import { DataError } from "@quintet/core";

const root3 = Math.sqrt(3);
/** Daubechies' filter of two vanishing moments. */
const low = [1 + root3, 3 + root3, 3 - root3, 1 - root3].map((tap) => tap / (4 * Math.SQRT2));
const high = low.map((_, j) => (j % 2 === 0 ? 1 : -1) * (low[3 - j] as number));

/**
 * Translation-invariant wavelet shrinkage: at every level the signal is split from an even and from an odd start, each start's
 * details are changed by `change`, and the two reconstructions are averaged (cycle spinning over all starts, n levels operations).
 *
 *   a[k] = sum_j h[j] x[(2k + j) mod n],   d[k] = sum_j g[j] x[(2k + j) mod n]       Daubechies, two vanishing moments
 *
 * Details left alone come back as the signal, to rounding.
 *
 * @param signal its length a multiple of 2^levels; taken as periodic
 * @param change may write into the details of one start; `level` from 1, the finest
 * @throws DataError `bad-levels`
 * @see Coifman & Donoho, Translation-invariant de-noising, Lecture Notes in Statistics 1995;103:125-50
 */
export function changeDetails(
  signal: Float64Array,
  levels: number,
  change: (details: Float64Array, level: number) => void,
): Float64Array {
  if (!(Number.isInteger(levels) && levels >= 0 && signal.length % 2 ** levels === 0)) {
    throw new DataError("bad-levels", "each level halves the signal", {
      expected: `a multiple of 2^${levels} samples`,
      found: `${signal.length}`,
    });
  }
  return split(signal, 1, levels, change);
}

function split(
  x: Float64Array,
  level: number,
  levels: number,
  change: (details: Float64Array, level: number) => void,
): Float64Array {
  const n = x.length;
  if (level > levels || n < 4) return x;
  const out = new Float64Array(n);
  for (let start = 0; start < 2; start++) {
    const [a, d] = [new Float64Array(n / 2), new Float64Array(n / 2)];
    for (let k = 0; k < n / 2; k++) {
      for (let j = 0; j < 4; j++) {
        const v = x[(2 * k + j + start) % n];
        a[k] += low[j] * v;
        d[k] += high[j] * v;
      }
    }
    change(d, level);
    const rest = split(a, level + 1, levels, change);
    for (let k = 0; k < n / 2; k++)
      for (let j = 0; j < 4; j++) out[(2 * k + j + start) % n] += 0.5 * (low[j] * rest[k] + high[j] * d[k]);
  }
  return out;
}
