import type { Channel, ChannelGroup, ChannelKind, Event, Hertz, Montage, Point, Seconds, Sensor } from "@quintet/core";
import { kindOfName, kindOfType } from "../signal/channel-kind.ts";
import { signalUnit } from "../signal/signal-unit.ts";
import { type XmlElement, xmlAt, xmlNumber, xmlText } from "../xml/xml.ts";
import type { XdfStream } from "./xdf.ts";

/** A stretch of evenly spaced samples, both ends included, once the stream's jitter is removed. */
export interface EvenStretch {
  readonly first: number;
  readonly last: number;
  readonly start: Seconds;
}

/** What a stream is in a data set. */
export type StreamRole = "eeg" | "nirs" | "markers" | "other";

export function streamRole({ type, format, rate }: XdfStream): StreamRole {
  if (format === "string") return "markers";
  if (rate === 0) return "other";
  if (/^(eeg|exg|biosignal)/i.test(type)) return "eeg";
  return /nirs/i.test(type) ? "nirs" : "other";
}

/** Units as device makers write them into streams. */
const spelled: Readonly<Record<string, string>> = { microvolts: "uV", microvolt: "uV", millivolts: "mV", volts: "V" };

/**
 * A regular stream as channels of one rate. Samples are brought to the inside unit.
 *
 * @param stretches from `dejitter`; gaps between them stay gaps
 * @param rate effective samples per second
 */
export function xdfGroup(
  stream: XdfStream,
  stretches: readonly EvenStretch[],
  rate: Hertz,
): { readonly group: ChannelGroup; readonly problems: readonly string[] } {
  const problems = new Set<string>();
  const optical = streamRole(stream) === "nirs";
  const rules = stream.channels.map(({ unit }) => signalUnit(spelled[unit.toLowerCase()] ?? unit));
  const rows = channelRows(stream.header);
  const channels = stream.channels.map(({ label, type }, k): Channel => {
    const rule = rules[k] as (typeof rules)[number];
    if (rule.problem !== undefined) problems.add(rule.problem);
    const [source, detector, wavelength] = ["source", "detector", "wavelength"].map((name) => xmlText(rows[k], name));
    const kind: ChannelKind =
      optical && wavelength !== undefined ? "nirs-intensity" : (kindOfType(type) ?? kindOfName(label, rule.unit));
    return {
      name: label,
      kind,
      unit: kind === "nirs-intensity" ? "{intensity}" : rule.unit,
      sensors: optical ? [source, detector].filter((name) => name !== undefined) : kind === "eeg" ? [label] : [],
      ...(wavelength === undefined ? {} : { wavelength: Number(wavelength) }),
    };
  });
  const total = stream.stamps.length;
  const segments = stretches.map(({ first, last, start }) => {
    const count = last - first + 1;
    const data = new Float64Array(count * channels.length);
    for (let c = 0; c < channels.length; c++) {
      const { factor, offset } = rules[c] as (typeof rules)[number];
      for (let i = 0; i < count; i++)
        data[c * count + i] = factor * (stream.values[c * total + first + i] as number) + offset;
    }
    return { start, data };
  });
  return { group: { rate, channels, segments }, problems: [...problems] };
}

function channelRows(header: XmlElement): readonly XmlElement[] {
  return (xmlAt(header, "desc", "channels")?.children ?? []).filter(({ name }) => name === "channel");
}

/** Optodes that the stream's description places, in millimetres of its own space; undefined when it places none. */
export function xdfOptodes({ header }: XdfStream): Montage | undefined {
  const rows = (xmlAt(header, "desc", "optodes")?.children ?? []).filter(({ name }) => name === "optode");
  const sensors = rows.flatMap((row): readonly Sensor[] => {
    const [label, role] = [xmlText(row, "label"), xmlText(row, "function")?.toLowerCase()];
    const position = ["X", "Y", "Z"].map((axis) => xmlNumber(row, "location", axis));
    if (label === undefined || (role !== "source" && role !== "detector")) return [];
    const placed = position.every((value) => value !== undefined);
    return [{ name: label, kind: role, ...(placed ? { position: position as unknown as Point } : {}) }];
  });
  return sensors.length > 0 ? { space: "device:xdf", sensors } : undefined;
}

/** Marks of a string stream; of several channels one mark each. @param stamps on the clock wanted */
export function xdfMarks({ strings, channels }: XdfStream, stamps: ArrayLike<Seconds>): readonly Event[] {
  return strings.flatMap((text, i): readonly Event[] => {
    const type = text.trim();
    if (type === "") return [];
    const value = Number(type);
    return [
      {
        onset: stamps[Math.floor(i / channels.length)] as number,
        duration: 0,
        type,
        ...(Number.isFinite(value) ? { value } : {}),
      },
    ];
  });
}
