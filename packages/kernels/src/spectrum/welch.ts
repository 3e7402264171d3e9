import { DataError } from "@quintet/core";
import { fftPlan } from "../fft/fft.ts";
import { taper, type WindowName } from "../fir/window.ts";
import { taperedPower } from "./tapered-power.ts";

export interface WelchOptions {
  /** Samples per window. */
  readonly length: number;
  /** Samples shared by neighbouring windows; default 0. */
  readonly overlap?: number;
  /** Default "hamming". */
  readonly window?: WindowName;
}

/** One-sided power spectral densities of single windows. */
export interface Periodograms {
  /** Hz, 0 .. rate/2. */
  readonly frequencies: Float64Array;
  /** [window][frequency], unit^2/Hz. */
  readonly densities: readonly Float64Array[];
}

/** One-sided power spectral density. */
export interface PowerSpectrum {
  /** Hz, 0 .. rate/2. */
  readonly frequencies: Float64Array;
  /** unit^2/Hz. */
  readonly density: Float64Array;
  /** Windows averaged. */
  readonly windows: number;
}

/**
 * Periodograms of the windows of a signal, each with its mean removed:
 *
 *   P[k] = c |sum_t w[t] (x[t] - mean) exp(-2 pi i k t / N)|^2 / (rate sum w^2),   c = 2 but 1 at 0 Hz and at Nyquist
 *
 * Windows that do not fit whole are left out. Two windows share one complex transform.
 *
 * @throws DataError `bad-window` (length, overlap), `segment-too-short` (no window fits)
 * @see Welch, IEEE Trans. Audio Electroacoust. 1967;15:70-3
 */
export function periodograms(signal: ArrayLike<number>, rate: number, options: WelchOptions): Periodograms {
  const { length, overlap = 0 } = options;
  checkWindows(signal, options);
  const weights = windowWeights(options);
  const scale = 1 / (rate * weights.reduce((sum, w) => sum + w * w, 0));
  const bins = Math.floor(length / 2) + 1;
  const plan = fftPlan(length);
  const [data, spectrum] = [new Float64Array(2 * length), new Float64Array(2 * length)];
  const count = windowCount(signal.length, options);
  const densities: Float64Array[] = [];
  for (let first = 0; first < count; first += 2) {
    data.fill(0);
    const pair = Math.min(2, count - first);
    for (let part = 0; part < pair; part++) {
      const start = (first + part) * (length - overlap);
      let mean = 0;
      for (let t = 0; t < length; t++) mean += signal[start + t] as number;
      mean /= length;
      for (let t = 0; t < length; t++) {
        data[2 * t + part] = (weights[t] as number) * ((signal[start + t] as number) - mean);
      }
    }
    plan.forward(spectrum, data);
    const halves = Array.from({ length: pair }, () => new Float64Array(bins));
    for (let k = 0; k < bins; k++) {
      const mirror = (length - k) % length;
      const [re, im] = [spectrum[2 * k] as number, spectrum[2 * k + 1] as number];
      const [mre, mim] = [spectrum[2 * mirror] as number, spectrum[2 * mirror + 1] as number];
      const factor = k === 0 || 2 * k === length ? scale : 2 * scale;
      // Even and odd parts: the transforms of the real and of the imaginary signal.
      (halves[0] as Float64Array)[k] = (factor * ((re + mre) ** 2 + (im - mim) ** 2)) / 4;
      if (pair === 2) (halves[1] as Float64Array)[k] = (factor * ((im + mim) ** 2 + (re - mre) ** 2)) / 4;
    }
    densities.push(...halves);
  }
  return { frequencies: Float64Array.from({ length: bins }, (_, k) => (k * rate) / length), densities };
}

function checkWindows(signal: ArrayLike<number>, { length, overlap = 0 }: WelchOptions): void {
  if (!(Number.isInteger(length) && length >= 2 && Number.isInteger(overlap) && overlap >= 0 && overlap < length)) {
    throw new DataError("bad-window", "a window has a whole number of samples and a shorter overlap", {
      found: `length ${length}, overlap ${overlap}`,
    });
  }
  if (signal.length < length) {
    throw new DataError("segment-too-short", "no window fits into the signal", {
      expected: `at least ${length} samples`,
      found: `${signal.length}`,
    });
  }
}

/**
 * Welch's power spectral density: the mean of the windows' periodograms.
 * The sum over frequencies times rate/N is the variance inside the windows.
 *
 * @throws DataError `bad-window`, `segment-too-short`
 */
export function welchSpectrum(signal: ArrayLike<number>, rate: number, options: WelchOptions): PowerSpectrum {
  return welchSpectra([signal], rate, options)[0];
}

/**
 * `welchSpectrum` of many signals, which the compiled kernel does faster together; the same within 1e-14 of the largest.
 *
 * @throws DataError `bad-window`, `segment-too-short`
 */
export function welchSpectra(
  signals: readonly ArrayLike<number>[],
  rate: number,
  options: WelchOptions,
): PowerSpectrum[] {
  for (const signal of signals) checkWindows(signal, options);
  const n = signals[0]?.length ?? 0;
  const sums = signals.every((signal) => signal.length === n) ? sumsByLanes(signals, options) : undefined;
  if (!sums)
    return signals.map((signal) => {
      const { frequencies, densities } = periodograms(signal, rate, options);
      return { frequencies, density: meanDensity(densities), windows: densities.length };
    });
  const { length } = options;
  const windows = windowCount(n, options);
  const power = windowWeights(options).reduce((sum, w) => sum + w * w, 0);
  return sums.map((sum) => ({
    frequencies: Float64Array.from(sum, (_, k) => (k * rate) / length),
    density: sum.map((s, k) => ((k === 0 || 2 * k === length ? 1 : 2) * s) / (rate * power * windows)),
    windows,
  }));
}

function sumsByLanes(signals: readonly ArrayLike<number>[], options: WelchOptions): Float64Array[] | undefined {
  if (signals.length === 0) return undefined;
  const { length, overlap = 0 } = options;
  const count = windowCount(signals[0].length, options);
  return taperedPower(signals, { length, step: length - overlap, count, tapers: [windowWeights(options)] });
}

function windowCount(samples: number, { length, overlap = 0 }: WelchOptions): number {
  return Math.floor((samples - overlap) / (length - overlap));
}

function windowWeights({ length, window = "hamming" }: WelchOptions): Float64Array {
  return taper(window, length, "periodic");
}

/** Mean over windows of equally long densities. */
export function meanDensity(densities: readonly Float64Array[]): Float64Array {
  const mean = new Float64Array(densities[0]?.length ?? 0);
  for (const density of densities)
    for (let k = 0; k < mean.length; k++) mean[k] = (mean[k] as number) + (density[k] as number);
  return mean.map((sum) => sum / densities.length);
}
