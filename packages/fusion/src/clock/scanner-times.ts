/** What raw MRI tells of the scanner's clock: starts of volumes, and the triggers that its physiological unit saw. */
import { DataError, type KSpace, type KSpaceWaveform, type Seconds } from "@quintet/core";
import { readoutTimes } from "./instrument-times.ts";

type Stamped = Pick<KSpace, "readouts" | "tick">;

/**
 * Start of each volume on the scanner's clock, s: the first imaging readout of each repetition.
 *
 * @throws DataError `no-tick`, `no-image` (no imaging readout)
 */
export function volumeTimes(kspace: Stamped): Float64Array {
  const times = readoutTimes(kspace);
  const first = new Map<number, Seconds>();
  for (const [i, { purpose, counters }] of kspace.readouts.entries()) {
    if (!purpose.startsWith("image")) continue;
    const [time, before] = [times[i] as number, first.get(counters.repetition)];
    if (before === undefined || time < before) first.set(counters.repetition, time);
  }
  if (first.size === 0)
    throw new DataError("no-image", "no readout is for an image", { expected: "at least one", found: "none" });
  return Float64Array.from(
    [...first].toSorted(([a], [b]) => a - b),
    ([, time]) => time,
  );
}

/**
 * Triggers by the signal they were seen in, s on the scanner's clock: rising edges of each waveform's trigger channel, and
 * what the readouts' own "ticks since the last trigger" say, as `readout trigger N`.
 *
 * @throws DataError `no-tick`
 */
export function scannerTriggers(kspace: Stamped & Pick<KSpace, "waveforms">): Readonly<Record<string, Float64Array>> {
  const times = readoutTimes(kspace);
  const tick = kspace.tick as number;
  const found = new Map<string, Seconds[]>();
  const add = (name: string, time: Seconds): void => {
    const train = found.get(name);
    if (train === undefined) found.set(name, [time]);
    else train.push(time);
  };
  const [start = 0] = times;
  for (const [name, blocks] of byName(kspace.waveforms)) {
    let high = true;
    let ended = Number.NaN;
    for (const block of blocks) {
      const from = nearMidnight(block.stamp * tick, start);
      const samples = block.data.length / block.channels;
      // What was high before the record began, or during a gap in it, rose nobody knows when.
      if (!(Math.abs(from - ended) <= tick + block.dwell)) high = true;
      for (let k = 0; k < samples; k++) {
        const now = block.data[(block.triggerChannel as number) * samples + k] !== 0;
        if (now && !high) add(name, from + k * block.dwell);
        high = now;
      }
      ended = from + samples * block.dwell;
    }
  }
  for (const [i, { physiology }] of kspace.readouts.entries()) {
    for (const [k, since] of physiology.entries()) {
      if (since > 0) add(`readout trigger ${k + 1}`, (times[i] as number) - since * tick);
    }
  }
  return Object.fromEntries([...found].map(([name, all]) => [name, apart(all, tick)]));
}

/** Waveforms with triggers, each signal's blocks in the order of time. */
function byName(waveforms: readonly KSpaceWaveform[]): ReadonlyMap<string, readonly KSpaceWaveform[]> {
  const triggered = waveforms.filter(({ triggerChannel }) => triggerChannel !== undefined);
  const names = [...new Set(triggered.map(({ name }) => name))];
  return new Map(
    names.map((name) => [name, triggered.filter((one) => one.name === name).toSorted((a, b) => a.stamp - b.stamp)]),
  );
}

/** Stamps count from midnight: one that lies half a day off belongs to the day before or after. */
function nearMidnight(time: Seconds, start: Seconds): Seconds {
  const day = 86_400;
  return time + day * Math.round((start - time) / day);
}

/** Ascending; times within a tick and a half of each other are one trigger told again. */
function apart(times: readonly Seconds[], tick: Seconds): Float64Array {
  const out: Seconds[] = [];
  for (const time of times.toSorted((a, b) => a - b)) {
    if (out.length === 0 || time - (out.at(-1) as number) > 1.5 * tick) out.push(time);
  }
  return Float64Array.from(out);
}
