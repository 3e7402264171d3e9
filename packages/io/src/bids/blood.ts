/** blood.tsv of BIDS-PET: radioactivity of whole blood and plasma, and the parent fraction, over time. */
import { DataError, type Metadata, type Seconds } from "@quintet/core";
import { textField } from "./json.ts";
import { quoted } from "./text.ts";
import { numberCell, readTsv, requireColumns, type Table } from "./tsv.ts";

/** One measured curve; its times are those of the samples that have a value. */
export interface BloodCurve {
  readonly time: Float64Array;
  readonly value: Float64Array;
  readonly unit: "Bq/mL" | "1";
}

export interface Blood {
  /** Second 0 is the PET image's TimeZero. */
  readonly clock: string;
  readonly wholeBlood?: BloodCurve;
  readonly plasma?: BloodCurve;
  /** Fraction of the activity in plasma that is still the injected tracer, 0 to 1. */
  readonly parentFraction?: BloodCurve;
}

export interface BloodOptions {
  readonly file: string;
  readonly clock: string;
  /** Parsed JSON side file: units of the columns. */
  readonly metadata: Metadata;
}

/**
 * Blood samples with activity in Bq/mL, decay correction as the side file has it (not touched).
 *
 * @throws DataError `missing-column`, `missing-time`, `time-not-increasing`, `unknown-units`, `out-of-range` and those of `readTsv`
 */
export function readBloodTsv(text: string, { file, clock, metadata }: BloodOptions): Blood {
  const table = readTsv(text, file);
  requireColumns(table, ["time"]);
  const timeUnit = columnUnit(metadata, "time");
  const perSecond = timeUnit === undefined ? undefined : secondsPer[timeUnit];
  if (perSecond === undefined) {
    throw new DataError("unknown-units", "units of the column time", {
      file,
      expected: "s or min",
      found: quoted(timeUnit ?? "nothing"),
    });
  }
  const times = table.rows.map((_, row) => {
    const time = numberCell(table, row, "time");
    if (time === undefined) throw new DataError("missing-time", `line ${row + 2} has no time`, { file });
    return time * perSecond;
  });
  times.forEach((time, row) => {
    if (row > 0 && !(time > (times[row - 1] as Seconds))) {
      throw new DataError("time-not-increasing", `line ${row + 2}`, {
        file,
        expected: `more than ${times[row - 1]} s`,
        found: `${time} s`,
      });
    }
  });
  const curve = (column: string, scale: number, unit: BloodCurve["unit"]): BloodCurve => {
    const rows = times.flatMap((time, row) => {
      const value = numberCell(table, row, column);
      return value === undefined ? [] : [{ time, value: value * scale }];
    });
    return { time: Float64Array.from(rows, (r) => r.time), value: Float64Array.from(rows, (r) => r.value), unit };
  };
  const activity = (column: string): BloodCurve | undefined =>
    table.columns.includes(column) ? curve(column, activityScale(metadata, column, file), "Bq/mL") : undefined;
  const [wholeBlood, plasma] = [activity("whole_blood_radioactivity"), activity("plasma_radioactivity")];
  const parentFraction = fraction(table, metadata, curve);
  return {
    clock,
    ...(wholeBlood ? { wholeBlood } : {}),
    ...(plasma ? { plasma } : {}),
    ...(parentFraction ? { parentFraction } : {}),
  };
}

function fraction(
  table: Table,
  metadata: Metadata,
  curve: (column: string, scale: number, unit: "1") => BloodCurve,
): BloodCurve | undefined {
  const column = "metabolite_parent_fraction";
  if (!table.columns.includes(column)) return undefined;
  const percent = /^(%|percent)$/i.test(columnUnit(metadata, column) ?? "");
  const result = curve(column, percent ? 0.01 : 1, "1");
  const outside = result.value.find((x) => x < -0.05 || x > 1.05);
  if (outside !== undefined) {
    throw new DataError("out-of-range", `column ${column}`, {
      file: table.file,
      expected: "0 to 1",
      found: `${outside}`,
    });
  }
  return result;
}

const secondsPer: Readonly<Record<string, number>> = { s: 1, sec: 1, second: 1, seconds: 1, min: 60, minutes: 60 };

function columnUnit(metadata: Metadata, column: string): string | undefined {
  const described = metadata[column];
  if (typeof described !== "object" || described === null || Array.isArray(described)) return undefined;
  return textField(described as Metadata, "Units");
}

function activityScale(metadata: Metadata, column: string, file: string): number {
  const unit = columnUnit(metadata, column);
  const scale = unit === undefined ? undefined : activityUnits[unit.toLowerCase()];
  if (scale === undefined) {
    throw new DataError("unknown-units", `units of the column ${column}`, {
      file,
      expected: Object.keys(activityUnits).join(", "),
      found: quoted(unit ?? "nothing"),
    });
  }
  return scale;
}

/** To Bq/mL; 1 mL = 1 cc. Keys in lower case, so MBq and mBq must not both be known: mBq is no unit of blood. */
const activityUnits: Readonly<Record<string, number>> = {
  "bq/ml": 1,
  "bq/cc": 1,
  "kbq/ml": 1e3,
  "kbq/cc": 1e3,
  "mbq/ml": 1e6,
  "nci/ml": 37,
  "uci/ml": 37e3,
};
