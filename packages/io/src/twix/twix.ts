import { DataError, type KSpace, type KSpaceEncoding, type Point, type Readout, type StepLimits } from "@quintet/core";
import { twixMeasurements } from "./twix-measurements.ts";
import { physiologyOf } from "./twix-physiology.ts";
import { type TwixProtocol, twixProtocol } from "./twix-protocol.ts";
import { type TwixReadout, twixReadouts } from "./twix-readouts.ts";

const largestMatrix = 16_384;
/** Siemens time stamps count 2.5 ms (since midnight). */
const tick = 0.0025;

export interface TwixOptions {
  readonly file: string;
  /** Which measurement, from 0; default the last, which is the scan itself behind its adjustments. */
  readonly measurement?: number;
}

/**
 * The raw data of one measurement of a Siemens twix file. LPS becomes RAS here. Phase, read and slice are the columns of
 * the rotation that the readout's quaternion describes; the phase of these receivers runs the other way round than that
 * of the transform used here, exp(+2 pi i k r) to the image, so voxels follow each other against read and phase (seen on
 * a phantom with a bubble of air and resolution arrays, docs/science/mri-recon.md).
 *
 * @throws DataError `no-measurement`, `bad-header`, `mixed-coils`, and those of `twixMeasurements` and `twixReadouts`
 */
export function readTwix(bytes: Uint8Array, { file, measurement: index }: TwixOptions): KSpace {
  const measurements = twixMeasurements(bytes, file);
  const chosen = measurements.at(index ?? -1);
  if (chosen === undefined) {
    throw new DataError("no-measurement", "the file has no such measurement", {
      file,
      expected: `0 to ${measurements.length - 1}`,
      found: `${index}`,
    });
  }
  const { readouts, synchronous } = twixReadouts(bytes, chosen, file);
  const protocol = twixProtocol(chosen.texts);
  const scan = readouts.filter(({ purpose }) => purpose.startsWith("image"));
  const encoding = encodingOf(protocol, scan.length > 0 ? scan : readouts, file);
  // alDwellTime counts nanoseconds from one stored sample to the next, oversampling included.
  const dwell = (protocol.number("sRXSPEC.alDwellTime[0]") ?? 0) * 1e-9;
  return {
    space: "scanner:mri",
    clock: "scanner:mri",
    tick,
    coils: (scan[0] ?? (readouts[0] as TwixReadout)).coils,
    encodings: [encoding],
    readouts: readouts.map((one) => readoutOf(one, dwell)),
    waveforms: chosen.version === "VD" ? synchronous.flatMap(physiologyOf) : [],
    // From the literature of noise prewhitening on these receivers, not re-checked.
    receiverBandwidth: 0.793,
    facts: factsOf(protocol, chosen.version),
  };
}

function readoutOf(one: TwixReadout, dwell: number): Readout {
  const [w, x, y, z] = one.quaternion;
  // Columns of the rotation: phase, read, slice, in LPS.
  const phase: Point = [1 - 2 * (y * y + z * z), 2 * (x * y + w * z), 2 * (x * z - w * y)];
  const read: Point = [2 * (x * y - w * z), 1 - 2 * (x * x + z * z), 2 * (y * z + w * x)];
  const slice: Point = [2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)];
  const known = Math.abs(Math.hypot(w, x, y, z) - 1) < 1e-2;
  const none: Point = [0, 0, 0];
  const back = ([l, p, s]: Point): Point => [-l, -p, -s];
  return {
    purpose: one.purpose,
    counters: one.counters,
    reversed: one.reversed,
    samples: one.samples,
    centre: one.centre,
    discard: one.discard,
    dwell,
    encoding: 0,
    stamp: one.stamp,
    physiology: [one.sinceTrigger],
    position: ras(one.position),
    directions: known ? [ras(back(read)), ras(back(phase)), ras(slice)] : [none, none, none],
    data: one.data,
  };
}

function ras([l, p, s]: Point): Point {
  return [-l, -p, s];
}

