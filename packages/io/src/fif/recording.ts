/** Raw data of FIF files: the recording, its electrodes, its trigger changes. */
import {
  type Channel,
  type ChannelKind,
  channelData,
  DataError,
  type Event,
  type Montage,
  type Recording,
  type Segment,
  type Sensor,
  type SignalUnit,
} from "@quintet/core";
import { checkedProduct } from "../bytes/byte-reader.ts";
import { recordingClock, type SignalFile } from "../signal/signal-file.ts";
import { triggerEvents } from "../signal/trigger-events.ts";
import { digitisedPoints } from "./geometry.ts";
import { blocksOf, type FifBlock, type FifFile, type FifTag, readFifTree, tagOf, tagsBelow } from "./tags.ts";
import { fifInt, fifNumber, fifNumbers, fifText } from "./values.ts";

const [measurement, information, rawBlocks] = [100, 101, [102, 112, 119]];
const [subjectBlock, badBlock, badNames] = [106, 359, 3507];
const [channelCount, rateTag, channelTag, dateTag] = [200, 201, 203, 204];
const [bufferTag, skipTag, skipSamplesTag] = [300, 301, 303];
const channelBytes = 96;
/** A FIF channel's record holds so many; files of more are damaged. */
const mostChannels = 100_000;

const kinds: Readonly<Record<number, ChannelKind>> = {
  1: "meg",
  2: "eeg",
  3: "trigger",
  202: "eog",
  302: "emg",
  402: "ecg",
  602: "resp",
  802: "seeg",
  902: "ecog",
};
const units: Readonly<Record<number, SignalUnit>> = { 0: "1", 107: "V", 112: "T", 117: "V/m2" };

interface FifChannel {
  readonly channel: Channel;
  /** Stored to inside. */
  readonly factor: number;
  /** In head coordinates, mm; absent at 0, 0, 0. */
  readonly position?: readonly [number, number, number];
  readonly problem?: string;
}

/**
 * The raw data of a FIF file (NAME_raw.fif, NAME_eeg.fif); skips become gaps. A file of several parts gives its own part.
 *
 * @throws DataError `no-raw-data` (epochs, averages, surfaces), `missing-field`, `bad-header`, `bad-dimensions` (a buffer that does
 *   not hold whole samples), `wrong-type`, as `readFifTree`
 */
export function readFifRecording(bytes: Uint8Array, { file = "FIF" }: { readonly file?: string } = {}): SignalFile {
  const fif = readFifTree(bytes, file);
  const measured = blocksOf(fif.root, measurement)[0];
  const raw = measured && rawBlocks.flatMap((kind) => blocksOf(measured, kind))[0];
  const info = measured && blocksOf(measured, information)[0];
  if (!raw || !info)
    throw new DataError("no-raw-data", "this FIF file holds no continuous recording", {
      file,
      found: "epochs, averages, surfaces or others",
    });
  const channels = channelsOf(fif, info);
  const rate = fifNumber(fif, required(fif, info, rateTag, "rate"));
  if (!(rate > 0)) throw new DataError("bad-header", "a rate is above 0", { file, found: `${rate} Hz` });
  const bad = new Set(
    blocksOf(fif.root, badBlock).flatMap((block) =>
      tagsBelow(block, badNames).flatMap((tag) => fifText(fif, tag).split(":")),
    ),
  );
  const group = {
    rate,
    channels: channels.map(({ channel }) => (bad.has(channel.name) ? { ...channel, status: "bad" as const } : channel)),
    segments: segmentsOf(fif, raw, channels, rate),
  };
  const date = tagOf(info, dateTag);
  const startedAt = date && isoDate(fifNumbers(fif, date)[0]);
  const recording: Recording = { clock: recordingClock, ...(startedAt ? { startedAt } : {}), groups: [group] };
  const list = group.segments.flatMap((segment): Event[] =>
    group.channels.flatMap((channel, c) =>
      channel.kind === "trigger"
        ? triggerEvents(channelData(group, segment, c), segment.start, rate, channel.name)
        : [],
    ),
  );
  const montage = montageOf(fif, info, channels);
  return {
    recording,
    events: { clock: recordingClock, list: list.sort((a, b) => a.onset - b.onset) },
    ...(montage ? { montage } : {}),
    identity: blocksOf(info, subjectBlock).length > 0 ? ["subject"] : [],
    problems: channels.flatMap(({ problem }) => problem ?? []),
  };
}

function required(fif: FifFile, block: FifBlock, kind: number, what: string): FifTag {
  const tag = tagOf(block, kind);
  if (!tag)
    throw new DataError("missing-field", `a recording tells its ${what}`, {
      file: fif.reader.file,
      expected: `tag ${kind}`,
    });
  return tag;
}

function isoDate(seconds: number | undefined): string | undefined {
  if (seconds === undefined || !(Math.abs(seconds) < 2 ** 33)) return undefined;
  return new Date(1000 * seconds).toISOString().slice(0, 19);
}

function channelsOf(fif: FifFile, info: FifBlock): FifChannel[] {
  const { file } = fif.reader;
  const count = fifInt(fif, required(fif, info, channelCount, "number of channels"));
  const tags = info.tags.filter((tag) => tag.kind === channelTag);
  if (!(count > 0 && count <= mostChannels) || tags.length !== count)
    throw new DataError("bad-header", "every channel is described once", {
      file,
      expected: `${count}`,
      found: `${tags.length}`,
    });
  return tags.map((tag) => channelOf(fif, tag));
}

