import {
  type Channel,
  type ChannelGroup,
  channelData,
  DataError,
  type Recording,
  type Seconds,
  sampleCount,
} from "@quintet/core";
import { meanDensity, median, periodograms, robustZ, type WindowName } from "@quintet/kernels";
import { isBrain } from "../correct/electrode-name.ts";

export interface WelchWindows {
  /** Length of a window; default 2 s (0.5 Hz resolution). */
  readonly seconds?: Seconds;
  /** Share of a window that the next one repeats, 0 .. < 1; default 0: windows are then independent enough for errors. */
  readonly overlap?: number;
  /** Default "hamming". */
  readonly window?: WindowName;
  /** Windows whose total power stands out by more robust SDs (of its logarithm, channel by channel) are left out. */
  readonly rejectAbove?: number;
}

/** Power spectral densities of one channel, window by window. */
export interface ChannelSpectrum {
  readonly channel: Channel;
  /** Hz. */
  readonly frequencies: Float64Array;
  /** [window][frequency], V^2/Hz. */
  readonly windows: readonly Float64Array[];
  /** Mean over windows, V^2/Hz. */
  readonly density: Float64Array;
  /** Place of each window among all of the recording: [window]. */
  readonly places: readonly number[];
  /** Windows left out. */
  readonly rejected: number;
}

/**
 * Welch's power spectral density of every good EEG channel, over the windows of all segments; no window spans a gap.
 *
 * @throws DataError `no-channels`, `segment-too-short` (no segment holds a window), `bad-window`
 * @see Welch, IEEE Trans. Audio Electroacoust. 1967;15:70-3
 */
export function welch(recording: Recording, options: WelchWindows = {}): ChannelSpectrum[] {
  const spectra = recording.groups.flatMap((group) =>
    group.channels.flatMap((channel, index) => (isBrain(channel) ? [channelSpectrum(group, index, options)] : [])),
  );
  if (spectra.length === 0) throw new DataError("no-channels", "the recording has no good EEG channel");
  return spectra;
}

function channelSpectrum(group: ChannelGroup, index: number, options: WelchWindows): ChannelSpectrum {
  const { seconds = 2, overlap = 0, window = "hamming", rejectAbove = Number.POSITIVE_INFINITY } = options;
  const length = Math.round(seconds * group.rate);
  const channel = group.channels[index] as Channel;
  const long = group.segments.filter((segment) => sampleCount(group, segment) >= length);
  if (long.length === 0) {
    throw new DataError("segment-too-short", `no segment of ${channel.name} holds a window`, {
      expected: `at least ${seconds} s`,
    });
  }
  const settings = { length, overlap: Math.round(overlap * length), window };
  const parts = long.map((segment) => periodograms(channelData(group, segment, index), group.rate, settings));
  const all = parts.flatMap(({ densities }) => densities);
  const total = robustZ(all.map((density) => Math.log(density.reduce((sum, p) => sum + p, 0))));
  const places = [...all.keys()].filter((i) => !((total[i] as number) > rejectAbove));
  const windows = places.map((i) => all[i] as Float64Array);
  const { frequencies } = parts[0] as (typeof parts)[number];
  return {
    channel,
    frequencies,
    windows,
    density: meanDensity(windows),
    places,
    rejected: all.length - windows.length,
  };
}

/** Two channels over the windows that both kept: for comparisons window by window. */
export function commonWindows(a: ChannelSpectrum, b: ChannelSpectrum): [ChannelSpectrum, ChannelSpectrum] {
  const common = new Set(a.places.filter((place) => b.places.includes(place)));
  const only = (spectrum: ChannelSpectrum): ChannelSpectrum => {
    const windows = spectrum.windows.filter((_, i) => common.has(spectrum.places[i] as number));
    return { ...spectrum, windows, places: [...common], density: meanDensity(windows) };
  };
  return [only(a), only(b)];
}

/** Share of the mains line in the power around it: median-based, 1 without a line. */
export function lineRatio({ frequencies, density }: ChannelSpectrum, mains: number): number | undefined {
  const near = (low: number, high: number): number[] =>
    [...density].filter((_, k) => {
      const off = Math.abs((frequencies[k] as number) - mains);
      return off >= low && off <= high;
    });
  if ((frequencies.at(-1) ?? 0) < mains + 2) return undefined;
  const around = median(near(2, 6));
  return Math.max(...near(0, 1)) / around;
}

/** Least ratio of a line to its surroundings that tells of the mains. */
const leastLine = 3;

/**
 * Frequency of the mains: 50 or 60 Hz, whichever stands out more of its surroundings in the middle channel, by a factor of 3
 * and more; undefined when neither does.
 *
 * @throws DataError as `welch`
 */
export function mainsFrequency(recording: Recording): 50 | 60 | undefined {
  const spectra = welch(recording);
  const [fifty, sixty] = [50, 60].map((f) => median(spectra.map((spectrum) => lineRatio(spectrum, f) ?? 0)));
  const [low, high] = [fifty ?? 0, sixty ?? 0];
  if (Math.max(low, high) < leastLine) return undefined;
  return low >= high ? 50 : 60;
}
