import type { Socket } from "node:net";
import type { XdfFormat } from "@quintet/io";
import { limits, patternStamp, protocolVersion } from "./constants.ts";
import { encodeSamples } from "./sample-encoder.ts";
import { patternValues } from "./test-pattern.ts";

/** One reader of an outlet. */
export interface Feed {
  /** Samples as they go over the wire; the first of them carries its own stamp. */
  readonly send: (bytes: Uint8Array, samples: number) => void;
  /** Samples thrown away because the reader did not read. */
  readonly dropped: () => number;
  readonly close: () => void;
}

/**
 * Header lines of a stream request: `Key: value`, case-insensitive, text behind ";" a comment.
 */
export function headerFields(lines: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of lines) {
    const [key = "", ...rest] = (line.split(";")[0] ?? "").split(":");
    if (rest.length > 0) fields.set(key.trim().toLowerCase(), rest.join(":").trim());
  }
  return fields;
}

/**
 * Opens the feed that a reader asked for: status, header and the two test patterns, then samples as they are pushed. What
 * a slow reader does not take waits, at most the samples it asked for and 64 MiB; then the oldest are thrown away.
 */
export function openFeed(
  socket: Socket,
  asked: ReadonlyMap<string, string>,
  { uid, format, channels }: { readonly uid: string; readonly format: XdfFormat; readonly channels: number },
): Feed | undefined {
  const buffer = Number(asked.get("max-buffer-length") ?? 360_000);
  socket.setNoDelay(true);
  socket.write(
    `LSL/${protocolVersion} 200 OK\r\nUID: ${uid}\r\nByte-Order: 1234\r\nSuppress-Subnormals: 0\r\nData-Protocol-Version: ${protocolVersion}\r\n\r\n`,
  );
  for (const offset of [4, 2] as const)
    socket.write(encodeSamples(format, channels, [patternStamp], patternValues(format, channels, offset)));
  if (!(buffer > 0)) {
    socket.end();
    return undefined;
  }
  const waiting: { readonly bytes: Uint8Array; readonly samples: number }[] = [];
  let [held, heldSamples, dropped, open] = [0, 0, 0, true];
  const flush = (): void => {
    while (open && waiting.length > 0) {
      const { bytes, samples } = waiting.shift() as (typeof waiting)[number];
      held -= bytes.length;
      heldSamples -= samples;
      if (!socket.write(bytes)) return;
    }
  };
  socket.on("drain", flush);
  return {
    send(bytes, samples) {
      if (!open) return;
      if (waiting.length === 0 && socket.writableLength < socket.writableHighWaterMark) {
        socket.write(bytes);
        return;
      }
      waiting.push({ bytes, samples });
      held += bytes.length;
      heldSamples += samples;
      while (waiting.length > 1 && (held > limits.backlog || heldSamples > buffer)) {
        const oldest = waiting.shift() as (typeof waiting)[number];
        held -= oldest.bytes.length;
        heldSamples -= oldest.samples;
        dropped += oldest.samples;
      }
    },
    dropped: () => dropped,
    close() {
      open = false;
      waiting.length = 0;
      socket.destroy();
    },
  };
}
