/**
 * What only the content of a person's files tells and a scene needs of them: the heads of recordings, counts of surfaces,
 * scales and labels of images. Kept beside the results, so that a study is opened without decoding what was decoded before.
 *
 * A fact holds for the files it was taken from: the file itself and its partners (same folder, same name up to the first
 * dot), by name, size and time of change. One that does not come back from JSON as it was is not kept.
 */
import { createHash } from "node:crypto";
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { writeFileAtomic } from "@quintet/io/node";
import { version } from "../version.ts";

export interface Facts {
  /** What is known of the file, else what `make` finds. A failure is not kept. */
  of<T>(kind: string, path: string, make: () => Promise<T>): Promise<T>;
  /** Writes what is new; a place that cannot be written is left alone, the facts are found again the next time. */
  save(): Promise<void>;
}

interface Kept {
  readonly stamp: string;
  readonly value: unknown;
}

/** What another version of the readers found is found again. */
const format: string = `quintet-facts 1, ${version}`;
const mostBytes = 2 ** 26;

/** @param derivatives folder of results; facts are kept in memory alone where there is none */
export async function openFacts(derivatives: string | undefined, subject: string): Promise<Facts> {
  const file = derivatives === undefined ? undefined : join(derivatives, ".quintet", "station", `sub-${subject}.json`);
  const root = derivatives ?? "";
  const known = file === undefined ? new Map<string, Kept>() : await readKept(file);
  const used = new Map<string, Kept>();
  let isNew = false;
  return {
    async of(kind, path, make) {
      const key = `${kind} ${relative(root, path)}`;
      const stamp = await stampOf(path);
      const held = known.get(key);
      if (held?.stamp === stamp) {
        used.set(key, held);
        return held.value as never;
      }
      const value = await make();
      // Changed while it was read: the next scene reads it again.
      if ((await stampOf(path)) !== stamp || !isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value)) return value;
      const kept = { stamp, value };
      known.set(key, kept);
      used.set(key, kept);
      isNew = true;
      return value;
    },
    async save() {
      if (file === undefined || !isNew) return;
      isNew = false;
      const text = JSON.stringify({ format, facts: Object.fromEntries(used) });
      // Results that were taken away are not put back for this.
      const there = await stat(root).catch(() => undefined);
      if (there?.isDirectory() && text.length <= mostBytes) await writeFileAtomic(file, text).catch(() => undefined);
    },
  };
}

async function readKept(file: string): Promise<Map<string, Kept>> {
  try {
    const read = JSON.parse(await readFile(file, "utf8")) as { format?: unknown; facts?: Record<string, Kept> };
    return new Map(read.format === format ? Object.entries(read.facts ?? {}) : []);
  } catch {
    return new Map();
  }
}

async function stampOf(path: string): Promise<string> {
  const [folder, stem] = [dirname(path), basename(path).split(".")[0]];
  const names = (await readdir(folder)).filter((name) => name.split(".")[0] === stem).sort();
  const told = await Promise.all(
    names.map(async (name) => {
      const { size, mtimeMs } = await stat(join(folder, name));
      return `${name} ${size} ${mtimeMs}`;
    }),
  );
  return createHash("sha256").update(told.join("\n")).digest("hex");
}
