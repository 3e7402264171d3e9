// part of fft-lanes
import { element, firstWeighted, lastPower, passes, transform } from "./passes.as";

/**
 * Spectra of two real rows, filled up with zeros to n points, left as elements.
 *
 * Numbers: int32 samples of a row, points n; addresses of plan, rows of the first chunk, results of the first chunk (n
 * elements each), the first thread's room (2 n elements).
 */
export function spectra(chunk: i32, thread: i32, at: usize): void {
  const samples = load<i32>(at);
  const n = load<i32>(at, 4);
  const bytes = <usize>samples << 3;
  const first = <usize>load<u32>(at, 12) + <usize>chunk * 2 * bytes;
  const out = <usize>load<u32>(at, 16) + <usize>chunk * <usize>n * element;
  const a = <usize>load<u32>(at, 20) + <usize>thread * 2 * <usize>n * element;
  const b = a + <usize>n * element;
  memory.fill(a, 0, <usize>n * element);
  let to = a;
  for (let k: usize = 0; k < bytes; k += 8, to += element) {
    store<f64>(to, load<f64>(first + k));
    store<f64>(to, load<f64>(first + bytes + k), 8);
  }
  memory.copy(out, transform(a, b, n, <usize>load<u32>(at, 8)), <usize>n * element);
}

/**
 * Sum over rows of |w x|^2 of one wavelet, whose transform is real.
 *
 * Numbers: int32 samples kept, points n (a multiple of 16), pairs of rows of a chunk; addresses of plan, spectra of the
 * first pair, of a table of (int32 first pair, address of weights [n], address of the result [samples]) for each chunk, of the
 * first thread's room (2 n elements and 16 times the larger of n / 4 and samples).
 */
export function wavelet(chunk: i32, thread: i32, at: usize): void {
  const kept = load<i32>(at);
  const n = load<i32>(at, 4);
  const count = load<i32>(at, 8);
  const plan = <usize>load<u32>(at, 12);
  const bytes = <usize>n * element;
  const entry = <usize>load<u32>(at, 20) + <usize>chunk * 12;
  let x = <usize>load<u32>(at, 16) + <usize>load<i32>(entry) * bytes;
  const weights = <usize>load<u32>(entry, 4);
  const out = <usize>load<u32>(entry, 8);
  const most = <usize>max(n >> 2, kept);
  const a = <usize>load<u32>(at, 24) + <usize>thread * (2 * bytes + (most << 4));
  const b = a + bytes;
  const sums = b + bytes;
  memory.fill(sums, 0, most << 4);
  const last = load<i32>(plan) - 1;
  for (let pair = 0; pair < count; pair++, x += bytes) {
    firstWeighted(x, a, n, plan, weights);
    lastPower(passes(a, b, n, plan, 1, last), n, sums, kept);
  }
  for (let t: usize = 0; t < <usize>kept; t++)
    store<f64>(out + (t << 3), load<f64>(sums + (t << 4)) + load<f64>(sums + (t << 4), 8));
}
