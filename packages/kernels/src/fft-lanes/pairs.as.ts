// part of fft-lanes
import { element, transform } from "./passes.as";

/**
 * Two complex rows of n points, interleaved re, im, transformed in place.
 *
 * Numbers: int32 n; addresses of plan, of the rows of the first chunk, of the first thread's room (2 n elements).
 */
export function pairs(chunk: i32, thread: i32, at: usize): void {
  const n = load<i32>(at);
  const bytes = <usize>n << 4;
  const first = <usize>load<u32>(at, 8) + <usize>chunk * 2 * bytes;
  const second = first + bytes;
  const a = <usize>load<u32>(at, 12) + <usize>thread * 2 * <usize>n * element;
  const b = a + <usize>n * element;
  let to = a;
  for (let k: usize = 0; k < bytes; k += 16, to += element) {
    const u = v128.load(first + k);
    const v = v128.load(second + k);
    v128.store(to, i64x2.shuffle(u, v, 0, 2));
    v128.store(to, i64x2.shuffle(u, v, 1, 3), 16);
  }
  let from = transform(a, b, n, <usize>load<u32>(at, 4));
  for (let k: usize = 0; k < bytes; k += 16, from += element) {
    const re = v128.load(from);
    const im = v128.load(from, 16);
    v128.store(first + k, i64x2.shuffle(re, im, 0, 2));
    v128.store(second + k, i64x2.shuffle(re, im, 1, 3));
  }
}
