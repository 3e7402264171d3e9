/**
 * Frames of the scene's volumes, fetched by byte range when first wanted and kept while there is room:
 * the frames least lately used go first, never the only frame of a static image.
 */
import type { SceneVolume } from "@quintet/view";
import type { VoxelData } from "../gl/volume-texture.ts";
import { request } from "./api.ts";

const bytesPer = { float32: 4, uint8: 1, uint16: 2, int16: 2 } as const;
/** A whole study of 4D images at once would not fit the page's 1.5 GB. */
const room = 500e6;

function typed(type: SceneVolume["type"], buffer: ArrayBuffer): VoxelData {
  if (type === "float32") return new Float32Array(buffer);
  if (type === "uint16") return new Uint16Array(buffer);
  return type === "int16" ? new Int16Array(buffer) : new Uint8Array(buffer);
}

export class VolumeStore {
  readonly #frames = new Map<string, VoxelData>();
  readonly #waiting = new Map<string, Promise<VoxelData>>();
  readonly #failed = new Map<string, string>();
  readonly #onChange: () => void;
  #bytes = 0;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** The frame when it is here. */
  peek(id: string, frame: number): VoxelData | undefined {
    const key = `${id} ${frame}`;
    const data = this.#frames.get(key);
    if (data) {
      this.#frames.delete(key);
      this.#frames.set(key, data);
    }
    return data;
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

  get busy(): boolean {
    return this.#waiting.size > 0;
  }

  async load(volume: SceneVolume, frame: number): Promise<VoxelData | undefined> {
    const key = `${volume.id} ${frame}`;
    const held = this.peek(volume.id, frame);
    if (held) return held;
    let promise = this.#waiting.get(key);
    if (!promise) {
      promise = this.#fetch(volume, frame);
      this.#waiting.set(key, promise);
    }
    try {
      return await promise;
    } catch (fault) {
      this.#failed.set(volume.id, fault instanceof Error ? fault.message : String(fault));
      return undefined;
    } finally {
      this.#waiting.delete(key);
      this.#onChange();
    }
  }

  async #fetch(volume: SceneVolume, frame: number): Promise<VoxelData> {
    const voxels = volume.shape[0] * volume.shape[1] * volume.shape[2];
    const bytes = voxels * bytesPer[volume.type];
    const range = { range: `bytes=${frame * bytes}-${(frame + 1) * bytes - 1}` };
    const response = await request(volume.url, volume.frames.length > 1 ? { headers: range } : {});
    const buffer = await response.arrayBuffer();
    if (buffer.byteLength !== bytes)
      throw new Error(`${volume.name}: frame ${frame} has ${buffer.byteLength} bytes, ${bytes} were expected`);
    const data = typed(volume.type, buffer);
    this.#failed.delete(volume.id);
    this.#frames.set(`${volume.id} ${frame}`, data);
    this.#bytes += bytes;
    this.#shed();
    return data;
  }

  #shed(): void {
    for (const [key, data] of this.#frames) {
      if (this.#bytes <= room) return;
      const id = key.slice(0, key.lastIndexOf(" "));
      const alone = [...this.#frames.keys()].filter((k) => k.startsWith(`${id} `)).length === 1;
      if (alone) continue;
      this.#frames.delete(key);
      this.#bytes -= data.byteLength;
    }
  }
}
