import type { Socket } from "node:net";
import type { XdfFormat } from "@quintet/io";
import { limits, patternStamp, protocolVersion } from "./constants.ts";
import type { Packet } from "./packet-pool.ts";
import { encodeSamples } from "./sample-encoder.ts";
import { patternValues } from "./test-pattern.ts";

/** One reader of an outlet. */
export interface Feed {
  /** Samples as they go over the wire; the first of them carries its own stamp. The packet is held until it is sent. */
  readonly send: (packet: Packet, samples: number) => void;
  /** Samples thrown away because the reader did not read. */
  readonly dropped: () => number;
  /** Samples that the system has not taken yet: they are lost when the feed is closed now. */
  readonly pending: () => number;
  readonly close: () => void;
}

interface Portion {
  readonly packet: Packet;
  readonly samples: number;
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
  const waiting: Portion[] = [];
  let [held, heldSamples, sending, dropped, open] = [0, 0, 0, 0, true];
  const oldest = (): Portion => {
    const next = waiting.shift() as Portion;
    held -= next.packet.bytes.length;
    heldSamples -= next.samples;
    return next;
  };
  const write = ({ packet, samples }: Portion): boolean => {
    sending += samples;
    // The socket calls back, sent or not, when it is done with the bytes.
    return socket.write(packet.bytes, () => {
      sending -= samples;
      packet.release();
    });
  };
  socket.on("drain", () => {
    while (open && waiting.length > 0) {
      if (!write(oldest())) return;
    }
  });
  return {
    send(packet, samples) {
      if (!open) return;
      packet.hold();
      if (waiting.length === 0 && socket.writableLength < socket.writableHighWaterMark) {
        write({ packet, samples });
        return;
      }
      waiting.push({ packet, samples });
      held += packet.bytes.length;
      heldSamples += samples;
      while (waiting.length > 1 && (held > limits.backlog || heldSamples > buffer)) {
        const lost = oldest();
        lost.packet.release();
        dropped += lost.samples;
      }
    },
    dropped: () => dropped,
    pending: () => heldSamples + sending,
    close() {
      open = false;
      waiting.length = 0;
      heldSamples = 0;
      socket.destroy();
    },
  };
}
