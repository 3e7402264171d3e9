import { DataError } from "@quintet/core";
import { fftPlan } from "../fft/fft.ts";
import { taper } from "../fir/window.ts";
import { dpss } from "./dpss.ts";

export interface LineFitOptions {
  /** Hz; lines that pass the F test everywhere when left out. */
  readonly frequencies?: readonly number[];
  /** Full width about each frequency in which every bin is fitted; default frequency / 200. */
  readonly width?: number;
  /** Seconds of a window; default 10. */
  readonly seconds?: number;
  /** Chance of one false line in a window when frequencies are looked for; default 0.05. */
  readonly chance?: number;
}

/** NW of the Slepian tapers, and how many are used. */
const [halfBandwidth, count] = [4, 8];

/**
 * Sinusoids fitted to a signal and subtracted, window by window (10 s, Hann, half overlapping), after Thomson:
 *
 *   A(f) = sum_k H_k X_k(f) / sum_k H_k^2,   H_k = sum_t h_k[t],   X_k the transform of h_k x, k the even tapers of 8
 *   F(f) = (K - 1) |A|^2 sum H_k^2 / (sum_even |X_k - A H_k|^2 + sum_odd |X_k|^2)
 *
 * For given frequencies the nearest bin and those within `width` are fitted; without, those whose F is above the quantile
 * 1 - chance / n of F(2, 2K - 2), (K - 1)((chance/n)^(-1/(K - 1)) - 1). MNE-Python's `spectrum_fit`, but for its tapers,
 * which it makes one sample longer and cuts.
 *
 * @returns [sample] the fitted lines, and the frequencies fitted in each window
 * @throws DataError `segment-too-short` (less than a second), `bad-band` (a frequency outside 0 .. rate/2)
 * @see Thomson, Proc IEEE 1982;70:1055-1096; Mitra & Bokil, Observed Brain Dynamics (2008), section 7.3
 */
export function fitLines(
  signal: ArrayLike<number>,
  rate: number,
  { frequencies, width, seconds = 10, chance = 0.05 }: LineFitOptions = {},
): { readonly lines: Float64Array; readonly found: readonly (readonly number[])[] } {
  const n = signal.length;
  if (!(n >= rate))
    throw new DataError("segment-too-short", "lines are fitted to a second and more", { found: `${n / rate} s` });
  for (const f of frequencies ?? [])
    if (!(f > 0 && f < rate / 2))
      throw new DataError("bad-band", "a line lies inside the band", {
        expected: `0 .. ${rate / 2} Hz`,
        found: `${f}`,
      });
  const length = Math.min(n, Math.round(seconds * rate));
  const step = length - ((length + 1) >> 1);
  const starts: number[] = [];
  for (let at = 0; at + length <= n; at += Math.max(1, step)) starts.push(at);
  const window = taper("hann", length, length % 2 === 0 ? "periodic" : "symmetric");
  const [lines, weight] = [new Float64Array(n), new Float64Array(n)];
  const found: number[][] = [];
  for (const [w, start] of starts.entries()) {
    const isLast = w === starts.length - 1;
    const end = isLast ? n : start + length;
    const part = Float64Array.from({ length: end - start }, (_, i) => signal[start + i]);
    const tapers = tapersOf(part.length);
    const bins = frequencies ? wanted(frequencies, width, rate, part.length) : significant(part, tapers, chance);
    found.push(bins.map((bin) => (bin * rate) / part.length));
    const fit = fitted(part, tapers, bins);
    for (let i = 0; i < part.length; i++) {
      // The ends belong to their one window alone.
      const alone = (w === 0 && i < step) || (isLast && (i >= length - step || starts.length === 1));
      const share = alone ? 1 : window[Math.min(i, length - 1)];
      lines[start + i] += share * fit[i];
      weight[start + i] += share;
    }
  }
  for (let i = 0; i < n; i++) if (weight[i] > 0) lines[i] /= weight[i];
  return { lines, found };
}

