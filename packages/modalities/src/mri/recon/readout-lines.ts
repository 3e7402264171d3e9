import { DataError, type KSpace, type KSpaceEncoding, type Readout } from "@quintet/core";
import type { Regridding } from "@quintet/kernels";
import {
  correctGhost,
  type EpiEchoes,
  flipReversed,
  type GhostPhase,
  ghostPhase,
} from "../correct/k-space/epi-ghost.ts";
import { type NoiseCovariance, noiseCovariance, prewhiten } from "../correct/k-space/prewhiten.ts";
import { rampRegridding, regridRamp, trapezoidPositions } from "../correct/k-space/ramp-regrid.ts";
import type { KSpaceLine } from "./cartesian-grid.ts";

/** A line and the readout it comes from. */
export interface PreparedLine extends KSpaceLine {
  readonly readout: Readout;
  /** Variance that regridding gives white noise of variance 1. */
  readonly noiseGain?: number;
}

export interface PreparedLines {
  readonly lines: readonly PreparedLine[];
  /** Of the noise readouts; absent when there were none (or too few). */
  readonly noise?: NoiseCovariance;
  /** Each ghost phase found, in the order of the measurement. */
  readonly ghosts: readonly GhostPhase[];
  readonly problems: readonly string[];
}

/**
 * Every image and calibration readout as a line of k-space: whitened by the noise readouts, ramp samples brought to even
 * steps, reversed lines turned round, and the phase between forward and reversed lines taken out as the last three
 * navigators of the same slice told it.
 *
 * @throws DataError `mixed-coils`, and those of `noiseCovariance`, `regridRamp`, `ghostPhase`
 */
export function readoutLines(kspace: KSpace): PreparedLines {
  const problems: string[] = [];
  const noise = noiseOf(kspace, problems);
  const ramps = new Map<string, Regridding>();
  const navigators = new Map<number, { echoes: Turned[]; phase: GhostPhase | undefined }>();
  const ghosts: GhostPhase[] = [];
  const lines: PreparedLine[] = [];
  for (const readout of kspace.readouts) {
    const { purpose, counters } = readout;
    if (purpose === "noise" || purpose === "other") continue;
    const turned = turn(readout, kspace, noise, ramps);
    const slice = navigators.get(counters.slice) ?? { echoes: [], phase: undefined };
    navigators.set(counters.slice, slice);
    if (purpose === "navigator") {
      if (slice.phase !== undefined) Object.assign(slice, { echoes: [], phase: undefined });
      slice.echoes.push(turned);
      continue;
    }
    if (slice.phase === undefined && slice.echoes.length >= 3) {
      slice.phase = ghostPhase(together(slice.echoes.slice(0, 3)));
      ghosts.push(slice.phase);
    }
    lines.push(lineOf(readout, slice.phase === undefined ? turned : corrected(turned, slice.phase)));
  }
  const reversed = lines.some(({ readout }) => readout.reversed);
  if (reversed && lines.some(({ readout }) => !readout.reversed) && ghosts.length === 0)
    problems.push("lines of both directions but no navigator: their ghost is left as it is");
  return { lines, ...(noise === undefined ? {} : { noise: noise.covariance }), ghosts, problems };
}

interface Turned {
  readonly echoes: EpiEchoes;
  readonly centre: number;
  readonly range: readonly [number, number];
  readonly fieldOfViewX?: number;
  readonly noiseGain?: number;
}

/** To the voxels of the image along the line: the encoded ones within the image's field of view. */
function rampOf({ ramp, encoded, image }: KSpaceEncoding, samples: number, centre: number): Regridding {
  if (ramp === undefined) throw new DataError("bad-trapezoid", "the encoding has no ramp");
  const to = Math.round((encoded.matrix[0] * image.fieldOfView[0]) / encoded.fieldOfView[0]);
  return rampRegridding(trapezoidPositions(ramp, samples), centre, to);
}

interface Noise {
  readonly covariance: NoiseCovariance;
  /** Seconds from sample to sample of the noise readouts. */
  readonly dwell: number;
}

function coilsOf({ data, samples }: Readout): number {
  return data.length / 2 / samples;
}

