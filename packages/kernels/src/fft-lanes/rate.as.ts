// part of fft-lanes
import { scatterRows } from "./lanes.as";
import { element, transform } from "./passes.as";

/** x[i] with odd reflection at both ends, 0 beyond the row's own length. */
@inline
function reflected(row: usize, i: i32, n: i32): f64 {
  if (i < 0) return -i < n ? 2 * load<f64>(row) - load<f64>(row + (<usize>-i << 3)) : 0;
  const mirror = 2 * n - 2 - i;
  return mirror >= 0 ? 2 * load<f64>(row + (<usize>(n - 1) << 3)) - load<f64>(row + (<usize>mirror << 3)) : 0;
}

/** The ends of one row in every fourth value of the elements: samples -left to 0 and n to size - left. */
function pad(row: usize, to: usize, n: i32, left: i32, size: i32): void {
  for (let i = 0; i < left; i++) store<f64>(to + <usize>i * element, reflected(row, i - left, n));
  for (let i = left + n; i < size; i++) store<f64>(to + <usize>i * element, reflected(row, i - left, n));
}

@inline
function copyBin(from: usize, to: usize, scale: v128): void {
  v128.store(to, f64x2.mul(scale, v128.load(from)));
  v128.store(to, f64x2.neg(f64x2.mul(scale, v128.load(from, 16))), 16);
}

/** The lowest bins of n into m, scaled and conjugated; a bin at the Nyquist frequency is halved or doubled up. */
function moveBins(from: usize, n: i32, to: usize, m: i32, scale: v128): void {
  const used = min(n, m);
  const half = (used - 1) / 2;
  memory.fill(to, 0, <usize>m * element);
  for (let k = 0; k <= half; k++) copyBin(from + <usize>k * element, to + <usize>k * element, scale);
  for (let k = 1; k <= half; k++) copyBin(from + <usize>(n - k) * element, to + <usize>(m - k) * element, scale);
  if (used & 1) return;
  const nyquist = <usize>(used >> 1) * element;
  if (m < n) {
    const other = from + <usize>(n - (used >> 1)) * element;
    const re = f64x2.add(v128.load(from + nyquist), v128.load(other));
    const im = f64x2.add(v128.load(from + nyquist, 16), v128.load(other, 16));
    v128.store(to + nyquist, f64x2.mul(scale, re));
    v128.store(to + nyquist, f64x2.neg(f64x2.mul(scale, im)), 16);
    return;
  }
  const halved = f64x2.mul(scale, f64x2.splat(0.5));
  copyBin(from + nyquist, to + nyquist, halved);
  copyBin(from + nyquist, to + <usize>(m - (used >> 1)) * element, halved);
}

/**
 * Four rows at another rate by their spectra (`resampleFourier`); results take the place of the first samples.
 *
 * Numbers: int32 samples of a row, points n of the padded row, samples before the row in it, points m of the result, of
 * which so many are skipped and so many kept; addresses of the plans of n and m; int32 bytes of a row; addresses of the rows
 * of the first chunk and of the first thread's room (2 max(n, m) elements).
 */
export function rate(chunk: i32, thread: i32, at: usize): void {
  const samples = load<i32>(at);
  const n = load<i32>(at, 4);
  const left = load<i32>(at, 8);
  const m = load<i32>(at, 12);
  const skip = load<i32>(at, 16);
  const kept = load<i32>(at, 20);
  const stride = <usize>load<u32>(at, 32);
  const rows = <usize>load<u32>(at, 36) + <usize>chunk * 4 * stride;
  const room = <usize>max(n, m) * element;
  const a = <usize>load<u32>(at, 40) + <usize>thread * 2 * room;
  const b = a + room;
  for (let r: usize = 0; r < 4; r++) {
    const row = rows + r * stride;
    // Rows 0 to 3: re of lane 0, im of lane 0, re of lane 1, im of lane 1.
    const to = a + ((r & 1) << 4) + ((r >> 1) << 3);
    pad(row, to, samples, left, n);
    for (let i = 0; i < samples; i++) store<f64>(to + <usize>(i + left) * element, load<f64>(row + (<usize>i << 3)));
  }
  const x = transform(a, b, n, <usize>load<u32>(at, 24));
  const y = x == a ? b : a;
  moveBins(x, n, y, m, f64x2.splat(1 / <f64>n));
  const z = transform(y, x, m, <usize>load<u32>(at, 28));
  scatterRows(z + <usize>skip * element, rows, stride, kept);
}
