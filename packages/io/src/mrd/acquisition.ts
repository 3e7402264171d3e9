/** The fixed header of one MRD acquisition, 340 bytes packed to 2, as the format lays it down (ismrmrd.h, version 1). */
import { DataError, type EncodingCounters, type ReadoutPurpose } from "@quintet/core";

export const acquisitionBytes = 340;

/** Bit numbers of the flags, from 1. */
const flag = {
  noise: 19,
  calibration: 20,
  calibrationAndImage: 21,
  reverse: 22,
  navigation: 23,
  phaseCorrection: 24,
  feedback: 26,
  dummy: 27,
  realtimeFeedback: 28,
  surfaceCoil: 29,
  phaseStabilisationReference: 30,
  phaseStabilisation: 31,
} as const;

type Vector = readonly [number, number, number];

export interface Acquisition {
  readonly purpose: ReadoutPurpose;
  readonly reversed: boolean;
  readonly stamp: number;
  readonly physiology: readonly number[];
  readonly samples: number;
  readonly coils: number;
  readonly discard: readonly [number, number];
  readonly centre: number;
  readonly encoding: number;
  readonly axes: number;
  /** Seconds. */
  readonly dwell: number;
  /** LPS, mm. */
  readonly position: Vector;
  /** LPS. */
  readonly read: Vector;
  readonly phase: Vector;
  readonly slice: Vector;
  readonly counters: EncodingCounters;
}

export function readAcquisition(view: DataView, at: number): Acquisition {
  const u16 = (offset: number): number => view.getUint16(at + offset, true);
  const u32 = (offset: number): number => view.getUint32(at + offset, true);
  const vector = (offset: number): Vector =>
    [0, 4, 8].map((o) => view.getFloat32(at + offset + o, true)) as unknown as Vector;
  const flags = view.getBigUint64(at + 2, true);
  const set = (bit: number): boolean => ((flags >> BigInt(bit - 1)) & 1n) === 1n;
  const counter = (i: number): number => u16(242 + 2 * i);
  return {
    purpose: purposeOf(set),
    reversed: set(flag.reverse),
    stamp: u32(18),
    physiology: [u32(22), u32(26), u32(30)],
    samples: u16(34),
    coils: u16(38),
    discard: [u16(168), u16(170)],
    centre: u16(172),
    encoding: u16(174),
    axes: u16(176),
    dwell: view.getFloat32(at + 178, true) * 1e-6,
    position: vector(182),
    read: vector(194),
    phase: vector(206),
    slice: vector(218),
    counters: {
      line: counter(0),
      partition: counter(1),
      average: counter(2),
      slice: counter(3),
      contrast: counter(4),
      phase: counter(5),
      repetition: counter(6),
      set: counter(7),
      segment: counter(8),
    },
  };
}

function purposeOf(set: (bit: number) => boolean): ReadoutPurpose {
  if (set(flag.noise)) return "noise";
  if (set(flag.phaseCorrection)) return "navigator";
  const others = [
    flag.navigation,
    flag.feedback,
    flag.dummy,
    flag.realtimeFeedback,
    flag.surfaceCoil,
    flag.phaseStabilisation,
    flag.phaseStabilisationReference,
  ];
  if (others.some(set)) return "other";
  if (set(flag.calibrationAndImage)) return "image-and-calibration";
  return set(flag.calibration) ? "calibration" : "image";
}

/** @throws DataError `does-not-fit` for a count beyond 16 bits */
export function writeAcquisition(view: DataView, at: number, one: Acquisition, scanCounter: number): void {
  const u16 = (offset: number, value: number): void => {
    if (!(Number.isInteger(value) && value >= 0 && value < 65_536))
      throw new DataError("does-not-fit", "MRD counts in 16 bits", { found: `${value}` });
    view.setUint16(at + offset, value, true);
  };
  const vector = (offset: number, values: Vector): void => {
    for (const [i, value] of values.entries()) view.setFloat32(at + offset + 4 * i, value, true);
  };
  let flags = one.reversed ? 1n << BigInt(flag.reverse - 1) : 0n;
  const bits: Record<ReadoutPurpose, number | undefined> = {
    image: undefined,
    calibration: flag.calibration,
    "image-and-calibration": flag.calibrationAndImage,
    noise: flag.noise,
    navigator: flag.phaseCorrection,
    other: flag.dummy,
  };
  const bit = bits[one.purpose];
  if (bit !== undefined) flags |= 1n << BigInt(bit - 1);
  u16(0, 1);
  view.setBigUint64(at + 2, flags, true);
  view.setUint32(at + 14, scanCounter, true);
  view.setUint32(at + 18, one.stamp, true);
  for (let i = 0; i < 3; i++) view.setUint32(at + 22 + 4 * i, one.physiology[i] ?? 0, true);
  u16(34, one.samples);
  u16(36, one.coils);
  u16(38, one.coils);
  u16(168, one.discard[0]);
  u16(170, one.discard[1]);
  u16(172, one.centre);
  u16(174, one.encoding);
  u16(176, one.axes);
  view.setFloat32(at + 178, one.dwell * 1e6, true);
  vector(182, one.position);
  vector(194, one.read);
  vector(206, one.phase);
  vector(218, one.slice);
  const { line, partition, average, slice, contrast, phase, repetition, set, segment } = one.counters;
  for (const [i, value] of [line, partition, average, slice, contrast, phase, repetition, set, segment].entries())
    u16(242 + 2 * i, value);
}
