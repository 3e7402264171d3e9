// part of fft-lanes
import { element, lastPower, madd, passes, transform } from "./passes.as";

let length: i32 = 0;
let tapers: usize = 0;
let tapersEach: i32 = 0;
let data: usize = 0;
let step: usize = 0;

/** The window whose mean is known. */
let known: i32 = -1;
let mean: f64 = 0;

function meanOf(window: i32): f64 {
  if (window == known) return mean;
  let at = data + <usize>window * step;
  let a = f64x2.splat(0);
  let b = a;
  let c = a;
  let d = a;
  let left = length;
  for (; left >= 8; left -= 8, at += 64) {
    a = f64x2.add(a, v128.load(at));
    b = f64x2.add(b, v128.load(at, 16));
    c = f64x2.add(c, v128.load(at, 32));
    d = f64x2.add(d, v128.load(at, 48));
  }
  const all = f64x2.add(f64x2.add(a, b), f64x2.add(c, d));
  let sum = f64x2.extract_lane(all, 0) + f64x2.extract_lane(all, 1);
  for (; left > 0; left--, at += 8) sum += load<f64>(at);
  known = window;
  mean = sum / <f64>length;
  return mean;
}

/** Two tapered windows without their means as real (or imaginary) parts of elements at `to`. */
function part(to: usize, item: i32, other: i32, items: i32): void {
  const window = item / tapersEach;
  let h = tapers + ((<usize>(item - window * tapersEach) * <usize>length) << 3);
  let x = data + <usize>window * step;
  const m = f64x2.splat(meanOf(window));
  let left = length;
  if (other >= items) {
    for (; left > 0; left--, h += 8, x += 8, to += element) {
      store<f64>(to, load<f64>(h) * (load<f64>(x) - f64x2.extract_lane(m, 0)));
      store<f64>(to, 0, 8);
    }
    return;
  }
  const window2 = other / tapersEach;
  let h2 = tapers + ((<usize>(other - window2 * tapersEach) * <usize>length) << 3);
  let x2 = data + <usize>window2 * step;
  const m2 = f64x2.splat(meanOf(window2));
  for (; left >= 2; left -= 2, h += 16, x += 16, h2 += 16, x2 += 16, to += 2 * element) {
    const u = f64x2.mul(v128.load(h), f64x2.sub(v128.load(x), m));
    const v = f64x2.mul(v128.load(h2), f64x2.sub(v128.load(x2), m2));
    v128.store(to, i64x2.shuffle(u, v, 0, 2));
    v128.store(to + element, i64x2.shuffle(u, v, 1, 3));
  }
  if (left) {
    store<f64>(to, load<f64>(h) * (load<f64>(x) - f64x2.extract_lane(m, 0)));
    store<f64>(to, load<f64>(h2) * (load<f64>(x2) - f64x2.extract_lane(m2, 0)), 8);
  }
}

function clear(to: usize): void {
  for (let k = 0; k < length; k++, to += element) v128.store(to, f64x2.splat(0));
}

/**
 * Sums over windows and tapers of |Z[k]|^2, Z the transform of one tapered window plus i times the next: with its mirror
 * image twice the sum of both powers. Windows have their means removed.
 *
 * Numbers: int32 n, samples from window to window, tapers; addresses of tapers (float64 [taper][n]), plan, how many windows
 * each chunk has (int32), data of the first chunk; int32 bytes of a chunk's data; addresses of results (float64 [chunk][n])
 * and of the first thread's room (2 n elements and n times 16 bytes).
 */
export function tapered(chunk: i32, thread: i32, at: usize): void {
  const n = load<i32>(at);
  length = n;
  step = <usize>load<i32>(at, 4) << 3;
  tapersEach = load<i32>(at, 8);
  tapers = <usize>load<u32>(at, 12);
  const plan = <usize>load<u32>(at, 16);
  const windows = load<i32>(<usize>load<u32>(at, 20) + (<usize>chunk << 2));
  data = <usize>load<u32>(at, 24) + <usize>chunk * <usize>load<u32>(at, 28);
  const out = <usize>load<u32>(at, 32) + ((<usize>chunk * <usize>n) << 3);
  const a = <usize>load<u32>(at, 36) + <usize>thread * <usize>n * (2 * element + 16);
  const b = a + <usize>n * element;
  const sums = b + <usize>n * element;
  known = -1;
  memory.fill(sums, 0, <usize>n << 4);
  const items = windows * tapersEach;
  const count = load<i32>(plan);
  const fused = (n & 15) == 0;
  for (let first = 0; first < items; first += 4) {
    part(a, first, first + 2, items);
    if (first + 1 < items) part(a + 16, first + 1, first + 3, items);
    else clear(a + 16);
    if (fused) {
      lastPower(passes(a, b, n, plan, 0, count - 1), n, sums, n);
      continue;
    }
    let from = transform(a, b, n, plan);
    for (let k: usize = 0; k < <usize>n << 4; k += 16, from += element) {
      const re = v128.load(from);
      const im = v128.load(from, 16);
      v128.store(sums + k, madd(im, im, madd(re, re, v128.load(sums + k))));
    }
  }
  for (let k: usize = 0; k < <usize>n; k++)
    store<f64>(out + (k << 3), load<f64>(sums + (k << 4)) + load<f64>(sums + (k << 4), 8));
}
