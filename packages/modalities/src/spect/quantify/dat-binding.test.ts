import { affineOf, type LabelVolume, type Mask, type Volume } from "@quintet/core";
import { fwhmPerSigma, smoothGaussian } from "@quintet/kernels";
import { expect, test } from "vitest";
import { datBinding, sbrCalibration, striatalVolumes } from "./dat-binding.ts";
import { datRegions } from "./dat-regions.ts";
import { southampton } from "./southampton.ts";

/** A brain of 120 x 144 x 96 mm with box-shaped striata of known size: 8 and 10 mL each, and an occipital slab. */
const edge = 4;
const shape = [40, 48, 32] as const;
const grid = { shape, affine: affineOf([edge, 0, 0, -78, 0, edge, 0, -94, 0, 0, edge, -62]), space: "subject:T1w" };
const boxes: readonly (readonly [
  number,
  string,
  readonly [number, number],
  readonly [number, number],
  readonly [number, number],
])[] = [
  [1, "left caudate", [16, 18], [28, 34], [14, 20]],
  [2, "left putamen", [13, 15], [22, 33], [14, 20]],
  [3, "right caudate", [22, 24], [28, 34], [14, 20]],
  [4, "right putamen", [25, 27], [22, 33], [14, 20]],
  [5, "left medial-occipital", [12, 19], [4, 9], [12, 20]],
  [6, "right medial-occipital", [21, 27], [4, 9], [12, 20]],
];
const at = (x: number, y: number, z: number): number => (z * shape[1] + y) * shape[0] + x;
const labelData = new Uint8Array(40 * 48 * 32);
for (const [label, , [x0, x1], [y0, y1], [z0, z1]] of boxes)
  for (let z = z0; z < z1; z++)
    for (let y = y0; y < y1; y++) for (let x = x0; x < x1; x++) labelData[at(x, y, z)] = label;
const labels: LabelVolume = { ...grid, data: labelData, names: new Map(boxes.map(([label, name]) => [label, name])) };
const brain: Mask = {
  ...grid,
  data: Uint8Array.from(labelData, (_, v) => {
    const [x, y, z] = [v % 40, Math.floor(v / 40) % 48, Math.floor(v / 1920)];
    return x >= 5 && x < 35 && y >= 2 && y < 46 && z >= 4 && z < 28 ? 1 : 0;
  }),
};
const truth: Record<string, number> = { "left caudate": 5, "left putamen": 4, "right caudate": 5, "right putamen": 2 };

function image(fwhm: number): Volume<"{count}"> {
  const sharp = Float32Array.from(labelData, (label, v) =>
    brain.data[v] === 0 ? 0 : 10 * (1 + (truth[labels.names.get(label) ?? ""] ?? 0)),
  );
  const s = fwhm / fwhmPerSigma / edge;
  const data = fwhm > 0 ? smoothGaussian(sharp, shape, [s, s, s]) : sharp;
  return { ...grid, unit: "{count}", clock: "spect", frames: [{ start: 0, duration: 0 }], data };
}
const regions = datRegions(labels, brain);

test("the putamen is halved front from back; large volumes hold their own striatum and nothing of the other", () => {
  const count = (name: string): number => {
    const label = [...regions.striatal.names].find(([, text]) => text === name)?.[0];
    return regions.striatal.data.filter((own) => own === label).length;
  };
  expect([count("left anterior putamen"), count("left posterior putamen")]).toEqual([60, 72]); // 11 slices of 12: the middle one is behind
  expect(
    regions.large.left.data.some((m, v) => m && regions.large.right.data[v] && regions.striata.right.data[v]),
  ).toBe(false);
  expect(regions.striata.left.data.every((m, v) => !m || regions.large.left.data[v] === 1)).toBe(true);
  expect(striatalVolumes(regions).left).toBeCloseTo((72 + 132) * 0.064, 6);
});

test("a sharp image: SBR of every part as made, 4 - 5 and 2 - 5; asymmetry 200 (4 - 2) / 6 = 66.7 %", () => {
  const rows = datBinding(image(0), regions);
  const value = (region: string, side: string, measure = "sbr"): number | undefined =>
    rows.find((row) => row.region === region && row.side === side && row.measure === measure)?.value;
  expect(value("caudate", "left")).toBeCloseTo(5, 5);
  expect(value("anterior putamen", "left")).toBeCloseTo(4, 5);
  expect(value("posterior putamen", "right")).toBeCloseTo(2, 5);
  expect(value("putamen", "midline", "sbr-asymmetry")).toBeCloseTo(200 / 3, 4);
  expect(value("striatum", "left", "caudate-putamen-ratio")).toBeCloseTo(1.25, 5);
});

test("blur of 10 mm takes 30 % and more of the anatomical ratio, but not of the total counts", () => {
  const own = striatalVolumes(regions);
  const of = (fwhm: number): number[] =>
    southampton(image(fwhm), regions.large, regions.occipital as Mask, { striatum: own }).map(({ value }) => value);
  const whole = (side: "caudate" | "putamen"): number => truth[`left ${side}`] as number;
  const mixed = (72 * whole("caudate") + 132 * whole("putamen")) / 204;
  expect(of(0)[0]).toBeCloseTo(mixed, 4);
  expect((of(10)[0] as number) / mixed).toBeGreaterThan(0.97); // what lies beyond 20 mm of a Gaussian of 10 mm FWHM
  const sbrOf = (fwhm: number): number =>
    datBinding(image(fwhm), regions).find(({ region, side }) => region === "caudate" && side === "left")?.value ?? 0;
  expect(sbrOf(10) / sbrOf(0)).toBeLessThan(0.7);
});

