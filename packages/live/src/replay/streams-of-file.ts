import { extname } from "node:path";
import { DataError, type Recording } from "@quintet/core";
import { synchroniseStamps } from "@quintet/fusion/clock";
import type { XdfStream } from "@quintet/io";
import { readRecording, readXdfFile } from "@quintet/io/node";
import type { ReplayStream } from "./replay.ts";

/**
 * The streams of any recording that can be read: XDF as its streams were, on one clock; other formats as one stream per
 * group of channels and one of marks.
 *
 * @throws DataError those of the readers; `nothing-to-replay`
 */
export async function streamsOfFile(path: string): Promise<readonly ReplayStream[]> {
  if (/^\.xdfz?$/i.test(extname(path))) {
    const { streams } = await readXdfFile(path);
    return streams.filter(({ stamps }) => stamps.length > 0).map(ofXdf);
  }
  const { recording, events } = await readRecording(path);
  const streams = [
    ...ofRecording(recording),
    ...ofEvents(events.list.map(({ onset, type }) => [onset, type] as const)),
  ];
  if (streams.length === 0) throw new DataError("nothing-to-replay", "the recording holds no samples", { file: path });
  return streams;
}

function ofXdf(stream: XdfStream): ReplayStream {
  const { stamps } = synchroniseStamps(stream);
  const [channels, count] = [stream.channels.length, stream.stamps.length];
  return {
    description: {
      name: stream.name,
      type: stream.type,
      format: stream.format,
      rate: stream.rate,
      channelCount: channels,
      channels: stream.channels,
      sourceId: stream.sourceId === "" ? `replay of ${stream.name}` : stream.sourceId,
      canDropSamples: stream.canDropSamples,
    },
    stamps,
    values: (first, end) =>
      stream.format === "string"
        ? stream.strings.slice(first * channels, end * channels)
        : interleaved(stream.values, count, channels, first, end),
  };
}

function ofRecording({ groups }: Recording): readonly ReplayStream[] {
  return groups.map((group, k) => {
    const count = group.channels.length;
    // Gaps stay gaps: the stamps of each segment begin where it begins.
    const starts: number[] = [];
    const stamps = group.segments.flatMap(({ start, data }) => {
      starts.push((starts.at(-1) ?? 0) + data.length / count);
      return Array.from({ length: data.length / count }, (_, i) => start + i / group.rate);
    });
    const optical = group.channels.some(({ kind }) => kind.startsWith("nirs"));
    const type = optical ? "NIRS" : "EEG";
    return {
      description: {
        name: groups.length > 1 ? `${type} ${k + 1}` : type,
        type,
        format: "float32",
        rate: group.rate,
        channelCount: count,
        channels: group.channels.map(({ name, kind, unit }) => ({ label: name, type: kind, unit })),
        sourceId: `replay ${type} ${k + 1}`,
      },
      stamps: Float64Array.from(stamps),
      values(first, end) {
        const out = new Float32Array((end - first) * count);
        for (let i = first; i < end; i++) {
          const s = starts.findIndex((until) => i < until);
          const data = group.segments[s]?.data as Float32Array;
          const [length, within] = [data.length / count, i - (s > 0 ? (starts[s - 1] as number) : 0)];
          for (let c = 0; c < count; c++) out[(i - first) * count + c] = data[c * length + within] as number;
        }
        return out;
      },
    };
  });
}

function ofEvents(marks: readonly (readonly [number, string])[]): readonly ReplayStream[] {
  if (marks.length === 0) return [];
  const sorted = marks.toSorted(([a], [b]) => a - b);
  return [
    {
      description: {
        name: "Markers",
        type: "Markers",
        format: "string",
        rate: 0,
        channelCount: 1,
        sourceId: "replay markers",
      },
      stamps: Float64Array.from(sorted, ([onset]) => onset),
      values: (first, end) => sorted.slice(first, end).map(([, type]) => type),
    },
  ];
}

/** [channel][sample] as [sample][channel]. */
function interleaved(
  values: Float32Array | Float64Array,
  count: number,
  channels: number,
  first: number,
  end: number,
): Float32Array | Float64Array {
  const length = (end - first) * channels;
  const out = values instanceof Float64Array ? new Float64Array(length) : new Float32Array(length);
  for (let i = first; i < end; i++) {
    for (let c = 0; c < channels; c++) out[(i - first) * channels + c] = values[c * count + i] as number;
  }
  return out;
}
