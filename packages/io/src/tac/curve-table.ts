/** What every table of curves has in common: lines of numbers, frames that follow each other. */
import { DataError, type Frame, type Tac, type Tacs, type VoxelUnit } from "@quintet/core";
import { quoted } from "../bids/text.ts";

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const mostRegions = 100_000;

/** Text lines with their numbers; blank lines and those of `#` comments are left out. */
export interface NumberedLine {
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Cells of every line that holds any, split at tabs or blanks.
 *
 * @throws DataError `not-text` (bytes that no text has: a spreadsheet under another name), `too-large`
 */
export function linesOf(text: string, file: string): readonly NumberedLine[] {
  if (text.startsWith("PK\u0003\u0004") || text.includes("\0")) {
    throw new DataError("not-text", "this is no text table", {
      file,
      expected: "tab-separated text",
      found: text.startsWith("PK") ? "a packed spreadsheet: save it as text" : "binary data",
    });
  }
  const lines: NumberedLine[] = [];
  for (const [at, raw] of text
    .replace(/^\uFEFF/, "")
    .split(/\r\n|\n|\r/)
    .entries()) {
    const kept = raw.replace(/#.*$/, "").trim();
    if (kept !== "") lines.push({ line: at + 1, cells: kept.split(/\s+/) });
  }
  if (lines.length > 10_000_000 || (lines[0]?.cells.length ?? 0) > mostRegions) {
    throw new DataError("too-large", "no table of curves is that large", { file, found: `${lines.length} lines` });
  }
  return lines;
}

/** @throws DataError `not-a-number` with the line */
export function numberOf(text: string | undefined, line: number, file: string): number {
  const value = decimal.test(text ?? "") ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) {
    throw new DataError("not-a-number", `line ${line} must hold numbers`, { file, found: quoted(text ?? "nothing") });
  }
  return value;
}

/**
 * Rows of numbers as curves: the first `timeColumns` (1: a time, 2: start and end) and one column a region.
 *
 * @param perSecond factor of the times to seconds
 * @param scale factor of the values to `unit`
 * @throws DataError `ragged-row`, `not-a-number`, `no-frames`, `no-regions`, `duplicate-region`, `bad-frames`
 */
export function curvesOf(
  rows: readonly NumberedLine[],
  names: readonly string[],
  {
    timeColumns,
    perSecond,
    scale,
    unit,
    clock,
    file,
  }: {
    readonly timeColumns: 1 | 2;
    readonly perSecond: number;
    readonly scale: number;
    readonly unit: VoxelUnit;
    readonly clock: string;
    readonly file: string;
  },
): Tacs {
  if (rows.length === 0) throw new DataError("no-frames", "the table has no frames", { file });
  if (names.length === 0) throw new DataError("no-regions", "the table has no regions", { file });
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new DataError("duplicate-region", "a region's name occurs twice", { file, found: quoted(twice) });
  }
  const numbers = rows.map(({ line, cells }) => {
    if (cells.length !== timeColumns + names.length) {
      throw new DataError("ragged-row", `line ${line} is not as long as the header`, {
        file,
        expected: `${timeColumns + names.length} cells`,
        found: `${cells.length}`,
      });
    }
    return cells.map((cell) => numberOf(cell, line, file));
  });
  const frames = numbers.map((cells): Frame => {
    const [first = 0, second = 0] = cells;
    const start = first * perSecond;
    return { start, duration: timeColumns === 2 ? second * perSecond - start : 0 };
  });
  checkFrames(frames, timeColumns, rows, file);
  const columns = names.map((name, i) => ({
    name,
    values: Float64Array.from(numbers, (cells) => (cells[timeColumns + i] as number) * scale),
  }));
  return { clock, unit, frames, ...withWeights(columns, scale) };
}

/** Every frame lasts and begins when the one before it has ended; a millisecond of rounding is allowed. */
function checkFrames(frames: readonly Frame[], timeColumns: 1 | 2, rows: readonly NumberedLine[], file: string): void {
  for (const [i, { start, duration }] of frames.entries()) {
    const before = frames[i - 1];
    const lasts = timeColumns === 1 || duration > 0;
    const follows = before === undefined || start >= before.start + before.duration - 1e-3;
    const rises = before === undefined || start > before.start;
    if (lasts && follows && rises) continue;
    throw new DataError("bad-frames", `line ${rows[i]?.line}: frames last and follow each other`, {
      file,
      expected: before ? `a start at ${before.start + before.duration} s or later` : "a positive duration",
      found: `${start} s for ${duration} s`,
    });
  }
}

/** A column named "weight" or "weights" is none of a region. */
function withWeights(columns: readonly Tac[], scale: number): Pick<Tacs, "regions" | "weights"> {
  const weights = columns.find(({ name }) => /^weights?$/i.test(name));
  if (weights === undefined) return { regions: columns };
  return { regions: columns.filter((column) => column !== weights), weights: weights.values.map((w) => w / scale) };
}
