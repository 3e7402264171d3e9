import { DataError, type Hertz, type Recording } from "@quintet/core";
import { type ChannelRow, summarise } from "@quintet/kernels";
import { type ChannelSpectrum, type WelchWindows, welch } from "./welch.ts";

/** Band edges in Hz: from the first up to, but not with, the second. */
export type Bands = Readonly<Record<string, readonly [from: Hertz, to: Hertz]>>;

/** Edges as in the IFCN glossary (Kane et al., Clin Neurophysiol Pract 2017;2:170-85), delta from 1 Hz: drift lies below. */
export const clinicalBands = { delta: [1, 4], theta: [4, 8], alpha: [8, 13], beta: [13, 30] } as const;

/** Power of one channel in one band. */
export interface BandPower {
  readonly channel: string;
  readonly band: string;
  /** V^2. */
  readonly power: number;
  /** Of the mean over windows, V^2. */
  readonly standardError: number;
  /** Share of the power in all bands together. */
  readonly relative: number;
  readonly relativeError: number;
  /** Windows. */
  readonly n: number;
}

/**
 * Band power of every good EEG channel from Welch windows,
 *
 *   P(band) = sum over f in [from, to) of PSD(f) df,   relative = P(band) / P(all bands)
 *
 * with standard errors over windows (2 s, not overlapping, Hamming); the relative share's by the delta method.
 *
 * @throws DataError `no-channels`, `segment-too-short`, `bad-band` (no spectral line in a band)
 */
export function bandPower(recording: Recording, bands: Bands = clinicalBands, options: WelchWindows = {}): BandPower[] {
  return welch(recording, options).flatMap((spectrum) => bandsOf(spectrum, bands));
}

/** Band power of each Welch window of a channel, V^2. @throws DataError `bad-band` */
export function windowPowers(
  { frequencies, windows }: ChannelSpectrum,
  [from, to]: readonly [Hertz, Hertz],
): Float64Array {
  const slack = 1e-9;
  const lines = [...frequencies.keys()].filter((k) => {
    const f = frequencies[k] as number;
    return f >= from - slack && f < to - slack;
  });
  if (lines.length === 0 || to > (frequencies.at(-1) ?? 0) + slack) {
    throw new DataError("bad-band", `the spectrum does not hold ${from} to ${to} Hz`, {
      expected: `inside 0 to ${frequencies.at(-1)} Hz`,
    });
  }
  const step = (frequencies[1] as number) - (frequencies[0] as number);
  return Float64Array.from(windows, (density) => lines.reduce((sum, k) => sum + (density[k] as number), 0) * step);
}

function bandsOf(spectrum: ChannelSpectrum, bands: Bands): BandPower[] {
  const powers = Object.entries(bands).map(([band, edges]) => ({ band, windows: windowPowers(spectrum, edges) }));
  const totals = spectrum.windows.map((_, w) => powers.reduce((sum, { windows }) => sum + (windows[w] as number), 0));
  const total = summarise(totals).mean;
  return powers.map(({ band, windows }) => {
    const { mean, standardError, n } = summarise(windows);
    const relative = mean / total;
    // The ratio's error from the windows' deviations P_w - r T_w, which have mean zero.
    const deviations = summarise(totals.map((t, w) => ((windows[w] as number) - relative * t) / total));
    return {
      channel: spectrum.channel.name,
      band,
      power: mean,
      standardError,
      relative,
      relativeError: deviations.standardError,
      n,
    };
  });
}

/** Slowing of the background rhythm in one channel. */
export interface Slowing {
  readonly channel: string;
  /** P(theta) / P(alpha). */
  readonly thetaAlpha: number;
  readonly thetaAlphaError: number;
  /** (P(delta) + P(theta)) / (P(alpha) + P(beta)). */
  readonly slowFast: number;
  readonly slowFastError: number;
  /** Frequency of the largest local maximum in the alpha range, Hz; undefined without one. */
  readonly peakAlpha: Hertz | undefined;
  readonly n: number;
}

/** Where a posterior dominant rhythm is looked for, Hz: a slowed one lies below 8. */
const alphaSearch = [6, 13] as const;

