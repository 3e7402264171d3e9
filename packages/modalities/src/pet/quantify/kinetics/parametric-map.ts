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
import { checkReference, integralAtMiddles, type KineticData } from "./kinetic-data.ts";
import { plasmaIntegrals } from "./plasma-integral.ts";
import { requireK2prime } from "./srtm2.ts";

/**
 * One value a voxel; NaN where the data justify none, by the rules of the region's fit: a rate at the border of the search, a
 * negative delivery, clearance or volume, or a standard error above the value (of BPND above BPND + 1).
 */
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
 * SRTM in every voxel, the exact minimum of each (see `rateMap`): BPND, R1, k2, k2a, k2'.
 *
 * @param data [frame][voxel], Bq/mL
 * @throws DataError those of `planRateMap`, `shape-mismatch`, `not-positive` when the reference region has no uptake
 */
export function srtmMap(
  data: Float32Array,
  voxels: number,
  reference: KineticData,
  options: MapOptions = {},
): readonly [bp: ParameterMap, r1: ParameterMap, k2: ParameterMap, k2a: ParameterMap, k2prime: ParameterMap] {
  checkReference(reference, reference);
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
  ): ParameterMap =>
    justified({
      name,
      unit,
      values: new Float32Array(rate.length).map((_, v) => {
        const [a, c, k] = of(v);
        return a > 0 && c + a * k > 0 ? value(a, c, k) : Number.NaN;
      }),
      standardError: rateMapErrors(found, (v, out) => out.set(slopes(...of(v)))),
    });
  // The last slope is against ln k2a.
  return [
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
    make(
      "k2a",
      "1/min",
      (_a, _c, k) => k,
      (_a, _c, k) => [0, 0, k],
    ),
    make(
      "k2'",
      "1/min",
      (a, c, k) => c / a + k,
      (a, c, k) => [-c / (a * a), 1 / a, k],
    ),
  ];
}

/** SRTM2 in every voxel: BPND, R1, k2 and k2a with k2' known. @throws DataError as `srtmMap`, `not-positive` */
export function srtm2Map(
  data: Float32Array,
  voxels: number,
  reference: KineticData,
  k2prime: number,
  options: MapOptions = {},
): readonly [bp: ParameterMap, r1: ParameterMap, k2: ParameterMap, k2a: ParameterMap] {
  checkReference(reference, reference);
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
  const make = (
    name: string,
    unit: ParameterMap["unit"],
    value: (r1: number, k: number) => number,
    slopes: (r1: number, k: number) => readonly [number, number],
  ): ParameterMap =>
    justified({
      name,
      unit,
      values: new Float32Array(rate.length).map((_, v) => {
        const a = r1[v] as number;
        return a > 0 ? value(a, rate[v] as number) : Number.NaN;
      }),
      standardError: rateMapErrors(found, (v, out) => out.set(slopes(r1[v] as number, rate[v] as number))),
    });
  return [
    make(
      "BPND",
      "1",
      (a, k) => (a * k2prime) / k - 1,
      (a, k) => [k2prime / k, (-a * k2prime) / k],
    ),
    make(
      "R1",
      "1",
      (a) => a,
      () => [1, 0],
    ),
    make(
      "k2",
      "1/min",
      (a) => a * k2prime,
      () => [k2prime, 0],
    ),
    make(
      "k2a",
      "1/min",
      (_, k) => k,
      (_, k) => [0, k],
    ),
  ];
}

/**
 * MRTM2 in every voxel: BPND and k2a with k2' known, and R1 where all frames count (g1 = R1 k2').
 *
 * @throws DataError `not-positive`, those of `linearMap`
 */
export function mrtm2Map(
  data: Float32Array,
  voxels: number,
  reference: KineticData,
  k2prime: number,
  options: MapOptions = {},
): readonly [bp: ParameterMap, k2a: ParameterMap, ...r1: ParameterMap[]] {
  checkReference(reference, reference);
  requireK2prime(k2prime);
  const first = integralAtMiddles(reference).map((a, i) => a + (reference.values[i] as number) / k2prime);
  const { time } = reference;
  const found = linearMap({ kind: "regression", time, weights: weightsOf(reference, options), first }, data, voxels);
  const [delivery, clearance] = found.variances;
  const positive = (value: (g1: number, g2: number) => number): Float32Array => ratios(found, value);
  return [
    ratioMap("BPND", "1", found, 1),
    justified({
      name: "k2a",
      unit: "1/min",
      values: positive((_, g2) => -g2),
      standardError: Float32Array.from(clearance, Math.sqrt),
    }),
    ...((options.start ?? 0) === 0
      ? [
          justified({
            name: "R1",
            unit: "1",
            values: positive((g1) => g1 / k2prime),
            standardError: Float32Array.from(delivery, (variance) => Math.sqrt(variance) / k2prime),
          }),
        ]
      : []),
  ];
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
  return [volumeMap("VT", "mL/cm3", found, 0)];
}

