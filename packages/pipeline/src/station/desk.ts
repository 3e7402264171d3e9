/** What the scene's builders share: ids, decoding kept in memory, open recordings. */
import { stat } from "node:fs/promises";
import { DataError } from "@quintet/core";
import { type BoundedMemory, boundedMemory } from "./bounded-memory.ts";
import type { DecodedImage, DecodedSurface, StationJob } from "./job.ts";
import { insideOf } from "./places.ts";
import type { RecordingHead, RecordingJob, RecordingSource, WindowAnswer, WindowWish } from "./recording/job.ts";
import { openThreads } from "./threads.ts";

/** A recording of the scene, with the files that belong to it. */
export interface ListedRecording extends Omit<RecordingSource, "stamp"> {
  readonly kind: "recording";
  /** Absolute path of events.tsv, also where none is there yet; none for a file without a study. */
  readonly events?: string;
}

/** A file that an id stands for. */
export interface Listed {
  readonly job: StationJob | ListedRecording;
  /** The last scene that named it. */
  readonly subject: string;
}

/** Bytes of decoded images kept. */
const memory = 768 * 2 ** 20;

export class Desk implements AsyncDisposable {
  readonly roots: string[];
  readonly listed: Map<string, Listed> = new Map();
  readonly #decoders = openThreads<StationJob, DecodedImage | DecodedSurface>(
    new URL("./station-worker.ts", import.meta.url),
    2,
  );
  readonly #recordings = openThreads<RecordingJob, RecordingHead | WindowAnswer>(
    new URL("./recording/recording-worker.ts", import.meta.url),
    1,
  );
  readonly #images: BoundedMemory<DecodedImage | DecodedSurface> = boundedMemory(
    memory,
    ({ bytes }) => bytes.byteLength,
  );

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
    return this.#images.get(key, () => this.#decoders.ask({ ...job, path }));
  }

  async recording(listed: ListedRecording): Promise<RecordingHead> {
    return (await this.#recordings.ask({ kind: "head", source: await this.#sourceOf(listed) })) as RecordingHead;
  }

  async window(listed: ListedRecording, wish: WindowWish): Promise<WindowAnswer> {
    return (await this.#recordings.ask({ kind: "window", source: await this.#sourceOf(listed), wish })) as WindowAnswer;
  }

  async #sourceOf({ path, companions, participant, bad }: ListedRecording): Promise<RecordingSource> {
    const real = await insideOf(this.roots, path);
    return { path: real, stamp: await stampOf(real), companions, participant, bad };
  }

  /** @throws DataError `unknown-id` */
  entry<K extends Listed["job"]["kind"]>(
    id: string,
    kinds: readonly K[],
  ): { readonly job: Extract<Listed["job"], { readonly kind: K }>; readonly subject: string } {
    const found = this.listed.get(id);
    if (!found || !(kinds as readonly string[]).includes(found.job.kind))
      throw new DataError("unknown-id", "nothing in the scene is called so", {
        found: JSON.stringify(id.slice(0, 80)),
      });
    return found as { readonly job: Extract<Listed["job"], { readonly kind: K }>; readonly subject: string };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#recordings[Symbol.asyncDispose]();
    await this.#decoders[Symbol.asyncDispose]();
  }
}

async function stampOf(path: string): Promise<string> {
  const { mtimeMs, size } = await stat(path);
  return `${mtimeMs} ${size}`;
}
