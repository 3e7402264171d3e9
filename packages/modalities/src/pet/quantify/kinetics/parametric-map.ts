/** Kinetic parameters in every voxel, with their standard errors. */
import {
  convolveExponential,
  type LinearMap,
  linearMap,
  planRateMap,
  rateMap,
  rateMapErrors,
  sampleCurve,
} from "@quintet/kernels";
import type { InputFunction } from "./input-function.ts";
import { integralAtMiddles, type KineticData } from "./kinetic-data.ts";
import { plasmaIntegrals } from "./plasma-integral.ts";
import { requireK2prime } from "./srtm2.ts";

/** One value a voxel; NaN where the data justify none. */
export interface ParameterMap {
  readonly name: string;
  readonly unit: "mL/cm3/min" | "1/min" | "mL/cm3" | "1";
  readonly values: Float32Array;
  readonly standardError: Float32Array;
}

/** Rates of a voxel are sought between these, 1/min. Chosen here: noise has any rate, tissue none outside. */
export const mapRates = { low: 1e-3, high: 3 } as const;

export interface MapOptions {
  /** One a frame; all 1 without. */
  readonly weights?: Float64Array;
  /** t*, minutes; frames before it do not count. Default 0. */
  readonly start?: number;
}

/**
 * SRTM in every voxel, the exact minimum of each (see `rateMap`): BPND, R1, k2.
 *
 * @param data [frame][voxel], Bq/mL
 * @throws DataError those of `planRateMap`, `shape-mismatch`
 */
export function srtmMap(
  data: Float32Array,
  voxels: number,
  reference: KineticData,
  options: MapOptions = {},
): readonly [bp: ParameterMap, r1: ParameterMap, k2: ParameterMap] {
  const { samples, curve } = reference;
  const plan = planRateMap({
    fixed: [sampleCurve(curve, samples)],
    column: (rate) => convolveExponential(curve, rate, samples).value,
    weights: weightsOf(reference, options),
    ...mapRates,
  });
  const found = rateMap(plan, data, voxels);
  const { rate } = found;
  const [r1, phi] = found.coefficients as [Float64Array, Float64Array];
  const of = (v: number): readonly [number, number, number] => [r1[v] as number, phi[v] as number, rate[v] as number];
  const make = (
    name: string,
    unit: ParameterMap["unit"],
    value: (r1: number, phi: number, k: number) => number,
    slopes: (r1: number, phi: number, k: number) => readonly [number, number, number],
  ): ParameterMap => ({
    name,
    unit,
    values: new Float32Array(rate.length).map((_, v) => value(...of(v))),
    standardError: rateMapErrors(found, (v, out) => out.set(slopes(...of(v)))),
  });
  return [
    // The last slope is against ln k2a.
    make(
      "BPND",
      "1",
      (a, c, k) => a + c / k - 1,
      (_, c, k) => [1, 1 / k, -c / k],
    ),
    make(
      "R1",
      "1",
      (a) => a,
      () => [1, 0, 0],
    ),
    make(
      "k2",
      "1/min",
      (a, c, k) => c + a * k,
      (a, _, k) => [k, 1, a * k],
    ),
  ];
}

/** SRTM2 in every voxel: BPND and R1 with k2' known. @throws DataError as `srtmMap`, `not-positive` */
export function srtm2Map(
  data: Float32Array,
  voxels: number,
  reference: KineticData,
  k2prime: number,
  options: MapOptions = {},
): readonly [bp: ParameterMap, r1: ParameterMap] {
  requireK2prime(k2prime);
  const { samples, curve } = reference;
  const own = sampleCurve(curve, samples);
  const plan = planRateMap({
    fixed: [],
    column: (rate) => {
      const { value } = convolveExponential(curve, rate, samples);
      return own.map((c, i) => c + (k2prime - rate) * (value[i] as number));
    },
    weights: weightsOf(reference, options),
    ...mapRates,
  });
  const found = rateMap(plan, data, voxels);
  const [r1] = found.coefficients as [Float64Array];
  const { rate } = found;
  const dvr = (v: number): number => ((r1[v] as number) * k2prime) / (rate[v] as number);
  return [
    {
      name: "BPND",
      unit: "1",
      values: new Float32Array(rate.length).map((_, v) => dvr(v) - 1),
      standardError: rateMapErrors(found, (v, out) => out.set([k2prime / (rate[v] as number), -dvr(v)])),
    },
    {
      name: "R1",
      unit: "1",
      values: Float32Array.from(r1),
      standardError: rateMapErrors(found, (_, out) => out.set([1, 0])),
    },
  ];
}

