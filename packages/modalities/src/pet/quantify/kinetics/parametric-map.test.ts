import type { Tacs } from "@quintet/core";
import { convolveExponential, curveThrough, linearMap, seededRandom } from "@quintet/kernels";
import { expect, test } from "vitest";
import type { KineticFit } from "./estimate.ts";
import { kineticData } from "./kinetic-data.ts";
import { logan } from "./logan.ts";
import { ma1 } from "./ma1.ts";
import { mrtm2 } from "./mrtm2.ts";
import {
  loganMap,
  ma1Map,
  mrtm2Map,
  type ParameterMap,
  patlakMap,
  referenceLoganMap,
  srtm2Map,
  srtmMap,
} from "./parametric-map.ts";
import { patlak } from "./patlak.ts";
import { referenceLogan } from "./reference-logan.ts";
import { srtm } from "./srtm.ts";
import { srtm2 } from "./srtm2.ts";

const frames = Array.from({ length: 24 }, (_, i) => ({
  start: i < 8 ? i * 30 : (i - 7) * 240,
  duration: i < 8 ? 30 : 240,
}));
const middles = Float64Array.from(frames, ({ start, duration }) => (start + duration / 2) / 60);
const at = { start: middles, end: middles };
const plasma = curveThrough(
  middles,
  middles.map((t) => 9e4 * t * Math.exp(-2 * t) + 4e3 * Math.exp(-t / 40)),
);
const cr = convolveExponential(plasma, 0.12, at).value.map((v) => 0.4 * v);
const weights = Float64Array.from(frames, ({ duration }) => duration / 100);
const tacs: Tacs = { clock: "pet", unit: "Bq/mL", frames, regions: [{ name: "reference", values: cr }] };
const reference = kineticData(tacs, "reference", { weights });
const voxels = 7;
const random = seededRandom(2);
const data = new Float32Array(24 * voxels);
for (let v = 0; v < voxels; v++) {
  const rate = 0.03 + 0.02 * v;
  const { value } = convolveExponential(reference.curve, rate, at);
  for (let t = 0; t < 24; t++) data[t * voxels + v] = cr[t]! + (0.12 - rate) * value[t]! + 40 * random.normal();
}
const one = (v: number) =>
  kineticData(tacs, { name: "v", values: Float64Array.from(frames, (_, t) => data[t * voxels + v]!) }, { weights });
const input = { plasma };
const start = 10;

test.each([
  ["SRTM", () => srtmMap(data, voxels, reference, { weights }), (v: number) => srtm(one(v), reference)],
  ["SRTM2", () => srtm2Map(data, voxels, reference, 0.12, { weights }), (v: number) => srtm2(one(v), reference, 0.12)],
  ["MRTM2", () => mrtm2Map(data, voxels, reference, 0.12, { weights }), (v: number) => mrtm2(one(v), reference, 0.12)],
  [
    "MA1",
    () => ma1Map(data, voxels, reference, input, { weights, start }),
    (v: number) => ma1(one(v), input, { start }),
  ],
  [
    "Logan",
    () => loganMap(data, voxels, reference, input, { weights, start }),
    (v: number) => logan(one(v), input, { start }),
  ],
  [
    "reference Logan",
    () => referenceLoganMap(data, voxels, reference, { weights, start, k2prime: 0.12 }),
    (v: number) => referenceLogan(one(v), reference, { start, k2prime: 0.12 }),
  ],
  [
    "Patlak",
    () => patlakMap(data, voxels, reference, input, { weights, start }),
    (v: number) => patlak(one(v), input, { start }),
  ],
] as const satisfies readonly (readonly [string, () => readonly ParameterMap[], (v: number) => KineticFit])[])(
  "%s: a voxel's value and error are those of the region's fit",
  (_, map, fit) => {
    for (const { name, values, standardError } of map()) {
      for (let v = 0; v < voxels; v++) {
        const estimate = fit(v).estimates.find((e) => e.name === name);
        expect(estimate).toBeDefined();
        if (estimate?.value === undefined) {
          expect([values[v], standardError[v]]).toEqual([Number.NaN, Number.NaN]);
          continue;
        }
        // Maps are stored as float32; errors come from first-order slopes, in the region's fit by differences.
        expect([values[v]!]).toBeAllclose([estimate.value], { rtol: 1e-6, atol: 1e-7 });
        expect([standardError[v]!]).toBeAllclose([estimate.standardError!], { rtol: 1e-3 });
      }
    }
  },
);

test("a voxel without signal, with a gap or below 0 has no value", () => {
  const bad = new Float32Array(24 * 3);
  for (let t = 0; t < 24; t++) bad[3 * t + 1] = t === 5 ? Number.NaN : cr[t]!;
  for (let t = 0; t < 24; t++) bad[3 * t + 2] = -cr[t]!;
  for (const [map] of [
    srtmMap(bad, 3, reference),
    mrtm2Map(bad, 3, reference, 0.12),
    loganMap(bad, 3, reference, input),
  ]) {
    expect([map.values[0], map.values[1]]).toEqual([Number.NaN, Number.NaN]);
  }
  expect(loganMap(bad, 3, reference, input)[0].values[2]).toBeNaN();
});
test("a negative delivery or clearance, or an error above the value, is no value, as in the region's fit", () => {
  const odd = new Float32Array(24 * 3);
  for (let t = 0; t < 24; t++) {
    odd[3 * t] = cr[t]! * (t < 4 ? -1 : 1);
    odd[3 * t + 1] = -cr[t]! * (1 + t);
    odd[3 * t + 2] = 4000 * random.normal();
  }
  const fitOf = (v: number) =>
    srtm(kineticData(tacs, { name: "v", values: Float64Array.from(frames, (_, t) => odd[3 * t + v]!) }), reference);
  for (const { name, values } of srtmMap(odd, 3, reference)) {
    for (let v = 1; v < 3; v++) {
      const value = fitOf(v).estimates.find((estimate) => estimate.name === name)?.value;
      if (value === undefined) expect(values[v]).toBeNaN();
    }
  }
  for (const [map] of [mrtm2Map(odd, 3, reference, 0.12), ma1Map(odd, 3, reference, input)])
    for (const value of map.values) expect(value > -1 || Number.isNaN(value)).toBe(true);
  expect(srtmMap(odd, 3, reference)[1].values[1]).toBeNaN();
});
test.each([
  ["shape-mismatch", () => mrtm2Map(data, voxels + 1, reference, 0.1)],
  ["shape-mismatch", () => srtmMap(data, voxels + 1, reference)],
  ["not-positive", () => srtm2Map(data, voxels, reference, -1)],
  ["too-few-samples", () => loganMap(data, voxels, reference, input, { start: 1000 })],
  [
    "shape-mismatch",
    () => linearMap({ kind: "fixed", time: middles, weights, first: Float64Array.of(1) }, data, voxels),
  ],
])("refused: %s", (code, run) => {
  expect(run).toThrow(expect.objectContaining({ code }));
});
