/** What the scene's builders share: ids, decoding kept in memory, open recordings. */
import { stat } from "node:fs/promises";
import { DataError } from "@quintet/core";
import { type LazyRecording, openRecording } from "@quintet/io/node";
import { type BoundedMemory, boundedMemory } from "./bounded-memory.ts";
import type { DecodedImage, DecodedSurface, StationJob } from "./job.ts";
import { insideOf } from "./places.ts";
import { openThreads, type StationThreads } from "./threads.ts";

/** A file that an id stands for. */
export interface Listed {
  readonly job: StationJob | { readonly kind: "recording"; readonly path: string };
  /** The last scene that named it. */
  readonly subject: string;
}

/** Bytes of decoded images kept. */
const memory = 768 * 2 ** 20;

export class Desk implements AsyncDisposable {
  readonly roots: string[];
  readonly listed: Map<string, Listed> = new Map();
  readonly #threads: StationThreads = openThreads();
  readonly #images: BoundedMemory<DecodedImage | DecodedSurface> = boundedMemory(
    memory,
    ({ bytes }) => bytes.byteLength,
  );
  readonly #open = new Map<string, { readonly stamp: string; readonly recording: Promise<LazyRecording> }>();

  constructor(roots: readonly string[]) {
    this.roots = [...roots];
  }

  /** An id that holds letters, digits, _ and - alone; the same file has the same id again. */
  list(name: string, entry: Listed): string {
    const stem =
      name.replace(/\.(nii|mgz|mgh|gii|edf|bdf|vhdr|set|snirf|nirs)?(\.gz)?$/i, "").replace(/[^\w-]+/g, "-") || "file";
    for (let n = 1; ; n++) {
      const id = n === 1 ? stem : `${stem}-${n}`;
      const taken = this.listed.get(id);
      if (taken && taken.job.path !== entry.job.path) continue;
      this.listed.set(id, entry);
      return id;
    }
  }

  /** @throws DataError `gone`, `outside-study`, and those of the readers */
  async image(job: StationJob & { readonly kind: "volume" | "labels" }): Promise<DecodedImage> {
    return (await this.#decoded(job)) as DecodedImage;
  }

  async surface(path: string): Promise<DecodedSurface> {
    return (await this.#decoded({ kind: "surface", path })) as DecodedSurface;
  }

  async #decoded(job: StationJob): Promise<DecodedImage | DecodedSurface> {
    const path = await insideOf(this.roots, job.path);
    const key = `${job.kind} ${path} ${await stampOf(path)}`;
    // The threads' overloads part by kind; here the kind is one of three.
    return this.#images.get(key, () => this.#threads.decode({ ...job, path } as StationJob & { kind: "volume" }));
  }

  /** Kept open; opened anew when the file has changed. */
  async recording(path: string): Promise<LazyRecording> {
    const real = await insideOf(this.roots, path);
    const stamp = await stampOf(real);
    const known = this.#open.get(real);
    if (known?.stamp === stamp) return known.recording;
    void known?.recording.then(
      (old) => old[Symbol.dispose](),
      () => undefined,
    );
    const recording = openRecording(real);
    this.#open.set(real, { stamp, recording });
    recording.catch(() => this.#open.delete(real));
    return recording;
  }

  /** @throws DataError `unknown-id` */
  entry<K extends Listed["job"]["kind"]>(
    id: string,
    kinds: readonly K[],
  ): Listed & { readonly job: { readonly kind: K } } {
    const found = this.listed.get(id);
    if (!found || !(kinds as readonly string[]).includes(found.job.kind))
      throw new DataError("unknown-id", "nothing in the scene is called so", {
        found: JSON.stringify(id.slice(0, 80)),
      });
    return found as Listed & { readonly job: { readonly kind: K } };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { recording } of this.#open.values())
      await recording.then(
        (open) => open[Symbol.dispose](),
        () => undefined,
      );
    await this.#threads[Symbol.asyncDispose]();
  }
}

async function stampOf(path: string): Promise<string> {
  const { mtimeMs, size } = await stat(path);
  return `${mtimeMs} ${size}`;
}
