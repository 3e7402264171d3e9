/** Reads measure tables back: for group tables and normative tables. */
import { existsSync, readdirSync } from "node:fs";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DataError, type Measure, type Modality, type Participant, type Side } from "@quintet/core";
import { buildNorms, type Control, measureKey, type NormTable } from "@quintet/fusion/fuse";
import { cell, numberCell, readParticipantsTsv, readTsv } from "@quintet/io";

/** @throws DataError `bad-table` */
export function readMeasures(text: string, file: string): readonly Measure[] {
  const table = readTsv(text, file);
  return table.rows.map((_, row) => {
    const told = (column: string): string | undefined => cell(table, row, column);
    const optional = (column: string): number | undefined => numberCell(table, row, column);
    const value = optional("value");
    const side = told("side");
    const [se, n, z, w] = [optional("standard_error"), optional("n"), optional("z"), optional("w")];
    return {
      region: told("region") ?? "",
      ...(side === undefined ? {} : { side: side as Side }),
      modality: told("modality") as Modality,
      measure: told("measure") ?? "",
      value: value ?? Number.NaN,
      unit: told("unit") ?? "",
      ...(se === undefined ? {} : { standardError: se }),
      ...(n === undefined ? {} : { n }),
      ...(z === undefined ? {} : { z }),
      ...(w === undefined ? {} : { w }),
      method: told("method") ?? "",
      sources: told("sources")?.split(" ") ?? [],
    };
  });
}

interface Person {
  readonly label: string;
  readonly measures: readonly Measure[];
}

async function peopleIn(derivatives: string): Promise<readonly Person[]> {
  if (!existsSync(derivatives))
    throw new DataError("missing-file", "there is no such derivatives folder", { file: derivatives });
  const labels = readdirSync(derivatives).flatMap((name) => /^sub-([A-Za-z0-9]+)$/.exec(name)?.[1] ?? []);
  const people: Person[] = [];
  for (const label of labels.sort()) {
    const path = join(derivatives, `sub-${label}`, `sub-${label}_measures.tsv`);
    if (existsSync(path)) people.push({ label, measures: readMeasures(await readFile(path, "utf8"), path) });
  }
  if (people.length === 0) people.push(...(await headsIn(derivatives)));
  if (people.length === 0)
    throw new DataError("missing-file", "no measures here: run the participant level first", { file: derivatives });
  return people;
}

/** What `quintet mri head` left: one table per head, its person by the name's "sub-". */
async function headsIn(folder: string): Promise<Person[]> {
  const people: Person[] = [];
  for (const name of readdirSync(folder).sort()) {
    const label = /^sub-([A-Za-z0-9]+).*_desc-head_volumes\.tsv$/.exec(name)?.[1];
    if (label === undefined) continue;
    const path = join(folder, name);
    people.push({ label, measures: readMeasures(await readFile(path, "utf8"), path) });
  }
  return people;
}

/** One row per person, one column per modality, measure, side and region; written as group_measures.tsv. */
export async function writeGroupTable(out: string): Promise<{ readonly table: string; readonly people: number }> {
  const people = await peopleIn(out);
  const columns = new Map<string, string>();
  for (const { measures } of people) {
    for (const m of measures)
      columns.set(
        measureKey(m),
        [m.modality, m.measure, m.unit, m.side, m.region].filter(Boolean).join("_").replaceAll(/\s+/g, "-"),
      );
  }
  const keys = [...columns.keys()].sort((a, b) => ((columns.get(a) as string) < (columns.get(b) as string) ? -1 : 1));
  const lines = people.map(({ label, measures }) => {
    const values = new Map(measures.map((m) => [measureKey(m), m.value]));
    const cells = keys.map((key) => {
      const value = values.get(key);
      return value !== undefined && Number.isFinite(value) ? String(Number(value.toPrecision(7))) : "n/a";
    });
    return [`sub-${label}`, ...cells].join("\t");
  });
  const table = join(out, "group_measures.tsv");
  await writeWhole(
    table,
    `${[["participant_id", ...keys.map((key) => columns.get(key))].join("\t"), ...lines].join("\n")}\n`,
  );
  return { table, people: people.length };
}

/**
 * A normative table from the derivatives of controls; ages and sexes come from participants.tsv beside or above them.
 * @throws DataError `too-few-controls`, `no-age`, `missing-file`
 */
export async function buildNormsFrom(
  derivatives: string,
  out: string,
  group: string,
): Promise<{ readonly people: number; readonly rows: number }> {
  const people = await peopleIn(derivatives);
  const file = [derivatives, dirname(derivatives), join(dirname(derivatives), "study")]
    .map((f) => join(f, "participants.tsv"))
    .find((f) => existsSync(f));
  if (!file)
    throw new DataError("missing-file", "ages and sexes of the controls are in participants.tsv", {
      file: derivatives,
      expected: "participants.tsv in it or beside it",
    });
  const participants = new Map<string, Participant>(
    readParticipantsTsv(await readFile(file, "utf8"), { file }).map((p) => [p.label, p]),
  );
  const controls: Control[] = people.map(({ label, measures }) => ({
    participant: participants.get(label) ?? { label },
    measures,
  }));
  const table = buildNorms(controls, group);
  await writeWhole(out, `${JSON.stringify(table, null, 1)}\n`);
  return { people: people.length, rows: table.norms.length };
}

/** @throws DataError `missing-file`, `bad-norms` */
export async function readNorms(file: string): Promise<NormTable> {
  let table: Partial<NormTable>;
  if (!existsSync(file)) throw new DataError("missing-file", "there is no such normative table", { file });
  try {
    table = JSON.parse(await readFile(file, "utf8")) as Partial<NormTable>;
  } catch (cause) {
    throw new DataError("bad-norms", "a normative table is JSON made by quintet norms build", { file, cause });
  }
  if (table.format !== "quintet-norms" || table.version !== 1 || !Array.isArray(table.norms)) {
    throw new DataError("bad-norms", "this is not a normative table", {
      file,
      expected: "format quintet-norms, version 1",
      found: `${table.format}, ${table.version}`,
    });
  }
  return table as NormTable;
}

async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.${process.pid}`, text);
  await rename(`${path}.${process.pid}`, path);
}
