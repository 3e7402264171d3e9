import { DataError } from "@quintet/core";
import type { ByteSource } from "../signal/byte-source.ts";
import { parseTals, type Tal } from "./edf-annotations.ts";
import type { EdfHeader } from "./edf-header.ts";

/** Data records that follow each other without a gap. */
export interface EdfRun {
  readonly firstRecord: number;
  readonly records: number;
  /** Seconds from the header's start time to the run's first sample. */
  readonly start: number;
}

export interface EdfTimeline {
  readonly runs: readonly EdfRun[];
  /** Annotations with a text, in file order. */
  readonly annotations: readonly Tal[];
  readonly problems: readonly string[];
}

/**
 * When each data record was measured. In EDF+ the first annotation of a record carries its onset; a record that starts
 * more than half a sample (of the fastest signal) off the end of the one before it opens a new run. Without
 * annotations record r starts at r x duration.
 *
 * @throws DataError `no-record-onset`, `records-out-of-order`, `bad-annotation`
 */
export function readEdfTimeline(header: EdfHeader, source: ByteSource): EdfTimeline {
  const holders = header.signals.filter((signal) => signal.annotations && signal.samplesPerRecord > 0);
  const problems: string[] = [];
  const annotations: Tal[] = [];
  const onset = (record: number): number | undefined => {
    let first: number | undefined;
    for (const holder of holders) {
      const at = header.headerBytes + record * header.recordBytes + holder.offset;
      const tals = parseTals(source.read(at, holder.samplesPerRecord * header.bytesPerSample), header.file);
      if (holder === holders[0]) first = tals[0]?.onset;
      for (const tal of tals) {
        const texts = tal.texts.filter((text) => text !== "");
        if (texts.length > 0) annotations.push({ ...tal, texts });
      }
    }
    return first;
  };
  const fastest = Math.max(0, ...header.signals.filter((s) => !s.annotations).map((s) => s.samplesPerRecord));
  const tolerance = fastest > 0 ? header.recordDuration / fastest / 2 : 0;
  const runs: { firstRecord: number; records: number; start: number }[] = [];
  let silent = 0;
  for (let record = 0; record < header.records; record++) {
    const run = runs.at(-1);
    const expected = run === undefined ? 0 : run.start + run.records * header.recordDuration;
    const stated = holders.length > 0 ? onset(record) : undefined;
    if (stated === undefined && holders.length > 0) {
      if (header.variant === "D") {
        throw new DataError("no-record-onset", `record ${record} does not say when it starts`, { file: header.file });
      }
      silent++;
    }
    const start = stated ?? expected;
    if (run !== undefined && fastest > 0 && start < expected - tolerance) {
      throw new DataError("records-out-of-order", `record ${record} starts before the one before it ends`, {
        file: header.file,
        expected: `>= ${expected} s`,
        found: `${start} s`,
      });
    }
    if (run !== undefined && Math.abs(start - expected) <= tolerance) run.records++;
    else runs.push({ firstRecord: record, records: 1, start });
  }
  if (silent > 0)
    problems.push(`${silent} records do not say when they start; they were taken to follow without a gap`);
  if (runs.length > 1 && fastest > 0 && header.variant !== "D") {
    problems.push(`the header says the recording is continuous, its time stamps hold ${runs.length - 1} gaps`);
  }
  return { runs: fastest > 0 ? runs : [], annotations, problems };
}
