/**
 * What linear inverse operators do with the rows of thousands of sources, again and again: plain loops over numbers that lie together.
 *
 * Rows are [source x orientation][channel], flat; `width` is the number of channels.
 */

/** Rows times a matrix: [row][column of `matrix`]. Four rows of the matrix at a time: a sum is read and written once for four products. */
export function rowsTimes(rows: Float64Array, width: number, matrix: Float64Array): Float64Array {
  const n = matrix.length / width;
  const out = new Float64Array((rows.length / width) * n);
  for (let from = 0, to = 0; from < rows.length; from += width, to += n) {
    let k = 0;
    for (; k + 4 <= width; k += 4) {
      const [a, b, c, d] = [rows[from + k], rows[from + k + 1], rows[from + k + 2], rows[from + k + 3]] as Four;
      for (let j = 0, i = k * n; j < n; j++, i++)
        out[to + j] =
          (out[to + j] as number) +
          a * (matrix[i] as number) +
          b * (matrix[i + n] as number) +
          c * (matrix[i + 2 * n] as number) +
          d * (matrix[i + 3 * n] as number);
    }
    for (; k < width; k++) {
      const weight = rows[from + k] as number;
      for (let j = 0; j < n; j++) out[to + j] = (out[to + j] as number) + weight * (matrix[k * n + j] as number);
    }
  }
  return out;
}

type Four = [number, number, number, number];

/** sum_r a_r' b_r of two sets of rows for which it is symmetric: [channel][channel]. Four rows at a time. */
export function symmetricProduct(a: Float64Array, b: Float64Array, width: number): Float64Array {
  const out = new Float64Array(width * width);
  const [two, three] = [2 * width, 3 * width];
  let from = 0;
  for (; from + 4 * width <= a.length; from += 4 * width) {
    for (let i = 0; i < width; i++) {
      const at = from + i;
      const [p, q, r, s] = [a[at], a[at + width], a[at + two], a[at + three]] as Four;
      for (let j = i, k = from + i, to = i * width + i; j < width; j++, k++, to++)
        out[to] =
          (out[to] as number) +
          p * (b[k] as number) +
          q * (b[k + width] as number) +
          r * (b[k + two] as number) +
          s * (b[k + three] as number);
    }
  }
  for (; from < a.length; from += width)
    for (let i = 0; i < width; i++) {
      const weight = a[from + i] as number;
      for (let j = i; j < width; j++)
        out[i * width + j] = (out[i * width + j] as number) + weight * (b[from + j] as number);
    }
  for (let i = 0; i < width; i++) for (let j = 0; j < i; j++) out[i * width + j] = out[j * width + i] as number;
  return out;
}

/** Of each source the block a_i b_i' of its orientations, symmetric but for rounding: [source][orientation][orientation]. */
export function ownBlocks(a: Float64Array, b: Float64Array, width: number, o: 1 | 3): Float64Array {
  const out = new Float64Array((a.length / width) * o);
  for (let row = 0, at = 0; row * width < a.length; row++) {
    const first = row - (row % o);
    for (let other = first; other < first + o; other++, at++) {
      let sum = 0;
      for (let c = 0, i = row * width, j = other * width; c < width; c++, i++, j++)
        sum += (a[i] as number) * (b[j] as number);
      out[at] = sum;
    }
  }
  return out;
}

/** Each source's rows times its own block, from the left. */
export function blocksTimes(blocks: Float64Array, rows: Float64Array, width: number, o: 1 | 3): Float64Array {
  const out = new Float64Array(rows.length);
  for (let row = 0, at = 0; row * width < rows.length; row++) {
    const first = row - (row % o);
    for (let other = first; other < first + o; other++, at++) {
      const weight = blocks[at] as number;
      for (let c = 0, i = row * width, j = other * width; c < width; c++, i++, j++)
        out[i] = (out[i] as number) + weight * (rows[j] as number);
    }
  }
  return out;
}