/**
 * Slowing ratios of every good EEG channel with standard errors over windows, and its peak alpha frequency
 * (parabola through the logarithms of the three highest lines).
 *
 * @throws DataError `no-channels`, `segment-too-short`, `bad-band`
 */
export function slowing(recording: Recording, options: WelchWindows = {}): Slowing[] {
  return welch(recording, options).map((spectrum) => {
    const [delta, theta, alpha, beta] = (["delta", "theta", "alpha", "beta"] as const).map((band) =>
      windowPowers(spectrum, clinicalBands[band]),
    ) as [Float64Array, Float64Array, Float64Array, Float64Array];
    const [simple, broad] = [ratio(theta, alpha), ratio(sum(delta, theta), sum(alpha, beta))];
    return {
      channel: spectrum.channel.name,
      thetaAlpha: simple.value,
      thetaAlphaError: simple.standardError,
      slowFast: broad.value,
      slowFastError: broad.standardError,
      peakAlpha: peakFrequency(spectrum, alphaSearch),
      n: spectrum.windows.length,
    };
  });
}

function sum(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((x, i) => x + (b[i] as number));
}

/** Ratio of means with its standard error over windows (delta method). */
function ratio(above: Float64Array, below: Float64Array): { readonly value: number; readonly standardError: number } {
  const base = summarise(below).mean;
  const value = summarise(above).mean / base;
  return {
    value,
    standardError: summarise(above.map((x, i) => (x - value * (below[i] as number)) / base)).standardError,
  };
}

/** The largest local maximum inside a band, refined by a parabola through log density; undefined without one. */
export function peakFrequency(
  { frequencies, density }: ChannelSpectrum,
  [from, to]: readonly [Hertz, Hertz],
): Hertz | undefined {
  let best = -1;
  for (let k = 1; k < density.length - 1; k++) {
    const f = frequencies[k] as number;
    const [left, here, right] = [density[k - 1], density[k], density[k + 1]] as [number, number, number];
    if (f < from || f > to || here <= left || here < right) continue;
    if (best < 0 || here > (density[best] as number)) best = k;
  }
  if (best < 0) return undefined;
  const [a, b, c] = [-1, 0, 1].map((d) => Math.log(density[best + d] as number)) as [number, number, number];
  const curvature = a - 2 * b + c;
  const shift = curvature < 0 ? (0.5 * (a - c)) / curvature : 0;
  const step = (frequencies[1] as number) - (frequencies[0] as number);
  return (frequencies[best] as number) + shift * step;
}

/** Band powers and slowing as table rows. */
export function spectralRows(
  recording: Recording,
  bands: Bands = clinicalBands,
  options: WelchWindows = {},
): ChannelRow[] {
  const method = `Welch, ${options.seconds ?? 2} s ${options.window ?? "hamming"} windows`;
  const powers = bandPower(recording, bands, options).flatMap((row): ChannelRow[] => {
    const edges = (bands[row.band] ?? []).join(" to ");
    const { channel, n } = row;
    return [
      {
        channel,
        measure: `${row.band}-power`,
        value: row.power,
        unit: "V2",
        standardError: row.standardError,
        n,
        method: `${method}, ${edges} Hz`,
      },
      {
        channel,
        measure: `${row.band}-relative-power`,
        value: row.relative,
        unit: "1",
        standardError: row.relativeError,
        n,
        method: `${method}, ${edges} Hz over all bands`,
      },
    ];
  });
  const ratios = slowing(recording, options).flatMap(({ channel, n, ...s }): ChannelRow[] => [
    {
      channel,
      measure: "theta-alpha-ratio",
      value: s.thetaAlpha,
      unit: "1",
      standardError: s.thetaAlphaError,
      n,
      method,
    },
    { channel, measure: "slow-fast-ratio", value: s.slowFast, unit: "1", standardError: s.slowFastError, n, method },
    ...(s.peakAlpha === undefined
      ? []
      : [
          {
            channel,
            measure: "peak-alpha-frequency",
            value: s.peakAlpha,
            unit: "Hz",
            n,
            method: `${method}, largest peak ${alphaSearch.join(" to ")} Hz`,
          },
        ]),
  ]);
  return [...powers, ...ratios];
}
