/** What a run that was stopped keeps beside its result, so that the same command goes on where it ended. */
import { createHash } from "node:crypto";
import { mkdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { writeFileAtomic } from "@quintet/io/node";

/** Of what this code makes of equal input: raised when it changes. */
const generation = 2;

/**
 * A folder of pieces of work, each under the content hash of all that it follows from: data, terms, options, the version of the
 * program. A piece of another hash, of another engine or cut off counts as absent.
 */
export class UnfinishedWork {
  readonly folder: string;
  readonly #key: string;

  /** @param inputs whose content decides: arrays by their bytes, all else as JSON */
  constructor(out: string, inputs: readonly unknown[]) {
    this.folder = `${out}.part`;
    this.#key = contentHash([generation, process.versions.v8.split(".")[0], ...inputs]);
  }

  async take<T>(name: string): Promise<T | undefined> {
    try {
      const kept = deserialize(await readFile(join(this.folder, name))) as { readonly key: string; readonly value: T };
      return kept.key === this.#key ? kept.value : undefined;
    } catch {
      return undefined;
    }
  }

  /** Whole or not at all. */
  async keep(name: string, value: unknown): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await writeFileAtomic(join(this.folder, name), serialize({ key: this.#key, value }));
  }

  async drop(name: string): Promise<void> {
    await rm(join(this.folder, name), { force: true });
  }

  /** All of it: the result is there. */
  async clear(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

function contentHash(values: readonly unknown[]): string {
  const hash = createHash("sha256");
  const add = (value: unknown): void => {
    if (ArrayBuffer.isView(value)) {
      hash.update(`${value.constructor.name} ${value.byteLength} `);
      hash.update(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    } else if (value !== null && typeof value === "object") {
      hash.update("{");
      for (const [name, part] of Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) {
        hash.update(`${JSON.stringify(name)}:`);
        add(part);
      }
      hash.update("}");
    } else hash.update(`${JSON.stringify(value) ?? "undefined"},`);
  };
  add(values);
  return hash.digest("hex");
}
