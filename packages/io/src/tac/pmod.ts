/** PMOD's text tables: .tac (regions by frames) and .bld (one curve of blood). */
import { type Blood, type BloodCurve, DataError, type Tacs } from "@quintet/core";
import { quoted } from "../bids/text.ts";
import { curvesOf, linesOf, numberOf } from "./curve-table.ts";
import { activityUnit, secondsPer } from "./units.ts";

export interface CurveOptions {
  readonly file: string;
  readonly clock?: string;
}

/**
 * Regional curves of a .tac file: `start[seconds] end[kBq/cc] Region1 Region2 ...`, or `time[...] Region1[...]` with the
 * middle of the frames only. The unit of the times stands behind the first name, the unit of the activity behind the second.
 * Values become Bq/mL, times seconds.
 *
 * @throws DataError `not-text`, `bad-header`, `unknown-units`, and those of curvesOf
 * @see PMOD kinetic modeling manual, "File-based Data Import" (pmod.com/files/download/v36/doc/pkin/2235.htm)
 */
export function readPmodTac(text: string, { file, clock = "pet" }: CurveOptions): Tacs {
  const [header, ...rows] = linesOf(joinedUnits(text), file);
  const names = (header?.cells ?? []).map(named);
  const [first, second] = names;
  const two = second !== undefined && /^end$/i.test(second.name);
  if (first === undefined || second === undefined || !/^(start|time)$/i.test(first.name)) {
    throw new DataError("bad-header", "the first line of a PMOD .tac names its columns", {
      file,
      expected: "start[seconds] end[kBq/cc] Region1 ...",
      found: quoted(header?.cells.join(" ") ?? "nothing"),
    });
  }
  const scale = activityUnit(second.unit, "unit of the activity, behind the second column's name", file);
  return curvesOf(
    rows,
    names.slice(two ? 2 : 1).map(({ name }) => name),
    {
      timeColumns: two ? 2 : 1,
      perSecond: secondsPer(first.unit, "unit of the times, behind the first column's name", file),
      scale,
      unit: "Bq/mL",
      clock,
      file,
    },
  );
}

/** `name[unit]` in one cell, also where a blank stands between. */
function joinedUnits(text: string): string {
  const end = text.search(/[\r\n]/);
  const line = end < 0 ? text : text.slice(0, end);
  // Names of PMOD regions may hold blanks: the cells of the header are told apart by tabs where there are any.
  const cells = line.includes("\t") ? line.split("\t") : line.replaceAll(/\s+\[/g, "[").trim().split(/\s+/);
  return (
    cells
      .map((cell) =>
        cell
          .trim()
          .replaceAll(/\s+(?=\[)/g, "")
          .replaceAll(/\s+/g, "_"),
      )
      .join("\t") + text.slice(line.length)
  );
}

function named(cell: string): { readonly name: string; readonly unit?: string } {
  const [, name = cell, unit] = cell.match(/^([^[]*)\[([^\]]*)\]$/) ?? [];
  return { name, ...(unit === undefined ? {} : { unit }) };
}

/**
 * One curve of a .bld file: `time[seconds] NAME[kBq/cc]`, or `[1/1]` for a fraction. Times need only rise.
 *
 * @returns the column's name and the curve in Bq/mL or as a fraction
 * @throws DataError `not-text`, `bad-header`, `unknown-units`, `not-a-number`, `ragged-row`, `time-not-increasing`, `no-frames`
 */
export function readPmodBlood(
  text: string,
  { file }: CurveOptions,
): { readonly name: string; readonly curve: BloodCurve } {
  const [header, ...rows] = linesOf(joinedUnits(text), file);
  const [time, value, ...more] = (header?.cells ?? []).map(named);
  if (time === undefined || value === undefined || more.length > 0 || !/time/i.test(time.name)) {
    throw new DataError("bad-header", "the first line of a PMOD .bld names time and one curve", {
      file,
      expected: "sample-time[seconds] plasma[kBq/cc]",
      found: quoted(header?.cells.join(" ") ?? "nothing"),
    });
  }
  const fraction = /^(1\/1|1|fraction)$/.test(value.unit ?? "");
  const percent = /^(%|percent)$/i.test(value.unit ?? "");
  const scale = fraction ? 1 : percent ? 0.01 : activityUnit(value.unit, `unit of ${value.name}`, file);
  const perSecond = secondsPer(time.unit, "unit of the times", file);
  if (rows.length === 0) throw new DataError("no-frames", "the table has no samples", { file });
  const samples = rows.map(({ line, cells }) => {
    if (cells.length !== 2) {
      throw new DataError("ragged-row", `line ${line} is a time and a value`, {
        file,
        expected: "2 cells",
        found: `${cells.length}`,
      });
    }
    return [numberOf(cells[0], line, file) * perSecond, numberOf(cells[1], line, file) * scale] as const;
  });
  const late = samples.findIndex(([at], i) => i > 0 && !(at > (samples[i - 1] as readonly [number, number])[0]));
  if (late >= 0) {
    throw new DataError("time-not-increasing", `line ${rows[late]?.line}: times must rise`, {
      file,
      expected: `more than ${samples[late - 1]?.[0]} s`,
      found: `${samples[late]?.[0]} s`,
    });
  }
  return {
    name: value.name,
    curve: {
      time: Float64Array.from(samples, ([at]) => at),
      value: Float64Array.from(samples, ([, v]) => v),
      unit: fraction || percent ? "1" : "Bq/mL",
    },
  };
}

/**
 * The text of a .tac file: times in seconds, activity in kBq/cc, blanks of names as underscores.
 *
 * @throws DataError `unknown-units` when the curves are no activity concentration, `bad-frames` without durations
 */
export function writePmodTac(tacs: Tacs): string {
  needsActivity(tacs);
  if (tacs.frames.some(({ duration }) => !(duration > 0))) {
    throw new DataError("bad-frames", "a .tac file holds frames with start and end", {
      found: "samples without duration",
    });
  }
  const header = ["start[seconds]", "end[kBq/cc]", ...tacs.regions.map(({ name }) => name.replaceAll(/\s+/g, "_"))];
  const rows = tacs.frames.map(({ start, duration }, t) =>
    [start, start + duration, ...tacs.regions.map(({ values }) => (values[t] as number) / 1000)].join("\t"),
  );
  return `${[header.join("\t"), ...rows].join("\n")}\n`;
}

/** The text of a .bld file for one curve: times in seconds, activity in kBq/cc or a fraction [1/1]. */
export function writePmodBlood(name: string, { time, value, unit }: NonNullable<Blood["plasma"]>): string {
  const factor = unit === "1" ? 1 : 1000;
  const header = `sample-time[seconds]\t${name.replaceAll(/\s+/g, "_")}[${unit === "1" ? "1/1" : "kBq/cc"}]`;
  return `${[header, ...Array.from(time, (at, i) => `${at}\t${(value[i] as number) / factor}`)].join("\n")}\n`;
}

/** @throws DataError `unknown-units` */
export function needsActivity({ unit }: Tacs): void {
  if (unit !== "Bq/mL") {
    throw new DataError("unknown-units", "these formats hold activity concentration", {
      expected: "Bq/mL",
      found: unit,
    });
  }
}