interface Tapers {
  /** Those with a mean; [taper][sample]. */
  readonly even: readonly Float64Array[];
  readonly odd: readonly Float64Array[];
  /** Sum of each even one. */
  readonly sums: Float64Array;
  readonly power: number;
}

let last: { readonly n: number; readonly tapers: Tapers } | undefined;

function tapersOf(n: number): Tapers {
  if (last?.n === n) return last.tapers;
  const { tapers } = dpss(n, halfBandwidth, count);
  const even = tapers.filter((_, k) => k % 2 === 0);
  const sums = Float64Array.from(even, (h) => h.reduce((sum, value) => sum + value, 0));
  const made = {
    even,
    odd: tapers.filter((_, k) => k % 2 === 1),
    sums,
    power: sums.reduce((sum, value) => sum + value * value, 0),
  };
  last = { n, tapers: made };
  return made;
}

function wanted(frequencies: readonly number[], width: number | undefined, rate: number, n: number): number[] {
  const bins = new Set<number>();
  for (const f of frequencies) {
    const half = (width ?? f / 200) / 2;
    bins.add(Math.min(n >> 1, Math.round((f * n) / rate)));
    for (let k = Math.ceil(((f - half) * n) / rate); k < ((f + half) * n) / rate; k++)
      if ((k * rate) / n > f - half) bins.add(k);
  }
  return [...bins].sort((a, b) => a - b);
}

/** Bins whose F is beyond chance. */
function significant(x: Float64Array, { even, odd, sums, power }: Tapers, chance: number): number[] {
  const n = x.length;
  const plan = fftPlan(n);
  const [data, out] = [new Float64Array(2 * n), new Float64Array(2 * n)];
  const spectra = (tapers: readonly Float64Array[]): Float64Array[] =>
    tapers.map((h) => {
      for (let i = 0; i < n; i++) data[2 * i] = h[i] * x[i];
      plan.forward(out, data);
      return out.slice();
    });
  const [withMean, without] = [spectra(even), spectra(odd)];
  const k = even.length + odd.length - 1;
  const limit = k * ((chance / n) ** (-1 / k) - 1);
  const bins: number[] = [];
  for (let bin = 0; bin <= n >> 1; bin++) {
    let [re, im] = [0, 0];
    for (const [j, s] of withMean.entries()) {
      re += (sums[j] * s[2 * bin]) / power;
      im += (sums[j] * s[2 * bin + 1]) / power;
    }
    let rest = 0;
    for (const [j, s] of withMean.entries())
      rest += (s[2 * bin] - re * sums[j]) ** 2 + (s[2 * bin + 1] - im * sums[j]) ** 2;
    for (const s of without) rest += s[2 * bin] ** 2 + s[2 * bin + 1] ** 2;
    if (rest > 0 && (k * (re * re + im * im) * power) / rest > limit) bins.push(bin);
  }
  return bins;
}

/** Sum over bins of 2 |A| cos(2 pi f t + arg A); the transform is made at those bins alone. */
function fitted(x: Float64Array, { even, sums, power }: Tapers, bins: readonly number[]): Float64Array {
  const n = x.length;
  const weights = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let j = 0; j < even.length; j++) sum += sums[j] * even[j][i];
    weights[i] = (sum * x[i]) / power;
  }
  const fit = new Float64Array(n);
  for (const bin of bins) {
    let [re, im] = [0, 0];
    for (let i = 0; i < n; i++) {
      const angle = (2 * Math.PI * ((bin * i) % n)) / n;
      re += weights[i] * Math.cos(angle);
      im -= weights[i] * Math.sin(angle);
    }
    for (let i = 0; i < n; i++) {
      const angle = (2 * Math.PI * ((bin * i) % n)) / n;
      fit[i] += 2 * (re * Math.cos(angle) - im * Math.sin(angle));
    }
  }
  return fit;
}
