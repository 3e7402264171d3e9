import { DataError } from "@quintet/core";
import { fftPlan, nextPowerOfTwo } from "../fft/fft.ts";

/** A complex Morlet wavelet, its middle at `half`. */
export interface Morlet {
  readonly re: Float64Array;
  readonly im: Float64Array;
  /** Samples on either side of the middle: 5 sigma. */
  readonly half: number;
}

/**
 * w(t) = A exp(-t^2 / 2 s^2) (exp(2 pi i f t) - k),   s = cycles / (2 pi f),   |t| <= 5 s
 *
 * A makes the norm sqrt(2), so that |sum w x|^2 does not depend on the frequency for white noise. With `zeroMean`,
 * k = exp(-2 (pi f s)^2) leaves no response to a constant; without it k = 0. As MNE-Python.
 *
 * @param rate Hz
 * @throws DataError `bad-band` (frequency not inside 0 .. rate/2), `not-positive` (cycles)
 * @see Tallon-Baudry et al., J Neurosci 1997;17:722-734
 */
export function morlet(rate: number, frequency: number, cycles: number, zeroMean = true): Morlet {
  if (!(frequency > 0 && frequency < rate / 2))
    throw new DataError("bad-band", "a wavelet's frequency lies inside the band", {
      expected: `0 .. ${rate / 2} Hz`,
      found: `${frequency}`,
    });
  if (!(cycles > 0)) throw new DataError("not-positive", "a wavelet has cycles", { found: `${cycles}` });
  const sigma = cycles / (2 * Math.PI * frequency);
  const half = Math.ceil(5 * sigma * rate) - 1; // the samples below 5 sigma
  const offset = zeroMean ? Math.exp(-2 * (Math.PI * frequency * sigma) ** 2) : 0;
  const [re, im] = [new Float64Array(2 * half + 1), new Float64Array(2 * half + 1)];
  let energy = 0;
  for (let i = -half; i <= half; i++) {
    const t = i / rate;
    const envelope = Math.exp(-(t * t) / (2 * sigma * sigma));
    const [c, s] = [Math.cos(2 * Math.PI * frequency * t) - offset, Math.sin(2 * Math.PI * frequency * t)];
    re[half + i] = envelope * c;
    im[half + i] = envelope * s;
    energy += envelope * envelope * (c * c + s * s);
  }
  const scale = Math.sqrt(2 / energy);
  return { re: re.map((v) => v * scale), im: im.map((v) => v * scale), half };
}

/**
 * The wavelets of some frequencies for signals of n samples.
 *
 * @throws DataError as `morlet`; `shape-mismatch` (cycles); `segment-too-short` (a wavelet longer than the signal)
 */
export function morletWavelets(
  n: number,
  rate: number,
  frequencies: readonly number[],
  cycles: number | readonly number[],
  zeroMean: boolean,
): Morlet[] {
  if (typeof cycles !== "number" && cycles.length !== frequencies.length)
    throw new DataError("shape-mismatch", "cycles are one number, or one per frequency");
  const wavelets = frequencies.map((f, k) =>
    morlet(rate, f, typeof cycles === "number" ? cycles : (cycles[k] as number), zeroMean),
  );
  const longest = Math.max(0, ...wavelets.map(({ half }) => 2 * half + 1));
  if (longest > n)
    throw new DataError("segment-too-short", "the longest wavelet is longer than the signal", {
      expected: `at least ${longest} samples, or fewer cycles at the lowest frequency`,
      found: `${n}`,
    });
  return wavelets;
}

/** What a signal shows of some frequencies over time. */
export interface TimeFrequency {
  /** [frequency]: interleaved re, im of every sample. */
  readonly values: readonly Float64Array[];
  /** [frequency]: samples at each end whose wavelet reaches beyond the signal, where zeros were taken. */
  readonly edge: readonly number[];
}

/**
 * Morlet transforms of signals of one length: y_f[t] = sum_k w_f[k] x[t - k], by one transform of each signal and one
 * back for each frequency.
 *
 * @param signals [signal][sample]
 * @param cycles one number, or one per frequency
 * @returns [signal]
 * @throws DataError as `morlet`; `shape-mismatch`; `segment-too-short` (a wavelet longer than the signal)
 */
export function morletTransform(
  signals: readonly ArrayLike<number>[],
  rate: number,
  frequencies: readonly number[],
  cycles: number | readonly number[] = 7,
  zeroMean = true,
): readonly TimeFrequency[] {
  const n = signals[0]?.length ?? 0;
  if (signals.some((signal) => signal.length !== n)) throw new DataError("shape-mismatch", "signals differ in length");
  const wavelets = morletWavelets(n, rate, frequencies, cycles, zeroMean);
  const longest = Math.max(0, ...wavelets.map(({ half }) => 2 * half + 1));
  const size = nextPowerOfTwo(n + longest - 1);
  const plan = fftPlan(size);
  const responses = wavelets.map((wavelet) => spectrumOf(wavelet, size));
  const edge = wavelets.map(({ half }) => half);
  const [data, spectrum, back] = [0, 1, 2].map(() => new Float64Array(2 * size)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  return signals.map((signal) => {
    data.fill(0);
    for (let t = 0; t < n; t++) data[2 * t] = signal[t] as number;
    plan.forward(spectrum, data);
    const values = responses.map((response) => {
      for (let k = 0; k < 2 * size; k += 2) {
        const [xr, xi] = [spectrum[k] as number, spectrum[k + 1] as number];
        const [wr, wi] = [response[k] as number, response[k + 1] as number];
        data[k] = xr * wr - xi * wi;
        data[k + 1] = -(xr * wi + xi * wr); // conjugated, so that the next forward transform is the inverse
      }
      plan.forward(back, data);
      const out = new Float64Array(2 * n);
      for (let i = 0; i < 2 * n; i += 2) {
        out[i] = (back[i] as number) / size;
        out[i + 1] = -(back[i + 1] as number) / size;
      }
      return out;
    });
    return { values, edge };
  });
}

/** The wavelet's transform with its middle at sample 0. */
function spectrumOf({ re, im, half }: Morlet, size: number): Float64Array {
  const [data, out] = [new Float64Array(2 * size), new Float64Array(2 * size)];
  for (let i = -half; i <= half; i++) {
    const at = 2 * ((i + size) % size);
    data[at] = re[half + i] as number;
    data[at + 1] = im[half + i] as number;
  }
  fftPlan(size).forward(out, data);
  return out;
}
