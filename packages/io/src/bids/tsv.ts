/**
 * Tab-separated tables of BIDS: UTF-8, one header line, every row as long as the header, "n/a" for a missing value.
 */
import { DataError } from "@quintet/core";
import { quoted } from "./text.ts";

export interface Table {
  readonly file: string;
  readonly columns: readonly string[];
  /** Cells as written; "n/a" is kept. */
  readonly rows: readonly (readonly string[])[];
}

export const notAvailable = "n/a";
const maxColumns = 10_000;

/**
 * Reads a table. A byte order mark, CRLF and blank lines at the end are accepted; nothing else is mended.
 *
 * @throws DataError `empty-tsv`, `duplicate-column`, `empty-column-name`, `too-many-columns`, `ragged-row` (with the line number)
 */
export function readTsv(text: string, file: string): Table {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  while (lines.length > 0 && lines.at(-1) === "") lines.pop();
  const header = lines[0];
  if (header === undefined) throw new DataError("empty-tsv", "a table has a header line", { file, found: "no text" });
  const columns = header.split("\t").map((name) => name.trim());
  if (columns.length > maxColumns) {
    throw new DataError("too-many-columns", "this is not a table of a data set", {
      file,
      expected: `at most ${maxColumns} columns`,
      found: `${columns.length}`,
    });
  }
  const seen = new Set<string>();
  for (const name of columns) {
    if (name === "") throw new DataError("empty-column-name", "a column has no name", { file, found: quoted(header) });
    if (seen.has(name))
      throw new DataError("duplicate-column", "a column name occurs twice", { file, found: quoted(name) });
    seen.add(name);
  }
  const rows = lines.slice(1).map((line, index) => {
    const cells = line.split("\t");
    if (cells.length !== columns.length) {
      throw new DataError("ragged-row", `line ${index + 2} is not as long as the header`, {
        file,
        expected: `${columns.length} cells`,
        found: `${cells.length}`,
      });
    }
    return cells.map((cell) => cell.trim());
  });
  return { file, columns, rows };
}

/** A cell by row index and column name; undefined when the column is absent or the cell says n/a or nothing. */
export function cell(table: Table, row: number, column: string): string | undefined {
  const index = table.columns.indexOf(column);
  const value = index < 0 ? undefined : table.rows[row]?.[index];
  return value === undefined || value === "" || value.toLowerCase() === notAvailable ? undefined : value;
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;

/** A cell as a finite number. @throws DataError `not-a-number` with the line number */
export function numberCell(table: Table, row: number, column: string): number | undefined {
  const text = cell(table, row, column);
  if (text === undefined) return undefined;
  const value = decimal.test(text) ? Number(text) : Number.NaN;
  if (!Number.isFinite(value)) {
    throw new DataError("not-a-number", `column ${column}, line ${row + 2} must be a number`, {
      file: table.file,
      expected: "a decimal number or n/a",
      found: quoted(text),
    });
  }
  return value;
}

/** @throws DataError `missing-column` */
export function requireColumns(table: Table, names: readonly string[]): void {
  for (const name of names) {
    if (!table.columns.includes(name)) {
      throw new DataError("missing-column", `column ${name} is required`, {
        file: table.file,
        expected: names.join(", "),
        found: table.columns.slice(0, 20).join(", "),
      });
    }
  }
}

export type Cell = string | number | boolean | undefined;

/**
 * Writes a table; undefined and NaN become n/a.
 *
 * @throws DataError `bad-cell` when a cell holds a tab or a line end, `ragged-row`, `duplicate-column`
 */
export function writeTsv(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  if (new Set(columns).size !== columns.length) {
    throw new DataError("duplicate-column", "a column name occurs twice", { found: columns.join(", ") });
  }
  const line = (cells: readonly Cell[]): string => {
    if (cells.length !== columns.length) {
      throw new DataError("ragged-row", "a row must be as long as the header", {
        expected: `${columns.length} cells`,
        found: `${cells.length}`,
      });
    }
    return cells.map(cellText).join("\t");
  };
  return `${[columns, ...rows].map(line).join("\n")}\n`;
}

function cellText(value: Cell): string {
  if (value === undefined || value === "") return notAvailable;
  if (typeof value === "number") return Number.isFinite(value) ? String(value) : notAvailable;
  const text = String(value);
  if (/[\t\n\r]/.test(text)) {
    throw new DataError("bad-cell", "a cell cannot hold a tab or a line end", { found: quoted(text) });
  }
  return text;
}
