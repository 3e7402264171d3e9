/** Writes a person's results as BIDS derivatives; a file that is there under the same address is left alone. */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

export interface PublishedFile {
  /** Relative to the derivatives folder, with "/". */
  readonly path: string;
  /** Address of the result it comes from. */
  readonly key: string;
  content(): Promise<Uint8Array | string> | Uint8Array | string;
}

/** @returns paths that were written, not those already there */
export async function publish(out: string, files: readonly PublishedFile[]): Promise<readonly string[]> {
  const ledger = join(out, ".quintet", "published.json");
  const known = await readLedger(ledger);
  const written: string[] = [];
  await clear(new Set(files.map(({ path }) => dirname(join(out, path)))));
  for (const { path, key, content } of files) {
    const target = join(out, path);
    if (known[path] === key && existsSync(target)) continue;
    await mkdir(dirname(target), { recursive: true });
    const mark = join(dirname(target), `.making-${process.pid}-${written.length}`);
    await writeFile(mark, await content());
    await rename(mark, target);
    known[path] = key;
    written.push(path);
  }
  if (written.length > 0) {
    await writeFile(`${ledger}.${process.pid}`, JSON.stringify(known, null, 1));
    await rename(`${ledger}.${process.pid}`, ledger);
  }
  return written;
}

/** Removes what a killed run left half written; only one run at a time writes here. */
async function clear(folders: ReadonlySet<string>): Promise<void> {
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => []);
    for (const name of names) if (name.startsWith(".making-")) await rm(join(folder, name), { force: true });
  }
}

async function readLedger(path: string): Promise<Record<string, string>> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Record<string, string>;
  } catch {
    return {};
  }
}
