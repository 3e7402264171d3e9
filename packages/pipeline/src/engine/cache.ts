/**
 * Results on disk, each under the key of what made it. A result is written beside and renamed into place,
 * so that a killed run leaves either the whole result or none.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";

export interface StoredResult {
  readonly step: string;
  readonly seconds: number;
  readonly bytes: number;
  readonly startedAt: string;
}

/** Results of another engine generation are unreadable and count as absent. */
const generation = `v8-${process.versions.v8.split(".")[0]}`;
const temporary = /^making-(\d+)-/;

export class Cache {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = join(folder, generation);
  }

  /** Makes the folder and clears what dead runs left half made. */
  async open(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    for (const name of await readdir(this.folder)) {
      const pid = temporary.exec(name)?.[1];
      if (pid !== undefined && !alive(Number(pid))) await rm(join(this.folder, name), { force: true });
    }
  }

  path(key: string): string {
    return join(this.folder, `${key}.result`);
  }

  /** The note on a stored result, or undefined when there is none or it is cut off. */
  async find(key: string): Promise<StoredResult | undefined> {
    try {
      const note = JSON.parse(await readFile(`${this.path(key)}.json`, "utf8")) as StoredResult;
      return (await stat(this.path(key))).size === note.bytes ? note : undefined;
    } catch {
      return undefined;
    }
  }

  async read(key: string): Promise<unknown> {
    return deserialize(await readFile(this.path(key)));
  }

  async write(key: string, value: unknown, note: Omit<StoredResult, "bytes">): Promise<StoredResult> {
    const bytes = serialize(value);
    const stored = { ...note, bytes: bytes.byteLength };
    const mark = join(this.folder, `making-${process.pid}-${key.slice(0, 16)}-${Math.round(performance.now() * 1000)}`);
    await writeFile(mark, bytes);
    await rename(mark, this.path(key));
    await writeFile(`${mark}.json`, JSON.stringify(stored));
    await rename(`${mark}.json`, `${this.path(key)}.json`);
    return stored;
  }

  /** Removes temporary files of this process. */
  async sweep(): Promise<void> {
    if (!existsSync(this.folder)) return;
    for (const name of await readdir(this.folder)) {
      if (temporary.exec(name)?.[1] === String(process.pid)) await rm(join(this.folder, name), { force: true });
    }
  }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process lives too.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
