/** When a seizure began and when the tracer was given: what an ictal image can show hangs on the seconds between. */
import { existsSync, readFileSync } from "node:fs";
import { invertTimeMap, type Metadata, mapTime, type Seconds } from "@quintet/core";
import { readEventsTsv } from "@quintet/io";
import type { ClockTrack } from "@quintet/view";
import type { VisitClock } from "./clock-step.ts";

/** Seconds from TimeZero of the image. */
export interface InjectionTiming {
  readonly onset?: Seconds;
  readonly end?: Seconds;
  readonly injection?: Seconds;
  /** Onset to injection. */
  readonly delay?: Seconds;
}

/**
 * From the side file (SeizureOnset, InjectionStart, InjectionDelay) and, where it is silent on the seizure, from the first event
 * called a seizure in the image's events.tsv.
 *
 * @param events path of events.tsv; need not be there
 * @throws DataError those of readEventsTsv
 */
export function injectionTiming(metadata: Metadata, events?: string): InjectionTiming {
  const number = (key: string): number | undefined => {
    const value = metadata[key];
    return typeof value === "number" && Number.isFinite(value) ? value : undefined;
  };
  const list =
    events !== undefined && existsSync(events)
      ? readEventsTsv(readFileSync(events, "utf8"), { file: events, clock: "spect" }).list
      : [];
  const seizure = list.find(({ type }) => /seizure|^ictal/i.test(type));
  const stop = list.find(({ type }) => /(seizure|ictal).*(end|offset|stop)/i.test(type));
  const injection = number("InjectionStart");
  const onset = number("SeizureOnset") ?? seizure?.onset;
  const delay =
    number("InjectionDelay") ?? (onset === undefined || injection === undefined ? undefined : injection - onset);
  const end = stop?.onset ?? (seizure && seizure.duration > 0 ? seizure.onset + seizure.duration : undefined);
  const began = onset ?? (injection === undefined || delay === undefined ? undefined : injection - delay);
  return {
    ...(began === undefined ? {} : { onset: began }),
    ...(end === undefined ? {} : { end }),
    ...(injection === undefined ? {} : { injection }),
    ...(delay === undefined ? {} : { delay }),
  };
}

interface Stream {
  readonly track: ClockTrack;
  readonly id: string;
}

/** Seizure and injection as instants of the ictal image's own track, and of EEG and fNIRS tracks whose clocks are tied to its. */
export function withInjection(
  streams: readonly Stream[],
  timing: InjectionTiming,
  visit: VisitClock | undefined,
): readonly Stream[] {
  const said = [
    { time: timing.onset, label: "seizure onset" },
    {
      time: timing.injection,
      label: timing.delay === undefined ? "injection" : `injection +${timing.delay.toFixed(0)} s`,
    },
    { time: timing.end, label: "seizure end" },
  ].flatMap(({ time, label }) => (time === undefined ? [] : [{ time, label }]));
  if (timing.onset === undefined) return streams;
  const from = visit?.maps.ictal;
  return streams.map(({ track, id }) => {
    if (id === "ictal") return { id, track: { ...track, instants: said } };
    const to = visit?.maps[id];
    if ((id !== "eeg" && id !== "fnirs") || from === undefined || to === undefined) return { track, id };
    const back = invertTimeMap(to);
    const instants = said.map(({ time, label }) => ({ time: mapTime(back, mapTime(from, time)), label }));
    const spans = track.blocks.map(({ start, duration }) => [start, start + duration] as const);
    const recorded = instants.filter(({ time }) => spans.some(([a, b]) => time >= a - 60 && time <= b + 60));
    return { id, track: { ...track, instants: [...track.instants, ...recorded] } };
  });
}
