import type { ChannelGroup } from "@quintet/core";
import { DataError, sampleCount } from "@quintet/core";
import { exactEightCharacters } from "./eight-characters.ts";

/** How a recording is cut into data records. */
export interface RecordPlan {
  /** Seconds, and the same as the header's 8 characters. */
  readonly duration: number;
  readonly durationText: string;
  /** Samples per record of each group. */
  readonly samples: readonly number[];
  /** Whole records of each segment. */
  readonly records: readonly number[];
  /** Samples of each group that fill up the last record of each segment: [segment][group]. */
  readonly padding: readonly (readonly number[])[];
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/**
 * Chooses a record duration such that every group has whole samples in a record and every segment whole records, as
 * near to one second as the 61 440-byte advice of EDF lets it be.
 *
 * @throws DataError `no-record-duration` (rates without a common record), `partial-record` (samples left over and
 *   padding not allowed), `segments-differ`
 */
export function planRecords(groups: readonly ChannelGroup[], bytesPerSample: number, pad: boolean): RecordPlan {
  const [first] = groups;
  if (first === undefined) return { duration: 0, durationText: "0", samples: [], records: [], padding: [] };
  for (const group of groups) {
    const same =
      group.segments.length === first.segments.length &&
      group.segments.every((s, i) => Math.abs(s.start - (first.segments[i]?.start ?? Number.NaN)) < 0.5 / group.rate);
    if (!same) throw new DataError("segments-differ", "all channels of an EDF file start and stop together");
  }
  const unit = smallestRecord(groups.map((group) => group.rate));
  const per = groups.map((group) => Math.round(group.rate * unit));
  const lengths = first.segments.map((_, s) =>
    Math.max(
      ...groups.map(
        (group, g) =>
          sampleCount(group, group.segments[s] as { start: number; data: Float32Array }) / (per[g] as number),
      ),
    ),
  );
  const whole = groups.every((group, g) =>
    group.segments.every((segment, s) => sampleCount(group, segment) === (lengths[s] as number) * (per[g] as number)),
  );
  const exact = whole && lengths.every(Number.isInteger) ? lengths.reduce(gcd, 0) : 0;
  const recordBytes =
    per.reduce((sum, n, g) => sum + n * (groups[g] as ChannelGroup).channels.length, 0) * bytesPerSample;
  const largest = Math.max(1, Math.floor(61_440 / recordBytes));
  const wanted = Math.max(1, Math.min(Math.round(1 / unit), largest));
  const multiple = exact > 0 ? bestDivisor(exact, wanted, unit) : undefined;
  const chosen = multiple ?? (pad ? bestMultiple(wanted, unit) : undefined);
  if (chosen === undefined) {
    throw new DataError("partial-record", "the samples do not fill whole EDF records; padding must be asked for", {
      expected: `segments of whole records, or { pad: true }`,
      found: `${lengths.map((l) => l * (per[0] as number)).join(", ")} samples`,
    });
  }
  const records = lengths.map((length) => Math.ceil(length / chosen));
  const duration = unit * chosen;
  return {
    duration,
    durationText: exactEightCharacters(duration) ?? "",
    samples: per.map((n) => n * chosen),
    records,
    padding: first.segments.map((_, s) =>
      groups.map(
        (group, g) =>
          (records[s] as number) * (per[g] as number) * chosen -
          sampleCount(group, group.segments[s] as { start: number; data: Float32Array }),
      ),
    ),
  };
}

/** The shortest duration that holds whole samples of every rate: 0.1 ms steps up to 100 s (7.8125 Hz needs 0.128 s). */
function smallestRecord(rates: readonly number[]): number {
  const fits = (duration: number): boolean =>
    rates.every((rate) => {
      const n = rate * duration;
      return n > 0.5 && Math.abs(n - Math.round(n)) < 1e-6 * n;
    });
  const fastest = Math.max(...rates);
  for (let n = 1; n <= 1_000_000; n++) {
    const duration = n / fastest;
    if (duration > 100) break;
    if (fits(duration)) return duration;
  }
  throw new DataError("no-record-duration", "no record duration up to 100 s holds whole samples of every rate", {
    found: `${rates.join(", ")} Hz`,
  });
}

/** The divisor of `count` nearest to `wanted` (by ratio) whose duration 8 characters hold exactly. */
function bestDivisor(count: number, wanted: number, unit: number): number | undefined {
  const divisors: number[] = [];
  for (let d = 1; d * d <= count; d++) if (count % d === 0) divisors.push(d, count / d);
  const near = (d: number): number => Math.abs(Math.log(d / wanted));
  return divisors
    .filter((d) => exactEightCharacters(d * unit) !== undefined && near(d) < Math.log(200))
    .sort((a, b) => near(a) - near(b))[0];
}

function bestMultiple(wanted: number, unit: number): number | undefined {
  for (let away = 0; away < 100_000; away++) {
    for (const d of [wanted - away, wanted + away]) {
      if (d >= 1 && exactEightCharacters(d * unit) !== undefined) return d;
    }
  }
  return undefined;
}
