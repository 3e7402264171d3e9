/**
 * Current dipoles of EEG as the station shows them, from tables in a person's derivatives:
 * `sub-<label>/eeg/*_dipoles.tsv` with the columns name, x, y, z (mm of the T1's space) and qx, qy, qz (nA m).
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { DataError } from "@quintet/core";
import { cell, numberCell, readTsv } from "@quintet/io";
import type { SceneSource } from "@quintet/view";
import { insideOf } from "./places.ts";
import { type Problem, problemOf } from "./stored-subject.ts";

/** @throws DataError `bad-table` for a row without place or moment, `not-a-number` for one that is a word */
export function readDipoles(text: string, file: string): readonly SceneSource[] {
  const table = readTsv(text, file);
  return table.rows.map((_, row): SceneSource => {
    const numbers = (columns: readonly string[]): readonly [number, number, number] => {
      const found = columns.map((column) => numberCell(table, row, column) ?? Number.NaN);
      if (found.some((value) => !Number.isFinite(value)))
        throw new DataError("bad-table", `row ${row + 1} has no ${columns.join(", ")}`, { file });
      return found as unknown as readonly [number, number, number];
    };
    return {
      name: cell(table, row, "name") ?? `dipole ${row + 1}`,
      position: numbers(["x", "y", "z"]),
      moment: numbers(["qx", "qy", "qz"]),
      unit: "nA m",
    };
  });
}

/** A table that cannot be read is a problem; the others are shown. */
export async function sceneSources(
  derivatives: string | undefined,
  subject: string,
  problems: Problem[],
): Promise<readonly SceneSource[]> {
  if (derivatives === undefined) return [];
  const folder = join(derivatives, `sub-${subject}`, "eeg");
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^[^.].*_dipoles\.tsv$/.test(name)).sort();
  const read = await Promise.all(
    names.map(async (name) => {
      const source = `sub-${subject}/eeg/${name}`;
      try {
        return readDipoles(await readFile(await insideOf([derivatives], join(folder, name)), "utf8"), source);
      } catch (error) {
        problems.push(problemOf(source, error));
        return [];
      }
    }),
  );
  return read.flat();
}