/**
 * scan and logical number, kind, range, calibration, coil, twelve numbers of place, unit, power of ten, 16 letters of name. The place
 * of an electrode is its first three numbers, in m. Stored x range x calibration is in the unit; the power of ten is a hint for
 * display, which the format's own readers leave out too.
 */
function channelOf(fif: FifFile, tag: FifTag): FifChannel {
  const { reader } = fif;
  if (tag.size < channelBytes)
    throw new DataError("bad-header", "a channel is described in 96 bytes", {
      file: reader.file,
      found: `${tag.size}`,
    });
  const [kind, unit] = [reader.int32(tag.at + 8, "a channel's kind"), reader.int32(tag.at + 72, "a channel's unit")];
  const factor =
    reader.float32(tag.at + 12, "a channel's range") * reader.float32(tag.at + 16, "a channel's calibration");
  const name = reader.text(tag.at + 80, 16, "a channel's name");
  if (!Number.isFinite(factor) || factor === 0)
    throw new DataError("bad-header", `channel ${name} has a calibration`, { file: reader.file, found: `${factor}` });
  const place = [0, 1, 2].map((k) => 1000 * reader.float32(tag.at + 24 + 4 * k, "a place")) as [number, number, number];
  const placed = kind === 2 && place.every(Number.isFinite) && place.some((v) => v !== 0);
  const known = units[unit];
  return {
    channel: { name, kind: kinds[kind] ?? "misc", unit: known ?? "{arbitrary}", sensors: kind === 2 ? [name] : [] },
    factor,
    ...(placed ? { position: place } : {}),
    ...(known === undefined && kind !== 3
      ? { problem: `channel ${name} is in unit ${unit} of the format; its numbers are kept` }
      : {}),
  };
}

interface Run {
  readonly start: number;
  readonly tags: FifTag[];
  samples: number;
}

function segmentsOf(fif: FifFile, raw: FifBlock, channels: readonly FifChannel[], rate: number): Segment[] {
  const { file } = fif.reader;
  const width = (tag: FifTag): number => (tag.type === 2 || tag.type === 16 ? 2 : tag.type === 5 ? 8 : 4);
  const samplesOf = (tag: FifTag): number => {
    const samples = tag.size / (width(tag) * channels.length);
    if (!Number.isInteger(samples))
      throw new DataError("bad-dimensions", "a buffer holds whole samples of every channel", {
        file,
        expected: `a multiple of ${width(tag) * channels.length} bytes`,
        found: `${tag.size}`,
      });
    return samples;
  };
  const first = raw.tags.find((tag) => tag.kind === bufferTag);
  if (!first) throw new DataError("no-raw-data", "this FIF file's recording holds no sample", { file });
  const runs: Run[] = [];
  let [at, open] = [0, false];
  for (const tag of raw.tags) {
    if (tag.kind === bufferTag) {
      if (!open) runs.push({ start: at, tags: [], samples: 0 });
      const [run, samples] = [runs.at(-1) as Run, samplesOf(tag)];
      run.tags.push(tag);
      run.samples += samples;
      at += samples;
      open = true;
    } else if (tag.kind === skipTag || tag.kind === skipSamplesTag) {
      const skipped = fifInt(fif, tag) * (tag.kind === skipTag ? samplesOf(first) : 1);
      if (skipped < 0) throw new DataError("bad-header", "a skip goes forward", { file, found: `${skipped} samples` });
      at += skipped;
      if (skipped > 0) open = false;
    }
  }
  return runs
    .filter(({ samples }) => samples > 0)
    .map((run) => ({ start: run.start / rate, data: samplesOfRun(fif, run, channels) }));
}

/** [channel][sample] from buffers of [sample][channel]. */
function samplesOfRun(fif: FifFile, run: Run, channels: readonly FifChannel[]): Float32Array {
  const n = channels.length;
  const out = new Float32Array(checkedProduct([n, run.samples], "a recording", fif.reader.file));
  let at = 0;
  for (const tag of run.tags) {
    const stored = fifNumbers(fif, tag);
    const samples = stored.length / n;
    for (let c = 0; c < n; c++) {
      const { factor } = channels[c] as FifChannel;
      const row = c * run.samples + at;
      for (let i = 0; i < samples; i++) out[row + i] = (stored[i * n + c] as number) * factor;
    }
    at += samples;
  }
  return out;
}

/** Electrodes by channel name where the channels are, with the digitised fiducials and head shape. */
function montageOf(fif: FifFile, info: FifBlock, channels: readonly FifChannel[]): Montage | undefined {
  const electrodes = channels.flatMap(({ channel, position }): Sensor[] =>
    channel.kind === "eeg" ? [{ name: channel.name, kind: "electrode", ...(position ? { position } : {}) }] : [],
  );
  const digitised = digitisedPoints(fif, info);
  const others = digitised?.sensors.filter(({ kind }) => kind !== "electrode") ?? [];
  if (!electrodes.some((e) => e.position) && others.length === 0) return undefined;
  return { space: "head", sensors: [...electrodes, ...others] };
}
