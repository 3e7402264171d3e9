import { affineOf, type Mask, type Surface, type Volume } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import { centiloid, centiloidEquations } from "./centiloid.ts";
import { leanBodyMass, sul } from "./lean-body-mass.ts";
import { type NormalImage, normativeMap, normativeZ } from "./normative-map.ts";
import { surfacePeaks } from "./surface-peaks.ts";

describe("K4: Centiloid", () => {
  const PiB = { tracer: "PiB", reference: "whole cerebellum", window: [50, 70] } as const;
  test("the anchors are 0 and 100", () => {
    expect(centiloid({ ...PiB, suvr: 1.009 }).value).toBeCloseTo(0, 12);
    expect(centiloid({ ...PiB, suvr: 2.076 }).value).toBeCloseTo(100, 12);
  });
  test("florbetaben by hand, and its error", () => {
    const one = centiloid({ ...PiB, tracer: "florbetaben", window: [90, 110], suvr: 1.5, standardError: 0.02 });
    expect([one.value, one.standardError!]).toBeAllclose([75.2, 3.068], { rtol: 1e-12 });
  });
  test("the published line of florbetaben goes through the anchors' PiB", () => {
    // SUVR_FBB = 0.61 SUVR_PiB + 0.39: the anchors come out within the rounding of its two figures.
    const { slope, intercept } = centiloidEquations.florbetaben;
    expect(slope * (0.61 * 1.009 + 0.39) + intercept).toBeCloseTo(0, -0.5);
    expect(slope * (0.61 * 2.076 + 0.39) + intercept).toBeCloseTo(100, -0.5);
  });
  test.each([
    ["not-comparable", { reference: "cerebellar grey" }],
    ["not-comparable", { window: [40, 60] as const }],
    ["not-positive", { suvr: Number.NaN }],
  ])("refused: %s", (code, change) => {
    expect(() => centiloid({ ...PiB, suvr: 1.5, ...change })).toThrow(expect.objectContaining({ code }));
  });
});

const grid = {
  shape: [1, 1, 1] as const,
  affine: affineOf([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]),
  space: "scanner:pet",
};
const voxel: Volume<"Bq/mL"> = {
  ...grid,
  unit: "Bq/mL",
  clock: "pet",
  frames: [{ start: 0, duration: 0 }],
  data: Float32Array.of(5000),
};

describe("lean body mass", () => {
  test("by hand: 80 kg, 1.8 m", () => {
    // BMI 24.691: 9270 80 / (6680 + 216 24.691), 9270 80 / (8780 + 244 24.691)
    expect(leanBodyMass({ label: "1", weight: 80, height: 1.8, sex: "M" })).toBeCloseTo(61.73, 2);
    expect(leanBodyMass({ label: "1", weight: 80, height: 1.8, sex: "F" })).toBeCloseTo(50.09, 2);
  });
  test("SUL is SUV times the lean share", () => {
    const injection = {
      radionuclide: "F18",
      weight: { value: 80, unit: "kg" },
      activity: { value: 400, unit: "MBq" },
      activityTime: 0,
      decayReference: 0,
    } as const;
    const person = { label: "1", weight: 80, height: 1.8, sex: "M" } as const;
    expect(sul(voxel, injection, person).data[0]).toBeCloseTo(61.73 / 80, 4);
    expect(() => sul(voxel, injection, { ...person, weight: 90 })).toThrow(
      expect.objectContaining({ code: "disagreement" }),
    );
  });
  test.each([
    ["missing-weight", { weight: Number.NaN }],
    ["missing-height", { height: 0 }],
    ["missing-sex", { sex: "O" }],
    ["implausible-weight", { height: 180 }],
  ] as const)("refused: %s", (code, change) => {
    expect(() => leanBodyMass({ label: "1", weight: 80, height: 1.8, sex: "M", ...change })).toThrow(
      expect.objectContaining({ code }),
    );
  });
});

