/** blood.tsv of BIDS-PET: radioactivity of whole blood and plasma, and the parent fraction, over time. */
import { type Blood, type BloodCurve, DataError, type Metadata, type Seconds } from "@quintet/core";
import { activityUnit, secondsPer } from "../tac/units.ts";
import { textField } from "./json.ts";
import { numberCell, readTsv, requireColumns, type Table } from "./tsv.ts";

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
  const perSecond = secondsPer(columnUnit(metadata, "time"), "units of the column time", file);
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

function columnUnit(metadata: Metadata, column: string): string | undefined {
  const described = metadata[column];
  if (typeof described !== "object" || described === null || Array.isArray(described)) return undefined;
  return textField(described as Metadata, "Units");
}

function activityScale(metadata: Metadata, column: string, file: string): number {
  return activityUnit(columnUnit(metadata, column), `units of the column ${column}`, file);
}
