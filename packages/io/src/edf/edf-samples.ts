import type { Channel, ChannelGroup, Segment, SignalUnit } from "@quintet/core";
import type { ByteSource } from "../signal/byte-source.ts";
import { kindOfName, sensorsOfLabel } from "../signal/channel-kind.ts";
import { signalUnit } from "../signal/signal-unit.ts";
import type { EdfHeader, EdfSignal } from "./edf-header.ts";
import type { EdfRun, EdfTimeline } from "./edf-timeline.ts";

/** How the integers of one signal become numbers in the inside unit: value = gain * digital + offset. */
export interface EdfScale {
  readonly gain: number;
  readonly offset: number;
  readonly unit: SignalUnit;
  /** BioSemi status word: only its low 16 bits are triggers. */
  readonly status: boolean;
  readonly problem?: string;
  readonly uncalibrated?: boolean;
}

/**
 * phys = (dig - digMin) (physMax - physMin) / (digMax - digMin) + physMin, then the unit's factor.
 * Without a usable range the stored integers are kept as "{arbitrary}" and the channel is marked bad.
 */
function edfScale(signal: EdfSignal): EdfScale {
  if (signal.label === "Status") return { gain: 1, offset: 0, unit: "1", status: true };
  const digital = signal.digitalMax - signal.digitalMin;
  const physical = signal.physicalMax - signal.physicalMin;
  if (digital === 0 || physical === 0) {
    const which = digital === 0 ? "digital" : "physical";
    return {
      gain: 1,
      offset: 0,
      unit: "{arbitrary}",
      status: false,
      uncalibrated: true,
      problem: `channel ${signal.label}: its ${which} minimum and maximum are equal; stored integers are kept`,
    };
  }
  const gain = physical / digital;
  const trigger = kindOfName(signal.label, "V") === "trigger";
  const rule = trigger ? signalUnit("") : signalUnit(signal.unit);
  const scale: EdfScale = {
    gain: gain * rule.factor,
    offset: (signal.physicalMin - signal.digitalMin * gain) * rule.factor + rule.offset,
    unit: rule.unit,
    status: false,
  };
  const told = rule.problem ?? (digital < 0 ? "its digital minimum is above its maximum" : undefined);
  return told === undefined ? scale : { ...scale, problem: `channel ${signal.label}: ${told}` };
}

/** Channels of one rate: those with the same number of samples in a record. */
export interface EdfGroup {
  readonly samplesPerRecord: number;
  readonly signals: readonly EdfSignal[];
  readonly scales: readonly EdfScale[];
  readonly channels: readonly Channel[];
}

export function edfGroups(header: EdfHeader): EdfGroup[] {
  const rates = [...new Set(header.signals.filter((s) => !s.annotations).map((s) => s.samplesPerRecord))];
  return rates
    .filter((samplesPerRecord) => samplesPerRecord > 0)
    .map((samplesPerRecord) => {
      const signals = header.signals.filter((s) => !s.annotations && s.samplesPerRecord === samplesPerRecord);
      const scales = signals.map(edfScale);
      const channels = signals.map((signal, i): Channel => {
        const { unit = "1", status = false, uncalibrated = false } = scales[i] ?? {};
        const kind = status ? "trigger" : kindOfName(signal.label, unit);
        const sensors = kind === "eeg" ? sensorsOfLabel(signal.label) : [];
        return { name: signal.label, kind, unit, sensors, ...(uncalibrated ? { status: "bad" } : {}) };
      });
      return { samplesPerRecord, signals, scales, channels };
    });
}

/**
 * Samples measured from `from` up to but not including `to` (seconds after the header's start), each group at its own
 * rate, one segment per run without a gap. Only the records that hold them are read.
 *
 * 24-bit files, and signals whose offset would swallow a digital step in 24 bits of mantissa, come as Float64Array.
 */
export function readEdfSamples(
  header: EdfHeader,
  source: ByteSource,
  timeline: EdfTimeline,
  from: number = Number.NEGATIVE_INFINITY,
  to: number = Number.POSITIVE_INFINITY,
): ChannelGroup[] {
  return edfGroups(header).map((group) => {
    const rate = group.samplesPerRecord / header.recordDuration;
    const segments: Segment[] = [];
    for (const run of timeline.runs) {
      const total = run.records * group.samplesPerRecord;
      const first = Math.max(0, Math.ceil((from - run.start) * rate - 1e-6));
      const end = Math.min(total, Math.ceil((to - run.start) * rate - 1e-6));
      if (!(end > first)) continue;
      segments.push({ start: run.start + first / rate, data: readEdfRun(header, source, group, run, first, end) });
    }
    return { rate, channels: group.channels, segments };
  });
}

