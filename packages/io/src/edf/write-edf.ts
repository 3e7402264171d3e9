import type { Channel, ChannelGroup, Event, Events, Recording } from "@quintet/core";
import { channelData, DataError } from "@quintet/core";
import { type Tal, talBytes } from "./edf-annotations.ts";
import { edfDateFields } from "./edf-date.ts";
import { eightCharacters } from "./eight-characters.ts";
import { planRecords, type RecordPlan } from "./record-plan.ts";

export interface WriteEdfOptions {
  /** Fill the last record by repeating the last sample, with an annotation "padding" over the stretch. */
  readonly pad?: boolean;
}

interface SignalPlan {
  readonly channel: Channel;
  readonly group: number;
  readonly index: number;
  readonly unit: string;
  readonly factor: number;
  readonly physicalMin: string;
  readonly physicalMax: string;
  readonly digitalMin: number;
  readonly digitalMax: number;
}

/**
 * Writes EDF+C, or EDF+D when the recording holds gaps: 16 bits, one physical range per channel, anonymous identity
 * ("X X X X"). Channels keep their rates; nothing is padded unless asked for.
 *
 * @throws DataError `no-signals`, `not-finite`, `no-record-duration`, `partial-record`, `segments-differ`,
 *   `bad-number`, `bad-annotation`, `bad-label`
 */
export function writeEdf(recording: Recording, events?: Events, options: WriteEdfOptions = {}): Uint8Array {
  return write(recording, events, options, 2);
}

/** The same as BDF+: 24 bits, so that offsets of tens of millivolts keep their microvolts. A trigger named Status is stored as is. */
export function writeBdf(recording: Recording, events?: Events, options: WriteEdfOptions = {}): Uint8Array {
  return write(recording, events, options, 3);
}

function write(
  recording: Recording,
  events: Events | undefined,
  { pad = false }: WriteEdfOptions,
  width: 2 | 3,
): Uint8Array {
  const groups = recording.groups.filter((group) => group.channels.length > 0);
  const plan = planRecords(groups, width, pad);
  const signals = groups.flatMap((group, g) =>
    group.channels.map((channel, c) => planSignal(group, g, channel, c, width)),
  );
  const total = plan.records.reduce((sum, n) => sum + n, 0);
  if (signals.length === 0 || total === 0) throw new DataError("no-signals", "an EDF file needs at least one sample");
  const [first] = groups as [ChannelGroup];
  const triggers = new Set(signals.filter((s) => s.channel.kind === "trigger").map((s) => s.channel.name));
  const onTriggerLine = (e: Event): boolean => e.type.startsWith("trigger/") && triggers.has(e.channels?.[0] ?? "");
  const texts = [...(events?.list ?? []).filter((e) => !onTriggerLine(e)), ...paddingEvents(groups, plan)];
  const onsets = first.segments.flatMap((segment, s) =>
    Array.from({ length: plan.records[s] as number }, (_, r) => segment.start + r * plan.duration),
  );
  const lists = annotationLists(onsets, texts);
  const annotationSamples = Math.max(1, ...lists.map((list) => Math.ceil(list.length / width)));
  const gaps = first.segments.some(
    (segment, s) =>
      s > 0 &&
      Math.abs(segment.start - (first.segments[s - 1]?.start ?? 0) - (plan.records[s - 1] as number) * plan.duration) >
        1e-9,
  );
  const header = headerBytes(recording, plan, signals, total, annotationSamples, gaps, width);
  const recordBytes = (signals.reduce((n, s) => n + (plan.samples[s.group] as number), 0) + annotationSamples) * width;
  const out = new Uint8Array(header.length + total * recordBytes);
  out.set(header);
  let record = 0;
  first.segments.forEach((_, s) => {
    const series = signals.map((signal) => digitise(groups, signal, s));
    for (let r = 0; r < (plan.records[s] as number); r++, record++) {
      let at = header.length + record * recordBytes;
      signals.forEach((signal, i) => {
        const n = plan.samples[signal.group] as number;
        const values = series[i] as Int32Array;
        for (let k = r * n; k < (r + 1) * n; k++, at += width) {
          const digital = values[Math.min(k, values.length - 1)] as number;
          out[at] = digital;
          out[at + 1] = digital >> 8;
          if (width === 3) out[at + 2] = digital >> 16;
        }
      });
      out.set(lists[record] as Uint8Array, at);
    }
  });
  return out;
}

const units: Readonly<Record<string, readonly [string, number]>> = {
  V: ["uV", 1e6],
  Cel: ["degC", 1],
  "1": ["", 1],
  "{arbitrary}": ["", 1],
  "mol/L": ["uM", 1e6],
};

