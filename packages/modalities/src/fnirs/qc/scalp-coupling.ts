import { type ChannelGroup, channelData, DataError, type Hertz, type Recording, type Seconds } from "@quintet/core";
import { convolveFir, correlation, firDesign, realFft, summarise, taper } from "@quintet/kernels";
import { opticalPairs } from "../correct/pairs.ts";

export interface CouplingOptions {
  /** Band of the heart beat in Hz; default 0.7 .. 1.5 (MNE); 0.5 .. 2.5 in QT-NIRS and cedalion. */
  readonly band?: readonly [low: Hertz, high: Hertz];
}

export interface Coupling {
  readonly pair: string;
  readonly value: number;
}

/** MNE's transition width for this band, Hz. */
const transition = 0.3;

/**
 * Scalp coupling index: the zero-lag correlation of the two wavelengths in the band of the heart beat,
 *
 *   SCI = corr( x_1, x_2 ),   x = zero-phase FIR band-pass of the optical density
 *
 * near 1 where an optode sees the pulse, near 0 where it sees noise. More than two wavelengths: the smallest value of
 * any two. Segments are filtered apart and correlated together.
 *
 * @returns per pair; NaN for a constant channel
 * @throws DataError `no-channels`, `rate-too-low`, `segment-too-short`, `one-wavelength`
 * @see Pollonini et al., Hear Res 2014;309:84-93
 */
export function scalpCouplingIndex(od: Recording, options: CouplingOptions = {}): Coupling[] {
  return heartBeat(od, options).map(({ pair, signals }) => ({
    pair,
    value: smallestOverWavelengths(signals, (a, b) => correlation(joined(a), joined(b))),
  }));
}

export interface PeakPower extends Coupling {
  /** Peak power in each window, 1/Hz. */
  readonly windows: readonly number[];
}

/**
 * Peak spectral power: how strong and regular the common pulse of two wavelengths is. In each window both signals are
 * scaled to unit variance, cross-correlated, and the correlation's Hamming periodogram is searched for its maximum;
 * below 0.1 a window counts as weak.
 *
 * @param options.seconds length of a window; default 10
 * @returns per pair the median over windows
 * @throws DataError as `scalpCouplingIndex`
 * @see Pollonini, Bortfeld & Oghalai, Biomed Opt Express 2016;7:5104-19
 */
export function peakSpectralPower(
  od: Recording,
  options: CouplingOptions & { readonly seconds?: Seconds } = {},
): PeakPower[] {
  return heartBeat(od, options).map(({ pair, signals, rate }) => {
    const length = Math.ceil((options.seconds ?? 10) * rate);
    const windows = (signals[0] ?? []).flatMap((segment, s) => {
      const count = Math.floor(segment.length / length);
      return Array.from({ length: count }, (_, i) =>
        smallestOverWavelengths(signals, (a, b) => {
          const [x, y] = [a, b].map((side) => (side[s] as Float64Array).subarray(i * length, (i + 1) * length));
          return windowPeak(x as Float64Array, y as Float64Array, rate);
        }),
      );
    });
    const sorted = windows.toSorted((a, b) => a - b);
    const value = sorted.length > 0 ? (sorted[Math.floor(sorted.length / 2)] as number) : Number.NaN;
    return { pair, value, windows };
  });
}

export interface WindowedCoupling {
  readonly pair: string;
  /** Whole windows only, in order of time. */
  readonly windows: readonly {
    /** On the recording's clock, s. */
    readonly start: Seconds;
    readonly coupling: number;
    readonly power: number;
  }[];
}

/**
 * Scalp coupling index and peak spectral power in windows one after the other: where an optode was loose for a while.
 *
 * @param options.seconds length of a window; default 10
 * @throws DataError as `scalpCouplingIndex`
 * @see Pollonini, Bortfeld & Oghalai, Biomed Opt Express 2016;7:5104-19 (PHOEBE); Hernandez & Pollonini, OSA Brain 2020, BM2C.5 (QT-NIRS)
 */