function noiseOf({ readouts, coils }: KSpace, problems: string[]): Noise | undefined {
  const used = readouts.filter((one) => one.purpose === "noise" && coilsOf(one) === coils);
  const [first] = used;
  if (first === undefined) return undefined;
  const samples = used.reduce((sum, one) => sum + one.samples, 0);
  if (samples < 2 * coils) {
    problems.push(`${samples} noise samples are too few for ${coils} coils: the data are not whitened`);
    return undefined;
  }
  const all = new Float32Array(2 * samples * coils);
  let at = 0;
  for (const { data, samples: n } of used) {
    for (let c = 0; c < coils; c++) all.set(data.subarray(2 * c * n, 2 * (c + 1) * n), 2 * (c * samples + at));
    at += n;
  }
  return { covariance: noiseCovariance(all, coils), dwell: first.dwell };
}

function turn(readout: Readout, kspace: KSpace, noise: Noise | undefined, ramps: Map<string, Regridding>): Turned {
  const { samples, reversed, dwell } = readout;
  const coils = coilsOf(readout);
  if (coils !== kspace.coils) {
    throw new DataError("mixed-coils", "all lines of an image come from the same coils", {
      expected: `${kspace.coils} coils`,
      found: `${coils}`,
    });
  }
  let data = readout.data;
  if (noise !== undefined) {
    // Sampling faster lets in more noise; both were seen through the same receiver when their dwell times are alike.
    const alike = !(dwell > 0) || !(noise.dwell > 0) || Math.abs(dwell - noise.dwell) < 1e-3 * dwell;
    const ratio = alike ? 1 : (noise.dwell / dwell) * kspace.receiverBandwidth;
    data = prewhiten({ coils, shape: [samples, 1, 1], data }, noise.covariance, ratio).data;
  }
  let echoes: EpiEchoes = { coils, samples, data, reversed: [reversed] };
  const encoding = kspace.encodings[readout.encoding];
  if (encoding?.ramp !== undefined && samples > 1) {
    const key = `${readout.encoding} ${samples} ${readout.centre}`;
    const ramp = ramps.get(key) ?? rampOf(encoding, samples, readout.centre);
    ramps.set(key, ramp);
    echoes = regridRamp(echoes, ramp);
    if (reversed) echoes = flipReversed(echoes);
    const fieldOfViewX = encoding.image.fieldOfView[0];
    return { echoes, centre: Math.floor(ramp.to / 2), range: [0, ramp.to], fieldOfViewX, noiseGain: ramp.noiseGain };
  }
  const [before, after] = readout.discard;
  const range = [before, samples - after] as const;
  if (!reversed) return { echoes, centre: readout.centre, range };
  const middle = 2 * Math.floor(samples / 2);
  // Turned about floor(n / 2): sample k goes to middle - k, and sample 0 of an even readout stays where it is.
  const mirrored = [Math.max(0, middle - range[1] + 1), Math.min(samples, middle - range[0] + 1)] as const;
  const whole = before === 0 && after === 0;
  return {
    echoes: flipReversed(echoes),
    centre: (middle - readout.centre) % samples,
    range: whole ? [0, samples] : mirrored,
  };
}

function together(turned: readonly Turned[]): EpiEchoes {
  const { coils, samples } = (turned[0] as Turned).echoes;
  const data = new Float32Array(turned.length * 2 * coils * samples);
  for (const [i, { echoes }] of turned.entries()) {
    if (echoes.samples !== samples || echoes.coils !== coils) {
      throw new DataError("bad-navigator", "the navigators of a slice are alike", {
        expected: `${samples} samples of ${coils} coils`,
        found: `${echoes.samples} of ${echoes.coils}`,
      });
    }
    data.set(echoes.data, i * 2 * coils * samples);
  }
  return { coils, samples, data, reversed: turned.map(({ echoes }) => echoes.reversed[0] === true) };
}

function corrected(turned: Turned, phase: GhostPhase): Turned {
  return { ...turned, echoes: correctGhost(turned.echoes, phase) };
}

function lineOf(readout: Readout, { echoes, ...along }: Turned): PreparedLine {
  const { line, partition } = readout.counters;
  return { readout, line, partition, ...along, samples: echoes.samples, data: echoes.data };
}
