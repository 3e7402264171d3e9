import type { Event, Recording } from "@quintet/core";
import { channelData } from "@quintet/core";
import { type ByteSource, bytesSource } from "../signal/byte-source.ts";
import { recordingClock, type SignalFile } from "../signal/signal-file.ts";
import { triggerEvents } from "../signal/trigger-events.ts";
import { readEdfHeader } from "./edf-header.ts";
import { edfIdentity, edfPerson } from "./edf-identity.ts";
import { edfGroups, readEdfSamples } from "./edf-samples.ts";
import { readEdfTimeline } from "./edf-timeline.ts";

/**
 * Reads EDF, EDF+C, EDF+D, BDF and BDF+: every channel at its own rate, gaps as segments, annotations and trigger
 * changes as events, volts inside.
 *
 * BioSemi's Status word is masked: the low 16 bits are triggers; CMS range (bit 20) and battery (bit 22) are told of.
 *
 * @throws DataError `not-edf`, `truncated`, `bad-header`, `bad-number`, `bad-annotation`, `no-record-onset`,
 *   `records-out-of-order`
 */
export function readEdf(bytes: Uint8Array, { file }: { readonly file: string }): SignalFile {
  return readEdfFrom(bytesSource(bytes, file), { file });
}

/** The same from any byte source, for instance an open file. */
export function readEdfFrom(source: ByteSource, { file }: { readonly file: string }): SignalFile {
  const header = readEdfHeader(source, file);
  const timeline = readEdfTimeline(header, source);
  const groups = readEdfSamples(header, source, timeline);
  const problems = [...header.problems, ...timeline.problems];
  for (const { scales } of edfGroups(header)) {
    for (const { problem } of scales) if (problem !== undefined) problems.push(problem);
  }
  for (const { label, annotations, samplesPerRecord } of header.signals) {
    if (!annotations && samplesPerRecord === 0) problems.push(`channel ${label} holds no samples`);
  }
  const events: Event[] = timeline.annotations.flatMap(({ onset, duration, texts }) =>
    texts.map((type) => ({ onset, duration, type })),
  );
  for (const group of groups) {
    for (const segment of group.segments) {
      group.channels.forEach((channel, c) => {
        if (channel.kind !== "trigger") return;
        events.push(...triggerEvents(channelData(group, segment, c), segment.start, group.rate, channel.name));
      });
    }
  }
  events.sort((a, b) => a.onset - b.onset);
  const filters = new Set(header.signals.filter((s) => !s.annotations && s.prefilter !== "").map((s) => s.prefilter));
  const recording: Recording = {
    clock: recordingClock,
    ...(header.startedAt === undefined ? {} : { startedAt: header.startedAt }),
    groups,
    ...(filters.size > 0 ? { notes: { prefilter: [...filters].join("; ") } } : {}),
  };
  const person = edfPerson(header);
  return {
    recording,
    events: { clock: recordingClock, list: events },
    ...(person === undefined ? {} : { person }),
    identity: edfIdentity(header),
    problems: [...problems, ...statusProblems(header, source)],
  };
}

/** What BioSemi's Status word says of the amplifier: common-mode range lost, battery low. */
function statusProblems(header: ReturnType<typeof readEdfHeader>, source: ByteSource): string[] {
  const status = header.signals.find((signal) => signal.label === "Status");
  if (status === undefined || header.bytesPerSample !== 3) return [];
  let [inRange, samples, low] = [0, 0, 0];
  for (let record = 0; record < header.records; record++) {
    const at = header.headerBytes + record * header.recordBytes + status.offset;
    const block = source.read(at, status.samplesPerRecord * 3);
    for (let i = 2; i < block.length; i += 3) {
      const high = block[i] as number;
      samples++;
      if (high & 0x10) inRange++;
      if (high & 0x40) low++;
    }
  }
  const problems: string[] = [];
  if (inRange > 0 && inRange < samples)
    problems.push(`the CMS electrode was out of range in ${samples - inRange} samples`);
  if (low > 0) problems.push(`the amplifier's battery was low in ${low} samples`);
  return problems;
}
