import { wasmKernel } from "../wasm/wasm.ts";
import { excessKurtosis, type InfomaxBlocks, referenceBlocks } from "./infomax-block.ref.ts";

/**
 * The blocks of extended infomax, compiled where that is registered. Both forms do the same sums in float64 in another
 * order, and the compiled tanh comes from exp to 2e-16: a pass agrees within 1e-12 of the weights.
 */
export function infomaxBlocks(z: readonly Float64Array[], block: number): InfomaxBlocks {
  const make = wasmKernel("ica");
  return make ? compiledBlocks(z, block, make) : referenceBlocks(z, block);
}

/** Memory: [data][order][weights][bias][signs][moments][two rows][work], by byte offset; rows of a multiple of 8 values. */
function compiledBlocks(
  z: readonly Float64Array[],
  block: number,
  make: NonNullable<ReturnType<typeof wasmKernel>>,
): InfomaxBlocks {
  const n = z.length;
  const samples = z[0].length;
  const wide = 8 * Math.ceil(n / 8);
  const row = 8 * wide;
  const order = row * samples;
  const w = order + 16 * Math.ceil(samples / 4);
  const bias = w + wide * row;
  const signs = bias + row;
  const moments = signs + row;
  const two = moments + 4 * row;
  const work = two + 2 * row;
  const { memory, exports } = make(work + (2 * block + 2 * (wide + 1)) * row);
  const { learn, moments: sumPowers } = exports;
  const values = (at: number, length: number): Float64Array => new Float64Array(memory.buffer, at, length);
  const data = values(0, samples * wide);
  for (let c = 0; c < n; c++) for (let t = 0; t < samples; t++) data[t * wide + c] = z[c][t];
  const picks = new Uint32Array(memory.buffer, order, samples);
  const weights = values(w, wide * wide);
  return {
    reset: () => {
      weights.fill(0);
      values(bias, wide).fill(0);
      for (let i = 0; i < n; i++) weights[i * wide + i] = 1;
    },
    learn: (chosen, at, rate, s) => {
      picks.set(chosen.subarray(at, at + block));
      values(signs, n).set(s);
      return learn(0, order, block, n, wide, w, bias, signs, work, rate);
    },
    kurtosis: (chosen) => {
      picks.set(chosen);
      sumPowers(0, order, chosen.length, n, wide, w, moments, two);
      return excessKurtosis(values(moments, 4 * wide), n, wide, chosen.length);
    },
    weights: () => Float64Array.from({ length: n * n }, (_, k) => weights[Math.floor(k / n) * wide + (k % n)]),
  };
}
