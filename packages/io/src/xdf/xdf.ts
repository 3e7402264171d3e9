import { DataError } from "@quintet/core";
import { parseXml, type XmlElement, xmlAt, xmlNumber, xmlText } from "../xml/xml.ts";
import { type XdfChunk, xdfChunks, xdfTags } from "./xdf-chunks.ts";
import { type XdfFormat, xdfFormats } from "./xdf-format.ts";
import { type XdfSamples, xdfSamples } from "./xdf-samples.ts";

/** Pairs by which the sender's clock meets the recorder's: offset = recorder - sender, at `times` on the sender's. */
export interface ClockOffsets {
  readonly times: Float64Array;
  readonly values: Float64Array;
}

export interface XdfChannel {
  readonly label: string;
  readonly type: string;
  readonly unit: string;
}

/** One stream of an XDF file: what it says of itself, and its samples on the sender's own clock. */
export interface XdfStream extends XdfSamples {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly format: XdfFormat;
  /** Hertz; 0 for events that come when they come. */
  readonly rate: number;
  readonly channels: readonly XdfChannel[];
  readonly sourceId: string;
  readonly hostname: string;
  /** The sender says that samples may be missing between two stamps (a camera): no line through its stamps is true. */
  readonly canDropSamples: boolean;
  readonly offsets: ClockOffsets;
  /** Samples the footer speaks of; absent when the recording was cut off. */
  readonly footerCount?: number;
  readonly header: XmlElement;
}

export interface Xdf {
  readonly version: string;
  /** The wall clock when the file was begun, ISO 8601 as written. */
  readonly startedAt?: string;
  readonly streams: readonly XdfStream[];
  /** What is wrong with the file, in sentences. */
  readonly problems: readonly string[];
}

/** Channels of one stream; more are a header that lies. */
const mostChannels = 100_000;

/**
 * Reads an XDF file (already unpacked): every stream with its stamps, values and clock offsets, on its own clock.
 * Nothing is synchronised here; `fusion/clock` does that.
 *
 * @throws DataError `not-xdf`, `no-streams`, `bad-stream` (format, channel count), `bad-xml`, `xml-too-large`
 * @see https://github.com/sccn/xdf/wiki/Specifications
 */
export function readXdf(bytes: Uint8Array, { file }: { readonly file: string }): Xdf {
  const { chunks, damaged } = xdfChunks(bytes, file);
  const problems = damaged.map(([from, end]) => `bytes ${from} to ${end} are damaged and were passed over`);
  const text = new TextDecoder();
  const headers = new Map<number, XmlElement>();
  const parts = new Map<number, XdfChunk[]>();
  let fileHeader: XmlElement | undefined;
  for (const chunk of chunks) {
    if (chunk.tag === xdfTags.fileHeader) fileHeader ??= parseXml(text.decode(chunk.content), file);
    if (chunk.tag === xdfTags.streamHeader && !headers.has(chunk.stream as number))
      headers.set(chunk.stream as number, parseXml(text.decode(chunk.content), file));
    if (chunk.stream !== undefined) {
      const mine = parts.get(chunk.stream);
      if (mine === undefined) parts.set(chunk.stream, [chunk]);
      else mine.push(chunk);
    }
  }
  if (headers.size === 0) throw new DataError("no-streams", "the file describes no stream", { file });
  const orphans = [...parts.keys()].filter((id) => !headers.has(id));
  if (orphans.length > 0) problems.push(`chunks of streams without a header (${orphans.join(", ")}) were left alone`);
  const streams = [...headers].map(([id, header]) => readStream(id, header, parts.get(id) ?? [], file, problems));
  const startedAt = xmlText(fileHeader, "datetime");
  return {
    version: xmlText(fileHeader, "version") ?? "",
    ...(startedAt === undefined ? {} : { startedAt }),
    streams,
    problems,
  };
}

function readStream(
  id: number,
  header: XmlElement,
  chunks: readonly XdfChunk[],
  file: string,
  problems: string[],
): XdfStream {
  const format = xdfFormats.find((known) => known === xmlText(header, "channel_format"));
  const count = xmlNumber(header, "channel_count") ?? Number.NaN;
  const rate = xmlNumber(header, "nominal_srate") ?? 0;
  if (format === undefined || !Number.isInteger(count) || count < 1 || count > mostChannels || !(rate >= 0)) {
    throw new DataError("bad-stream", `stream ${id} has no possible layout`, {
      file,
      expected: `a format of ${xdfFormats.join(", ")}, 1 to ${mostChannels} channels, a rate of at least 0`,
      found: `${xmlText(header, "channel_format")}, ${xmlText(header, "channel_count")}, ${xmlText(header, "nominal_srate")}`,
    });
  }
  const name = xmlText(header, "name") ?? "";
  const contents = chunks.filter(({ tag }) => tag === xdfTags.samples).map(({ content }) => content);
  const samples = xdfSamples(contents, { format, channels: count, rate });
  const label = `stream ${id} (${name})`;
  if (samples.broken > 0) problems.push(`${label}: ${samples.broken} chunks of samples are not whole`);
  if (samples.rounded > 0) problems.push(`${label}: ${samples.rounded} whole numbers are beyond 2^53 and were rounded`);
  const footer = chunks.find(({ tag }) => tag === xdfTags.streamFooter);
  const footerXml = footer === undefined ? undefined : footerOf(footer.content, file, label, problems);
  const footerCount = xmlNumber(footerXml, "sample_count");
  return {
    ...samples,
    id,
    name,
    type: xmlText(header, "type") ?? "",
    format,
    rate,
    channels: channelsOf(header, count),
    sourceId: xmlText(header, "source_id") ?? "",
    hostname: xmlText(header, "hostname") ?? "",
    canDropSamples: xmlText(header, "desc", "synchronization", "can_drop_samples")?.toLowerCase() === "true",
    offsets: clockOffsets(chunks),
    ...(footerCount === undefined ? {} : { footerCount }),
    header,
  };
}

/** A footer that cannot be read loses nothing but itself. */
function footerOf(content: Uint8Array, file: string, label: string, problems: string[]): XmlElement | undefined {
  try {
    return parseXml(new TextDecoder().decode(content), file);
  } catch (cause) {
    problems.push(`${label}: the footer cannot be read (${cause instanceof Error ? cause.message : cause})`);
    return undefined;
  }
}

function channelsOf(header: XmlElement, count: number): readonly XdfChannel[] {
  const told = (xmlAt(header, "desc", "channels")?.children ?? []).filter(({ name }) => name === "channel");
  const listed = told.length === count ? told : [];
  return Array.from({ length: count }, (_, i) => ({
    label: xmlText(listed[i], "label") ?? `${i + 1}`,
    type: xmlText(listed[i], "type") ?? "",
    unit: xmlText(listed[i], "unit") ?? "",
  }));
}

function clockOffsets(chunks: readonly XdfChunk[]): ClockOffsets {
  const pairs = chunks
    .filter(({ tag, content }) => tag === xdfTags.clockOffset && content.length >= 16)
    .map(({ content }) => new DataView(content.buffer, content.byteOffset, 16))
    .map((view) => [view.getFloat64(0, true), view.getFloat64(8, true)] as const)
    .filter((pair) => pair.every(Number.isFinite));
  return {
    times: Float64Array.from(pairs, ([time]) => time),
    values: Float64Array.from(pairs, ([, value]) => value),
  };
}
