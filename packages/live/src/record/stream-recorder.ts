import type { Seconds } from "@quintet/core";
import {
  type XdfFormat,
  xdfArray,
  xdfClockOffset,
  xdfSamplesChunk,
  xdfStreamFooter,
  xdfStreamHeader,
} from "@quintet/io";
import type { ClockMeasurement } from "../lsl/clock-exchange.ts";
import type { SampleChunk } from "../lsl/sample-decoder.ts";

/** One stream of a recording: gathers what comes in and hands it out as XDF chunks. */
export interface StreamRecorder {
  readonly id: number;
  /** The stream's full information, kept as it came; nothing is handed out before it is known. */
  readonly describe: (xml: string) => void;
  /** Copies what it needs of the chunk. */
  readonly add: (chunk: SampleChunk) => void;
  readonly addClock: (measurement: ClockMeasurement) => void;
  /** XDF chunks of what has come in since the last call. */
  readonly take: () => readonly Uint8Array[];
  readonly footer: () => Uint8Array;
  readonly samples: () => number;
}

/** How far a stamp may lie from the one that 1 / rate after the last gives, to be left out of the file, s. */
const deducedWithin: Seconds = 1e-9;

export function streamRecorder(
  id: number,
  { format, channels, rate }: { readonly format: XdfFormat; readonly channels: number; readonly rate: number },
): StreamRecorder {
  let described = false;
  let waiting: Uint8Array[] = [];
  // What has come in since it was last packed, in memory that is used again.
  let [stamps, values] = [new Float64Array(0), new Float64Array(0) as Float32Array | Float64Array];
  let strings: string[] = [];
  let held = 0;
  let [count, first, last] = [0, Number.NaN, Number.NaN];
  const step = rate > 0 ? 1 / rate : 0;

  const pack = (): void => {
    if (held === 0) return;
    const written = new Float64Array(held);
    let before = Number.NaN;
    for (let at = 0; at < held; at++) {
      const stamp = stamps[at] as number;
      // A reader adds 1 / rate to the stamp before; the first of a chunk always has its own.
      written[at] = at > 0 && step > 0 && Math.abs(stamp - before - step) < deducedWithin ? Number.NaN : stamp;
      before = Number.isNaN(written[at] as number) ? before + step : stamp;
    }
    const all = format === "string" ? strings : values.subarray(0, held * channels);
    waiting.push(xdfSamplesChunk(id, format, channels, written, all));
    held = 0;
    strings = [];
  };

  return {
    id,
    describe(xml) {
      waiting.unshift(xdfStreamHeader(id, xml));
      described = true;
    },
    add(chunk) {
      if (chunk.stamps.length === 0) return;
      const total = held + chunk.stamps.length;
      if (total > stamps.length) stamps = grown(stamps, held, new Float64Array(2 * total));
      stamps.set(chunk.stamps, held);
      if (format === "string") for (const text of chunk.strings) strings.push(text);
      else {
        if (total * channels > values.length)
          values = grown(values, held * channels, xdfArray(format, 2 * total * channels));
        values.set(chunk.values, held * channels);
      }
      held = total;
      if (count === 0) first = chunk.stamps[0] as number;
      last = chunk.stamps.at(-1) as number;
      count += chunk.stamps.length;
    },
    addClock({ time, correction }) {
      pack();
      // The file wants the time on the sender's clock, and what to add to it.
      waiting.push(xdfClockOffset(id, time - correction, correction));
    },
    take() {
      if (!described) return [];
      pack();
      const chunks = waiting;
      waiting = [];
      return chunks;
    },
    footer: () => xdfStreamFooter(id, first, last, count),
    samples: () => count,
  };
}

/** What the old holds so far, in the new. */
function grown<Numbers extends Float32Array | Float64Array>(old: Numbers, used: number, room: Numbers): Numbers {
  room.set(old.subarray(0, used));
  return room;
}
