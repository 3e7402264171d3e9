import { DataError } from "@quintet/core";
import { brainVisionFields, parseBrainVisionText } from "./ini.ts";

export interface BrainVisionMarker {
  readonly type: string;
  readonly description: string;
  /** Sample, counted from 0 (the file counts from 1). */
  readonly sample: number;
  /** Samples. */
  readonly size: number;
  /** Channel counted from 1; 0 means all. */
  readonly channel: number;
  /** Of a "New Segment": ISO 8601 without zone, to the microsecond. */
  readonly date?: string;
}

/** @throws DataError `not-brainvision`, `bad-text`, `bad-marker` */
export function readBrainVisionMarkers(bytes: Uint8Array, file: string): BrainVisionMarker[] {
  const entries = parseBrainVisionText(bytes, "Marker", file).sections.get("Marker Infos") ?? new Map<string, string>();
  const markers: BrainVisionMarker[] = [];
  for (const [key, value] of entries) {
    if (!/^Mk\d+$/.test(key)) continue;
    const [type = "", description = "", position = "", size = "1", channel = "0", stamp = ""] =
      brainVisionFields(value);
    const [at, length, on] = [Number(position), Number(size || "1"), Number(channel || "0")];
    if (
      position.trim() === "" ||
      !Number.isInteger(at) ||
      at < 1 ||
      !(length >= 0) ||
      !Number.isInteger(on) ||
      on < 0
    ) {
      throw new DataError("bad-marker", `marker ${key}`, {
        file,
        expected: "position >= 1, size >= 0, channel >= 0",
        found: value,
      });
    }
    const date = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{6})$/.exec(stamp.trim());
    const iso =
      date === null || Number(date[1]) === 0
        ? undefined
        : `${date[1]}-${date[2]}-${date[3]}T${date[4]}:${date[5]}:${date[6]}.${date[7]}`;
    const known = iso !== undefined && !Number.isNaN(Date.parse(`${iso.slice(0, 23)}Z`));
    markers.push({ type, description, sample: at - 1, size: length, channel: on, ...(known ? { date: iso } : {}) });
  }
  return markers.sort((a, b) => a.sample - b.sample);
}

/** Seconds between two stamps to the microsecond. */
export function secondsBetween(from: string, to: string): number {
  const split = (stamp: string): [number, number] => [
    Date.parse(`${stamp.slice(0, 19)}Z`) / 1000,
    Number(stamp.slice(20)) / 1e6,
  ];
  const [[a, fa], [b, fb]] = [split(from), split(to)];
  return b - a + (fb - fa);
}
