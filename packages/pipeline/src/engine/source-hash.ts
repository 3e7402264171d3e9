/** sha256 of input files, remembered by path, size and modification time so that a second run need not read them. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";

interface Remembered {
  readonly size: number;
  readonly modified: number;
  readonly sha256: string;
}

export class SourceHashes {
  readonly #file: string;
  #known = new Map<string, Remembered>();
  #changed = false;

  constructor(file: string) {
    this.#file = file;
  }

  async open(): Promise<void> {
    try {
      this.#known = new Map(
        Object.entries(JSON.parse(await readFile(this.#file, "utf8")) as Record<string, Remembered>),
      );
    } catch {
      this.#known = new Map();
    }
  }

  async of(path: string): Promise<string> {
    const { size, mtimeMs: modified } = await stat(path);
    const known = this.#known.get(path);
    if (known && known.size === size && known.modified === modified) return known.sha256;
    const hash = createHash("sha256");
    await pipeline(createReadStream(path), hash);
    const sha256 = hash.digest("hex");
    this.#known.set(path, { size, modified, sha256 });
    this.#changed = true;
    return sha256;
  }

  async save(): Promise<void> {
    if (!this.#changed) return;
    await mkdir(dirname(this.#file), { recursive: true });
    const mark = `${this.#file}.${process.pid}`;
    await writeFile(mark, JSON.stringify(Object.fromEntries(this.#known)));
    await rename(mark, this.#file);
    this.#changed = false;
  }
}
