/**
 * Windows of recordings, as the server reduces them to the screen's columns. The last window of each recording is kept
 * and drawn while the next one is on its way; a request that is overtaken is cancelled.
 */
import type { RecordingWindow, SceneRecording } from "@quintet/view";
import { request } from "./api.ts";

export interface WindowData {
  readonly head: RecordingWindow;
  readonly values: Float32Array;
}

export interface WindowQuery {
  /** s on the recording's own clock. */
  readonly from: number;
  readonly to: number;
  readonly pixels: number;
  readonly group: number;
  readonly montage: string;
  readonly derived: string;
  readonly highpass: number;
  readonly lowpass: number;
  readonly notch: number;
}

export function queryText(query: WindowQuery): string {
  const search = new URLSearchParams({
    from: query.from.toFixed(6),
    to: query.to.toFixed(6),
    pixels: String(query.pixels),
    group: String(query.group),
  });
  for (const key of ["montage", "derived"] as const) if (query[key]) search.set(key, query[key]);
  // The server names the edges of what passes.
  const edges = { low: query.highpass, high: query.lowpass, notch: query.notch };
  for (const [key, hertz] of Object.entries(edges)) if (hertz > 0) search.set(key, String(hertz));
  return search.toString();
}

/** The binary answer: uint32 length of the head, the head as JSON, zeros to a multiple of 4, float32 values. */
export function parseWindow(buffer: ArrayBuffer): WindowData {
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length))) as RecordingWindow;
  return { head, values: new Float32Array(buffer, 4 * Math.ceil((4 + length) / 4)) };
}

export class RecordingStore {
  readonly #held = new Map<string, { readonly text: string; readonly data: WindowData }>();
  readonly #asked = new Map<string, { readonly text: string; readonly stop: AbortController }>();
  readonly #failed = new Map<string, string>();
  readonly #onChange: () => void;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** The newest window at hand; asks for the one wanted when it is another. */
  window(recording: SceneRecording, query: WindowQuery): WindowData | undefined {
    const text = queryText(query);
    const key = `${recording.id} ${query.group}`;
    const held = this.#held.get(key);
    if (held?.text !== text && this.#asked.get(key)?.text !== text && !this.#failed.has(`${key} ${text}`))
      void this.#fetch(recording, key, text);
    return held?.data;
  }

  failure(recording: SceneRecording): string | undefined {
    for (const [key, message] of this.#failed) if (key.startsWith(`${recording.id} `)) return message;
    return undefined;
  }

  /** Forgets failures: after the server came back. */
  retry(): void {
    this.#failed.clear();
  }

  async #fetch(recording: SceneRecording, key: string, text: string): Promise<void> {
    this.#asked.get(key)?.stop.abort();
    const stop = new AbortController();
    this.#asked.set(key, { text, stop });
    try {
      const address = `${recording.url}${recording.url.includes("?") ? "&" : "?"}${text}`;
      const buffer = await (await request(address, { signal: stop.signal })).arrayBuffer();
      this.#held.set(key, { text, data: parseWindow(buffer) });
    } catch (fault) {
      if (stop.signal.aborted) return;
      this.#failed.set(`${key} ${text}`, fault instanceof Error ? fault.message : String(fault));
    }
    if (this.#asked.get(key)?.stop === stop) this.#asked.delete(key);
    this.#onChange();
  }
}
