/** What a reconstructed SPECT image's JSON tells of its views and terms: written beside the image, read again for a run's report. */
import { DataError, type QcFinding } from "@quintet/core";
import type { ViewTotals } from "@quintet/modalities/spect";
import type { ReconSettings } from "@quintet/view";
import { findingsIn, methodSettings, notesIn, numbersIn, type SideFile } from "../recon-side-file.ts";

export interface ReconRecord {
  readonly settings: ReconSettings;
  readonly terms: readonly string[];
  readonly notes: readonly string[];
  readonly findings: readonly QcFinding[];
  readonly views: ViewTotals;
}

/** Terms of the model, one line each. */
export function termLines(terms: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(terms).flatMap(([name, value]) =>
    value === undefined
      ? []
      : [
          `${name}: ${value === "none" ? "not modelled" : typeof value === "boolean" ? (value ? "yes" : "no") : String(value)}`,
        ],
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

/**
 * The record in an image's side file.
 *
 * @throws DataError `bad-views` (none, lists that are not of one length, values that are no numbers)
 */
export function readReconRecord(side: SideFile, file: string): ReconRecord {
  const { Views: told, Terms: terms } = side;
  const views = typeof told === "object" && told !== null ? (told as Readonly<Record<string, unknown>>) : {};
  const [columns, columnSize, row] = ["columns", "column_mm", "row"].map((key) => Number(views[key]));
  const [counts, centres] = ["counts", "centres_mm"].map((key) => numbersIn(views[key]));
  const rows = Array.isArray(views.sinogram) ? views.sinogram.map(numbersIn) : [];
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
    settings: methodSettings(side),
    terms: typeof terms === "object" && terms !== null ? termLines(terms as Readonly<Record<string, unknown>>) : [],
    notes: notesIn(side),
    findings: findingsIn(side, "spect"),
    views: {
      columns: columns as number,
      columnSize: columnSize as number,
      row: row as number,
      sinogram: Float32Array.from((rows as readonly (readonly number[])[]).flat()),
      counts: Float64Array.from(counts as readonly number[]),
      centres: Float64Array.from(centres as readonly number[]),
    },
  };
}
