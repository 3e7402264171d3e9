/** Time courses made of random numbers. */
import type { Random } from "@quintet/kernels";

/**
 * Noise with a power spectrum near 1/f, mean 0 and variance 1: first-order low-passes of one white noise, an octave
 * apart from `lowest` to a quarter of the rate, each weighted so that the sum falls by 3 dB per octave.
 */
export function pinkNoise(random: Random, n: number, rate: number, lowest: number): Float64Array {
  const octaves = Math.max(1, Math.floor(Math.log2(rate / 4 / lowest)));
  const keep = Float64Array.from({ length: octaves }, (_, k) => Math.exp((-2 * Math.PI * lowest * 2 ** k) / rate));
  const drive = keep.map((a, k) => (1 - a) / Math.sqrt(2 ** k));
  const state = new Float64Array(octaves);
  const settle = Math.min(n, Math.ceil(rate / lowest));
  const out = new Float64Array(n);
  for (let i = -settle; i < n; i++) {
    const white = random.normal();
    let sum = 0;
    for (let k = 0; k < octaves; k++) {
      const next = (keep[k] as number) * (state[k] as number) + (drive[k] as number) * white;
      state[k] = next;
      sum += next;
    }
    if (i >= 0) out[i] = sum;
  }
  let [total, squares] = [0, 0];
  for (const v of out) {
    total += v;
    squares += v * v;
  }
  const mean = total / n;
  const scale = 1 / Math.sqrt(Math.max(1e-30, squares / n - mean * mean));
  return out.map((v) => (v - mean) * scale);
}

/** An oscillation whose amplitude and phase wander: a resonator of bandwidth `width` Hz, variance 1. */
export function rhythm(random: Random, n: number, rate: number, frequency: number, width: number): Float64Array {
  const keep = Math.exp((-Math.PI * width) / rate);
  const [c, s] = [keep * Math.cos((2 * Math.PI * frequency) / rate), keep * Math.sin((2 * Math.PI * frequency) / rate)];
  const drive = Math.sqrt(1 - keep * keep);
  let [x, y] = [random.normal(), random.normal()];
  return Float64Array.from({ length: n }, () => {
    [x, y] = [c * x - s * y + drive * random.normal(), s * x + c * y + drive * random.normal()];
    return x;
  });
}

/** A slow line through 0 and 1 with smooth steps: 1 inside the intervals, 0 outside, ramps of `ramp` s. */
export function envelope(
  n: number,
  rate: number,
  intervals: readonly (readonly [start: number, end: number])[],
  ramp: number,
): Float64Array {
  const out = new Float64Array(n);
  for (const [start, end] of intervals) {
    const [first, last] = [Math.max(0, Math.floor(start * rate)), Math.min(n, Math.ceil((end + ramp) * rate))];
    for (let i = first; i < last; i++) {
      const t = i / rate;
      const value = Math.min(1, (t - start) / ramp, 1 - (t - end) / ramp);
      out[i] = Math.max(out[i] as number, 0.5 - 0.5 * Math.cos(Math.PI * Math.max(0, value)));
    }
  }
  return out;
}
