import { DataError } from "@quintet/core";
import { kindOfPath, readFileBounded } from "./files.ts";

const mostBytes = 4 * 2 ** 20;

/** Names from the table beside a label image; undefined when there is none. @throws DataError `bad-label-names` */
export async function readLabelNames(path: string): Promise<ReadonlyMap<number, string> | undefined> {
  const stem = path.replace(/(\.(nii|img|hdr)(\.gz)?|\.mg[hz])$/i, "");
  // TemplateFlow writes one table for all resolutions of an atlas.
  const tables = [`${stem}.tsv`, `${stem.replace(/_res-\d+/, "")}.tsv`, `${stem}.nii.txt`, `${stem}.txt`];
  for (const table of tables) {
    if ((await kindOfPath(table)) !== "file") continue;
    const text = new TextDecoder().decode(await readFileBounded(table, mostBytes));
    return table.endsWith(".tsv") ? fromTsv(text, table) : fromList(text, table);
  }
  return undefined;
}

/** BIDS: columns `index` and `name`. */
function fromTsv(text: string, file: string): ReadonlyMap<number, string> {
  const [head = "", ...rows] = text.replace(/^\ufeff/, "").split(/\r?\n/);
  const columns = head.split("\t");
  const [index, name] = [columns.indexOf("index"), columns.indexOf("name")];
  if (index < 0 || name < 0) {
    throw new DataError("bad-label-names", "a table of labels has the columns index and name", {
      file,
      found: head.slice(0, 80),
    });
  }
  return named(
    rows.filter((row) => row.trim() !== "").map((row) => [row.split("\t")[index] ?? "", row.split("\t")[name] ?? ""]),
    file,
  );
}

/** "1 Precentral_L 2001": number, name, anything. */
function fromList(text: string, file: string): ReadonlyMap<number, string> {
  const rows = text.split(/\r?\n/).filter((row) => row.trim() !== "" && !row.startsWith("#"));
  return named(
    rows.map((row) => row.trim().split(/\s+/) as [string, string]),
    file,
  );
}

function named(rows: readonly (readonly string[])[], file: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const [label = "", name = ""] of rows) {
    if (!/^\d+$/.test(label) || name.trim() === "") {
      throw new DataError("bad-label-names", "every row names a label by its number", {
        file,
        found: `${label} ${name}`.slice(0, 80),
      });
    }
    names.set(Number(label), name.trim());
  }
  return names;
}