describe("normals", () => {
  const shape = [12, 12, 12] as const;
  const affine = affineOf([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]);
  const brain: Mask = { shape, affine, space: "template", data: new Uint8Array(1728).fill(1) };
  const random = seededRandom(4);
  const person = (age: number, sex: "F" | "M", shift = 0): NormalImage => ({
    age,
    sex,
    fwhm: 6,
    image: {
      shape,
      affine,
      space: "template",
      unit: "1",
      clock: "pet",
      frames: [{ start: 0, duration: 1 }],
      data: Float32Array.from(
        { length: 1728 },
        () => 2 - 0.01 * (age - 60) + (sex === "M" ? 0.2 : 0) + shift + 0.1 * random.normal(),
      ),
    },
  });
  const normals = Array.from({ length: 24 }, (_, i) => person(50 + i, i % 2 ? "M" : "F"));
  const norms = normativeMap(normals, brain);
  const mean = (v: ArrayLike<number>): number => Array.from(v).reduce((a, b) => a + b / v.length, 0);
  test("age and sex are found", () => {
    expect(norms.coefficients.map(mean)).toBeAllclose([2 - 0.01 * (61.5 - 60), -0.01, 0.2], { rtol: 0.03 });
    expect(mean(norms.sd)).toBeCloseTo(0.1, 2);
  });
  test("a healthy person's z has mean 0 and spread 1; a lowered one is lower by its sd", () => {
    const z = normativeZ(norms, person(55, "F")).data;
    expect(Math.abs(mean(z))).toBeLessThan(0.15);
    // Student's t as the normal deviate of its tail: sd 1 but for the persons' own noise; 1728 values.
    expect(Math.abs(Math.sqrt(mean(z.map((v) => v * v))) - 1)).toBeLessThan(0.06);
    // t -2.9 of 21 degrees of freedom is z -2.6
    expect(Math.abs(mean(normativeZ(norms, person(55, "F", -0.3)).data) + 2.6)).toBeLessThan(0.15);
  });
  test("a finer image is smoothed to the normals' resolution", () => {
    const sharp = { ...person(60, "M"), fwhm: 4 };
    const z = normativeZ(norms, sharp).data;
    // Smoothing by sqrt(36 - 16) mm takes most of the white noise away.
    expect(Math.sqrt(mean(z.map((v) => v * v)))).toBeLessThan(0.6);
  });
  test.each([
    ["too-few-normals", () => normativeMap(normals.slice(0, 9), brain)],
    ["out-of-range", () => normativeZ(norms, person(20, "F"))],
    ["bad-sigma", () => normativeZ(norms, { ...person(60, "F"), fwhm: 9 })],
    [
      "unit-mismatch",
      () => normativeZ(norms, { ...person(60, "F"), image: { ...person(60, "F").image, unit: "g/mL" } }),
    ],
    ["grid-mismatch", () => normativeMap(normals, { ...brain, space: "other" })],
  ])("refused: %s", (code, run) => {
    expect(run).toThrow(expect.objectContaining({ code }));
  });
});

describe("surface projection", () => {
  const shape = [41, 41, 41] as const;
  const affine = affineOf([1, 0, 0, -20, 0, 1, 0, -20, 0, 0, 1, -20]);
  // A shell of value 5 at radius 10, 1 elsewhere.
  const data = Float32Array.from({ length: 41 ** 3 }, (_, v) => {
    const [x, y, z] = [(v % 41) - 20, (Math.floor(v / 41) % 41) - 20, Math.floor(v / 1681) - 20];
    return Math.abs(Math.hypot(x, y, z) - 10) < 1.5 ? 5 : 1;
  });
  const image: Volume<"1"> = {
    shape,
    affine,
    space: "t",
    unit: "1",
    clock: "pet",
    frames: [{ start: 0, duration: 1 }],
    data,
  };
  const r = 15;
  const octahedron: Surface = {
    space: "t",
    vertices: Float32Array.of(r, 0, 0, -r, 0, 0, 0, r, 0, 0, -r, 0, 0, 0, r, 0, 0, -r),
    faces: Uint32Array.of(0, 2, 4, 2, 1, 4, 1, 3, 4, 3, 0, 4, 2, 0, 5, 1, 2, 5, 3, 1, 5, 0, 3, 5),
  };
  test("the shell 5 mm below is met within 13.5 mm, not within 2", () => {
    expect(surfacePeaks(image, octahedron)).toBeAllclose(Array(6).fill(5), { rtol: 1e-6 });
    expect(surfacePeaks(image, octahedron, { depth: 2 })).toBeAllclose(Array(6).fill(1), { rtol: 1e-6 });
    expect(surfacePeaks(image, octahedron, { pick: "smallest" })).toBeAllclose(Array(6).fill(1), { rtol: 1e-6 });
  });
  test("outside the image nothing is met", () => {
    const far = { ...octahedron, vertices: octahedron.vertices.map((v) => 10 * v) };
    expect(surfacePeaks(image, far)[0]).toBeNaN();
  });
  test.each([
    ["space-mismatch", () => surfacePeaks(image, { ...octahedron, space: "other" })],
    ["out-of-range", () => surfacePeaks(image, octahedron, { depth: -1 })],
  ])("refused: %s", (code, run) => {
    expect(run).toThrow(expect.objectContaining({ code }));
  });
});
