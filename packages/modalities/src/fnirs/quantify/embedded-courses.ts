import { type Channel, channelData, DataError, type Hertz, type Recording, type Seconds } from "@quintet/core";
import { canonicalCorrelation, type NamedCourse, summarise } from "@quintet/kernels";
import { isOptical } from "../correct/pairs.ts";

export interface EmbeddingOptions {
  /** Longest delay of an auxiliary course, s; default 3. */
  readonly delay?: Seconds;
  /** From one delay to the next, s; default 0.3. */
  readonly step?: Seconds;
  /** Least canonical correlation of a regressor; default 0.3. */
  readonly correlation?: number;
}

export interface EmbeddedCourses {
  readonly courses: readonly NamedCourse[];
  readonly correlations: readonly number[];
  /** What was used: short channels and auxiliary signals, by name. */
  readonly used: readonly string[];
  readonly leftOut: readonly string[];
}

/**
 * Regressors by temporally embedded canonical correlation (tCCA): every short channel and auxiliary signal (pulse, respiration,
 * acceleration ...) with delays from 0 to 3 s on one side, the long channels on the other; the auxiliary side of each pair of
 * sources that correlate by more than 0.3 is a regressor of all long channels. A delay may differ from signal to signal, which
 * a plain short-channel regression cannot follow.
 *
 * The task is in the long channels, too: an auxiliary signal that follows the task takes its share of it. The variance inflation of
 * the conditions tells how much.
 *
 * @param long one group and one segment
 * @param beside short channels and auxiliary signals of the same rate and length; others are left out and named
 * @throws DataError `no-short-channels` (nothing to embed), `not-positive`
 * @see von Lühmann et al., NeuroImage 2020;208:116472
 */
export function embeddedCourses(long: Recording, beside: Recording, options: EmbeddingOptions = {}): EmbeddedCourses {
  const { delay = 3, step = 0.3, correlation = 0.3 } = options;
  if (!(delay >= 0 && step > 0 && correlation > 0)) {
    throw new DataError("not-positive", "delays and the least correlation are above 0", {
      found: `${delay} s, ${step} s, ${correlation}`,
    });
  }
  const [group] = long.groups;
  const [segment] = group?.segments ?? [];
  if (!group || !segment) throw new DataError("no-channels", "there is no long channel");
  const n = segment.data.length / group.channels.length;
  const { signals, leftOut } = usable(beside, group.rate, n);
  if (signals.length === 0) {
    throw new DataError("no-short-channels", "no short channel and no auxiliary signal is left to embed", {
      expected: `signals of ${group.rate} Hz and ${n} samples`,
      found: leftOut.length > 0 ? leftOut.join(", ") : "none",
    });
  }
  const lags = Array.from({ length: Math.floor(delay / step) + 1 }, (_, k) => Math.round(k * step * group.rate));
  const embedded = signals.flatMap(({ values }) => [...new Set(lags)].map((lag) => delayed(values, lag)));
  const courses = group.channels.flatMap((channel, c) =>
    isOptical(channel) ? [Float64Array.from(channelData(group, segment, c))] : [],
  );
  const { correlations, right } = canonicalCorrelation(embedded.length > 0 ? courses : [], embedded, 1e-4);
  const kept = [...correlations.keys()].filter((k) => (correlations[k] as number) > correlation);
  return {
    courses: kept.map((k) => ({ name: `tcca${String(k + 1).padStart(2, "0")}`, values: right[k] as Float64Array })),
    correlations: kept.map((k) => correlations[k] as number),
    used: signals.map(({ channel }) => channel.name),
    leftOut,
  };
}

function usable(
  beside: Recording,
  rate: Hertz,
  n: number,
): { readonly signals: { readonly channel: Channel; readonly values: Float64Array }[]; readonly leftOut: string[] } {
  const signals: { channel: Channel; values: Float64Array }[] = [];
  const leftOut: string[] = [];
  for (const group of beside.groups) {
    const [segment] = group.segments;
    for (const [c, channel] of group.channels.entries()) {
      const fits = group.segments.length === 1 && Math.abs(group.rate / rate - 1) < 1e-6;
      const values = segment && fits ? Float64Array.from(channelData(group, segment, c)) : new Float64Array(0);
      const { sd } = summarise(values);
      if (values.length === n && sd > 0) signals.push({ channel, values });
      else leftOut.push(channel.name);
    }
  }
  return { signals, leftOut };
}

/** x_{t - lag}; what lies before the first sample is the first. */
function delayed(x: Float64Array, lag: number): Float64Array {
  return x.map((_, t) => x[Math.max(0, t - lag)] as number);
}
