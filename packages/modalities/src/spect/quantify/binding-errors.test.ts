import { affineOf, type LabelVolume, type Mask, type Volume } from "@quintet/core";
import { fwhmPerSigma, seededRandom, smoothGaussian } from "@quintet/kernels";
import { expect, test } from "vitest";
import { type BindingErrors, bindingErrors } from "./binding-errors.ts";
import { type DatBindingOptions, datBinding } from "./dat-binding.ts";
import { datRegions } from "./dat-regions.ts";
import { fewestReplicates, replicateCovariance, varianceOf } from "./mean-covariance.ts";
import { noiseAutocovariance } from "./noise-autocovariance.ts";
import { measuredRegions, type NamedRegions, regionalMeans } from "./regional-means.ts";

/** A brain of 144 x 168 x 112 mm in 4-mm voxels, with box-shaped nuclei and an occipital slab. */
const [edge, shape] = [4, [40, 48, 32] as const];
const grid = { shape, affine: affineOf([edge, 0, 0, -78, 0, edge, 0, -94, 0, 0, edge, -62]), space: "subject:T1w" };
const voxels = 40 * 48 * 32;
const boxes = [
  ["left caudate", [16, 18], [28, 34], [14, 20]],
  ["left putamen", [13, 15], [22, 33], [14, 20]],
  ["right caudate", [22, 24], [28, 34], [14, 20]],
  ["right putamen", [25, 27], [22, 33], [14, 20]],
  ["left medial-occipital", [12, 19], [4, 9], [12, 20]],
  ["right medial-occipital", [21, 27], [4, 9], [12, 20]],
] as const;
const place = (v: number): [number, number, number] => [v % 40, Math.floor(v / 40) % 48, Math.floor(v / 1920)];
const within = (v: number, ranges: readonly (readonly [number, number])[]): boolean =>
  place(v).every((i, k) => i >= (ranges[k]?.[0] ?? 0) && i < (ranges[k]?.[1] ?? 0));
const labels: LabelVolume = {
  ...grid,
  data: Uint8Array.from({ length: voxels }, (_, v) => 1 + boxes.findIndex(([, ...ranges]) => within(v, ranges))),
  names: new Map(boxes.map(([name], k) => [k + 1, name])),
};
const brain: Mask = {
  ...grid,
  data: Uint8Array.from({ length: voxels }, (_, v) =>
    within(v, [
      [2, 38],
      [2, 44],
      [2, 30],
    ])
      ? 1
      : 0,
  ),
};
const ratios: Record<string, number> = {
  "left caudate": 5,
  "left putamen": 4,
  "right caudate": 4.5,
  "right putamen": 3,
};
const truth = Float32Array.from(labels.data, (label, v) =>
  brain.data[v] === 0 ? 0 : 100 * (1 + (ratios[labels.names.get(label) ?? ""] ?? 0)),
);
const volume = (data: Float32Array): Volume<"{count}"> => ({
  ...grid,
  unit: "{count}",
  clock: "spect",
  frames: [{ start: 0, duration: 0 }],
  data,
});
const sigma = 8 / fwhmPerSigma / edge;
/** Noise of 8 mm FWHM whose variance goes with the mean: `size` times the root of it. */
function noisy(seed: number, size: number, change: (v: number) => number = () => 0): Volume<"{count}"> {
  const random = seededRandom(seed);
  const white = Float32Array.from({ length: voxels }, () => random.normal());
  const noise = smoothGaussian(white, shape, [sigma, sigma, sigma]);
  return volume(truth.map((x, v) => x + size * Math.sqrt(x) * (noise[v] as number) + change(v)));
}
const regions = datRegions(labels, brain);
const reference = regions.wholeBrain as Mask;
const calibration = [{ region: "caudate", measure: "sbr", slope: 0.5, offset: 0.1 }];

