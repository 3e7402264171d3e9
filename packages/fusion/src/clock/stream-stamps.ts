import type { Hertz } from "@quintet/core";
import { madToSigma, median, medianAbsoluteDeviation } from "@quintet/kernels";
import { clockRanges, differences, type Range } from "./clock-resets.ts";
import { type Dejittered, dejitter, evenStamps } from "./dejitter.ts";
import { huberLine, type Line } from "./huber-line.ts";

/** What a recorder wrote of one stream. */
export interface RecordedStamps {
  /** Seconds on the sender's clock. */
  readonly stamps: Float64Array;
  /** Nominal, Hz; 0 for events. */
  readonly rate: Hertz;
  /** Recorder's clock minus the sender's, measured at `times` on the sender's clock. */
  readonly offsets: { readonly times: Float64Array; readonly values: Float64Array };
  /** Samples that the stream's footer speaks of. */
  readonly footerCount?: number;
  /** Samples may be missing between two stamps, so that no line through them is true. */
  readonly canDropSamples?: boolean;
}

export interface SynchronisedStamps extends Dejittered {
  /** Seconds on the recorder's clock, jitter removed where the rate is regular. */
  readonly stamps: Float64Array;
  /** Samples that share one uninterrupted clock; more than one after a reset. Empty without clock offsets. */
  readonly clockRanges: readonly Range[];
  /** What was found, in sentences. */
  readonly findings: readonly string[];
}

/**
 * A recorded stream on the recorder's clock: t + c0 + c1 t with the robust line of each stretch between clock resets,
 * then free of jitter. Compatible to pyxdf's numbers, defaults and order of steps.
 *
 * @see https://github.com/xdf-modules/pyxdf, version 1.17
 */
export function synchroniseStamps(recorded: RecordedStamps): SynchronisedStamps {
  const findings: string[] = [];
  const { stamps: written, offsets } = withoutCorruptEnd(recorded, findings);
  const { stamps, ranges } = onRecorder(written, offsets.times, offsets.values, findings);
  if (ranges.length > 1) findings.push(`the sender's clock was reset ${ranges.length - 1} time(s)`);
  if (recorded.rate === 0 || recorded.canDropSamples === true || stamps.length === 0) {
    const span = stamps.length > 1 ? (stamps.at(-1) as number) - (stamps[0] as number) : 0;
    const effectiveRate = recorded.rate > 0 && span > 0 ? (stamps.length - 1) / span : 0;
    return { stamps, clockRanges: ranges, runs: [], effectiveRate, findings };
  }
  const even = dejitter(stamps, recorded.rate);
  const { effectiveRate } = even;
  if (Math.abs(effectiveRate - recorded.rate) > 0.1 * recorded.rate)
    findings.push(`samples came at ${effectiveRate.toFixed(4)} Hz, not at the ${recorded.rate} Hz the stream states`);
  if (even.runs.length > ranges.length && even.runs.length > 1)
    findings.push(`${even.runs.length - 1} gap(s) of more than a second between samples`);
  return { ...even, stamps: evenStamps(even.runs), clockRanges: ranges, findings };
}

/** A sender that vanished first may leave one sample too many and an offset that means nothing: both go, or neither. */
function withoutCorruptEnd(
  { stamps, offsets, footerCount }: RecordedStamps,
  findings: string[],
): Pick<RecordedStamps, "stamps" | "offsets"> {
  if (footerCount === undefined || stamps.length <= footerCount || !lastIsAnomalous(offsets))
    return { stamps, offsets };
  findings.push(
    `the last clock offset is anomalous and ${stamps.length - footerCount} sample(s) exceed the footer's count: left out`,
  );
  return {
    stamps: stamps.slice(0, footerCount),
    offsets: { times: offsets.times.slice(0, -1), values: offsets.values.slice(0, -1) },
  };
}

/** The last offset comes ten times later than usual, or lies more than ten standard deviations from the others. */
function lastIsAnomalous({ times, values }: RecordedStamps["offsets"]): boolean {
  if (times.length < 3) return false;
  const intervals = differences(times);
  const usual = median(intervals.subarray(0, -1));
  const last = Math.abs(intervals.at(-1) as number);
  if (usual > 0 ? last / usual > 10 : last > 0) return true;
  const others = values.subarray(0, -1);
  const spread = medianAbsoluteDeviation(others);
  return spread > Number.EPSILON && Math.abs((values.at(-1) as number) - median(others)) > 10 * madToSigma * spread;
}

function onRecorder(
  written: Float64Array,
  times: Float64Array,
  values: Float64Array,
  findings: string[],
): { readonly stamps: Float64Array; readonly ranges: readonly Range[] } {
  const stamps = written.slice();
  if (times.length === 0 || stamps.length === 0) return { stamps, ranges: [] };
  const found: Range[] = [];
  let first = 0;
  for (const { first: from, last: to } of clockRanges(times, values)) {
    const line = lineOf(times.subarray(from, to + 1), values.subarray(from, to + 1), findings);
    let end = stamps.length;
    if (to + 1 < times.length) {
      // The first stamp that lies nearer to the next stretch's beginning than to this one's end.
      const [mine, next] = [times[to] as number, times[to + 1] as number];
      end = first;
      while (end < stamps.length && Math.abs(at(stamps, end) - mine) < Math.abs(at(stamps, end) - next)) end++;
    }
    for (let i = first; i < end; i++) stamps[i] = at(stamps, i) + line.intercept + line.slope * at(stamps, i);
    if (end > first) found.push({ first, last: end - 1 });
    first = end;
  }
  return { stamps, ranges: found };
}

const at = (values: Float64Array, i: number): number => values[i] as number;

function lineOf(times: Float64Array, values: Float64Array, findings: string[]): Line {
  if (times.length === 1) return { intercept: values[0] as number, slope: 0 };
  try {
    return huberLine(times, values);
  } catch {
    findings.push("clock offsets that are all of one time cannot synchronise their stretch");
    return { intercept: 0, slope: 0 };
  }
}
