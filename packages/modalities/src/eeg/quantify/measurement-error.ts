import { DataError, type Events, type Recording } from "@quintet/core";
import { cutEpochs, type EpochWindow, seededRandom } from "@quintet/kernels";
import type { EpochOptions } from "./epoch-average.ts";

/** A score of an evoked potential's average, with its standardised measurement error. */
export interface ScoredErp {
  readonly channel: string;
  /** V: mean voltage in the window, or the most positive or negative one. */
  readonly score: number;
  /** Standard error of the score, V. */
  readonly error: number;
  readonly n: number;
}

export interface ScoreOptions extends EpochOptions {
  /** Seconds, both ends included. */
  readonly score: EpochWindow;
  /** `mean`: analytic error; `peak` and `trough`: bootstrap over epochs. Default `mean`. */
  readonly kind?: "mean" | "peak" | "trough";
  /** Of the bootstrap; default 1000 draws, seed 0. */
  readonly draws?: number;
  readonly seed?: number;
}

/**
 * Score of an average with its standardised measurement error (SME), how far it would be off if the recording were made again:
 *
 *   mean voltage: SME = sd over epochs of each epoch's own score / sqrt N
 *   peak:         SME = sd over bootstrap draws of N epochs of the drawn average's peak
 *
 * @throws DataError as `epochAverage`; `no-events` (fewer than 2 epochs); `bad-window` (the score's window outside the epoch)
 * @see Luck et al., Psychophysiology 2021;58:e13793
 */
export function scoreErp(recording: Recording, events: Events, options: ScoreOptions): ScoredErp[] {
  const {
    type,
    window = [-0.2, 0.8],
    peakToPeak = Number.POSITIVE_INFINITY,
    kind = "mean",
    draws = 1000,
    seed = 0,
  } = options;
  const baseline = options.baseline ?? [window[0], Math.min(0, window[1])];
  const list = type === undefined ? events.list : events.list.filter((event) => event.type === type);
  const epochs = cutEpochs(recording, { ...events, list }, ({ kind: k }) => k === "eeg", { window, baseline });
  const length = epochs.times.length;
  const [from, to] = options.score;
  const inside = [...epochs.times.keys()].filter(
    (t) => (epochs.times[t] as number) >= from - 1e-9 && (epochs.times[t] as number) <= to + 1e-9,
  );
  if (inside.length === 0)
    throw new DataError("bad-window", "no sample of the epoch lies in the score's window", {
      found: `${from} .. ${to} s`,
    });
  const kept = epochs.data.filter((epoch) =>
    epochs.channels.every(({ status }, row) => {
      if (status === "bad" || peakToPeak === Number.POSITIVE_INFINITY) return true;
      const part = epoch.subarray(row * length, (row + 1) * length);
      return part.reduce((a, b) => Math.max(a, b), -1e9) - part.reduce((a, b) => Math.min(a, b), 1e9) <= peakToPeak;
    }),
  );
  const n = kept.length;
  if (n < 2)
    throw new DataError("no-events", "a measurement error is a spread over epochs", {
      expected: "2 or more",
      found: `${n}`,
    });
  const random = seededRandom(seed);
  const chosen = Array.from({ length: kind === "mean" ? 0 : draws }, () =>
    Array.from({ length: n }, () => random.integer(n)),
  );
  return epochs.channels.map(({ name }, row): ScoredErp => {
    const parts = kept.map((epoch) => Float64Array.from(inside, (t) => epoch[row * length + t] as number));
    if (kind === "mean") {
      const own = parts.map((part) => part.reduce((a, b) => a + b, 0) / part.length);
      return { channel: name, score: meanOf(own), error: spreadOf(own) / Math.sqrt(n), n };
    }
    const everyone = parts.map((_, e) => e);
    const drawn = chosen.map((draw) => extreme(parts, draw, kind));
    return { channel: name, score: extreme(parts, everyone, kind), error: spreadOf(drawn), n };
  });
}

function extreme(parts: readonly Float64Array[], draw: readonly number[], kind: "peak" | "trough"): number {
  const sum = new Float64Array(parts[0]?.length ?? 0);
  for (const e of draw) {
    const part = parts[e] as Float64Array;
    for (let t = 0; t < sum.length; t++) sum[t] = (sum[t] as number) + (part[t] as number);
  }
  const best = sum.reduce((a, b) => (kind === "peak" ? Math.max(a, b) : Math.min(a, b)));
  return best / draw.length;
}

function meanOf(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

function spreadOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1));
}