/** Samples [first, end) of a run for one group, [channel][sample]; only the records that hold them are read. */
export function readEdfRun(
  header: EdfHeader,
  source: ByteSource,
  group: EdfGroup,
  run: EdfRun,
  first: number,
  end: number,
): Float32Array | Float64Array {
  const wide = header.bytesPerSample === 3 || group.scales.some((s) => Math.abs(s.offset / s.gain) > 2 ** 22);
  const length = (end - first) * group.signals.length;
  const data = wide ? new Float64Array(length) : new Float32Array(length);
  readRun(header, source, group, run.firstRecord, first, end, data);
  return data;
}

function readRun(
  header: EdfHeader,
  source: ByteSource,
  { samplesPerRecord, signals, scales }: EdfGroup,
  firstRecord: number,
  first: number,
  end: number,
  out: Float32Array | Float64Array,
): void {
  const count = end - first;
  const bytesPerSample = header.bytesPerSample;
  const recordsPerRead = Math.max(1, Math.floor(2 ** 20 / header.recordBytes));
  const lastRecord = Math.ceil(end / samplesPerRecord);
  const read = blockReader(source, recordsPerRead * header.recordBytes);
  for (let record = Math.floor(first / samplesPerRecord); record < lastRecord; record += recordsPerRead) {
    const records = Math.min(recordsPerRead, lastRecord - record);
    const block = read(header.headerBytes + (firstRecord + record) * header.recordBytes, records * header.recordBytes);
    const words = bytesPerSample === 2 ? int16Of(block) : undefined;
    for (let r = 0; r < records; r++) {
      const base = (record + r) * samplesPerRecord - first;
      const [low, high] = [Math.max(0, -base), Math.min(samplesPerRecord, count - base)];
      for (let c = 0; c < signals.length; c++) {
        const scale = scales[c] as EdfScale;
        const at = r * header.recordBytes + (signals[c] as EdfSignal).offset + low * bytesPerSample;
        const to = c * count + base + low;
        if (words && !scale.status) scaleWords(words, at / 2, scale, out, to, high - low);
        else scaleBytes(block, at, bytesPerSample, scale, out, to, high - low);
      }
    }
  }
}

/** Blocks of at most `most` bytes, in one piece of memory where the source can: each is used up before the next is read. */
function blockReader(source: ByteSource, most: number): (offset: number, length: number) => Uint8Array {
  const { readInto } = source;
  if (!readInto) return (offset, length) => source.read(offset, length);
  const memory = new Uint8Array(most);
  return (offset, length) => {
    const block = memory.subarray(0, length);
    readInto(offset, block);
    return block;
  };
}

const littleEndian = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The block's 16-bit integers where the machine's order of bytes is the file's. */
function int16Of(block: Uint8Array): Int16Array | undefined {
  if (!littleEndian) return undefined;
  const { buffer, byteOffset, byteLength } = block.byteOffset % 2 === 0 ? block : block.slice();
  return new Int16Array(buffer, byteOffset, byteLength >> 1);
}

function scaleWords(
  words: Int16Array,
  at: number,
  { gain, offset }: EdfScale,
  out: Float32Array | Float64Array,
  to: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) out[to + i] = (words[at + i] as number) * gain + offset;
}

function scaleBytes(
  block: Uint8Array,
  at: number,
  bytesPerSample: 2 | 3,
  { gain, offset, status }: EdfScale,
  out: Float32Array | Float64Array,
  to: number,
  count: number,
): void {
  for (let i = 0; i < count; i++, at += bytesPerSample) {
    const low = (block[at] as number) | ((block[at + 1] as number) << 8);
    const digital = bytesPerSample === 2 ? (low << 16) >> 16 : ((low | ((block[at + 2] as number) << 16)) << 8) >> 8;
    out[to + i] = status ? digital & 0xffff : digital * gain + offset;
  }
}