export function windowedCoupling(
  od: Recording,
  options: CouplingOptions & { readonly seconds?: Seconds } = {},
): WindowedCoupling[] {
  return heartBeat(od, options).map(({ pair, signals, rate, starts }) => {
    const length = Math.ceil((options.seconds ?? 10) * rate);
    const windows = (signals[0] ?? []).flatMap((segment, s) =>
      Array.from({ length: Math.floor(segment.length / length) }, (_, i) => {
        const part = (side: readonly Float64Array[]): Float64Array =>
          (side[s] as Float64Array).subarray(i * length, (i + 1) * length);
        return {
          start: (starts[s] as Seconds) + (i * length) / rate,
          coupling: smallestOverWavelengths(signals, (a, b) => correlation(part(a), part(b))),
          power: smallestOverWavelengths(signals, (a, b) => windowPeak(part(a), part(b), rate)),
        };
      }),
    );
    return { pair, windows };
  });
}

function windowPeak(x: Float64Array, y: Float64Array, rate: Hertz): number {
  const n = x.length;
  const spread = (v: Float64Array): number => {
    const { mean } = summarise(v);
    return Math.sqrt(v.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n) || 1;
  };
  const scale = 1 / (n * spread(x) * spread(y));
  const lags = new Float64Array(2 * n - 1);
  for (let lag = 1 - n; lag < n; lag++) {
    let sum = 0;
    for (let t = Math.max(0, -lag); t < Math.min(n, n - lag); t++) sum += (x[t + lag] as number) * (y[t] as number);
    lags[lag + n - 1] = sum * scale;
  }
  const weights = taper("hamming", lags.length, "periodic");
  const { mean } = summarise(lags);
  const energy = weights.reduce((sum, w) => sum + w * w, 0);
  const { re, im } = realFft(lags.map((v, i) => (v - mean) * (weights[i] as number)));
  let peak = 0;
  for (let k = 1; k < re.length; k++) peak = Math.max(peak, (re[k] as number) ** 2 + (im[k] as number) ** 2);
  return (2 * peak) / (rate * energy);
}

/** [wavelength][segment] of each pair, band-passed. */
interface PairSignals {
  readonly pair: string;
  readonly rate: Hertz;
  readonly starts: readonly Seconds[];
  readonly signals: readonly (readonly Float64Array[])[];
}

function heartBeat(od: Recording, { band: [low, high] = [0.7, 1.5] }: CouplingOptions): PairSignals[] {
  const found = od.groups.flatMap((group) => {
    const kind = group.channels.some((channel) => channel.kind === "nirs-intensity") ? "nirs-intensity" : "nirs-od";
    const pairs = opticalPairs(group.channels, kind);
    if (pairs.length === 0) return [];
    if (!(high + transition <= group.rate / 2 + 1e-9)) {
      throw new DataError("rate-too-low", `sampling at ${group.rate} Hz does not hold the heart beat`, {
        expected: `at least ${2 * (high + transition)} Hz for a band up to ${high} Hz`,
      });
    }
    const taps = firDesign(group.rate, {
      low,
      high,
      lowTransition: Math.min(transition, low),
      highTransition: Math.min(transition, group.rate / 2 - high),
    });
    return pairs.map(({ name, members }) => {
      if (members.length < 2)
        throw new DataError("one-wavelength", `pair ${name} has one wavelength: nothing to compare`);
      const starts = group.segments.map(({ start }) => start);
      return {
        pair: name,
        rate: group.rate,
        starts,
        signals: members.map(({ index }) => filterChannel(group, index, taps)),
      };
    });
  });
  if (found.length === 0) throw new DataError("no-channels", "the recording has no optical density");
  return found;
}

function filterChannel(group: ChannelGroup, index: number, taps: Float64Array): Float64Array[] {
  return group.segments.map((segment) => convolveFir([channelData(group, segment, index)], taps)[0] as Float64Array);
}

function joined(segments: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(segments.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const segment of segments) {
    out.set(segment, at);
    at += segment.length;
  }
  return out;
}

function smallestOverWavelengths<T>(signals: readonly T[], measure: (a: T, b: T) => number): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < signals.length; i++) {
    for (let j = i + 1; j < signals.length; j++)
      smallest = Math.min(smallest, measure(signals[i] as T, signals[j] as T));
  }
  return smallest;
}
