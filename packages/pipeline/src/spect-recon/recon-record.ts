/** What a reconstructed SPECT image's JSON tells of its views and terms: written beside the image, read again for a run's report. */
import { DataError, type QcFinding } from "@quintet/core";
import type { ViewTotals } from "@quintet/modalities/spect";

export interface ReconRecord {
  readonly terms: readonly string[];
  readonly notes: readonly string[];
  readonly findings: readonly QcFinding[];
  readonly views: ViewTotals;
}

/** Terms of the model, one line each. */
export function termLines(terms: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(terms).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}: ${typeof value === "boolean" ? (value ? "yes" : "no") : String(value)}`],
  );
}

/** Views as plain numbers, four digits of each count. */
export function viewsRecord(views: ViewTotals): Readonly<Record<string, unknown>> {
  const { columns, columnSize, row, sinogram, counts, centres } = views;
  const short = (x: number): number => Number(x.toPrecision(4));
  return {
    columns,
    column_mm: columnSize,
    row,
    counts: Array.from(counts, (y) => Number(y.toPrecision(9))),
    centres_mm: Array.from(centres, (c) => Number(c.toFixed(3))),
    sinogram: Array.from({ length: counts.length }, (_, v) =>
      Array.from(sinogram.subarray(v * columns, (v + 1) * columns), short),
    ),
  };
}

/** Indented JSON with each list of numbers on one line. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, null, 1).replace(/\[\s+([-+\d.eE,\s]+?)\s+\]/g, (_, list: string) => {
    return `[${list.replace(/\s+/g, " ")}]`;
  });
}

/**
 * The record in an image's side file.
 *
 * @throws DataError `bad-views` (none, lists that are not of one length, values that are no numbers)
 */
export function readReconRecord(side: Readonly<Record<string, unknown>>, file: string): ReconRecord {
  const { Views: told, Terms: terms, notes, findings } = side;
  const views = typeof told === "object" && told !== null ? (told as Readonly<Record<string, unknown>>) : {};
  const [columns, columnSize, row] = ["columns", "column_mm", "row"].map((key) => Number(views[key]));
  const [counts, centres] = ["counts", "centres_mm"].map((key) => numbers(views[key]));
  const rows = Array.isArray(views.sinogram) ? views.sinogram.map(numbers) : [];
  const whole =
    [columns, columnSize, row].every((x) => x !== undefined && x > 0 && Number.isFinite(x)) &&
    counts !== undefined &&
    counts.length > 0 &&
    centres?.length === counts.length &&
    rows.length === counts.length &&
    rows.every((list) => list?.length === columns);
  if (!whole) {
    throw new DataError(
      "bad-views",
      "views of a reconstruction: counts and a centre of each, and a row of the sinogram",
      {
        file,
        expected: "lists of one length, rows of as many numbers as there are columns",
        found: `${counts?.length ?? "no"} counts, ${centres?.length ?? "no"} centres, ${rows.length} rows`,
      },
    );
  }
  return {
    terms: typeof terms === "object" && terms !== null ? termLines(terms as Readonly<Record<string, unknown>>) : [],
    notes: Array.isArray(notes) ? notes.filter((note) => typeof note === "string") : [],
    findings: Array.isArray(findings) ? findings.filter(isFinding) : [],
    views: {
      columns: columns as number,
      columnSize: columnSize as number,
      row: row as number,
      sinogram: Float32Array.from((rows as readonly number[][]).flat()),
      counts: Float64Array.from(counts as readonly number[]),
      centres: Float64Array.from(centres as readonly number[]),
    },
  };
}

function numbers(list: unknown): number[] | undefined {
  return Array.isArray(list) && list.every((x) => typeof x === "number" && Number.isFinite(x))
    ? (list as number[])
    : undefined;
}

function isFinding(given: unknown): given is QcFinding {
  const { name, value, verdict, note, modality } = (given ?? {}) as Readonly<Record<string, unknown>>;
  return (
    modality === "spect" &&
    typeof name === "string" &&
    (typeof value === "number" || typeof value === "string") &&
    (verdict === "ok" || verdict === "warn" || verdict === "bad") &&
    typeof note === "string"
  );
}
