/** The arithmetic of extended infomax over blocks of samples. */
export interface InfomaxBlocks {
  /** Weights back to the unit matrix, biases to 0. */
  reset(): void;
  /** One update from the samples order[at .. at + block]. @returns the largest weight */
  learn(order: Uint32Array, at: number, rate: number, signs: Float64Array): number;
  /** Excess kurtosis of each source over these samples. */
  kurtosis(samples: Uint32Array): Float64Array;
  /** [component][source], row-major: u = z weights. */
  weights(): Float64Array;
}

/** Plain loops over a copy of the data as [sample][component]. */
export function referenceBlocks(z: readonly Float64Array[], block: number): InfomaxBlocks {
  const n = z.length;
  const samples = z[0].length;
  const data = new Float64Array(samples * n);
  for (let c = 0; c < n; c++) for (let t = 0; t < samples; t++) data[t * n + c] = z[c][t];
  const w = new Float64Array(n * n);
  const bias = new Float64Array(n);
  const u = new Float64Array(block * n);
  const y = new Float64Array(block * n);
  const gradient = new Float64Array(n * n);
  const next = new Float64Array(n * n);
  const source = new Float64Array(n);
  const project = (out: Float64Array, to: number, sample: number): void => {
    for (let j = 0; j < n; j++) out[to + j] = 0;
    for (let i = 0; i < n; i++) {
      const x = data[sample * n + i];
      const row = i * n;
      for (let j = 0; j < n; j++) out[to + j] += x * w[row + j];
    }
  };
  return {
    reset: () => {
      w.fill(0);
      bias.fill(0);
      for (let i = 0; i < n; i++) w[i * n + i] = 1;
    },
    learn: (order, at, rate, signs) => {
      for (let b = 0; b < block; b++) {
        project(u, b * n, order[at + b]);
        for (let j = 0; j < n; j++) {
          u[b * n + j] += bias[j];
          y[b * n + j] = Math.tanh(u[b * n + j]);
        }
      }
      gradient.fill(0);
      for (let b = 0; b < block; b++) {
        const from = b * n;
        for (let i = 0; i < n; i++) {
          const [ui, row] = [u[from + i], i * n];
          for (let j = 0; j < n; j++) gradient[row + j] -= ui * (signs[j] * y[from + j] + u[from + j]);
        }
      }
      for (let i = 0; i < n; i++) gradient[i * n + i] += block;
      next.fill(0);
      for (let i = 0; i < n; i++)
        for (let k = 0; k < n; k++) {
          const wik = w[i * n + k];
          for (let j = 0; j < n; j++) next[i * n + j] += wik * gradient[k * n + j];
        }
      let largest = 0;
      for (let k = 0; k < n * n; k++) {
        w[k] += rate * next[k];
        const size = Math.abs(w[k]);
        if (!(size <= largest)) largest = size;
      }
      for (let b = 0; b < block; b++) for (let j = 0; j < n; j++) bias[j] -= 2 * rate * y[b * n + j];
      return largest;
    },
    kurtosis: (picked) => {
      const sums = new Float64Array(4 * n);
      for (const sample of picked) {
        project(source, 0, sample);
        for (let j = 0; j < n; j++)
          for (let power = 0; power < 4; power++) sums[power * n + j] += source[j] ** (power + 1);
      }
      return excessKurtosis(sums, n, n, picked.length);
    },
    weights: () => w.slice(),
  };
}

/** From sums of the first four powers, [power][wide]. */
export function excessKurtosis(sums: Float64Array, n: number, wide: number, count: number): Float64Array {
  return Float64Array.from({ length: n }, (_, j) => {
    const [mean, a, b, c] = [0, 1, 2, 3].map((power) => sums[power * wide + j] / count);
    const variance = a - mean * mean;
    return (c - 4 * mean * b + 6 * mean * mean * a - 3 * mean ** 4) / (variance * variance) - 3;
  });
}
