/** Recordings whose samples stay in the file until a window of them is asked for. */
import { extname } from "node:path";
import type { Channel, Events, Hertz, Montage, Seconds } from "@quintet/core";
import { sampleCount } from "@quintet/core";
import { openBrainVision } from "../brainvision/brainvision.ts";
import { readBrainVisionHeader } from "../brainvision/header.ts";
import { readEdfHeader } from "../edf/edf-header.ts";
import { edfGroups, readEdfRun } from "../edf/edf-samples.ts";
import { readEdfTimeline } from "../edf/edf-timeline.ts";
import { recordingClock } from "../signal/signal-file.ts";
import { openFileSource } from "./file-source.ts";
import { readFileBounded } from "./files.ts";
import { contentOf, mainFileOf, readRecording, siblingOf } from "./recordings.ts";

export interface LazyGroup {
  readonly rate: Hertz;
  readonly channels: readonly Channel[];
  readonly segments: readonly { readonly start: Seconds; readonly samples: number }[];
}

/** An open recording; closed at the end of the `using` block. */
export interface LazyRecording extends Disposable {
  readonly clock: string;
  /** Wall-clock time of second 0, ISO 8601 without zone. */
  readonly startedAt?: string;
  readonly groups: readonly LazyGroup[];
  readonly montage?: Montage;
  /** What the file itself marks: annotations and markers; level changes of trigger channels are not looked for. */
  readonly events: Events;
  readonly problems: readonly string[];
  /** false: the whole recording is in memory. */
  readonly lazy: boolean;
  /** Samples [first, end) of a segment, [channel][sample] in each channel's unit. */
  read(group: number, segment: number, first: number, end: number): Float32Array | Float64Array;
}

/**
 * Opens EDF, BDF and BrainVision by their headers and reads only the data records a window needs; other formats
 * (EEGLAB, SNIRF, Homer) are read whole once. Values are those of `readRecording`.
 *
 * @throws DataError those of readRecording
 */
export async function openRecording(path: string): Promise<LazyRecording> {
  const extension = extname(path).toLowerCase();
  if (extension === ".vhdr") return brainVision(path);
  if (extension === ".vmrk" || extension === ".eeg") return brainVision(await mainFileOf(path, ".vhdr"));
  if (extension === ".edf" || extension === ".bdf") {
    const source = openFileSource(path);
    const content = contentOf(source.read(0, Math.min(source.size, 4096)));
    source[Symbol.dispose]();
    if (content === "EDF" || content === "BDF") return edf(path);
  }
  const { recording, events, montage, problems } = await readRecording(path);
  return {
    clock: recording.clock,
    ...(recording.startedAt === undefined ? {} : { startedAt: recording.startedAt }),
    groups: recording.groups.map((group) => ({
      rate: group.rate,
      channels: group.channels,
      segments: group.segments.map((segment) => ({ start: segment.start, samples: sampleCount(group, segment) })),
    })),
    ...(montage ? { montage } : {}),
    events,
    problems,
    lazy: false,
    read(group, segment, first, end) {
      const { channels, segments } = recording.groups[group] as (typeof recording.groups)[number];
      const { data } = segments[segment] as (typeof segments)[number];
      const n = data.length / channels.length;
      const out =
        data instanceof Float64Array
          ? new Float64Array(channels.length * (end - first))
          : new Float32Array(channels.length * (end - first));
      for (let c = 0; c < channels.length; c++) out.set(data.subarray(c * n + first, c * n + end), c * (end - first));
      return out;
    },
    [Symbol.dispose]() {},
  };
}

function edf(path: string): LazyRecording {
  const source = openFileSource(path);
  try {
    const header = readEdfHeader(source, path);
    const timeline = readEdfTimeline(header, source);
    const groups = edfGroups(header);
    return {
      clock: recordingClock,
      ...(header.startedAt === undefined ? {} : { startedAt: header.startedAt }),
      groups: groups.map(({ samplesPerRecord, channels }) => ({
        rate: samplesPerRecord / header.recordDuration,
        channels,
        segments: timeline.runs.map(({ start, records }) => ({ start, samples: records * samplesPerRecord })),
      })),
      events: {
        clock: recordingClock,
        list: timeline.annotations.flatMap(({ onset, duration, texts }) =>
          texts.map((type) => ({ onset, duration, type })),
        ),
      },
      problems: [...header.problems, ...timeline.problems],
      lazy: true,
      read: (group, segment, first, end) =>
        readEdfRun(
          header,
          source,
          groups[group] as (typeof groups)[number],
          timeline.runs[segment] as (typeof timeline.runs)[number],
          first,
          end,
        ),
      [Symbol.dispose]: () => source[Symbol.dispose](),
    };
  } catch (error) {
    source[Symbol.dispose]();
    throw error;
  }
}

async function brainVision(path: string): Promise<LazyRecording> {
  const vhdr = await readFileBounded(path, 2 ** 26);
  const { dataFile, markerFile } = readBrainVisionHeader(vhdr, path);
  const data = await siblingOf(path, dataFile, ".eeg");
  const marker = markerFile === undefined ? undefined : await siblingOf(path, markerFile, ".vmrk");
  const vmrk = marker && (await readFileBounded(marker.path, 2 ** 28));
  const source = openFileSource(data.path);
  try {
    const opened = openBrainVision({ vhdr, ...(vmrk ? { vmrk } : {}) }, source, { file: path });
    const { header, cuts, startedAt, events } = opened;
    return {
      clock: recordingClock,
      ...(startedAt === undefined ? {} : { startedAt }),
      groups: [
        {
          rate: header.rate,
          channels: header.channels,
          segments: cuts.map(({ first, end, start }) => ({ start, samples: end - first })),
        },
      ],
      events: { clock: recordingClock, list: [...events] },
      problems: [...opened.problems, ...data.problems, ...(marker?.problems ?? [])],
      lazy: true,
      read: (_, segment, first, end) => {
        const cut = cuts[segment] as (typeof cuts)[number];
        return opened.read(cut.first + first, cut.first + end);
      },
      [Symbol.dispose]: () => source[Symbol.dispose](),
    };
  } catch (error) {
    source[Symbol.dispose]();
    throw error;
  }
}