test("both references give one answer where the background is even; scale cancels; calibration and norms by hand", () => {
  const [one, other] = (["occipital", "whole-brain"] as const).map((reference) =>
    datBinding(image(0), regions, { reference }),
  );
  expect(other?.map(({ value }) => value)).toBeAllclose(one?.map(({ value }) => value) ?? [], { rtol: 1e-5 });
  const tripled = { ...image(0), data: image(0).data.map((x) => 3 * x) };
  expect(datBinding(tripled, regions).map(({ value }) => value)).toBeAllclose(one?.map(({ value }) => value) ?? [], {
    rtol: 1e-5,
  });
  const [caudate] = datBinding(image(0), regions, {
    calibration: [{ region: "caudate", measure: "sbr", slope: 0.5, offset: 1 }],
    norms: [{ region: "caudate", measure: "sbr", at0: 10, perYear: -0.05, sd: 2 }],
    age: 60,
  });
  expect(caudate?.value).toBeCloseTo(8, 4); // (5 - 1) / 0.5
  expect(caudate?.z).toBeCloseTo(0.5, 4); // (8 - 7) / 2
});

test("a line through (2, 1.1), (4, 2.1), (6, 3.1): slope 0.5, offset 0.1", () => {
  const scans = [2, 4, 6].map((x) => ({ true: x, measured: 0.5 * x + 0.1 }));
  const { slope, offset } = sbrCalibration("caudate", "sbr", scans);
  expect([slope, offset]).toBeAllclose([0.5, 0.1], { atol: 1e-12 });
});

test("blurred by 10 mm and taken back: every part as made within 0.5 %, unlike neighbours too; without, the caudate lacks a third", () => {
  const rows = datBinding(image(10), regions, { fwhm: 10, spillOver: true, reference: "whole-brain" });
  const value = (region: string, side: string, measure = "sbr"): number =>
    rows.find((row) => row.region === region && row.side === side && row.measure === measure)?.value ?? Number.NaN;
  const found = ["caudate", "anterior putamen", "posterior putamen", "putamen"].flatMap((region) =>
    ["left", "right"].map((side) => value(region, side)),
  );
  // what is left is the reference's own loss to the outside, 0.3 %
  expect(found).toBeAllclose([5, 5, 4, 2, 4, 2, 4, 2], { rtol: 0.005 });
  expect([value("putamen", "midline", "sbr-asymmetry")]).toBeAllclose([200 / 3], { atol: 0.2 });
  expect(rows.find(({ region, side }) => region === "putamen" && side === "left")).toMatchObject({ n: 132 });
});

test("skull within 20 mm of a striatum does not count as background: large volumes end half a rim inside the brain", () => {
  const narrow = { ...brain, data: brain.data.map((m, v) => (m && v % 40 >= 11 ? 1 : 0)) };
  const { large } = datRegions(labels, narrow);
  // 4-mm voxels: the outside ends at x = 10, the first voxel deeper than 5 mm is x = 12
  expect(large.left.data.every((m, v) => !m || v % 40 >= 12)).toBe(true);
  expect(large.left.data.some((m, v) => m && v % 40 === 12)).toBe(true);
  expect(datRegions(labels, undefined).large.left.data.some((m, v) => m && v % 40 === 10)).toBe(true);
});

const nameless = { ...labels, names: new Map([[1, "left caudate"]]) };
test.each([
  ["too-few-points", () => sbrCalibration("caudate", "sbr", [{ true: 2, measured: 1 }])],
  ["missing-region", () => datRegions(nameless, brain)],
  ["grid-mismatch", () => datRegions(labels, { ...brain, space: "other" })],
  ["missing-region", () => datBinding(image(0), datRegions(labels, undefined), { reference: "whole-brain" })],
  [
    "bad-calibration",
    () => datBinding(image(0), regions, { calibration: [{ region: "caudate", measure: "sbr", slope: 0, offset: 0 }] }),
  ],
  ["missing-resolution", () => datBinding(image(0), regions, { spillOver: true })],
  ["bad-sigma", () => datBinding(image(0), regions, { spillOver: true, fwhm: 60 })],
  [
    "no-age",
    () => datBinding(image(0), regions, { norms: [{ region: "caudate", measure: "sbr", at0: 1, perYear: 0, sd: 1 }] }),
  ],
  ["not-positive", () => southampton({ ...image(0), data: new Float32Array(labelData.length) }, regions.large, brain)],
  ["not-positive", () => southampton(image(0), regions.large, brain, { striatum: 0 })],
  ["empty-region", () => southampton(image(0), regions.large, { ...brain, data: new Uint8Array(labelData.length) })],
])("refused: %s", (code, run) => {
  expect(run).toThrow(expect.objectContaining({ code }));
});
