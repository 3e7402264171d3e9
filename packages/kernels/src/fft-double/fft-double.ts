import { radicesOf } from "../fft/fft-plan.ts";
import { wasmKernel } from "../wasm/wasm.ts";

/** A transform of interleaved complex data, as `fftPlan` hands out. */
type Forward = (out: Float64Array, data: Float64Array) => void;

/** Shorter ones are done before their data are copied; longer ones would keep more than 64 MB each. */
const [shortest, longest] = [64, 2 ** 20];

/**
 * The compiled forward transform of n points by Stockham's passes of 4, 2 and odd primes to 31; undefined where it is not
 * registered, n has a larger prime factor, or is small or very large. In float64 as the plain one, in another order of sums:
 * they agree within 1e-15 log2(n) of the largest bin.
 */
export function compiledForward(n: number): Forward | undefined {
  const radices = radicesOf(n);
  const make = radices && n >= shortest && n <= longest ? wasmKernel("fft-double") : undefined;
  if (!radices || !make) return undefined;
  const [x, y, plan] = [0, 16 * n, 32 * n];
  const factors = plan + 16 * Math.ceil((4 + 8 * radices.length) / 16);
  const tables = radices.map((radix, pass) => factorsOf(radix, n / radices.slice(0, pass).reduce((a, b) => a * b, 1)));
  const { memory, exports } = make(factors + tables.reduce((sum, { byteLength }) => sum + byteLength, 0));
  const { transform } = exports;
  let at = factors;
  const head = radices.flatMap((radix, pass) => {
    new Float64Array(memory.buffer, at, tables[pass].length).set(tables[pass]);
    at += tables[pass].byteLength;
    return [radix, at - tables[pass].byteLength];
  });
  new Uint32Array(memory.buffer, plan, 1 + head.length).set([radices.length, ...head]);
  const input = new Float64Array(memory.buffer, x, 2 * n);
  const results = [input, new Float64Array(memory.buffer, y, 2 * n)];
  return (out, data) => {
    input.set(data.length === 2 * n ? data : data.subarray(0, 2 * n));
    out.set(results[transform(x, y, n, plan) === x ? 0 : 1]);
  };
}

/** (c, c, -s, s) of w^jk, w = exp(-2 pi i / rest), for each turn j and 0 < k < radix; before them the circle of an odd radix. */
function factorsOf(radix: number, rest: number): Float64Array {
  const circle = radix % 2;
  const table = new Float64Array(4 * (circle * radix + (rest / radix) * (radix - 1)));
  let at = 0;
  const put = (angle: number): void => {
    const [c, s] = [Math.cos(angle), Math.sin(angle)];
    table.set([c, c, -s, s], at);
    at += 4;
  };
  for (let j = 0; circle && j < radix; j++) put((2 * Math.PI * j) / radix);
  for (let j = 0; j < rest / radix; j++) for (let k = 1; k < radix; k++) put((-2 * Math.PI * ((j * k) % rest)) / rest);
  return table;
}
