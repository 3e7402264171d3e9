import { DataError } from "@quintet/core";
import { complexTransforms } from "../fft-lanes/complex-transforms.ts";
import { dpss } from "./dpss.ts";
import { taperedPower } from "./tapered-power.ts";
import type { PowerSpectrum } from "./welch.ts";

export interface MultitaperOptions {
  /** Full width of the smoothing in Hz; default 8 rate / n (NW = 4). */
  readonly bandwidth?: number;
  /** Tapers with less of their energy inside the band are left out; default 0.9. */
  readonly leastShare?: number;
}

/** Tapered transforms of signals: what power and coherence are made of. */
export interface TaperedSpectra {
  /** Hz, 0 .. rate/2. */
  readonly frequencies: Float64Array;
  /** [taper] sqrt of the share of energy in the band. */
  readonly weights: Float64Array;
  /** [taper]: interleaved re, im per frequency; the signal's mean was removed. */
  readonly spectra: readonly Float64Array[];
}

/**
 * One signal, tapered by each Slepian sequence and transformed.
 *
 * @throws DataError `segment-too-short` (fewer than 8 samples), `bad-taper` (bandwidth too narrow for any taper, or half
 *   the rate and more)
 * @see Thomson, Proc IEEE 1982;70:1055-1096
 */
export function taperedSpectra(
  signal: ArrayLike<number>,
  rate: number,
  options: MultitaperOptions = {},
): TaperedSpectra {
  const n = signal.length;
  const { tapers, weights } = tapersFor(n, rate, options);
  let mean = 0;
  for (let t = 0; t < n; t++) mean += (signal[t] as number) / n;
  const bins = Math.floor(n / 2) + 1;
  const centred = Float64Array.from(signal, (x) => x - mean);
  // Two real signals share one complex transform: even and odd parts of its spectrum are theirs.
  const packed = Array.from({ length: Math.ceil(tapers.length / 2) }, (_, j) => {
    const [one, other] = [tapers[2 * j], tapers[2 * j + 1]];
    const data = new Float64Array(2 * n);
    for (let t = 0; t < n; t++) {
      data[2 * t] = one[t] * centred[t];
      if (other) data[2 * t + 1] = other[t] * centred[t];
    }
    return data;
  });
  const spectra = complexTransforms(packed, n).flatMap((out, j) => {
    if (2 * j + 1 === tapers.length) return [out.subarray(0, 2 * bins)];
    const [a, b] = [new Float64Array(2 * bins), new Float64Array(2 * bins)];
    for (let k = 0; k < bins; k++) {
      const mirror = (n - k) % n;
      const [re, im, mre, mim] = [out[2 * k], out[2 * k + 1], out[2 * mirror], out[2 * mirror + 1]];
      a[2 * k] = (re + mre) / 2;
      a[2 * k + 1] = (im - mim) / 2;
      b[2 * k] = (im + mim) / 2;
      b[2 * k + 1] = (mre - re) / 2;
    }
    return [a, b];
  });
  return { frequencies: Float64Array.from({ length: bins }, (_, k) => (k * rate) / n), weights, spectra };
}

/**
 * One-sided power spectral density, weighted by each taper's share of energy in the band:
 *
 *   P[k] = c sum_j s_j |sum_t h_j[t] (x[t] - mean) exp(-2 pi i k t / n)|^2 / (rate sum_j s_j),
 *
 * c = 2 but 1 at 0 Hz and Nyquist. As MNE-Python with `adaptive=False`, `normalization="full"`, but for its tapers, which it
 * makes one sample longer and cuts: up to 1 % apart on 500 samples.
 *
 * @throws DataError as `taperedSpectra`
 */
export function multitaper(signal: ArrayLike<number>, rate: number, options: MultitaperOptions = {}): PowerSpectrum {
  return multitapers([signal], rate, options)[0];
}

/**
 * `multitaper` of many signals of one length, which the compiled kernel does faster together; the same within 1e-14 of the
 * largest.
 *
 * @throws DataError as `taperedSpectra`; `shape-mismatch`
 */
export function multitapers(
  signals: readonly ArrayLike<number>[],
  rate: number,
  options: MultitaperOptions = {},
): PowerSpectrum[] {
  const n = signals[0]?.length ?? 0;
  if (signals.length === 0) return [];
  if (signals.some((signal) => signal.length !== n)) throw new DataError("shape-mismatch", "signals differ in length");
  const { tapers, weights } = tapersFor(n, rate, options);
  const weighted = tapers.map((taper, j) => taper.map((h) => h * weights[j]));
  const sums =
    taperedPower(signals, { length: n, step: n, count: 1, tapers: weighted }) ??
    signals.map((signal) => weightedPower(taperedSpectra(signal, rate, options)));
  const total = weights.reduce((sum, w) => sum + w * w, 0) * rate;
  return sums.map((sum) => ({
    frequencies: Float64Array.from(sum, (_, k) => (k * rate) / n),
    density: sum.map((s, k) => ((k === 0 || 2 * k === n ? 1 : 2) * s) / total),
    windows: tapers.length,
  }));
}

function weightedPower({ weights, spectra }: TaperedSpectra): Float64Array {
  const power = new Float64Array(spectra[0].length / 2);
  for (const [j, spectrum] of spectra.entries())
    for (let k = 0; k < power.length; k++)
      power[k] += weights[j] ** 2 * (spectrum[2 * k] ** 2 + spectrum[2 * k + 1] ** 2);
  return power;
}

function tapersFor(
  n: number,
  rate: number,
  { bandwidth, leastShare = 0.9 }: MultitaperOptions,
): NonNullable<typeof last> {
  if (n < 8)
    throw new DataError("segment-too-short", "a multitaper spectrum needs a stretch of signal", {
      expected: "8 samples or more",
      found: `${n}`,
    });
  return tapersOf(n, bandwidth === undefined ? 4 : (bandwidth * n) / (2 * rate), leastShare);
}

/** Tapers of one length are asked for again and again: the last is kept. */
let last:
  | { readonly key: string; readonly tapers: readonly Float64Array[]; readonly weights: Float64Array }
  | undefined;

function tapersOf(n: number, half: number, leastShare: number): NonNullable<typeof last> {
  const key = `${n} ${half} ${leastShare}`;
  if (last?.key === key) return last;
  const most = Math.floor(2 * half);
  const { tapers, ratios } = dpss(n, half, Math.max(1, most));
  const kept = tapers.flatMap((_, k) => ((ratios[k] as number) > leastShare ? [k] : []));
  if (most < 1 || kept.length === 0)
    throw new DataError("bad-taper", "no taper keeps enough of its energy in so narrow a band", {
      expected: "a wider band or a longer signal",
      found: `NW ${half}`,
    });
  last = {
    key,
    tapers: kept.map((k) => tapers[k] as Float64Array),
    weights: Float64Array.from(kept, (k) => Math.sqrt(ratios[k] as number)),
  };
  return last;
}
