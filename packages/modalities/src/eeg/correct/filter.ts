import { type Channel, DataError, type Hertz, type Recording } from "@quintet/core";
import { convolveFir, type FirBand, firDesign, firFilterRecording, fitLines, mapSignals } from "@quintet/kernels";

const filtered = new Set<Channel["kind"]>(["eeg", "seeg", "ecog", "eog", "meg"]);

/**
 * Zero-phase FIR filter of the EEG, intracranial, EOG and MEG channels with MNE-Python's design rules (`firDesign`),
 * never across a gap; the ends of each segment are padded by odd reflection.
 *
 * @throws DataError `bad-band`, `segment-too-short` (a segment must be at least as long as the filter)
 */
export function filterRecording(recording: Recording, band: FirBand): Recording {
  return firFilterRecording(recording, band, ({ kind }) => filtered.has(kind));
}

export interface NotchOptions {
  /** Hz between the -6 dB points; default 1. */
  readonly width?: Hertz;
  /** Hz of each transition; default 1. */
  readonly transition?: Hertz;
}

/**
 * Takes narrow bands out by one filter: mains (50 or 60 Hz) and its harmonics,
 *
 *   h = delta - sum_f (delta - h_f),   h_f the band-stop at f (`firDesign`)
 *
 * Gain 1/2 at frequency +- width/2, 1 a half transition further out. As MNE-Python's notch of several frequencies.
 *
 * @throws DataError `bad-band` (no frequency, or one too near 0 or the Nyquist frequency), `segment-too-short`
 */
export function notch(
  recording: Recording,
  frequencies: Hertz | readonly Hertz[],
  options: NotchOptions = {},
): Recording {
  const { width = 1, transition = 1 } = options;
  const list = typeof frequencies === "number" ? [frequencies] : frequencies;
  if (list.length === 0) throw new DataError("bad-band", "a notch needs a frequency");
  const reach = (width + transition) / 2;
  const taps = (rate: Hertz): Float64Array => {
    // One transition for all: the filters are of one length.
    const stops = list.map((f) =>
      firDesign(rate, { high: f - reach, low: f + reach, highTransition: transition, lowTransition: transition }),
    );
    const [first] = stops as [Float64Array];
    const sum = first.map((_, k) => stops.reduce((total, h) => total + (h[k] as number), 0));
    const middle = (sum.length - 1) / 2;
    sum[middle] = (sum[middle] as number) - (stops.length - 1);
    return sum;
  };
  return mapSignals(
    recording,
    ({ kind }) => filtered.has(kind),
    (signals, { rate }, out) => convolveFir(signals, taps(rate), out),
  );
}

export interface FitNotchOptions {
  /** Hz; every line that stands out of chance (F test, p 0.05 over a window) when left out. */
  readonly frequencies?: readonly Hertz[];
  /** Full width about each frequency that is fitted, Hz; default frequency / 200. */
  readonly width?: Hertz;
  /** Length of a window, s; default 10. */
  readonly seconds?: number;
}

/**
 * Takes lines out by fitting sinusoids to tapered windows and subtracting them (`fitLines`): what lies beside a line stays,
 * where `notch` takes a hertz and more. MNE-Python's `spectrum_fit`. Nothing is fitted across a gap.
 *
 * @throws DataError `bad-band`, `segment-too-short` (a segment of less than a second)
 */
export function fitNotch(recording: Recording, options: FitNotchOptions = {}): Recording {
  return mapSignals(
    recording,
    ({ kind }) => filtered.has(kind),
    (signals, { rate }) =>
      signals.map((signal) => {
        const { lines } = fitLines(signal, rate, options);
        return Float64Array.from(signal, (x, t) => x - (lines[t] as number));
      }),
  );
}
