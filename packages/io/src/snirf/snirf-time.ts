import { DataError } from "@quintet/core";
import { note, type SnirfContext } from "./snirf-fields.ts";

/** A stretch of evenly spaced samples. */
export interface TimeRun {
  readonly first: number;
  readonly end: number;
  /** Seconds. */
  readonly start: number;
}

export interface TimeGrid {
  /** Hz. */
  readonly rate: number;
  readonly runs: readonly TimeRun[];
}

/**
 * The time axis of a data block: all times, or [start, spacing]. A step longer than 1.5 times the median opens a new
 * run; times that wander more than half a sample from an even grid inside a run are told of.
 *
 * @param unit seconds in one unit of the file's time
 * @throws DataError `bad-time` (wrong length, not increasing, not finite)
 */
export function timeGrid(
  stored: Float64Array,
  samples: number,
  unit: number,
  path: string,
  context: SnirfContext,
): TimeGrid {
  const { file } = context;
  const bad = (expected: string, found: string): DataError =>
    new DataError("bad-time", `${path}/time`, { file, expected, found });
  if (stored.some((t) => !Number.isFinite(t))) throw bad("finite times", "NaN or infinity");
  const [first = 0, second = 0] = stored;
  if (stored.length === 2 && samples !== 2) {
    if (!(second > 0)) throw bad("[start, spacing > 0]", `[${first}, ${second}]`);
    return { rate: 1 / (second * unit), runs: [{ first: 0, end: samples, start: first * unit }] };
  }
  if (stored.length !== samples) throw bad(`${samples} times, or [start, spacing]`, `${stored.length}`);
  if (samples === 2) note(context, `${path}/time holds 2 values for 2 samples; they are taken as two times`);
  if (samples < 2) return { rate: 1, runs: samples === 1 ? [{ first: 0, end: 1, start: first * unit }] : [] };
  const steps = Float64Array.from({ length: samples - 1 }, (_, i) => (stored[i + 1] as number) - (stored[i] as number));
  const at = steps.findIndex((step) => !(step > 0));
  if (at >= 0) throw bad("increasing times", `${stored[at]} then ${stored[at + 1]}`);
  const median = steps.toSorted()[Math.floor(steps.length / 2)] as number;
  const cuts = [0];
  steps.forEach((step, i) => {
    if (step > 1.5 * median) cuts.push(i + 1);
  });
  const runs = cuts.map((cut, i) => ({
    first: cut,
    end: cuts[i + 1] ?? samples,
    start: (stored[cut] as number) * unit,
  }));
  const long = runs.reduce((a, b) => (b.end - b.first > a.end - a.first ? b : a));
  const spacing =
    long.end - long.first > 1
      ? ((stored[long.end - 1] as number) - (stored[long.first] as number)) / (long.end - long.first - 1)
      : median;
  const wander = runs.some((run) => {
    for (let i = run.first; i < run.end; i++) {
      const even = (stored[run.first] as number) + (i - run.first) * spacing;
      if (Math.abs((stored[i] as number) - even) > spacing / 2) return true;
    }
    return false;
  });
  if (wander) note(context, `${path}/time wanders more than half a sample from an even grid`);
  if (runs.length > 1) note(context, `${path} has ${runs.length - 1} gaps`);
  return { rate: 1 / (spacing * unit), runs };
}

const timeUnits: Readonly<Record<string, number>> = { s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9, min: 60 };

/**
 * Seconds in one TimeUnit; units are case-sensitive. A file without a unit, or with "unknown", is taken to be in
 * seconds and told of.
 *
 * @throws DataError `unknown-unit`
 */
export function timeFactor(unit: string | undefined, context: SnirfContext): number {
  if (unit === undefined || unit === "" || unit === "unknown") {
    note(context, `TimeUnit is ${unit ? `"${unit}"` : "missing"}; seconds were assumed`);
    return 1;
  }
  const factor = Object.hasOwn(timeUnits, unit) ? timeUnits[unit] : undefined;
  if (factor === undefined) {
    throw new DataError("unknown-unit", "TimeUnit", {
      file: context.file,
      expected: Object.keys(timeUnits).join(", "),
      found: unit,
    });
  }
  return factor;
}

const lengthUnits: Readonly<Record<string, number>> = { mm: 1, cm: 10, m: 1000, um: 1e-3, µm: 1e-3 };

/** Millimetres in one LengthUnit, case-sensitive; undefined when the file does not say. @throws DataError `unknown-unit` */
export function lengthFactor(unit: string | undefined, file: string): number | undefined {
  if (unit === undefined || unit === "" || unit === "unknown") return undefined;
  const factor = Object.hasOwn(lengthUnits, unit) ? lengthUnits[unit] : undefined;
  if (factor === undefined) {
    throw new DataError("unknown-unit", "LengthUnit", {
      file,
      expected: Object.keys(lengthUnits).join(", "),
      found: unit,
    });
  }
  return factor;
}
