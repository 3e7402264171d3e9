/** participants.tsv, sessions.tsv and scans.tsv: who, which visits, which file was acquired when. */
import type { Metadata, Participant } from "@quintet/core";
import { textField } from "./json.ts";
import type { Report } from "./problem.ts";
import { quoted } from "./text.ts";
import { cell, readTsv, requireColumns, type Table } from "./tsv.ts";

export interface PeopleOptions {
  readonly file: string;
  /** Parsed participants.json: units of the columns. */
  readonly sidecar?: Metadata;
  /** Hears of doubtful cells, whose field is then left out. */
  readonly report?: Report;
}

/**
 * People of a data set: age in years, weight in kg, height in m. "89+" and the like give the number before the plus.
 *
 * @throws DataError `missing-column` and those of `readTsv`
 */
export function readParticipantsTsv(
  text: string,
  { file, sidecar = {}, report }: PeopleOptions,
): readonly Participant[] {
  const table = readTsv(text, file);
  requireColumns(table, ["participant_id"]);
  const doubt = (rule: string, expected: string, found: string): void =>
    report?.({ file, rule, severity: "warning", expected, found });
  const seen = new Set<string>();
  return table.rows.flatMap((_, row): Participant[] => {
    const id = cell(table, row, "participant_id");
    const label = id?.match(/^sub-([A-Za-z0-9+]+)$/)?.[1];
    if (label === undefined || seen.has(label)) {
      doubt(label === undefined ? "participant-id" : "duplicate-participant", "sub-<label>, once", quoted(id ?? "n/a"));
      return [];
    }
    seen.add(label);
    const number = (column: string, most: number): number | undefined => {
      const said = cell(table, row, column)?.replace(/^(\d+(?:\.\d+)?)\+$/, "$1");
      const value = said === undefined || said === "" ? undefined : Number(said);
      if (value === undefined || (value >= 0 && value <= most)) return value;
      doubt(`participant-${column}`, `0 to ${most}`, `${quoted(said)} in line ${row + 2}`);
      return undefined;
    };
    const age = inYears(number("age", 130 * 12), unitOf(sidecar, "age"));
    const weight = scaled(number("weight", 1000), unitOf(sidecar, "weight"), { kg: 1, g: 0.001, lb: 0.45359237 });
    const height = heightOf(number("height", 300), unitOf(sidecar, "height"), (found) =>
      doubt("participant-height", "metres, or Units in participants.json", found),
    );
    const sex = letter(
      table,
      row,
      "sex",
      { f: "F", female: "F", m: "M", male: "M", o: "O", other: "O" } as const,
      doubt,
    );
    const handedness = letter(
      table,
      row,
      "handedness",
      { l: "L", left: "L", r: "R", right: "R", a: "A", ambidextrous: "A" } as const,
      doubt,
    );
    return [
      {
        label,
        ...(age === undefined ? {} : { age }),
        ...(sex === undefined ? {} : { sex }),
        ...(weight === undefined ? {} : { weight }),
        ...(height === undefined ? {} : { height }),
        ...(handedness === undefined ? {} : { handedness }),
      },
    ];
  });
}

function unitOf(sidecar: Metadata, column: string): string | undefined {
  const described = sidecar[column];
  if (typeof described !== "object" || described === null) return undefined;
  return textField(described as Metadata, "Units")?.toLowerCase();
}

function inYears(value: number | undefined, unit: string | undefined): number | undefined {
  return value === undefined ? undefined : unit?.startsWith("month") ? value / 12 : value;
}

function scaled(
  value: number | undefined,
  unit: string | undefined,
  factors: Readonly<Record<string, number>>,
): number | undefined {
  return value === undefined ? undefined : value * (factors[unit ?? ""] ?? 1);
}

/** No one is taller than 3 m: a larger number without a unit cannot be metres. */
function heightOf(
  value: number | undefined,
  unit: string | undefined,
  doubt: (found: string) => void,
): number | undefined {
  if (value === undefined) return undefined;
  const metres = scaled(value, unit, { m: 1, cm: 0.01, mm: 0.001 }) ?? value;
  if (metres <= 3) return metres;
  doubt(`${value} ${unit ?? "without unit"}`);
  return undefined;
}

function letter<T extends string>(
  table: Table,
  row: number,
  column: string,
  words: Readonly<Record<string, T>>,
  doubt: (rule: string, expected: string, found: string) => void,
): T | undefined {
  const said = cell(table, row, column);
  const found = said === undefined ? undefined : words[said.toLowerCase()];
  if (said !== undefined && found === undefined)
    doubt(`participant-${column}`, Object.keys(words).join(", "), quoted(said));
  return found;
}

export interface ScanRow {
  /** As written: relative to the folder of the table. */
  readonly filename: string;
  /** Wall-clock time without zone, "2009-06-15T13:45:30.25". */
  readonly acquiredAt?: string;
}

export const isoTime: RegExp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z?$/;

/** @throws DataError `missing-column` and those of `readTsv` */
export function readScansTsv(text: string, { file, report }: PeopleOptions): readonly ScanRow[] {
  const table = readTsv(text, file);
  requireColumns(table, ["filename"]);
  return table.rows.flatMap((_, row): ScanRow[] => {
    const filename = cell(table, row, "filename");
    if (filename === undefined) return [];
    const time = timeCell(table, row, report);
    return [time === undefined ? { filename } : { filename, acquiredAt: time }];
  });
}

export interface SessionRow {
  readonly label: string;
  readonly acquiredAt?: string;
}

/** @throws DataError `missing-column` and those of `readTsv` */
export function readSessionsTsv(text: string, { file, report }: PeopleOptions): readonly SessionRow[] {
  const table = readTsv(text, file);
  requireColumns(table, ["session_id"]);
  return table.rows.flatMap((_, row): SessionRow[] => {
    const label = cell(table, row, "session_id")?.match(/^ses-([A-Za-z0-9+]+)$/)?.[1];
    if (label === undefined) {
      report?.({ file, rule: "session-id", severity: "error", expected: "ses-<label>", found: `line ${row + 2}` });
      return [];
    }
    const time = timeCell(table, row, report);
    return [time === undefined ? { label } : { label, acquiredAt: time }];
  });
}

function timeCell(table: Table, row: number, report: Report | undefined): string | undefined {
  const said = cell(table, row, "acq_time");
  if (said === undefined) return undefined;
  if (isoTime.test(said) && Number.isFinite(Date.parse(said.replace(/Z?$/, "Z")))) return said.replace(/Z$/, "");
  report?.({
    file: table.file,
    rule: "acq-time",
    severity: "warning",
    expected: "2009-06-15T13:45:30",
    found: `${quoted(said)} in line ${row + 2}`,
  });
  return undefined;
}

export const ageCap = 89;

/** Columns of participants.tsv as we write it, with their units. */
export const participantsSidecar: Metadata = {
  age: { Description: `Age at the first visit; above ${ageCap} written as ${ageCap}`, Units: "year" },
  sex: { Description: "Sex", Levels: { F: "female", M: "male", O: "other" } },
  weight: { Description: "Body weight", Units: "kg" },
  height: { Description: "Body height", Units: "m" },
  handedness: { Description: "Handedness", Levels: { L: "left", R: "right", A: "ambidextrous" } },
};
