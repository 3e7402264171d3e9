import type { DataError, Seconds } from "@quintet/core";
import { type ClockMeasurement, measureClock } from "./clock-exchange.ts";
import { type Connection, connectStream, fullInfo } from "./connection.ts";
import { localClock } from "./local-clock.ts";
import { queryOf } from "./query.ts";
import { type ResolveOptions, resolveStreams } from "./resolver.ts";
import type { SampleChunk } from "./sample-decoder.ts";
import type { StreamInfo } from "./stream-info.ts";

export type InletState = "open" | "lost" | "ended";

export interface InletEvents {
  readonly onChunk: (chunk: SampleChunk) => void;
  readonly onClock?: (measurement: ClockMeasurement) => void;
  /** "lost": being looked for; "ended": it cannot be found again, and why. `reset`: another outlet took its place. */
  readonly onState?: (state: InletState, told: { readonly reset: boolean; readonly why?: string }) => void;
}

export interface InletOptions extends Pick<ResolveOptions, "interfaces" | "knownPeers"> {
  /** What the sender keeps while we do not read, s of a regular stream. Default 360. */
  readonly buffer?: Seconds;
  /** Silence after which the stream is looked for again, s. Default 15. */
  readonly watchdog?: Seconds;
  /** Between two clock exchanges, s. Default 5. */
  readonly clockEvery?: Seconds;
  /** Looks for a vanished stream by its source id. Default true. */
  readonly recover?: boolean;
  /**
   * A chunk's arrays hold only during the call, and the next ones lie in the same memory: at megabytes a second the engine
   * else collects them every two seconds, for some ms. Default false: each chunk is the receiver's own.
   */
  readonly reuse?: boolean;
}

/** A stream being read. */
export interface Inlet extends AsyncDisposable {
  readonly info: StreamInfo;
  /** The whole information as the sender gave it. */
  readonly xml: string;
  readonly close: () => void;
}

const pause: Seconds = 0.5;

/**
 * Opens a stream: its samples and clock measurements go to the events. Vanished, it is looked for by name, type, source id
 * and layout; a restarted device goes on, and its clock is told to have been reset.
 *
 * @throws DataError those of `fullInfo` and `connectStream`
 */
export async function openInlet(found: StreamInfo, events: InletEvents, options: InletOptions = {}): Promise<Inlet> {
  const { buffer = 360, watchdog = 15, clockEvery = 5, recover = true, reuse = false } = options;
  const { info, xml } = await fullInfo(found);
  const stop = new AbortController();
  let current = info;
  let connection: Connection | undefined;
  let over: { readonly why: DataError | undefined } | undefined;
  let heard = localClock();
  let looking = false;
  const samples = Math.ceil(info.rate > 0 ? buffer * info.rate : buffer * 100);

  const open = async (): Promise<void> => {
    over = undefined;
    connection = await connectStream(current, samples, {
      onChunk(chunk) {
        heard = localClock();
        events.onChunk(chunk);
      },
      onEnd(why?: DataError) {
        over = { why };
        void lose(why);
      },
      reuse,
    });
    heard = localClock();
  };

  const lose = async (why?: DataError): Promise<void> => {
    if (stop.signal.aborted || looking) return;
    looking = true;
    connection?.close();
    const told = { reset: false, ...(why === undefined ? {} : { why: why.message }) };
    if (why !== undefined || !recover || info.sourceId === "") {
      const reason = why?.message ?? (recover ? "it has no source id to be found again by" : "the connection ended");
      finish({ reset: false, why: reason });
      return;
    }
    events.onState?.("lost", told);
    while (!stop.signal.aborted) {
      await sleep(pause, stop.signal);
      const again = await find(info, options, stop.signal);
      if (again === undefined || stop.signal.aborted) continue;
      const reset = again.uid !== current.uid;
      current = again;
      try {
        await open();
      } catch {
        // Gone again between answer and connection.
        continue;
      }
      looking = false;
      if (stop.signal.aborted) connection?.close();
      else {
        events.onState?.("open", { reset });
        // Over in the moment it stood: while it was looked for, nobody was told.
        if (over !== undefined) void lose(over.why);
      }
      return;
    }
  };

  const finish = (told: { readonly reset: boolean; readonly why?: string }): void => {
    stop.abort();
    connection?.close();
    events.onState?.("ended", told);
  };

  await open();
  void measureOften(
    () => current,
    clockEvery,
    stop.signal,
    (measurement) => events.onClock?.(measurement),
  );
  const guard = setInterval(() => {
    if (!looking && info.rate > 0 && localClock() - heard > watchdog) void lose();
  }, 1000);
  guard.unref();
  stop.signal.addEventListener("abort", () => clearInterval(guard), { once: true });
  const close = (): void => {
    stop.abort();
    connection?.close();
  };
  return { info, xml, close, [Symbol.asyncDispose]: async () => close() };
}

/** The one stream that is the same device, wherever it now is; several are none. */
async function find(info: StreamInfo, options: InletOptions, signal: AbortSignal): Promise<StreamInfo | undefined> {
  const query = queryOf({
    channel_count: String(info.channelCount),
    name: info.name,
    type: info.type,
    source_id: info.sourceId,
    channel_format: info.format,
  });
  const found = await resolveStreams(query, { ...options, timeout: 2, enough: 1, signal }).catch(() => []);
  return found.length === 1 ? found[0] : undefined;
}

async function measureOften(
  peer: () => StreamInfo,
  every: Seconds,
  signal: AbortSignal,
  tell: (measurement: ClockMeasurement) => void,
): Promise<void> {
  for (let wave = 1; !signal.aborted; wave++) {
    const { address, servicePort, uid } = peer();
    const measurement = await measureClock(address, servicePort, wave, signal);
    // A measurement of an outlet that was replaced meanwhile belongs to no clock.
    if (measurement !== undefined && !signal.aborted && peer().uid === uid) tell(measurement);
    await sleep(every, signal);
  }
}

function sleep(seconds: Seconds, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, 1000 * seconds);
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
