/**
 * The k-th smallest value (k from 0), by partition about the median of three: linear time on average where a sort takes
 * n log n. Afterwards values[0..k) are at most values[k], and those behind it at least as large. NaN counts as largest,
 * as it does when a typed array sorts itself.
 *
 * @param values reordered in place
 * @returns NaN where k is no place among the values
 * @see Hoare, Commun ACM 1961;4:321-2 (algorithm 65, FIND)
 */
export function orderStatistic(values: Float64Array, k: number): number {
  if (!(k >= 0 && k < values.length)) return Number.NaN;
  let [low, high] = [0, numbersFirst(values) - 1];
  if (k > high) return Number.NaN;
  while (low < high) {
    const pivot = middleOf(values[low], values[(low + high) >> 1], values[high]);
    let [i, j] = [low, high];
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      const held = values[i];
      values[i++] = values[j];
      values[j--] = held;
    }
    if (k <= j) high = j;
    else if (k >= i) low = i;
    else break;
  }
  return values[k];
}

/**
 * Quantile q, linear between order statistics at position q (n - 1).
 *
 * @param values reordered in place
 * @returns NaN without values
 * @see Hyndman & Fan, Am Stat 1996;50:361-5, type 7
 */
export function quantileInPlace(values: Float64Array, q: number): number {
  const at = q * (values.length - 1);
  const below = orderStatistic(values, Math.floor(at));
  if (Number.isNaN(below) || Number.isInteger(at)) return below;
  let above = Number.POSITIVE_INFINITY;
  for (let i = Math.ceil(at); i < values.length; i++) if (values[i] < above) above = values[i];
  return below === above ? below : below + (above - below) * (at - Math.floor(at));
}

function middleOf(a: number, b: number, c: number): number {
  return a < b ? (b < c ? b : Math.max(a, c)) : a < c ? a : Math.max(b, c);
}

/** Moves NaN behind the numbers. @returns how many numbers there are */
function numbersFirst(values: Float64Array): number {
  let end = values.length;
  for (let i = 0; i < end; ) {
    if (!Number.isNaN(values[i])) {
      i++;
      continue;
    }
    end--;
    values[i] = values[end];
    values[end] = Number.NaN;
  }
  return end;
}
