import type { Channel, Event, Events, Recording } from "@quintet/core";
import { channelData, DataError, sampleCount } from "@quintet/core";
import { sampleBytes } from "./brainvision.ts";
import type { BrainVisionFormat } from "./header.ts";
import { brainVisionField } from "./ini.ts";

export interface WriteBrainVisionOptions {
  /** Stem of the three file names. */
  readonly name: string;
  readonly format?: BrainVisionFormat;
  readonly orientation?: "MULTIPLEXED" | "VECTORIZED";
}

/**
 * Writes a recording of one rate as .vhdr, .vmrk and .eeg (UTF-8, little-endian; volts as µV). Float by default;
 * for integers each channel's resolution is its largest value over the integer range. Gaps become "New Segment"
 * markers with their date stamp.
 *
 * @throws DataError `mixed-rates`, `not-finite`, `bad-label`, `event-in-gap`
 */
export function writeBrainVision(
  recording: Recording,
  events: Events | undefined,
  { name, format = "IEEE_FLOAT_32", orientation = "MULTIPLEXED" }: WriteBrainVisionOptions,
): { readonly name: string; readonly bytes: Uint8Array }[] {
  const [group, ...others] = recording.groups;
  if (group === undefined || others.length > 0) {
    throw new DataError("mixed-rates", "a BrainVision file holds channels of one rate", {
      expected: "1 group",
      found: `${recording.groups.length}`,
    });
  }
  if (/[\r\n]/.test(group.channels.map((c) => c.name).join("") + name)) {
    throw new DataError("bad-label", "a name holds a line break");
  }
  const factors = group.channels.map((channel) => (channel.unit === "V" ? 1e6 : 1));
  const resolutions = group.channels.map((_, c) => {
    let peak = 0;
    for (const segment of group.segments) {
      for (const value of channelData(group, segment, c)) {
        if (!Number.isFinite(value))
          throw new DataError("not-finite", `channel ${group.channels[c]?.name} holds NaN or infinity`);
        peak = Math.max(peak, Math.abs(value) * (factors[c] as number));
      }
    }
    if (format === "IEEE_FLOAT_32" || peak === 0) return 1;
    return Number((peak / (format === "INT_16" ? 32767 : 2147483647)).toPrecision(9)) * (1 + 1e-8);
  });
  const samples = group.segments.reduce((n, segment) => n + sampleCount(group, segment), 0);
  const count = group.channels.length;
  const eeg = new Uint8Array(samples * count * sampleBytes[format]);
  const view = new DataView(eeg.buffer);
  const starts: number[] = [];
  let first = 0;
  for (const segment of group.segments) {
    starts.push(first);
    const n = sampleCount(group, segment);
    for (let c = 0; c < count; c++) {
      const values = channelData(group, segment, c);
      const gain = (factors[c] as number) / (resolutions[c] as number);
      for (let s = 0; s < n; s++) {
        const index = orientation === "MULTIPLEXED" ? (first + s) * count + c : c * samples + first + s;
        const value = (values[s] as number) * gain;
        if (format === "INT_16") view.setInt16(index * 2, Math.round(value), true);
        else if (format === "INT_32") view.setInt32(index * 4, Math.round(value), true);
        else view.setFloat32(index * 4, value, true);
      }
    }
    first += n;
  }
  const text = (lines: readonly string[]): Uint8Array => new TextEncoder().encode(`${lines.join("\r\n")}\r\n`);
  const vhdr = text([
    "Brain Vision Data Exchange Header File Version 1.0",
    "",
    "[Common Infos]",
    "Codepage=UTF-8",
    `DataFile=${name}.eeg`,
    `MarkerFile=${name}.vmrk`,
    "DataFormat=BINARY",
    `DataOrientation=${orientation}`,
    `NumberOfChannels=${count}`,
    `SamplingInterval=${1e6 / group.rate}`,
    "",
    "[Binary Infos]",
    `BinaryFormat=${format}`,
    "",
    "[Channel Infos]",
    ...group.channels.map(
      (channel, c) => `Ch${c + 1}=${brainVisionField(channel.name)},,${resolutions[c]},${storedUnit(channel)}`,
    ),
  ]);
  const sampleOf = ({ onset, type }: Event): number => {
    const at = Math.max(
      0,
      group.segments.findLastIndex((segment) => segment.start <= onset + 0.5 / group.rate),
    );
    const segment = group.segments[at];
    const sample = segment === undefined ? 0 : Math.round((onset - segment.start) * group.rate);
    if (segment === undefined || sample < 0 || sample >= sampleCount(group, segment)) {
      throw new DataError("event-in-gap", `event ${type} lies where nothing was recorded`, {
        expected: "an onset inside a segment",
        found: `${onset} s`,
      });
    }
    return (starts[at] as number) + sample;
  };
  const listed = (events?.list ?? []).filter((event) => !event.type.startsWith("New Segment/"));
  const marks = [
    ...group.segments.map(
      (segment, s) => `New Segment,,${(starts[s] as number) + 1},1,0,${stamp(recording.startedAt, segment.start)}`,
    ),
    ...listed.map((event) => markerLine(event, sampleOf(event), group.rate, group.channels)),
  ];
  const vmrk = text([
    "Brain Vision Data Exchange Marker File, Version 1.0",
    "",
    "[Common Infos]",
    "Codepage=UTF-8",
    `DataFile=${name}.eeg`,
    "",
    "[Marker Infos]",
    ...marks.map((mark, i) => `Mk${i + 1}=${mark}`),
  ]);
  return [
    { name: `${name}.vhdr`, bytes: vhdr },
    { name: `${name}.vmrk`, bytes: vmrk },
    { name: `${name}.eeg`, bytes: eeg },
  ];
}

function storedUnit(channel: Channel): string {
  if (channel.unit === "V") return "µV";
  return channel.unit === "{arbitrary}" ? "ARU" : channel.unit;
}

function markerLine(event: Event, sample: number, rate: number, channels: readonly Channel[]): string {
  const slash = event.type.indexOf("/");
  const [type, description] =
    slash < 0 ? ["Comment", event.type] : [event.type.slice(0, slash), event.type.slice(slash + 1)];
  const channel = event.channels?.length === 1 ? channels.findIndex((c) => c.name === event.channels?.[0]) + 1 : 0;
  const size = Math.max(1, Math.round(event.duration * rate));
  const clean = (text: string): string => brainVisionField(text.replace(/[\r\n]/g, " "));
  return `${clean(type ?? "")},${clean(description ?? "")},${sample + 1},${size},${channel}`;
}

/** YYYYMMDDhhmmssuuuuuu of a time on the recording's clock; without a start date, the year 1970 keeps the gaps' lengths. */
function stamp(startedAt: string | undefined, seconds: number): string {
  const [whole = "1970-01-01T00:00:00", fraction = ""] = (startedAt ?? "1970-01-01T00:00:00").split(".");
  const microseconds = Math.round((Number(`0.${fraction || "0"}`) + seconds) * 1e6);
  const carried = Math.floor(microseconds / 1e6);
  const date = new Date(Date.parse(`${whole}Z`) + carried * 1000);
  const digits = date.toISOString().slice(0, 19).replace(/\D/g, "");
  return `${digits}${String(microseconds - carried * 1e6).padStart(6, "0")}`;
}