test("replicates: every standard error is the spread of that very measure, through spill-over, calibration, asymmetry and quotient", () => {
  const scans = Array.from({ length: 10 }, (_, k) => noisy(k + 1, 0.3));
  const image = volume(truth);
  const errors = bindingErrors(image, regions, { reference, replicates: scans });
  expect(errors).toMatchObject({ from: "replicates", replicates: 10 });
  const options: DatBindingOptions = { reference: "whole-brain", spillOver: true, fwhm: 8, calibration };
  const rows = datBinding(image, regions, { ...options, errors });
  const all = scans.map((scan) => datBinding(scan, regions, options).map(({ value }) => value));
  const spread = rows.map((_, i) => {
    const values = all.map((one) => one[i] as number);
    const mean = values.reduce((sum, x) => sum + x / 10, 0);
    return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 9);
  });
  expect(rows.map(({ measure }) => measure)).toContain("caudate-putamen-ratio");
  expect(rows.map(({ measure }) => measure)).toContain("sbr-total-counts-asymmetry");
  // first order: noise of half a per cent leaves the square of that
  expect(rows.map(({ standardError = 0 }) => standardError)).toBeAllclose(spread, { rtol: 0.01 });
});

test("by hand: means (2, 1) and (4, 1), ten of them: variances 10/9 and 0; of left over right with what both share", () => {
  const strip = { shape: [2, 1, 1] as const, affine: grid.affine, space: "s" };
  const named: NamedRegions = {
    ...strip,
    voxels: new Map([
      ["a", Uint32Array.of(0)],
      ["b", Uint32Array.of(1)],
      ["both", Uint32Array.of(0, 1)],
    ]),
  };
  const images = Array.from({ length: fewestReplicates }, (_, k) => ({
    ...volume(Float32Array.of(k % 2 ? 4 : 2, 1)),
    ...strip,
  }));
  const { matrix } = replicateCovariance(images, named);
  const s = 10 / 9;
  expect(matrix).toBeAllclose([s, 0, s / 2, 0, 0, 0, s / 2, 0, s / 4], { atol: 1e-12 });
  const covariance = { names: ["a", "b", "both"], matrix };
  expect(varianceOf({ a: 1, both: -2 }, covariance)).toBeCloseTo(0, 12); // a - 2 (a + b) / 2 = -b, which never varies
  expect(varianceOf({ a: 3 }, covariance)).toBeCloseTo(10, 12);
  expect(regionalMeans(images[0] as Volume, named)).toBeAllclose([2, 1, 1.5], { atol: 0 });
});

test("by hand: a chessboard of +- 3 on 100 has C = 0.09 at even and -0.09 at odd steps, none beyond 30 mm", () => {
  const board = { shape: [18, 18, 18] as const, affine: grid.affine, space: "b" };
  const sign = (x: number, y: number, z: number): number => ((x + y + z) % 2 ? -1 : 1);
  const data = Float32Array.from(
    { length: 5832 },
    (_, v) => 100 + 3 * sign(v % 18, Math.floor(v / 18) % 18, Math.floor(v / 324)),
  );
  const image = { ...volume(data), ...board };
  const noise = noiseAutocovariance(image, { ...board, data: new Uint8Array(5832).fill(1) });
  const at = noise?.at ?? (() => Number.NaN);
  expect(noise?.lag).toEqual([8, 8, 8]);
  // the plane fitted to an even number of squares is level to 1e-3
  const found = [at(0, 0, 0), at(1, 0, 0), at(1, -1, 0), at(-3, 0, 2), at(8, 0, 0)];
  expect(found).toBeAllclose([0.09, -0.09, 0.09, -0.09, 0], { atol: 1e-4 });
});

