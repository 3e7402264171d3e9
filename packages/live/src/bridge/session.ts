import { join } from "node:path";
import { DataError } from "@quintet/core";
import type { WebSocket } from "ws";
import { type Inlet, openInlet } from "../lsl/inlet.ts";
import type { Interfaces } from "../lsl/interfaces.ts";
import { resolveStreams } from "../lsl/resolver.ts";
import type { SampleChunk } from "../lsl/sample-decoder.ts";
import type { StreamInfo } from "../lsl/stream-info.ts";
import { openRecorder, type Recorder } from "../record/recorder.ts";

export interface SessionOptions {
  readonly interfaces: Interfaces;
  readonly knownPeers?: readonly string[];
  readonly recordings?: string;
}

/** Bytes that wait for a page that does not keep up; then it is told how many samples it lost. */
const mostWaiting = 8 * 2 ** 20;

/**
 * What a page can ask, as JSON `{id, do, ...}`, answered by `{id, ...}` or `{id, error}`:
 *
 *   {do: "list", query?}              -> {streams}
 *   {do: "open", uid} / {do: "close", uid}
 *   {do: "record", uids, name}        -> {path};  {do: "recording"} -> {status};  {do: "stop"} -> {status}
 *
 * Samples of open streams come as binary messages: uint32 length of a JSON head {uid, count, lost, strings?}, the head,
 * padding to 8 bytes, `count` float64 stamps, then the values as float64 [sample][channel].
 */
export function openSession(page: WebSocket, options: SessionOptions): void {
  const found = new Map<string, StreamInfo>();
  const inlets = new Map<string, Inlet>();
  let recorder: Recorder | undefined;

  const known = (uid: unknown): StreamInfo => {
    const info = found.get(String(uid));
    if (info === undefined)
      throw new DataError("unknown-stream", "list the streams before opening one", { found: String(uid) });
    return info;
  };

  const acts: Readonly<Record<string, (asked: Asked) => Promise<object>>> = {
    async list({ query }) {
      const streams = await resolveStreams(typeof query === "string" ? query : "", { ...options, timeout: 1 });
      for (const info of streams) found.set(info.uid, info);
      return { streams };
    },
    async open({ uid }) {
      const info = known(uid);
      if (inlets.has(info.uid)) return {};
      let lost = 0;
      const inlet = await openInlet(
        info,
        {
          onChunk(chunk) {
            if (page.bufferedAmount > mostWaiting) lost += chunk.stamps.length;
            else page.send(message(info, chunk, lost));
          },
          onState: (state, told) => page.send(JSON.stringify({ uid: info.uid, state, ...told })),
        },
        { ...options, reuse: true },
      );
      inlets.set(info.uid, inlet);
      return { xml: inlet.xml };
    },
    async close({ uid }) {
      inlets.get(String(uid))?.close();
      inlets.delete(String(uid));
      return {};
    },
    async record({ uids, name }) {
      if (options.recordings === undefined)
        throw new DataError("no-folder", "this bridge was opened without a folder for recordings");
      if (recorder !== undefined) throw new DataError("recording-already", "one recording at a time");
      if (typeof name !== "string" || !/^[\w-]{1,80}$/.test(name))
        throw new DataError("bad-name", "a recording's name is letters, digits, - and _", { found: String(name) });
      const path = join(options.recordings, `${name}.xdf`);
      const streams = (Array.isArray(uids) ? uids : []).map(known);
      const opened = await openRecorder(path, {
        ...options,
        onNote: (note) => page.send(JSON.stringify({ note })),
      });
      recorder = opened;
      opened.failed.catch((cause: Error) => page.send(JSON.stringify({ note: cause.message })));
      for (const info of streams) await opened.add(info);
      return { path };
    },
    async recording() {
      return { status: recorder?.status() };
    },
    async stop() {
      const status = await recorder?.stop();
      recorder = undefined;
      return { status };
    },
  };

  page.on("message", (data, isBinary) => {
    void answer(isBinary ? "" : String(data), acts).then((reply) => page.send(JSON.stringify(reply)));
  });
  page.on("error", () => page.terminate());
  page.on("close", () => {
    for (const inlet of inlets.values()) inlet.close();
    // A recording outlives no page that started it: nobody else could stop it.
    void recorder?.stop();
  });
}

type Asked = Readonly<Record<string, unknown>>;

async function answer(
  text: string,
  acts: Readonly<Record<string, (asked: Asked) => Promise<object>>>,
): Promise<object> {
  let id: unknown;
  try {
    const asked: unknown = JSON.parse(text);
    if (typeof asked !== "object" || asked === null) throw new DataError("bad-command", "a command is a JSON object");
    const { do: what, ...rest } = asked as Asked;
    id = rest.id;
    const act = Object.hasOwn(acts, String(what)) ? acts[String(what)] : undefined;
    if (act === undefined)
      throw new DataError("bad-command", "there is no such command", {
        expected: Object.keys(acts).join(", "),
        found: String(what),
      });
    return { id, ...(await act(rest)) };
  } catch (cause) {
    const code = cause instanceof DataError ? cause.code : "bad-command";
    return { id, error: cause instanceof Error ? cause.message : String(cause), code };
  }
}

/** One binary message: head, stamps, values. */
function message({ uid }: StreamInfo, { stamps, values, strings }: SampleChunk, lost: number): Uint8Array {
  const head = new TextEncoder().encode(
    JSON.stringify({ uid, count: stamps.length, lost, ...(strings.length > 0 ? { strings } : {}) }),
  );
  const from = 8 * Math.ceil((4 + head.length) / 8);
  const bytes = new Uint8Array(from + 8 * (stamps.length + values.length));
  new DataView(bytes.buffer).setUint32(0, head.length, true);
  bytes.set(head, 4);
  const numbers = new Float64Array(bytes.buffer, from);
  numbers.set(stamps);
  numbers.set(values, stamps.length);
  return bytes;
}
