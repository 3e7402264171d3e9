import { wasmKernel } from "../wasm/wasm.ts";

/** A transform of interleaved complex data, as `fftPlan` hands out. */
type Forward = (out: Float64Array, data: Float64Array) => void;

/** Shorter ones are done before their data are copied; longer ones would keep more than 64 MB each. */
const [shortest, longest] = [64, 2 ** 20];

/**
 * The compiled forward transform of n points, n a power of two; undefined where it is not registered, or n small or very large. In float64
 * as the plain one, in another order of sums: they agree within 1e-15 log2(n) of the largest bin.
 */
export function compiledForward(n: number): Forward | undefined {
  const make = n >= shortest && n <= longest ? wasmKernel("fft-double") : undefined;
  if (!make) return undefined;
  const [x, y] = [0, 16 * n];
  const factors = 32 * n;
  const { memory, exports } = make(factors + 32 * n + 96);
  const { transform } = exports;
  writeFactors(new Float64Array(memory.buffer, factors), n);
  const input = new Float64Array(memory.buffer, x, 2 * n);
  const results = [input, new Float64Array(memory.buffer, y, 2 * n)];
  return (out, data) => {
    input.set(data.length === 2 * n ? data : data.subarray(0, 2 * n));
    out.set(results[transform(x, y, n, factors) === x ? 0 : 1]);
  };
}

/** (c, c, -s, s) of w^j, w^2j, w^3j, w = exp(-2 pi i / (4 turns)), pass after pass. */
function writeFactors(table: Float64Array, n: number): void {
  let at = 0;
  for (let rest = n; rest >= 4; rest /= 4) {
    for (let j = 0; j < rest / 4; j++)
      for (let power = 1; power <= 3; power++) {
        const angle = (-2 * Math.PI * ((power * j) % rest)) / rest;
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        table.set([c, c, -s, s], at);
        at += 4;
      }
  }
}
