import type { Event, Segment } from "@quintet/core";
import { DataError } from "@quintet/core";
import { type ByteSource, bytesSource } from "../signal/byte-source.ts";
import { type Cut, cutAt } from "../signal/cuts.ts";
import { markNonFinite } from "../signal/finite.ts";
import { recordingClock, type SignalFile } from "../signal/signal-file.ts";
import { type BrainVisionFormat, type BrainVisionHeader, readBrainVisionHeader } from "./header.ts";
import { type BrainVisionMarker, readBrainVisionMarkers, secondsBetween } from "./markers.ts";

/** The three files of one recording. */
export interface BrainVisionFiles {
  readonly vhdr: Uint8Array;
  readonly vmrk?: Uint8Array;
  readonly eeg: Uint8Array;
}

export const sampleBytes: Readonly<Record<BrainVisionFormat, number>> = { INT_16: 2, INT_32: 4, IEEE_FLOAT_32: 4 };

/** A recording whose samples stay in the file until they are asked for. */
export interface OpenBrainVision {
  readonly header: BrainVisionHeader;
  readonly cuts: readonly Cut[];
  readonly startedAt?: string;
  readonly events: readonly Event[];
  readonly problems: readonly string[];
  /** Samples [first, end), [channel][sample] in each channel's unit. */
  read(first: number, end: number): Float32Array | Float64Array;
}

/**
 * Reads a BrainVision recording. A "New Segment" after the first sample is a gap: its date stamp says how long, and
 * without one the segments are placed end to end and the file's problem says so. Markers become events
 * "type/description" with the number in the description as value; MR volume triggers (R128) and
 * "SyncStatus/Sync On" are among them.
 *
 * @throws DataError `not-brainvision`, `bad-text`, `bad-header`, `bad-marker`, `not-supported`, `truncated`
 */
export function readBrainVision(
  { vhdr, vmrk, eeg }: BrainVisionFiles,
  { file }: { readonly file: string },
): SignalFile {
  const opened = openBrainVision({ vhdr, ...(vmrk === undefined ? {} : { vmrk }) }, bytesSource(eeg, file), { file });
  const { header, cuts, startedAt, events: list } = opened;
  const problems = [...opened.problems];
  const segments = cuts.map(({ first, end, start }): Segment => ({ start, data: opened.read(first, end) }));
  const group = markNonFinite({ rate: header.rate, channels: header.channels, segments }, problems);
  return {
    recording: {
      clock: recordingClock,
      ...(startedAt === undefined ? {} : { startedAt }),
      groups: [group],
      ...notesOf(header),
    },
    events: { clock: recordingClock, list: [...list] },
    identity: header.identity,
    problems,
  };
}

/** What the header tells of reference and impedances, in words. */
export function notesOf({ references, otherImpedances }: BrainVisionHeader): {
  readonly notes?: Readonly<Record<string, string>>;
} {
  const notes = {
    ...(references.length > 0 ? { reference: references.join(", ") } : {}),
    ...(otherImpedances === undefined ? {} : { impedances: otherImpedances }),
  };
  return Object.keys(notes).length > 0 ? { notes } : {};
}

