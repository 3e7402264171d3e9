import { DataError, type EncodingCounters, type Point, type ReadoutPurpose } from "@quintet/core";
import { byteReader } from "../bytes/byte-reader.ts";
import type { TwixMeasurement } from "./twix-measurements.ts";

/** A readout as the measurement data header (MDH) tells it, and where its samples lie. */
export interface TwixReadout {
  readonly purpose: ReadoutPurpose;
  readonly reversed: boolean;
  readonly counters: EncodingCounters;
  /** Ticks of 2.5 ms since midnight, and since the last trigger. */
  readonly stamp: number;
  readonly sinceTrigger: number;
  readonly samples: number;
  readonly coils: number;
  readonly discard: readonly [number, number];
  readonly centre: number;
  readonly centreLine: number;
  readonly centrePartition: number;
  /** LPS, mm. */
  readonly position: Point;
  /** w, x, y, z of the rotation whose columns are phase, read and slice in LPS. */
  readonly quaternion: readonly [number, number, number, number];
  /** [coil][sample], interleaved re, im. */
  readonly data: Float32Array;
}

/** Where the fields lie in the header of each version. */
const layouts = {
  VB: { bytes: 128, mask: 20, samples: 28, counters: 32, slice: 96, channel: 128 },
  VD: { bytes: 192, mask: 40, samples: 48, counters: 52, slice: 100, channel: 32 },
} as const;

/** Bits of the evaluation mask. */
const bit = {
  end: 0,
  realtimeFeedback: 1,
  feedback: 2,
  synchronous: 5,
  phaseStabilisationReference: 14,
  phaseStabilisation: 15,
  navigator: 21,
  reference: 22,
  referenceAndImage: 23,
  reflected: 24,
  noise: 25,
  dummy: 51,
} as const;

/**
 * The readouts of one measurement up to its end mark, and what synchronous data stand between them.
 *
 * VD: a header of 192 bytes, then 32 bytes and the samples of each channel; VB: a header of 128 bytes before each
 * channel. What is not samples (synchronous data, the end) tells its own length, which must lead forward and stay inside.
 *
 * @throws DataError `truncated`, `bad-header`, `no-readouts`, `no-end`
 */
export function twixReadouts(
  bytes: Uint8Array,
  { version, start, end }: TwixMeasurement,
  file: string,
): { readonly readouts: TwixReadout[]; readonly synchronous: readonly Uint8Array[] } {
  const inside = bytes.subarray(0, end);
  const reader = byteReader(inside, file, true);
  const at = layouts[version];
  const readouts: TwixReadout[] = [];
  const synchronous: Uint8Array[] = [];
  let place = start;
  for (;;) {
    if (place + at.bytes > end) {
      throw new DataError("no-end", "the measurement ends without its end mark: it was cut off", {
        file,
        expected: `a readout at ${place}`,
        found: `${end} bytes, ${readouts.length} readouts before`,
      });
    }
    const what = `readout ${readouts.length}`;
    const mask = maskOf(reader.uint32(place + at.mask, what), reader.uint32(place + at.mask + 4, what));
    if (mask(bit.end)) break;
    if (mask(bit.synchronous)) {
      const length = reader.uint32(place, what) % 2 ** 25;
      if (length < at.bytes)
        throw new DataError("bad-header", `${what} does not lead forward`, { file, found: `${length} bytes` });
      synchronous.push(inside.subarray(place + at.bytes, place + length));
      place += length;
      continue;
    }
    const [samples, coils] = [reader.uint16(place + at.samples, what), reader.uint16(place + at.samples + 2, what)];
    if (samples < 1 || coils < 1) {
      throw new DataError("bad-header", `${what} has no sample or no channel`, {
        file,
        found: `${samples} samples, ${coils} channels`,
      });
    }
    const first = version === "VD" ? place + at.bytes : place;
    const step = at.channel + 8 * samples;
    reader.bytes(first, coils * step, `the ${coils} channels of ${what}`);
    const u16 = (offset: number): number => reader.uint16(place + offset, what);
    const f32 = (offset: number): number => reader.float32(place + offset, what);
    const counter = (i: number): number => u16(at.counters + 2 * i);
    const after = at.counters + 28;
    const position = [0, 4, 8].map((o) => f32(at.slice + o)) as unknown as Point;
    const quaternion = [12, 16, 20, 24].map((o) => f32(at.slice + o)) as unknown as TwixReadout["quaternion"];
    const discard = [u16(after), u16(after + 2)] as const;
    const centre = u16(after + 4);
    if (
      discard[0] + discard[1] >= samples ||
      centre >= samples ||
      ![...position, ...quaternion].every(Number.isFinite)
    ) {
      throw new DataError("bad-header", `${what}: cut-off, centre and place`, {
        file,
        expected: `within ${samples} samples, finite`,
        found: `cut ${discard.join(" and ")}, centre ${centre}, ${[...position, ...quaternion].join(", ")}`,
      });
    }
    readouts.push({
      purpose: purposeOf(mask),
      reversed: mask(bit.reflected),
      counters: {
        line: counter(0),
        average: counter(1),
        slice: counter(2),
        partition: counter(3),
        contrast: counter(4),
        phase: counter(5),
        repetition: counter(6),
        set: counter(7),
        segment: counter(8),
      },
      stamp: reader.uint32(place + 12, what),
      sinceTrigger: reader.uint32(place + 16, what),
      samples,
      coils,
      discard,
      centre,
      centreLine: u16(after + 16),
      centrePartition: u16(after + 18),
      position,
      quaternion,
      data: samplesOf(inside, first + at.channel, step, samples, coils),
    });
    place = first + coils * step;
  }
  if (readouts.length === 0) throw new DataError("no-readouts", "the measurement holds no readout", { file });
  return { readouts, synchronous };
}

function maskOf(low: number, high: number): (bit: number) => boolean {
  return (n) => (((n < 32 ? low : high) >>> (n % 32)) & 1) === 1;
}

function purposeOf(mask: (bit: number) => boolean): ReadoutPurpose {
  if (mask(bit.noise)) return "noise";
  if (mask(bit.navigator)) return "navigator";
  const others = [
    bit.realtimeFeedback,
    bit.feedback,
    bit.phaseStabilisation,
    bit.phaseStabilisationReference,
    bit.dummy,
  ];
  if (others.some(mask)) return "other";
  if (mask(bit.referenceAndImage)) return "image-and-calibration";
  return mask(bit.reference) ? "calibration" : "image";
}

function samplesOf(bytes: Uint8Array, first: number, step: number, samples: number, coils: number): Float32Array {
  const out = new Float32Array(2 * samples * coils);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let c = 0; c < coils; c++)
    for (let i = 0; i < 2 * samples; i++) out[2 * c * samples + i] = view.getFloat32(first + c * step + 4 * i, true);
  return out;
}
