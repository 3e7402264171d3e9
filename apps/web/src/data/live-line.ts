/**
 * Live streams over one socket: commands as JSON `{id, do, ...}` answered by `{id, ...}`; samples as binary messages:
 * uint32 length of a JSON head {uid, count, lost}, the head, padding to 8 bytes, `count` float64 stamps, then the values
 * as float64 [sample][channel].
 */
import { openSocket } from "./api.ts";

export interface LiveStream {
  readonly uid: string;
  readonly name: string;
  readonly type: string;
  readonly channelCount: number;
  readonly rate: number;
}

export interface LiveChunk {
  readonly uid: string;
  readonly count: number;
  /** Samples this page was too slow for. */
  readonly lost: number;
  readonly stamps: Float64Array;
  readonly values: Float64Array;
}

export function parseChunk(buffer: ArrayBuffer): LiveChunk {
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length))) as Pick<
    LiveChunk,
    "uid" | "count" | "lost"
  >;
  const from = 8 * Math.ceil((4 + length) / 8);
  return {
    ...head,
    stamps: new Float64Array(buffer, from, head.count),
    values: new Float64Array(buffer, from + 8 * head.count),
  };
}

export interface LiveLine {
  ask<T>(command: { readonly do: string; readonly [key: string]: unknown }): Promise<T>;
  close(): void;
}

export function openLive(onChunk: (chunk: LiveChunk) => void, onNote: (note: string) => void): LiveLine {
  const socket = openSocket("/api/live");
  socket.binaryType = "arraybuffer";
  const waiting = new Map<number, { done: (value: never) => void; failed: (why: Error) => void }>();
  let next = 1;
  const opened = new Promise<void>((done, failed) => {
    socket.onopen = () => done();
    socket.onerror = () => failed(new Error("live-off"));
  });
  opened.catch(() => {});
  socket.onmessage = ({ data }) => {
    if (data instanceof ArrayBuffer) return onChunk(parseChunk(data));
    const message = JSON.parse(String(data)) as { id?: number; error?: string; note?: string };
    if (message.note !== undefined) onNote(message.note);
    const asked = message.id === undefined ? undefined : waiting.get(message.id);
    if (message.id !== undefined) waiting.delete(message.id);
    if (message.error !== undefined) asked?.failed(new Error(message.error));
    else asked?.done(message as never);
  };
  socket.onclose = () => {
    for (const { failed } of waiting.values()) failed(new Error("live-off"));
  };
  return {
    async ask(command) {
      await opened;
      const id = next++;
      return new Promise((done, failed) => {
        waiting.set(id, { done, failed });
        socket.send(JSON.stringify({ id, ...command }));
      });
    },
    close: () => socket.close(),
  };
}
