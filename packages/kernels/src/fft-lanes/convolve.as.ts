// part of fft-lanes
import { gatherRows, scatterRows } from "./lanes.as";
import { element, madd, nmadd, transform } from "./passes.as";

/**
 * Four rows filtered in place by overlap-save: of each block of n samples the middle n - 2 reach are free of its ends.
 * A row holds blocks (n - 2 reach) + 2 reach samples and begins `reach` before its first result, which is stored at its
 * beginning: a block is read before what it makes is stored, and later blocks begin behind that.
 *
 * Numbers: int32 n, reach, blocks, bytes of a row; addresses of plan, response (re, im of n bins, divided by n), rows of the
 * first chunk, the first thread's room (2 n elements).
 */
export function convolve(chunk: i32, thread: i32, at: usize): void {
  const n = load<i32>(at);
  const reach = load<i32>(at, 4);
  const blocks = load<i32>(at, 8);
  const stride = <usize>load<u32>(at, 12);
  const plan = <usize>load<u32>(at, 16);
  const response = <usize>load<u32>(at, 20);
  const rows = <usize>load<u32>(at, 24) + <usize>chunk * 4 * stride;
  const a = <usize>load<u32>(at, 28) + <usize>thread * 2 * <usize>n * element;
  const b = a + <usize>n * element;
  const step = n - 2 * reach;
  for (let block = 0; block < blocks; block++) {
    const row = rows + (<usize>(block * step) << 3);
    gatherRows(row, stride, a, n);
    const x = transform(a, b, n, plan);
    let to = x;
    for (let k = 0, h = response; k < n; k++, h += 16, to += element) {
      const re = v128.load(to);
      const im = v128.load(to, 16);
      const hr = v128.load_splat<f64>(h);
      const hi = v128.load_splat<f64>(h, 8);
      v128.store(to, nmadd(im, hi, f64x2.mul(re, hr)));
      // Conjugated, so that the next transform is the inverse.
      v128.store(to, f64x2.neg(madd(re, hi, f64x2.mul(im, hr))), 16);
    }
    const y = transform(x, x == a ? b : a, n, plan);
    scatterRows(y + <usize>reach * element, row, stride, step);
  }
}