/** MRTM2 in every voxel: BPND with k2' known. @throws DataError `not-positive`, those of `linearMap` */
export function mrtm2Map(
  data: Float32Array,
  voxels: number,
  reference: KineticData,
  k2prime: number,
  options: MapOptions = {},
): readonly [ParameterMap] {
  requireK2prime(k2prime);
  const first = integralAtMiddles(reference).map((a, i) => a + (reference.values[i] as number) / k2prime);
  const { time } = reference;
  const found = linearMap({ kind: "regression", time, weights: weightsOf(reference, options), first }, data, voxels);
  return [ratioMap("BPND", "1", found, 1)];
}

/** MA1 in every voxel: V_T. @throws DataError those of `linearMap` */
export function ma1Map(
  data: Float32Array,
  voxels: number,
  frames: KineticData,
  input: InputFunction,
  options: MapOptions = {},
): readonly [ParameterMap] {
  const { plasmaIntegral } = plasmaIntegrals(frames, input, 0);
  const model = { kind: "regression", time: frames.time, weights: weightsOf(frames, options) } as const;
  return [ratioMap("VT", "mL/cm3", linearMap({ ...model, first: plasmaIntegral }, data, voxels), 0)];
}

/** Logan's plot in every voxel: V_T. @throws DataError those of `linearMap` */
export function loganMap(
  data: Float32Array,
  voxels: number,
  frames: KineticData,
  input: InputFunction,
  options: MapOptions = {},
): readonly [ParameterMap] {
  const { plasmaIntegral: first } = plasmaIntegrals(frames, input, 0);
  const weights = weightsOf(frames, options);
  const found = linearMap({ kind: "plot", time: frames.time, weights, first }, data, voxels);
  return [slopeMap("VT", "mL/cm3", found, 0)];
}

/** Logan's plot with a reference region in every voxel: BPND. @throws DataError `not-positive`, those of `linearMap` */
export function referenceLoganMap(
  data: Float32Array,
  voxels: number,
  reference: KineticData,
  { k2prime, ...options }: MapOptions & { readonly k2prime?: number } = {},
): readonly [ParameterMap] {
  if (k2prime !== undefined) requireK2prime(k2prime);
  const first = integralAtMiddles(reference).map(
    (a, i) => a + (k2prime === undefined ? 0 : (reference.values[i] as number) / k2prime),
  );
  const weights = weightsOf(reference, options);
  const found = linearMap({ kind: "plot", time: reference.time, weights, first }, data, voxels);
  return [slopeMap("BPND", "1", found, 1)];
}

/** Patlak's plot in every voxel: K_i. @throws DataError those of `linearMap` */
export function patlakMap(
  data: Float32Array,
  voxels: number,
  frames: KineticData,
  input: InputFunction,
  options: MapOptions = {},
): readonly [ParameterMap] {
  const { plasma, plasmaIntegral } = plasmaIntegrals(frames, input, 0);
  const model = { kind: "fixed", time: frames.time, weights: weightsOf(frames, options) } as const;
  const found = linearMap({ ...model, first: plasmaIntegral, second: plasma }, data, voxels);
  return [slopeMap("Ki", "mL/cm3/min", found, 0)];
}

function weightsOf({ time }: KineticData, { weights, start = 0 }: MapOptions): Float64Array {
  return time.map((t, i) => (t >= start - 1e-9 ? (weights?.[i] ?? 1) : 0));
}

/** -g1 / g2 - less, with the error of a ratio. */
function ratioMap(
  name: string,
  unit: ParameterMap["unit"],
  { first, second, variances }: LinearMap,
  less: 0 | 1,
): ParameterMap {
  const [a, b, both] = variances;
  return {
    name,
    unit,
    values: new Float32Array(first.length).map((_, v) => -(first[v] as number) / (second[v] as number) - less),
    standardError: new Float32Array(first.length).map((_, v) => {
      const g1 = first[v] as number;
      const g2 = second[v] as number;
      const [d1, d2] = [-1 / g2, g1 / (g2 * g2)];
      return Math.sqrt(d1 * d1 * (a[v] as number) + d2 * d2 * (b[v] as number) + 2 * d1 * d2 * (both[v] as number));
    }),
  };
}

function slopeMap(
  name: string,
  unit: ParameterMap["unit"],
  { first, variances }: LinearMap,
  less: 0 | 1,
): ParameterMap {
  return {
    name,
    unit,
    values: new Float32Array(first.length).map((_, i) => (first[i] as number) - less),
    standardError: Float32Array.from(variances[0], Math.sqrt),
  };
}