/** The same with the data file as a byte source: header and markers are read, samples when they are asked for. */
export function openBrainVision(
  { vhdr, vmrk }: Omit<BrainVisionFiles, "eeg">,
  eeg: ByteSource,
  { file }: { readonly file: string },
): OpenBrainVision {
  const header = readBrainVisionHeader(vhdr, file);
  const count = header.channels.length;
  const samples = eeg.size / (count * sampleBytes[header.format]);
  if (!Number.isInteger(samples)) {
    throw new DataError("truncated", `${header.dataFile} does not hold whole samples`, {
      file,
      expected: `a multiple of ${count * sampleBytes[header.format]} bytes`,
      found: `${eeg.size}`,
    });
  }
  const problems = [...header.problems];
  const markers = vmrk === undefined ? [] : readBrainVisionMarkers(vmrk, file);
  for (const marker of markers) {
    if (marker.sample >= Math.max(1, samples)) {
      problems.push(
        `marker ${marker.type}/${marker.description} lies behind the last sample (${marker.sample + 1} of ${samples})`,
      );
    }
  }
  const cuts = segmentCuts(markers, samples, header.rate, problems);
  const timeOf = (sample: number): number => {
    const cut = cutAt(cuts, sample) ?? { first: 0, start: 0 };
    return cut.start + (sample - cut.first) / header.rate;
  };
  const events = markers.map((marker): Event => {
    const value = /(\d+)\s*$/.exec(marker.description)?.[1];
    const channel = header.channels[marker.channel - 1]?.name;
    return {
      onset: timeOf(marker.sample),
      duration: marker.size > 1 ? marker.size / header.rate : 0,
      type: `${marker.type}/${marker.description}`,
      ...(value === undefined ? {} : { value: Number(value) }),
      ...(channel === undefined ? {} : { channels: [channel] }),
    };
  });
  const startedAt = markers.find((m) => m.type === "New Segment" && m.sample === 0)?.date;
  return {
    header,
    cuts,
    events,
    problems,
    ...(startedAt === undefined ? {} : { startedAt }),
    read: (first, end) => decode(header, eeg, samples, first, end),
  };
}

function segmentCuts(markers: readonly BrainVisionMarker[], samples: number, rate: number, problems: string[]): Cut[] {
  const breaks = markers.filter((m) => m.type === "New Segment" && m.sample > 0 && m.sample < samples);
  const origin = markers.find((m) => m.type === "New Segment" && m.sample === 0)?.date;
  const stamps = new Map(breaks.map((m) => [m.sample, m.date]));
  const firsts = [...new Set([0, ...stamps.keys()])];
  const cuts: Cut[] = [];
  for (const [i, first] of firsts.entries()) {
    const before = cuts.at(-1);
    const endToEnd = before === undefined ? 0 : before.start + (before.end - before.first) / rate;
    const date = stamps.get(first);
    const stamped = origin !== undefined && date !== undefined ? secondsBetween(origin, date) : undefined;
    const usable = stamped !== undefined && stamped >= endToEnd - 0.5 / rate;
    if (i > 0 && !usable)
      problems.push(
        `how long the gap before sample ${first + 1} lasted is not known; the segments are placed end to end`,
      );
    cuts.push({ first, end: firsts[i + 1] ?? samples, start: usable ? Math.max(stamped, endToEnd) : endToEnd });
  }
  return samples > 0 ? cuts : [];
}

function decode(
  header: BrainVisionHeader,
  eeg: ByteSource,
  samples: number,
  first: number,
  end: number,
): Float32Array | Float64Array {
  const count = header.channels.length;
  const n = end - first;
  const out = header.format === "INT_32" ? new Float64Array(count * n) : new Float32Array(count * n);
  const bytes = sampleBytes[header.format];
  if (header.orientation === "MULTIPLEXED") {
    const view = viewOf(eeg.read(first * count * bytes, n * count * bytes));
    for (let c = 0; c < count; c++) decodeChannel(header, view, c * bytes, count * bytes, c, out.subarray(c * n));
  } else {
    for (let c = 0; c < count; c++) {
      const view = viewOf(eeg.read((c * samples + first) * bytes, n * bytes));
      decodeChannel(header, view, 0, bytes, c, out.subarray(c * n));
    }
  }
  return out;
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Every `step` bytes from `at` one value, to the end of the view. */
function decodeChannel(
  { format, bigEndian, gains }: BrainVisionHeader,
  view: DataView,
  at: number,
  step: number,
  channel: number,
  out: Float32Array | Float64Array,
): void {
  const gain = gains[channel] as number;
  const little = !bigEndian;
  for (let s = 0; at < view.byteLength; s++, at += step) {
    const stored =
      format === "INT_16"
        ? view.getInt16(at, little)
        : format === "INT_32"
          ? view.getInt32(at, little)
          : view.getFloat32(at, little);
    out[s] = stored * gain;
  }
}
