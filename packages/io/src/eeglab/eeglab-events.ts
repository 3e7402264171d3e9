import type { Event } from "@quintet/core";
import { type MatValue, matField, matLength, matNumber, matText } from "../mat/mat-value.ts";
import { type Cut, cutAt } from "../signal/cuts.ts";

export interface EeglabShape {
  readonly points: number;
  readonly trials: number;
  readonly rate: number;
  readonly firstTime: number;
}

const isBoundary = (events: MatValue | undefined, i: number): boolean => {
  const type = matField(events, "type", i);
  return matText(type)?.toLowerCase() === "boundary" || matNumber(type) === -99;
};

/**
 * Where the samples break. Latencies count from 1 and may be fractional: a boundary at 1000.5 lies between the 1000th
 * and the 1001st sample. Its duration is the number of samples that were cut out there.
 */
export function eeglabCuts(
  events: MatValue | undefined,
  { points, trials, rate, firstTime }: EeglabShape,
  problems: string[],
): Cut[] {
  if (trials > 1) {
    problems.push(`the data are ${trials} epochs of ${points} samples; how much time lies between them is not known`);
    return Array.from({ length: trials }, (_, t) => ({
      first: t * points,
      end: (t + 1) * points,
      start: (t * points) / rate,
    }));
  }
  const lost = new Map<number, number | undefined>();
  for (let i = 0; i < matLength(events); i++) {
    if (!isBoundary(events, i)) continue;
    const latency = matNumber(matField(events, "latency", i)) ?? Number.NaN;
    const first = Math.ceil(latency) - 1;
    const samples = matNumber(matField(events, "duration", i));
    if (first > 0 && first < points) lost.set(first, samples !== undefined && samples >= 0 ? samples : undefined);
  }
  const firsts = [0, ...[...lost.keys()].sort((a, b) => a - b)];
  let cutOut = 0;
  let unknown = 0;
  const cuts = firsts.map((first, i): Cut => {
    if (i > 0) {
      const samples = lost.get(first);
      if (samples === undefined) unknown++;
      cutOut += samples ?? 0;
    }
    return { first, end: firsts[i + 1] ?? points, start: firstTime + (first + cutOut) / rate };
  });
  if (unknown > 0)
    problems.push(`${unknown} boundaries do not say how much was cut out; the segments there are placed end to end`);
  return cuts;
}

/** Events but the boundaries, in seconds: onset of latency L is (L - 1) / rate after the first sample. */
export function eeglabEvents(events: MatValue | undefined, cuts: readonly Cut[], rate: number): Event[] {
  const list: Event[] = [];
  for (let i = 0; i < matLength(events); i++) {
    if (isBoundary(events, i)) continue;
    const latency = matNumber(matField(events, "latency", i));
    if (latency === undefined || !Number.isFinite(latency)) continue;
    const type = matField(events, "type", i);
    const number = matNumber(type);
    const text = matText(type) ?? (number === undefined ? "event" : String(number));
    const cut = cutAt(cuts, latency - 1);
    if (cut === undefined) continue;
    const samples = matNumber(matField(events, "duration", i)) ?? 0;
    list.push({
      onset: cut.start + (latency - 1 - cut.first) / rate,
      duration: samples > 0 ? samples / rate : 0,
      type: text,
      ...(number === undefined ? {} : { value: number }),
    });
  }
  return list.sort((a, b) => a.onset - b.onset);
}