function encodingOf(protocol: TwixProtocol, scan: readonly TwixReadout[], file: string): KSpaceEncoding {
  const slice = (name: string): number | undefined => protocol.number(`sSliceArray.asSlice[0].${name}`);
  const first = (name: string): number | undefined => protocol.parameter(name)?.[0];
  const base = protocol.number("sKSpace.lBaseResolution");
  const [read, phase, thick] = [slice("dReadoutFOV"), slice("dPhaseFOV"), slice("dThickness")];
  const sound = (n: number | undefined, most: number): n is number => n !== undefined && n > 0 && n <= most;
  if (!sound(base, largestMatrix) || !sound(read, 1e4) || !sound(phase, 1e4) || !sound(thick, 1e4)) {
    throw new DataError("bad-header", "the protocol must tell matrix and field of view", {
      file,
      expected: `a base resolution of 1 to ${largestMatrix}, extents above 0 mm`,
      found: `${base}, ${read} x ${phase} x ${thick} mm`,
    });
  }
  const oversampling = first("flReadoutOSFactor") ?? 2;
  const columns = Math.round(base * oversampling);
  const three = protocol.number("sKSpace.ucDimension") === 4;
  const interpolated = protocol.number("sKSpace.uc2DInterpolation") === 1 ? 2 : 1;
  const lines = stepsOf(scan, "line", ({ centreLine }) => centreLine);
  const partitions = stepsOf(scan, "partition", ({ centrePartition }) => centrePartition);
  const ny = atLeast(lines, Math.round((first("iPEFTLength") ?? 0) / interpolated));
  const nz = three ? atLeast(partitions, Math.round(first("i3DFTLength") ?? 0)) : 1;
  const phaseOversampling = 1 + (protocol.number("sKSpace.dPhaseOversamplingForDialog") ?? 0);
  const sliceOversampling = 1 + (protocol.number("sKSpace.dSliceOversamplingForDialog") ?? 0);
  const images = three ? (protocol.number("sKSpace.lImagesPerSlab") ?? nz) : 1;
  const ramp = rampOf(protocol, columns);
  const echoTrain = protocol.number("sFastImaging.lEPIFactor") ?? 1;
  const radial = protocol.number("sKSpace.ucTrajectory") === 2;
  return {
    encoded: {
      matrix: [columns, ny, nz],
      fieldOfView: [read * oversampling, phase * phaseOversampling, thick * (three ? sliceOversampling : 1)],
    },
    image: {
      matrix: [base, Math.max(1, Math.round((base * phase) / read)), images],
      fieldOfView: [read, phase, thick],
    },
    trajectory: radial ? "radial" : echoTrain > 1 ? "epi" : "cartesian",
    lines,
    ...(three ? { partitions } : {}),
    acceleration: [protocol.number("sPat.lAccelFactPE") ?? 1, protocol.number("sPat.lAccelFact3D") ?? 1],
    ...(ramp === undefined ? {} : { ramp }),
  };
}

function stepsOf(
  scan: readonly TwixReadout[],
  axis: "line" | "partition",
  centreOf: (one: TwixReadout) => number,
): StepLimits {
  const steps = scan.map(({ counters }) => counters[axis]);
  const centre = centreOf(scan[0] as TwixReadout);
  const [first, last] = [steps.reduce((a, b) => Math.min(a, b)), steps.reduce((a, b) => Math.max(a, b))];
  return { first, last, centre };
}

/** The stated length, or what it takes for all steps to have a place with their centre at floor(n / 2). */
function atLeast({ first, last, centre }: StepLimits, stated: number): number {
  const least = Math.max(2 * (centre - first), 2 * (last - centre) + 1, 1);
  return Math.min(Math.max(stated, least), 2 * 65_536);
}

/** A trapezoid whose ramps are sampled too (alRegridMode 2), microseconds there. */
function rampOf(protocol: TwixProtocol, columns: number): KSpaceEncoding["ramp"] {
  const us = (name: string): number => (protocol.parameter(name)?.[0] ?? Number.NaN) * 1e-6;
  if (protocol.parameter("alRegridMode")?.[0] !== 2) return undefined;
  const dwell = us("aflRegridADCDuration") / columns;
  const [up, flat, down] = [us("alRegridRampupTime"), us("alRegridFlattopTime"), us("alRegridRampdownTime")];
  const delay = us("alRegridDelaySamplesTime") + dwell / 2;
  return [up, flat, down, delay, dwell].every((value) => value >= 0) ? { up, flat, down, delay, dwell } : undefined;
}

function factsOf(protocol: TwixProtocol, version: "VB" | "VD"): Record<string, string | number> {
  const micro = (name: string): number | undefined => {
    const value = protocol.number(name);
    return value === undefined ? undefined : value / 1000;
  };
  const facts: Record<string, string | number | undefined> = {
    vendor: "Siemens",
    format: `twix ${version}`,
    model: protocol.word("ManufacturersModelName"),
    software: protocol.word("SoftwareVersions"),
    fieldStrength_T: protocol.number("sProtConsistencyInfo.flNominalB0"),
    frequency_Hz: protocol.number("sTXSPEC.asNucleusInfo[0].lFrequency"),
    patientPosition: protocol.word("tPatientPosition"),
    sequence: protocol.text("tSequenceFileName"),
    TR_ms: micro("alTR[0]"),
    TE_ms: micro("alTE[0]"),
    flipAngle_deg: protocol.number("adFlipAngleDegree[0]"),
    echoTrain: protocol.number("sFastImaging.lEPIFactor"),
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as Record<
    string,
    string | number
  >;
}
