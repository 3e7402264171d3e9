// part of fft-lanes
// Rows of real numbers into lanes and back: four rows are the parts of two complex ones.

import { element } from "./passes.as";

/** count (even) samples of rows r, r + stride, ... as elements: first and third row real, second and fourth imaginary. */
@inline
export function gatherRows(r: usize, stride: usize, to: usize, count: i32): void {
  const end = r + (<usize>count << 3);
  for (; r < end; r += 16, to += 2 * element) {
    const v0 = v128.load(r);
    const v1 = v128.load(r + stride);
    const v2 = v128.load(r + 2 * stride);
    const v3 = v128.load(r + 3 * stride);
    v128.store(to, i64x2.shuffle(v0, v2, 0, 2));
    v128.store(to, i64x2.shuffle(v1, v3, 0, 2), 16);
    v128.store(to, i64x2.shuffle(v0, v2, 1, 3), 32);
    v128.store(to, i64x2.shuffle(v1, v3, 1, 3), 48);
  }
}

/** Back again, of conjugates; the last of an odd count alone. */
@inline
export function scatterRows(from: usize, r: usize, stride: usize, count: i32): void {
  let left = count;
  for (; left >= 2; left -= 2, r += 16, from += 2 * element) {
    const re0 = v128.load(from);
    const im0 = f64x2.neg(v128.load(from, 16));
    const re1 = v128.load(from, 32);
    const im1 = f64x2.neg(v128.load(from, 48));
    v128.store(r, i64x2.shuffle(re0, re1, 0, 2));
    v128.store(r + stride, i64x2.shuffle(im0, im1, 0, 2));
    v128.store(r + 2 * stride, i64x2.shuffle(re0, re1, 1, 3));
    v128.store(r + 3 * stride, i64x2.shuffle(im0, im1, 1, 3));
  }
  if (left) {
    store<f64>(r, load<f64>(from));
    store<f64>(r + stride, -load<f64>(from, 16));
    store<f64>(r + 2 * stride, load<f64>(from, 8));
    store<f64>(r + 3 * stride, -load<f64>(from, 24));
  }
}