/** Logan's plot with a reference region in every voxel: BPND and DVR. @throws DataError `not-positive`, those of `linearMap` */
export function referenceLoganMap(
  data: Float32Array,
  voxels: number,
  reference: KineticData,
  { k2prime, ...options }: MapOptions & { readonly k2prime?: number } = {},
): readonly [bp: ParameterMap, dvr: ParameterMap] {
  checkReference(reference, reference);
  if (k2prime !== undefined) requireK2prime(k2prime);
  const first = integralAtMiddles(reference).map(
    (a, i) => a + (k2prime === undefined ? 0 : (reference.values[i] as number) / k2prime),
  );
  const weights = weightsOf(reference, options);
  const found = linearMap({ kind: "plot", time: reference.time, weights, first }, data, voxels);
  return [volumeMap("BPND", "1", found, 1), volumeMap("DVR", "1", found, 0)];
}

/** Patlak's plot in every voxel: K_i and the intercept V. @throws DataError those of `linearMap` */
export function patlakMap(
  data: Float32Array,
  voxels: number,
  frames: KineticData,
  input: InputFunction,
  options: MapOptions = {},
): readonly [ki: ParameterMap, v: ParameterMap] {
  const { plasma, plasmaIntegral } = plasmaIntegrals(frames, input, 0);
  const model = { kind: "fixed", time: frames.time, weights: weightsOf(frames, options) } as const;
  const { first, second, variances } = linearMap({ ...model, first: plasmaIntegral, second: plasma }, data, voxels);
  const [slope, intercept] = variances;
  const make = (name: string, unit: ParameterMap["unit"], value: Float64Array, variance: Float64Array): ParameterMap =>
    justified({
      name,
      unit,
      values: Float32Array.from(value),
      standardError: Float32Array.from(variance, Math.sqrt),
    });
  return [make("Ki", "mL/cm3/min", first, slope), make("V", "mL/cm3", second, intercept)];
}

function weightsOf({ time }: KineticData, { weights, start = 0 }: MapOptions): Float64Array {
  return time.map((t, i) => (t >= start - 1e-9 ? (weights?.[i] ?? 1) : 0));
}

/** NaN in both where the error is none or exceeds what it is held against: `estimatesOf`, voxel by voxel. */
function justified({ values, standardError, ...map }: ParameterMap): ParameterMap {
  const less = map.name === "BPND" ? 1 : 0;
  for (let v = 0; v < values.length; v++) {
    if ((standardError[v] as number) <= Math.abs((values[v] as number) + less)) continue;
    values[v] = Number.NaN;
    standardError[v] = Number.NaN;
  }
  return { ...map, values, standardError };
}

/** What follows from g1 and g2, where the one brings and the other clears. */
function ratios({ first, second }: LinearMap, value: (g1: number, g2: number) => number): Float32Array {
  return new Float32Array(first.length).map((_, v) => {
    const [g1, g2] = [first[v] as number, second[v] as number];
    return g1 > 0 && g2 < 0 ? value(g1, g2) : Number.NaN;
  });
}

/** -g1 / g2 - less, with the error of a ratio. */
function ratioMap(name: string, unit: ParameterMap["unit"], found: LinearMap, less: 0 | 1): ParameterMap {
  const { first, second, variances } = found;
  const [a, b, both] = variances;
  return justified({
    name,
    unit,
    values: ratios(found, (g1, g2) => -g1 / g2 - less),
    standardError: new Float32Array(first.length).map((_, v) => {
      const g1 = first[v] as number;
      const g2 = second[v] as number;
      const [d1, d2] = [-1 / g2, g1 / (g2 * g2)];
      return Math.sqrt(d1 * d1 * (a[v] as number) + d2 * d2 * (b[v] as number) + 2 * d1 * d2 * (both[v] as number));
    }),
  });
}

/** The slope of a plot, less 1 for a binding: a volume, or a ratio of volumes, is above 0. */
function volumeMap(
  name: string,
  unit: ParameterMap["unit"],
  { first, variances }: LinearMap,
  less: 0 | 1,
): ParameterMap {
  return justified({
    name,
    unit,
    values: Float32Array.from(first, (slope) => (slope > 0 ? slope - less : Number.NaN)),
    standardError: Float32Array.from(variances[0], Math.sqrt),
  });
}
