import { open } from "node:fs/promises";
import { DataError, type Seconds } from "@quintet/core";
import { xdfBoundary, xdfFileHeader, xdfMagic } from "@quintet/io";
import type { ClockMeasurement } from "../lsl/clock-exchange.ts";
import { type Inlet, type InletOptions, type InletState, openInlet } from "../lsl/inlet.ts";
import { localClock } from "../lsl/local-clock.ts";
import type { StreamInfo } from "../lsl/stream-info.ts";
import { type StreamRecorder, streamRecorder } from "./stream-recorder.ts";

export interface StreamStatus {
  readonly id: number;
  readonly info: StreamInfo;
  readonly state: InletState;
  readonly samples: number;
  /** Samples per second over the last seconds. */
  readonly rate: number;
  /** Age of the newest sample, s. */
  readonly silence: Seconds;
  /** The last clock measurement: to add to the sender's stamps, and its round trip. */
  readonly clock?: { readonly correction: Seconds; readonly roundTrip: Seconds };
}

export interface RecorderStatus {
  readonly seconds: Seconds;
  readonly bytes: number;
  readonly streams: readonly StreamStatus[];
}

export interface RecorderOptions extends InletOptions {
  /** What was found or happened, in sentences. */
  readonly onNote?: (note: string) => void;
  /** Between two writes, s. Default 0.25: so much a killed recorder loses at most. */
  readonly flushEvery?: Seconds;
}

export interface Recorder extends AsyncDisposable {
  /** Adds a stream, now or while recording. @throws DataError those of `openInlet` */
  readonly add: (stream: StreamInfo) => Promise<void>;
  readonly status: () => RecorderStatus;
  /** Rejects when nothing can be written any more: `disk-full`, `cannot-write`. */
  readonly failed: Promise<never>;
  /** Writes what has come in and the footers, and closes the file. */
  readonly stop: () => Promise<RecorderStatus>;
}

/** A mark after which a damaged file can be read on, every 10 s as LabRecorder does. */
const boundaryEvery: Seconds = 10;

interface Live {
  readonly recorder: StreamRecorder;
  inlet?: Inlet;
  readonly info: StreamInfo;
  state: InletState;
  heard: Seconds;
  recent: { time: Seconds; samples: number }[];
  clock?: ClockMeasurement;
}

/**
 * Records streams into an XDF file. Everything is appended in whole chunks at least every quarter second, so that a
 * killed recorder leaves a file that opens; a stream that vanishes is looked for and goes on when it is back; a full disk
 * ends the recording with a clear word and what was written stays.
 *
 * @param path a file that does not exist yet
 * @throws DataError `file-exists`, `cannot-write`
 */
export async function openRecorder(path: string, options: RecorderOptions = {}): Promise<Recorder> {
  const { onNote = () => undefined, flushEvery = 0.25 } = options;
  const handle = await open(path, "ax").catch((cause: { code?: string; message: string }) => {
    const code = cause.code === "EEXIST" ? "file-exists" : "cannot-write";
    throw new DataError(code, code === "file-exists" ? "a recording is never written over" : cause.message, {
      file: path,
    });
  });
  const started = localClock();
  const live = new Map<string, Live>();
  let [bytes, lastBoundary, broken] = [0, started, false];
  let fail: (cause: DataError) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  failed.catch(() => undefined);

  const write = async (chunks: readonly Uint8Array[]): Promise<void> => {
    const all = Buffer.concat(chunks);
    if (broken || all.length === 0) return;
    try {
      // One write call may take less than it was given on a disk that fills up.
      for (let at = 0; at < all.length; ) at += (await handle.write(all, at)).bytesWritten;
      bytes += all.length;
    } catch (cause) {
      broken = true;
      const full = (cause as { code?: string }).code === "ENOSPC";
      fail(
        new DataError(full ? "disk-full" : "cannot-write", full ? "the disk is full" : String(cause), {
          file: path,
          found: `${bytes} bytes were written and can be read`,
          cause,
        }),
      );
    }
  };
  await write([xdfMagic, xdfFileHeader(localTime())]);

  let writing: Promise<void> = Promise.resolve();
  const flush = (more: readonly Uint8Array[] = []): Promise<void> => {
    const chunks = [...live.values()].flatMap(({ recorder }) => recorder.take());
    if (localClock() - lastBoundary >= boundaryEvery) {
      chunks.push(xdfBoundary());
      lastBoundary = localClock();
    }
    writing = writing.then(() => write([...chunks, ...more]));
    return writing;
  };
  const timer = setInterval(() => void flush(), 1000 * flushEvery);

  const add = async (info: StreamInfo): Promise<void> => {
    if (live.has(info.uid)) return;
    const layout = { format: info.format, channels: info.channelCount, rate: info.rate };
    const mine: Live = {
      recorder: streamRecorder(live.size + 1, layout),
      info,
      state: "open",
      heard: localClock(),
      recent: [],
    };
    live.set(info.uid, mine);
    try {
      mine.inlet = await openInlet(
        info,
        {
          onChunk(chunk) {
            mine.recorder.add(chunk);
            mine.heard = localClock();
            mine.recent.push({ time: mine.heard, samples: chunk.stamps.length });
          },
          onClock(measurement) {
            mine.recorder.addClock(measurement);
            mine.clock = measurement;
          },
          onState(state, { reset, why }) {
            mine.state = state;
            onNote(
              `${info.name}: ${stateWords[state]}${reset ? "; its clock began anew" : ""}${why ? ` (${why})` : ""}`,
            );
          },
        },
        { ...options, reuse: true },
      );
      mine.recorder.describe(mine.inlet.xml);
    } catch (cause) {
      live.delete(info.uid);
      throw cause;
    }
  };

  const status = (): RecorderStatus => {
    const now = localClock();
    return {
      seconds: now - started,
      bytes,
      streams: [...live.values()].map((mine) => {
        mine.recent = mine.recent.filter(({ time }) => now - time < rateOver);
        return {
          id: mine.recorder.id,
          info: mine.info,
          state: mine.state,
          samples: mine.recorder.samples(),
          rate:
            mine.recent.reduce((sum, { samples }) => sum + samples, 0) /
            Math.min(rateOver, Math.max(now - started, 1e-3)),
          silence: now - mine.heard,
          ...(mine.clock === undefined ? {} : { clock: mine.clock }),
        };
      }),
    };
  };

  let ended: Promise<RecorderStatus> | undefined;
  const stop = (): Promise<RecorderStatus> => {
    ended ??= (async () => {
      clearInterval(timer);
      for (const { inlet } of live.values()) inlet?.close();
      await flush();
      await flush([...live.values()].map(({ recorder }) => recorder.footer()));
      if (!broken) await handle.datasync().catch(() => undefined);
      await handle.close();
      return status();
    })();
    return ended;
  };
  return {
    add,
    status,
    failed,
    stop,
    [Symbol.asyncDispose]: async () => {
      await stop();
    },
  };
}

const rateOver: Seconds = 5;
const stateWords: Readonly<Record<InletState, string>> = {
  open: "reading again",
  lost: "vanished, being looked for",
  ended: "ended",
};

/** ISO 8601 with the zone, as LabRecorder writes it. */
function localTime(now: Date = new Date()): string {
  const minutes = -now.getTimezoneOffset();
  const zone = `${minutes < 0 ? "-" : "+"}${String(Math.floor(Math.abs(minutes) / 60)).padStart(2, "0")}${String(Math.abs(minutes) % 60).padStart(2, "0")}`;
  return `${new Date(now.getTime() + 60_000 * minutes).toISOString().slice(0, 19)}${zone}`;
}
