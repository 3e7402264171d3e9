import { DataError, type Point } from "@quintet/core";
import {
  beamformer,
  type DistributedMethod,
  depthVariance,
  distributedInverse,
  type NoiseCovariance,
  type SourceModel,
  sourceCourses,
} from "@quintet/kernels";
import type { SourceData } from "./source-data.ts";

export interface EstimateOptions {
  readonly method?: DistributedMethod | "lcmv";
  /** Amplitude signal to noise of the data; default 3, MNE-Python's for averages. */
  readonly snr?: number;
  /** Exponent of the depth weighting of minimum norm and dSPM; default 0.8; 0 for none. */
  readonly depth?: number;
  /** With normals: variance along the surface against that across it, 0 (fixed) to 1 (free). Default 0.2, MNE-Python's. */
  readonly loose?: number;
  /** Unit normals of the cortex at the places; without them moments are free. */
  readonly normals?: readonly Point[];
  /** Covariance of the data, for the beamformer: of single epochs, [channel][channel]; without it that of the data's own samples. */
  readonly covariance?: readonly ArrayLike<number>[];
  /** Prior variance of each source, times that of the depth weighting (`mapWeights`). */
  readonly weights?: ArrayLike<number>;
}

/** Samples per channel at which the output of an adaptive filter is about 3 dB below the best (Reed, Mallett & Brennan 1974: two). */
const samplesPerChannel = 2;

export interface SourceEstimate {
  readonly method: DistributedMethod | "lcmv";
  readonly times: Float64Array;
  /** [source][time]: A m of minimum norm and eLORETA, standard deviations of the noise of the others. */
  readonly amplitudes: readonly Float64Array[];
  readonly unit: "A m" | "1";
  /** Where and when the largest is. */
  readonly peak: { readonly source: number; readonly place: Point; readonly time: number; readonly value: number };
}

/**
 * Amplitudes of sources at given places: minimum norm, dSPM, sLORETA, eLORETA (`distributedInverse`) or a beamformer on the data's own
 * covariance (`beamformer`).
 *
 * Moments across the cortex keep their variance and those along it get `loose` times as much.
 *
 * @throws DataError `shape-mismatch`, `too-few-samples` (beamformer), `bad-option` (loose, depth), `not-supported` (weights with eLORETA, which finds its own variances,
 *   or with the beamformer), and those of the kernels
 * @see docs/science/eeg-sources.md
 */
export function estimateSources(
  data: SourceData,
  places: readonly Point[],
  noise: NoiseCovariance,
  options: EstimateOptions = {},
): SourceEstimate {
  const { method = "sloreta", snr = 3, depth = 0.8, normals, weights } = options;
  const loose = normals === undefined ? 1 : (options.loose ?? 0.2);
  if (!(loose >= 0 && loose <= 1) || !(depth >= 0))
    throw new DataError("bad-option", "loose lies between 0 and 1, depth is 0 or more", {
      found: `${loose}, ${depth}`,
    });
  if (normals !== undefined && normals.length !== places.length)
    throw new DataError("shape-mismatch", "one normal per place", {
      expected: `${places.length}`,
      found: `${normals.length}`,
    });
  if (weights !== undefined && (method === "eloreta" || method === "lcmv"))
    throw new DataError("not-supported", `${method} takes no prior variances`, {
      expected: "minimum-norm, dspm or sloreta",
    });
  const free = data.leadField(places);
  const rows = normals === undefined ? free : free.map((row) => turned(row, normals, loose > 0));
  const orientations = normals !== undefined && loose === 0 ? 1 : 3;
  const model = { leadField: rows, orientations, noise: noise.covariance, snr } as const;
  if (method === "lcmv") {
    const { kernel } = beamformer(model, options.covariance ?? timeCovariance(data));
    return finish(method, data, places, kernel, 1);
  }
  const weighted = method === "minimum-norm" || method === "dspm" ? depth : 0;
  const own = sourceVariance(model, weighted);
  const variance = Float64Array.from({ length: own.length * orientations }, (_, k) => {
    const i = Math.floor(k / orientations);
    const along = orientations === 3 && normals !== undefined && k % 3 < 2 ? loose : 1;
    return (own[i] as number) * (weights === undefined ? 1 : (weights[i] as number)) * along;
  });
  const { kernel } = distributedInverse({ ...model, ...(method === "eloreta" ? {} : { variance }) }, method);
  return finish(method, data, places, kernel, orientations);
}

/** Prior variance of each source by its depth; 1 without an exponent. */
export function sourceVariance(model: SourceModel, exponent: number): Float64Array {
  if (exponent > 0) return depthVariance(model, exponent);
  return new Float64Array((model.leadField[0]?.length ?? 0) / model.orientations).fill(1);
}

/** Columns along two tangents and the normal of each source; the normal alone when nothing may lie along the cortex. */
function turned(row: Float64Array, normals: readonly Point[], tangents: boolean): Float64Array {
  const out = new Float64Array(normals.length * (tangents ? 3 : 1));
  for (const [i, n] of normals.entries()) {
    const dot = (a: Point): number =>
      a[0] * (row[3 * i] as number) + a[1] * (row[3 * i + 1] as number) + a[2] * (row[3 * i + 2] as number);
    if (!tangents) {
      out[i] = dot(n);
      continue;
    }
    const least = n.map(Math.abs).indexOf(Math.min(...n.map(Math.abs)));
    const axis: Point = [least === 0 ? 1 : 0, least === 1 ? 1 : 0, least === 2 ? 1 : 0];
    const first = unit([
      n[1] * axis[2] - n[2] * axis[1],
      n[2] * axis[0] - n[0] * axis[2],
      n[0] * axis[1] - n[1] * axis[0],
    ]);
    const second: Point = [
      n[1] * first[2] - n[2] * first[1],
      n[2] * first[0] - n[0] * first[2],
      n[0] * first[1] - n[1] * first[0],
    ];
    out.set([dot(first), dot(second), dot(n)], 3 * i);
  }
  return out;
}

function unit(v: Point): Point {
  const size = Math.hypot(...v);
  return [v[0] / size, v[1] / size, v[2] / size];
}

/** Mean of x x' over the samples. @throws DataError `too-few-samples`: of few, the filter takes the source itself for noise */
function timeCovariance({ rows, times }: SourceData): Float64Array[] {
  if (times.length < samplesPerChannel * rows.length)
    throw new DataError("too-few-samples", "a beamformer needs a covariance of many samples", {
      expected: `${samplesPerChannel} per channel, or the covariance of the epochs`,
      found: `${times.length} for ${rows.length} channels`,
    });
  return rows.map((a) =>
    Float64Array.from(rows, (b) => a.reduce((sum, v, t) => sum + v * (b[t] as number), 0) / times.length),
  );
}

function finish(
  method: SourceEstimate["method"],
  { rows, times }: SourceData,
  places: readonly Point[],
  kernel: readonly Float64Array[],
  o: 1 | 3,
): SourceEstimate {
  const amplitudes = sourceCourses({ kernel, orientations: o }, rows);
  let [source, sample, value] = [0, 0, Number.NEGATIVE_INFINITY];
  for (const [i, course] of amplitudes.entries())
    for (const [t, v] of course.entries()) if (v > value) [source, sample, value] = [i, t, v];
  return {
    method,
    times,
    amplitudes,
    unit: method === "minimum-norm" || method === "eloreta" ? "A m" : "1",
    peak: { source, place: places[source] as Point, time: times[sample] as number, value },
  };
}
