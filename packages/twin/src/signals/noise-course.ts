/** Time courses made of random numbers. */
import type { Random } from "@quintet/kernels";

/**
 * Noise with a power spectrum near 1/f, variance 1: the sum of first-order low-passes of white noise, one per octave,
 * each of the same variance.
 */
export function pinkNoise(random: Random, n: number, rate: number, lowest: number): Float64Array {
  const octaves = Math.max(1, Math.floor(Math.log2(rate / 4 / lowest)));
  const out = new Float64Array(n);
  for (let k = 0; k < octaves; k++) {
    const keep = Math.exp((-2 * Math.PI * lowest * 2 ** k) / rate);
    const drive = Math.sqrt((1 - keep * keep) / octaves);
    let state = random.normal() / Math.sqrt(octaves);
    for (let i = 0; i < n; i++) {
      state = keep * state + drive * random.normal();
      out[i] = (out[i] as number) + state;
    }
  }
  return out;
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