/** Root of the mean variance that 3 images tell of, over the spread of 40. */
function told(errorsOf: (image: Volume) => BindingErrors, options: DatBindingOptions): Map<string, number> {
  const size = 3;
  const values = Array.from({ length: 40 }, (_, k) => datBinding(noisy(100 + k, size), regions, options));
  const claimed = Array.from({ length: 3 }, (_, k) => {
    const image = noisy(100 + k, size);
    return datBinding(image, regions, { ...options, errors: errorsOf(image) });
  });
  return new Map(
    (values[0] ?? []).map(({ region, side, measure }, i) => {
      const own = values.map((rows) => rows[i]?.value ?? Number.NaN);
      const mean = own.reduce((sum, x) => sum + x / own.length, 0);
      const spread = Math.sqrt(own.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (own.length - 1));
      const se = Math.sqrt(claimed.reduce((sum, rows) => sum + (rows[i]?.standardError ?? 0) ** 2 / 3, 0));
      return [`${side} ${region} ${measure}`, se / spread];
    }),
  );
}

test("from one image with an even brain: within the error of a spread from 40 images, whatever the resolution is said to be", () => {
  const errorsOf = (image: Volume): BindingErrors => bindingErrors(image, regions, { reference, fwhm: 50 });
  expect(errorsOf(noisy(1, 3)).from).toBe("image");
  const shares = told(errorsOf, { reference: "whole-brain" });
  // a spread from 40 is known to 11 %: three of that; all measures together to a few per cent
  for (const [name, share] of shares) expect(Math.abs(share - 1), name).toBeLessThan(0.33);
  const mean = [...shares.values()].reduce((sum, x) => sum + x / shares.size, 0);
  expect(Math.abs(mean - 1)).toBeLessThan(0.12);
});

test("a brain that is not evenly filled, or too small, leaves the upper bound", () => {
  const steep = volume(truth.map((x, v) => (x > 0 ? 1 + (v % 40) ** 8 : 0)));
  expect(bindingErrors(steep, regions, { reference }).from).toBe("upper-bound");
  const small = { ...reference, data: reference.data.map((m, v) => (m && Math.floor(v / 1920) === 16 ? 1 : 0)) };
  expect(bindingErrors(noisy(1, 3), { ...regions, wholeBrain: small }, { reference }).from).toBe("upper-bound");
});

test("without a brain: the upper bound as it stands in the formula, 5 (sd / mean) sqrt(1 / n_s + 1 / n_ref)", () => {
  const narrow = datRegions(labels, undefined);
  const own = narrow.occipital as Mask;
  const image = noisy(3, 1);
  const errors = bindingErrors(image, narrow, { reference: own });
  expect(errors.from).toBe("upper-bound");
  const [row] = datBinding(image, narrow, { errors });
  const inside = [...image.data].filter((_, v) => own.data[v]);
  const mean = inside.reduce((sum, x) => sum + x / inside.length, 0);
  const sd = Math.sqrt(inside.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (inside.length - 1));
  expect(row).toMatchObject({ region: "caudate", n: 72 });
  const share = (sd / mean) * Math.sqrt(1 / 72 + 1 / inside.length);
  expect(row?.standardError).toBeCloseTo(((row?.value ?? 0) + 1) * share, 6);
});

const named = measuredRegions(regions, reference);
test.each([
  ["too-few-replicates", () => bindingErrors(volume(truth), regions, { reference, replicates: [noisy(1, 1)] })],
  [
    "too-few-counts",
    () =>
      bindingErrors(volume(truth), regions, {
        reference,
        replicates: Array.from({ length: 10 }, (_, k) => noisy(k, 0, () => (k % 2 ? 60 : 0))),
      }),
  ],
  ["grid-mismatch", () => regionalMeans({ ...volume(truth), space: "other" }, named)],
  ["not-finite", () => regionalMeans(volume(truth.map(() => Number.NaN)), named)],
  ["empty-region", () => regionalMeans(volume(truth), { ...grid, voxels: new Map([["none", new Uint32Array(0)]]) })],
  ["missing-region", () => varianceOf({ pallidum: 1 }, { names: ["a"], matrix: Float64Array.of(1) })],
  ["not-positive", () => bindingErrors(volume(truth.map((x) => -x)), regions, { reference })],
])("refused: %s", (code, run) => {
  expect(run).toThrow(expect.objectContaining({ code }));
});
