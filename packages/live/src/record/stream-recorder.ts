import type { Seconds } from "@quintet/core";
import { type XdfFormat, xdfClockOffset, xdfSamplesChunk, xdfStreamFooter, xdfStreamHeader } from "@quintet/io";
import type { ClockMeasurement } from "../lsl/clock-exchange.ts";
import type { SampleChunk } from "../lsl/sample-decoder.ts";

/** One stream of a recording: gathers what comes in and hands it out as XDF chunks. */
export interface StreamRecorder {
  readonly id: number;
  /** The stream's full information, kept as it came; nothing is handed out before it is known. */
  readonly describe: (xml: string) => void;
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
  let held: SampleChunk[] = [];
  let [count, first, last] = [0, Number.NaN, Number.NaN];
  const step = rate > 0 ? 1 / rate : 0;

  const pack = (): void => {
    const total = held.reduce((sum, { stamps }) => sum + stamps.length, 0);
    if (total === 0) return;
    const written = new Float64Array(total);
    let [at, before] = [0, Number.NaN];
    for (const { stamps } of held) {
      for (const stamp of stamps) {
        // A reader adds 1 / rate to the stamp before; the first of a chunk always has its own.
        written[at] = at > 0 && step > 0 && Math.abs(stamp - before - step) < deducedWithin ? Number.NaN : stamp;
        before = Number.isNaN(written[at] as number) ? before + step : stamp;
        at++;
      }
    }
    const values = format === "string" ? held.flatMap(({ strings }) => strings) : joined(held);
    waiting.push(xdfSamplesChunk(id, format, channels, written, values));
    held = [];
  };

  return {
    id,
    describe(xml) {
      waiting.unshift(xdfStreamHeader(id, xml));
      described = true;
    },
    add(chunk) {
      if (chunk.stamps.length === 0) return;
      held.push(chunk);
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

function joined(chunks: readonly SampleChunk[]): Float32Array | Float64Array {
  const total = chunks.reduce((sum, { values }) => sum + values.length, 0);
  const all = chunks[0]?.values instanceof Float64Array ? new Float64Array(total) : new Float32Array(total);
  let at = 0;
  for (const { values } of chunks) {
    all.set(values, at);
    at += values.length;
  }
  return all;
}
