import { DataError, type Seconds } from "@quintet/core";
import type { Interfaces } from "../lsl/interfaces.ts";
import { localClock } from "../lsl/local-clock.ts";
import { type Outlet, openOutlet } from "../lsl/outlet.ts";
import type { OutletDescription } from "../lsl/stream-info.ts";

/** One stream of a recording, its stamps on the recording's clock. */
export interface ReplayStream {
  readonly description: OutletDescription;
  /** Ascending, s. */
  readonly stamps: Float64Array;
  /** The samples `first` to `end` - 1, [sample][channel]. */
  readonly values: (first: number, end: number) => ArrayLike<number> | readonly string[];
}

export interface ReplayOptions {
  readonly interfaces?: Interfaces;
  /** Times as fast as it was recorded. Default 1. */
  readonly speed?: number;
  readonly loop?: boolean;
  /** Waits for a reader of every stream before it begins, s. Default 0: it begins at once. */
  readonly waitForReaders?: Seconds;
  /** Between two pushes, s. Default 5 ms. */
  readonly every?: Seconds;
  readonly onProgress?: (at: Seconds, length: Seconds, readers: number) => void;
  readonly signal?: AbortSignal;
}

export interface Replay {
  /** Samples pushed per stream. */
  readonly samples: readonly number[];
  /** Samples that slow readers lost. */
  readonly dropped: number;
}

/** For a slow reader to take the last samples, s. */
const patience: Seconds = 10;

/**
 * Plays a recording as live streams, all of them from one start: a sample stamped t is sent when t - t0 has passed since the
 * start, stamped with that moment.
 *
 * @throws DataError `nothing-to-replay`, `not-ascending`, `no-such-interface`
 */
export async function replay(streams: readonly ReplayStream[], options: ReplayOptions = {}): Promise<Replay> {
  const { interfaces, speed = 1, loop = false, every = 0.005, waitForReaders = 0, onProgress, signal } = options;
  const filled = streams.filter(({ stamps }) => stamps.length > 0);
  if (filled.length === 0) throw new DataError("nothing-to-replay", "the recording holds no samples");
  for (const { stamps, description } of filled)
    if (stamps.some((t, i) => i > 0 && t < (stamps[i - 1] as number)))
      throw new DataError("not-ascending", `the stamps of ${description.name} go back in time: its clock was set back`);
  const first = Math.min(...filled.map(({ stamps }) => stamps[0] as number));
  const length = Math.max(...filled.map(({ stamps }) => stamps.at(-1) as number)) - first;
  const outlets: Outlet[] = [];
  const samples = filled.map(() => 0);
  try {
    for (const { description } of filled)
      outlets.push(await openOutlet(description, interfaces === undefined ? {} : { interfaces }));
    await readersOf(outlets, waitForReaders, signal);
    do {
      const start = localClock();
      const next = filled.map(() => 0);
      while (signal?.aborted !== true && next.some((at, k) => at < (filled[k] as ReplayStream).stamps.length)) {
        const passed = (localClock() - start) * speed;
        for (const [k, stream] of filled.entries()) {
          const from = next[k] as number;
          let to = from;
          while (to < stream.stamps.length && (stream.stamps[to] as number) - first <= passed) to++;
          if (to === from) continue;
          const stamps = stream.stamps.slice(from, to).map((t) => start + (t - first) / speed);
          (outlets[k] as Outlet).pushStamped(stream.values(from, to), stamps);
          next[k] = to;
          samples[k] = (samples[k] as number) + to - from;
        }
        onProgress?.(
          Math.min(passed, length),
          length,
          outlets.reduce((sum, outlet) => sum + outlet.readers(), 0),
        );
        await new Promise((go) => setTimeout(go, 1000 * every));
      }
    } while (loop && signal?.aborted !== true);
    // What was pushed last is on its way to the readers.
    const end = localClock() + patience;
    while (outlets.some((outlet) => outlet.pending() > 0) && localClock() < end && signal?.aborted !== true)
      await new Promise((go) => setTimeout(go, 1000 * every));
    return { samples, dropped: outlets.reduce((sum, outlet) => sum + outlet.dropped() + outlet.pending(), 0) };
  } finally {
    for (const outlet of outlets) await outlet.close();
  }
}

async function readersOf(outlets: readonly Outlet[], wait: Seconds, signal?: AbortSignal): Promise<void> {
  const end = localClock() + wait;
  while (localClock() < end && signal?.aborted !== true && outlets.some((outlet) => outlet.readers() === 0))
    await new Promise((go) => setTimeout(go, 20));
}
