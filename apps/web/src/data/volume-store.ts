/**
 * Frames of the scene's volumes, fetched by byte range when first wanted and kept while there is room:
 * the frames least lately used go first, never the only frame of a static image. While nothing else is wanted, the frames
 * about the shown ones are fetched ahead: a scrub then waits for no server.
 */
import type { SceneVolume } from "@quintet/view";
import { request } from "./api.ts";
import { FrameThread } from "./frame-thread.ts";
import type { ReadyFrame, VoxelData } from "./ready-frame.ts";
import { bytesPer } from "./ready-frame.ts";

/** A whole study of 4D images at once would not fit the page's 1.5 GB. */
const room = 500e6;
/** Of that, what may be filled ahead. */
const ahead = 350e6;

/** A moving image and the frame that is shown of it. */
export interface ShownFrame {
  readonly volume: SceneVolume;
  readonly frame: number;
}

export class VolumeStore {
  readonly #frames = new Map<string, ReadyFrame>();
  readonly #coming = new Map<string, Promise<ReadyFrame>>();
  /** How many wait for a frame that must be on the screen. */
  #wanted = 0;
  readonly #failed = new Map<string, string>();
  readonly #onChange: () => void;
  readonly #most: number;
  readonly #thread = new FrameThread();
  #bytes = 0;
  #filling = false;

  /** @param most bytes that are filled ahead */
  constructor(onChange: () => void, most: number = ahead) {
    this.#onChange = onChange;
    this.#most = most;
  }

  /** Voxels of the frame as stored, when it is here. */
  peek(id: string, frame: number): VoxelData | undefined {
    return this.ready(id, frame)?.values;
  }

  /** The frame as it is drawn, when it is here. */
  ready(id: string, frame: number): ReadyFrame | undefined {
    const key = `${id} ${frame}`;
    const held = this.#frames.get(key);
    if (held) {
      this.#frames.delete(key);
      this.#frames.set(key, held);
    }
    return held;
  }

  /** Forgets failures: after the server came back. */
  retry(): void {
    this.#failed.clear();
  }

  /** Why a volume could not be fetched. */
  failure(id: string): string | undefined {
    return this.#failed.get(id);
  }

  /** Bytes of voxels held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A frame that is wanted is on its way. */
  get busy(): boolean {
    return this.#wanted > 0;
  }

  async load(volume: SceneVolume, frame: number): Promise<VoxelData | undefined> {
    const held = this.peek(volume.id, frame);
    if (held) return held;
    this.#wanted++;
    try {
      return (await this.#come(volume, frame)).values;
    } catch (fault) {
      this.#failed.set(volume.id, fault instanceof Error ? fault.message : String(fault));
      return undefined;
    } finally {
      this.#wanted--;
      this.#onChange();
    }
  }

  /**
   * Fetches what is missing about the shown frames, the nearest in time first, until all is here or there is no more room for it.
   *
   * @param shown asked again before each frame: the cursor moves on meanwhile
   */
  async fill(shown: () => readonly ShownFrame[]): Promise<void> {
    if (this.#filling) return;
    this.#filling = true;
    try {
      for (let next = this.#next(shown()); next; next = this.#next(shown())) {
        await this.#come(next.volume, next.frame);
        // What is wanted goes first.
        while (this.busy) await new Promise((done) => setTimeout(done, 20));
      }
    } catch {
      // Whoever wants the frame asks again and is told why it cannot be had.
    } finally {
      this.#filling = false;
    }
  }

  #next(shown: readonly ShownFrame[]): ShownFrame | undefined {
    let [best, nearest] = [undefined as ShownFrame | undefined, Number.POSITIVE_INFINITY];
    for (const { volume, frame } of shown) {
      const count = volume.frames.length;
      const held = Math.min(count, Math.floor(this.#most / shown.length / bytesOf(volume)));
      const from = Math.min(count - held, Math.max(0, frame - Math.floor(held / 2)));
      for (const step of [1, -1])
        for (let k = frame + step; k >= from && k < from + held; k += step) {
          if (this.#frames.has(`${volume.id} ${k}`)) continue;
          const away = Math.abs((volume.frames[k]?.start ?? 0) - (volume.frames[frame]?.start ?? 0));
          if (away < nearest) [best, nearest] = [{ volume, frame: k }, away];
          break;
        }
    }
    return best;
  }

  #come(volume: SceneVolume, frame: number): Promise<ReadyFrame> {
    const key = `${volume.id} ${frame}`;
    const under = this.#coming.get(key);
    if (under) return under;
    const coming = this.#fetch(volume, frame).finally(() => this.#coming.delete(key));
    this.#coming.set(key, coming);
    return coming;
  }

  async #fetch(volume: SceneVolume, frame: number): Promise<ReadyFrame> {
    const bytes = bytesOf(volume);
    const range = { range: `bytes=${frame * bytes}-${(frame + 1) * bytes - 1}` };
    const response = await request(volume.url, volume.frames.length > 1 ? { headers: range } : {});
    const buffer = await response.arrayBuffer();
    if (buffer.byteLength !== bytes)
      throw new Error(`${volume.name}: frame ${frame} has ${buffer.byteLength} bytes, ${bytes} were expected`);
    const ready = await this.#thread.ready(volume.type, buffer, volume.shape);
    this.#failed.delete(volume.id);
    this.#frames.set(`${volume.id} ${frame}`, ready);
    this.#bytes += sizeOf(ready);
    this.#shed();
    return ready;
  }

  #shed(): void {
    for (const [key, frame] of this.#frames) {
      if (this.#bytes <= room) return;
      const id = key.slice(0, key.lastIndexOf(" "));
      const alone = [...this.#frames.keys()].filter((k) => k.startsWith(`${id} `)).length === 1;
      if (alone) continue;
      this.#frames.delete(key);
      this.#bytes -= sizeOf(frame);
    }
  }
}

const bytesOf = ({ shape, type }: SceneVolume): number => shape[0] * shape[1] * shape[2] * bytesPer[type];

const sizeOf = ({ values, drawn }: ReadyFrame): number =>
  values.byteLength + (drawn.buffer === values.buffer ? 0 : drawn.byteLength);
