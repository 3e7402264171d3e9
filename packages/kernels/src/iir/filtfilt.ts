import { DataError } from "@quintet/core";
import type { Section } from "./butterworth.ts";

/**
 * Zero-phase recursive filter: forwards, then backwards, each pass started in the steady state of its first sample
 * (Gustafsson, IEEE Trans. Signal Process. 1996;44:988-92, in the form MATLAB's and SciPy's `filtfilt` use).
 * The gain is applied twice: -6 dB at a Butterworth cutoff. Ends are padded by odd reflection.
 *
 * @param padLength samples of padding; default 3 times the filter's order, as in MATLAB
 * @throws DataError `segment-too-short` when there are not more samples than padding
 */
export function filtfilt(
  sections: readonly Section[],
  signal: ArrayLike<number>,
  padLength: number = 3 * filterOrder(sections),
): Float64Array {
  const n = signal.length;
  if (n <= padLength || n === 0) {
    throw new DataError("segment-too-short", "the signal is shorter than the filter's padding", {
      expected: `more than ${padLength} samples`,
      found: `${n}`,
    });
  }
  const padded = new Float64Array(n + 2 * padLength);
  for (let i = 0; i < padLength; i++) {
    padded[i] = 2 * (signal[0] as number) - (signal[padLength - i] as number);
    padded[padLength + n + i] = 2 * (signal[n - 1] as number) - (signal[n - 2 - i] as number);
  }
  for (let i = 0; i < n; i++) padded[padLength + i] = signal[i] as number;
  runFromSteadyState(sections, padded);
  padded.reverse();
  runFromSteadyState(sections, padded);
  padded.reverse();
  return padded.slice(padLength, padLength + n);
}

/** A section whose last coefficients are zero is of first order. */
function filterOrder(sections: readonly Section[]): number {
  return sections.reduce((sum, { a, b }) => sum + (a[1] === 0 && b[2] === 0 ? 1 : 2), 0);
}

/** Direct form II transposed, in place. */
function runFromSteadyState(sections: readonly Section[], x: Float64Array): void {
  let level = x[0] as number;
  for (const { b, a } of sections) {
    const settled = ((b[0] + b[1] + b[2]) / (1 + a[0] + a[1])) * level;
    let second = b[2] * level - a[1] * settled;
    let first = b[1] * level - a[0] * settled + second;
    for (let i = 0; i < x.length; i++) {
      const input = x[i] as number;
      const output = b[0] * input + first;
      first = b[1] * input - a[0] * output + second;
      second = b[2] * input - a[1] * output;
      x[i] = output;
    }
    level = settled;
  }
}
