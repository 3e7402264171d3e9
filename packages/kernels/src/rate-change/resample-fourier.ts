import { fftPlan, nextPowerOfTwo } from "../fft/fft.ts";
import { type RateRatio, rateRatio, resampledLength } from "./rate-ratio.ts";
import { resampleLanes } from "./resample-fourier-lanes.ts";

/**
 * A signal at another rate by its Fourier transform: the spectrum is cut or filled up with zeros and transformed back with
 * the new length. Ends are padded by odd reflection (zeros beyond the signal's own length), at least min(n/8, 100) samples
 * on each side up to a power of two, as MNE-Python does; where the new length would then not be a whole number, padding goes
 * on to a length that makes it one, so that the rate is exact (MNE-Python rounds it).
 *
 * @param signals [signal][sample], all of one length
 * @returns [signal][round(n to / from)], the first sample at the same time
 * @throws DataError `bad-rate`
 */
export function resampleFourier(signals: readonly ArrayLike<number>[], from: number, to: number): Float64Array[] {
  const ratio = rateRatio(from, to);
  const n = signals[0]?.length ?? 0;
  if (ratio.p === ratio.q) return signals.map((signal) => Float64Array.from(signal));
  const length = paddedLength(n, ratio);
  const made = Math.round((length * ratio.p) / ratio.q);
  const out = resampledLength(n, ratio);
  const { left, skip } = padding(n, length, ratio);
  const compiled = resampleLanes(signals, { samples: n, length, left, made, skip, kept: out });
  if (compiled) return compiled;
  const [forward, backward] = [fftPlan(length), fftPlan(made)];
  const data = new Float64Array(2 * length);
  const spectrum = new Float64Array(2 * length);
  const cut = new Float64Array(2 * made);
  const result = new Float64Array(2 * made);
  const results: Float64Array[] = [];
  // Two real signals as one complex one: cutting and filling up treats positive and negative frequencies alike.
  for (let pair = 0; pair < signals.length; pair += 2) {
    const [a, b] = [signals[pair], signals[pair + 1]];
    for (let i = 0; i < length; i++) {
      data[2 * i] = padded(a, i - left, n);
      data[2 * i + 1] = b ? padded(b, i - left, n) : 0;
    }
    forward.forward(spectrum, data);
    moveBins(spectrum, length, cut, made);
    // Conjugated before and after, the forward transform is the inverse.
    for (let k = 1; k < 2 * made; k += 2) cut[k] = -cut[k];
    backward.forward(result, cut);
    results.push(Float64Array.from({ length: out }, (_, i) => result[2 * (i + skip)] / length));
    if (b) results.push(Float64Array.from({ length: out }, (_, i) => -result[2 * (i + skip) + 1] / length));
  }
  return results;
}

function paddedLength(n: number, { p, q }: RateRatio): number {
  const least = n + 2 * Math.min(Math.floor(n / 8), 100);
  const power = nextPowerOfTwo(least);
  if (Number.isInteger((power * p) / q)) return power;
  // q times a power of two that holds it all.
  return q * nextPowerOfTwo(Math.ceil(least / q));
}

/** Samples before the signal, and how many of the result to leave out: whole numbers both, so that times agree. */
function padding(n: number, length: number, { p, q }: RateRatio): { readonly left: number; readonly skip: number } {
  const half = Math.floor((length - n) / 2);
  const left = half - (half % q);
  return left > 0 ? { left, skip: (left * p) / q } : { left: 0, skip: 0 };
}

function padded(x: ArrayLike<number>, i: number, n: number): number {
  if (i >= 0 && i < n) return x[i];
  if (i < 0) return -i < n ? 2 * x[0] - x[-i] : 0;
  const mirror = 2 * n - 2 - i;
  return mirror >= 0 ? 2 * x[n - 1] - x[mirror] : 0;
}

/** The lowest frequencies of a spectrum of n bins into one of m; a bin at the Nyquist frequency is halved or doubled up. */
function moveBins(from: Float64Array, n: number, to: Float64Array, m: number): void {
  const used = Math.min(n, m);
  to.fill(0);
  const half = Math.floor((used - 1) / 2);
  for (let k = -half; k <= half; k++) {
    const [source, target] = [2 * ((k + n) % n), 2 * ((k + m) % m)];
    to[target] = from[source];
    to[target + 1] = from[source + 1];
  }
  if (used % 2 === 1) return;
  const [positive, negative] = [2 * (used / 2), 2 * (n - used / 2)];
  for (const part of [0, 1]) {
    if (m < n) to[used + part] = from[positive + part] + from[negative + part];
    else {
      to[used + part] = from[positive + part] / 2;
      to[2 * m - used + part] = from[positive + part] / 2;
    }
  }
}
