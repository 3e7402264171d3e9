import type { Seconds } from "@quintet/core";
import { deferred } from "./deferred.ts";
import { localClock } from "./local-clock.ts";
import { bindUdp, sendTo } from "./udp.ts";

/** One measurement of how the peer's clock stands to ours. */
export interface ClockMeasurement {
  /** Our clock when it was made, s. */
  readonly time: Seconds;
  /** To add to the peer's stamps to come onto our clock, s. */
  readonly correction: Seconds;
  /** Round trip of the probe taken, s: the correction's uncertainty. */
  readonly roundTrip: Seconds;
}

const probes = 8;
const apart: Seconds = 0.064;
const grace: Seconds = 0.128;
const fewest = 6;

/**
 * One wave of 8 probes 64 ms apart, as NTP: with t0 sent and t3 heard here, t1 and t2 stamped there,
 *
 *   rtt = (t3 - t0) - (t2 - t1),   offset = ((t1 - t0) + (t2 - t3)) / 2,   correction = -offset
 *
 * The probe of the least round trip counts; fewer than six answers are no measurement.
 */
export async function measureClock(
  address: string,
  servicePort: number,
  wave: number,
  signal?: AbortSignal,
): Promise<ClockMeasurement | undefined> {
  const udp = await bindUdp(undefined, 0).catch(() => undefined);
  if (udp === undefined) return undefined;
  const answers: ClockMeasurement[] = [];
  const done = deferred();
  udp.socket.on("message", (bytes, peer) => {
    const t3 = localClock();
    const [heard, t0, t1, t2, ...more] = bytes.toString("latin1").trim().split(/\s+/).map(Number);
    if (peer.address !== address || heard !== wave || more.length > 0) return;
    if (t0 === undefined || t1 === undefined || t2 === undefined || ![t0, t1, t2].every(Number.isFinite)) return;
    answers.push({ time: t3, correction: -(t1 - t0 + (t2 - t3)) / 2, roundTrip: t3 - t0 - (t2 - t1) });
    if (answers.length === probes) done.resolve();
  });
  const timers: NodeJS.Timeout[] = [];
  const ask = (k: number): void => {
    sendTo(udp.socket, `LSL:timedata\r\n${wave} ${localClock().toPrecision(16)}\r\n`, servicePort, address);
    if (k < probes - 1) return;
    // From the last probe on, however late a busy process sent it; and what came in while it was busy is still read.
    timers.push(setTimeout(() => setImmediate(done.resolve), 1000 * (apart + grace)));
  };
  for (let k = 0; k < probes; k++) timers.push(setTimeout(ask, 1000 * apart * k, k));
  signal?.addEventListener("abort", () => done.resolve(), { once: true });
  await done.promise;
  for (const timer of timers) clearTimeout(timer);
  udp.close();
  if (answers.length < fewest) return undefined;
  return answers.reduce((least, one) => (one.roundTrip < least.roundTrip ? one : least));
}