function planSignal(group: ChannelGroup, g: number, channel: Channel, c: number, width: 2 | 3): SignalPlan {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const segment of group.segments) {
    const values = channelData(group, segment, c);
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      if (!Number.isFinite(value)) throw new DataError("not-finite", `channel ${channel.name} holds NaN or infinity`);
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (low > high) [low, high] = [0, 0];
  if (!/^[\x20-\x7e]{1,16}$/.test(channel.name)) {
    throw new DataError("bad-label", "an EDF label is 1 to 16 ASCII characters", {
      found: JSON.stringify(channel.name),
    });
  }
  const [digitalMin, digitalMax] = width === 2 ? [-32768, 32767] : [-8388608, 8388607];
  const plan = { channel, group: g, index: c, digitalMin, digitalMax };
  const whole = channel.kind === "trigger" && low >= digitalMin && high <= digitalMax;
  if (whole) {
    return { ...plan, unit: "", factor: 1, physicalMin: String(digitalMin), physicalMax: String(digitalMax) };
  }
  const [unit, factor] = units[channel.unit] ?? [channel.unit.replace(/[{}]/g, "").slice(0, 8), 1];
  const [bottom, top] = [low * factor, high * factor];
  const flat = bottom === top ? Math.max(1, Math.abs(bottom) * 1e-3) : 0;
  return {
    ...plan,
    unit,
    factor,
    physicalMin: eightCharacters(bottom - flat, "down"),
    physicalMax: eightCharacters(top + flat, "up"),
  };
}

function digitise(groups: readonly ChannelGroup[], signal: SignalPlan, s: number): Int32Array {
  const group = groups[signal.group] as ChannelGroup;
  const segment = group.segments[s] as ChannelGroup["segments"][number];
  const [min, max] = [Number(signal.physicalMin), Number(signal.physicalMax)];
  const perUnit = (signal.digitalMax - signal.digitalMin) / (max - min);
  const values = channelData(group, segment, signal.index);
  const out = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const digital = Math.round(((values[i] as number) * signal.factor - min) * perUnit) + signal.digitalMin;
    out[i] = Math.max(signal.digitalMin, Math.min(signal.digitalMax, digital));
  }
  return out;
}

function paddingEvents(groups: readonly ChannelGroup[], plan: RecordPlan): Event[] {
  return (groups[0]?.segments ?? []).flatMap((segment, s) => {
    const seconds = Math.max(...groups.map((group, g) => (plan.padding[s]?.[g] ?? 0) / group.rate));
    const end = segment.start + (plan.records[s] as number) * plan.duration;
    return seconds > 0 ? [{ onset: end - seconds, duration: seconds, type: "padding" }] : [];
  });
}

/** Each record's time-keeping entry, then its share of the annotations in order of onset. */
function annotationLists(onsets: readonly number[], events: readonly Event[]): Uint8Array[] {
  const sorted = [...events].sort((a, b) => a.onset - b.onset);
  const share = Math.ceil(sorted.length / onsets.length);
  return onsets.map((onset, record) => {
    const tals: Tal[] = [
      { onset, duration: 0, texts: [""] },
      ...sorted
        .slice(record * share, (record + 1) * share)
        .map((e) => ({ onset: e.onset, duration: e.duration, texts: [e.type] })),
    ];
    const parts = tals.map(talBytes);
    const list = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
    let at = 0;
    for (const part of parts) {
      list.set(part, at);
      at += part.length;
    }
    return list;
  });
}

function headerBytes(
  recording: Recording,
  plan: RecordPlan,
  signals: readonly SignalPlan[],
  records: number,
  annotationSamples: number,
  gaps: boolean,
  width: 2 | 3,
): Uint8Array {
  const name = width === 2 ? "EDF" : "BDF";
  const { date, time, startdate } = edfDateFields(recording.startedAt);
  const count = signals.length + 1;
  const prefilter = (recording.notes?.prefilter ?? "").replace(/[^\x20-\x7e]/g, "?").slice(0, 80);
  const [bottom, top] = width === 2 ? ["-32768", "32767"] : ["-8388608", "8388607"];
  const column = (size: number, of: (s: SignalPlan) => string, annotation: string): string =>
    [...signals.map(of), annotation].map((text) => text.padEnd(size)).join("");
  const text = [
    (width === 2 ? "0" : " BIOSEMI").padEnd(8),
    "X X X X".padEnd(80),
    `Startdate ${startdate} X X X`.padEnd(80),
    date,
    time,
    String(256 * (count + 1)).padEnd(8),
    `${name}+${gaps ? "D" : "C"}`.padEnd(44),
    String(records).padEnd(8),
    plan.durationText.padEnd(8),
    String(count).padEnd(4),
    column(16, (s) => s.channel.name, `${name} Annotations`),
    column(80, () => "", ""),
    column(8, (s) => s.unit, ""),
    column(8, (s) => s.physicalMin, "-1"),
    column(8, (s) => s.physicalMax, "1"),
    column(8, (s) => String(s.digitalMin), bottom as string),
    column(8, (s) => String(s.digitalMax), top as string),
    column(80, () => prefilter, ""),
    column(8, (s) => String(plan.samples[s.group]), String(annotationSamples)),
    column(32, () => "", ""),
  ].join("");
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  if (width === 3) bytes[0] = 0xff;
  return bytes;
}
