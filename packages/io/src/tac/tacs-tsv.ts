/** Regional curves as BIDS derivatives write them: *_tacs.tsv of PETPrep, with its JSON. */
import { DataError, type Metadata, type Tacs } from "@quintet/core";
import { textField } from "../bids/json.ts";
import { type Cell, readTsv, writeTsv } from "../bids/tsv.ts";
import { curvesOf } from "./curve-table.ts";
import { activityUnit } from "./units.ts";

/**
 * Columns frame_start and frame_end (seconds from the image's TimeZero) and one a region; Units of the side file.
 *
 * @throws DataError `missing-column`, `unknown-units`, those of readTsv and curvesOf
 */
export function readTacsTsv(
  text: string,
  { file, metadata, clock = "pet" }: { readonly file: string; readonly metadata: Metadata; readonly clock?: string },
): Tacs {
  const table = readTsv(text, file);
  const [start, end] = table.columns;
  if (start !== "frame_start" || end !== "frame_end") {
    throw new DataError("missing-column", "the first columns of a table of curves", {
      file,
      expected: "frame_start, frame_end",
      found: table.columns.slice(0, 4).join(", "),
    });
  }
  const scale = activityUnit(textField(metadata, "Units"), "Units of the side file", file);
  return curvesOf(
    table.rows.map((cells, i) => ({ line: i + 2, cells })),
    table.columns.slice(2),
    { timeColumns: 2, perSecond: 1, scale, unit: "Bq/mL", clock, file },
  );
}

/** Table and side file of curves, in their own unit. */
export function writeTacsTsv({ frames, regions, unit }: Tacs): { readonly tsv: string; readonly metadata: Metadata } {
  const rows = frames.map(({ start, duration }, t): Cell[] => [
    start,
    start + duration,
    ...regions.map(({ values }) => values[t] as number),
  ]);
  return {
    tsv: writeTsv(["frame_start", "frame_end", ...regions.map(({ name }) => name)], rows),
    metadata: {
      Units: unit,
      FrameTimesStart: frames.map(({ start }) => start),
      FrameDuration: frames.map(({ duration }) => duration),
    },
  };
}
