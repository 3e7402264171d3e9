import { apply, identityAffine, invert, multiply, rigid, type Transform, type Volume } from "@quintet/core";
import { loadKernels } from "@quintet/kernels/node";
import { beforeAll, describe, expect, test } from "vitest";
import { ellipsoidHead } from "../../test/ellipsoid-head.ts";
import { contrasts, pointsInside, simulatedPair, targetErrors } from "../../test/simulated-pair.ts";
import { runElastix } from "./elastix.ts";
import * as door from "./index.ts";
import { registerRigid } from "./index.ts";
import { linearTransform } from "./itk-transform.ts";
import { cutOut } from "./prepare.ts";
import { meanRigid } from "./rigid.ts";

beforeAll(async () => {
  await loadKernels();
});
const { t1, brain } = ellipsoidHead(3);
const points = pointsInside(t1, brain, 500);

/** Errors at brain points of the fixed head: truth^-1 then the answer must lead back. */
function errorOf(found: Transform, truth: Float64Array): { mean: number; max: number } {
  return targetErrors(multiply(found.matrix, invert(truth)), identityAffine(), points);
}

// Seconds on an idle machine; the limit is for a crowded one.
describe("registerRigid on a head made of ellipsoids", { timeout: 300_000 }, () => {
  test("PET-like, moved by 9 degrees and 14 mm: within 0.5 mm and its own expected error; from and to are named", async () => {
    const { moving, truth } = simulatedPair(t1, brain, contrasts[0]!, { degrees: [4, -5, 6], shift: [8, -10, 6] }, 3);
    const found = await registerRigid(t1, moving, { fixedMask: brain, resolution: 3 });
    const { mean, max } = errorOf(found.transform, truth);
    expect(mean).toBeLessThan(0.5); // a sixth of the 3-mm voxel
    expect(max).toBeLessThan(3 * found.expectedError);
    expect(found).toMatchObject({
      converged: true,
      note: "",
      transform: { from: "scanner:simulated", to: "subject:T1w" },
    });
    expect(found.quality.nmi).toBeGreaterThan(found.quality.before);
  });

  test("a T2-like image turned by 150 degrees and 60 mm away is caught", async () => {
    const { moving, truth } = simulatedPair(
      t1,
      brain,
      contrasts[3]!,
      { degrees: [10, 5, 150], shift: [40, -40, 20] },
      4,
    );
    const found = await registerRigid(
      t1,
      { ...moving, affine: multiply(rigid([0, 0, 0], [40, -40, 20]), moving.affine) },
      { resolution: 3 },
    );
    const shifted = multiply(truth, rigid([0, 0, 0], [-40, 40, -20]));
    expect(errorOf(found.transform, shifted).mean).toBeLessThan(0.5);
  });

  test("a slab of 45 mm registers", async () => {
    const { moving, truth } = simulatedPair(t1, brain, contrasts[2]!, { degrees: [3, 2, -5], shift: [5, 4, 3] }, 5);
    const [nx, ny] = moving.shape;
    const first = 25;
    const slab: Volume = {
      ...moving,
      shape: [nx, ny, 15],
      affine: multiply(moving.affine, rigid([0, 0, 0], [0, 0, first])),
      data: moving.data.slice(nx * ny * first, nx * ny * (first + 15)),
    };
    const found = await registerRigid(t1, slab, { resolution: 3 });
    expect(errorOf(found.transform, truth).mean).toBeLessThan(1.5); // half a voxel: a quarter of the head is seen
  });
});

describe("the guarded door", { timeout: 300_000 }, () => {
  test("a view into a larger buffer gives the same answer as its copy (the engine ignores byte offsets)", async () => {
    const small = ellipsoidHead(6).t1;
    const moved = { ...small, affine: multiply(rigid([0, 0, 4], [3, 0, 0]), small.affine) };
    const padded = new Float32Array(small.data.length + 1000).fill(7);
    padded.set(small.data, 1000);
    const view = { ...moved, data: padded.subarray(1000) };
    const stage = {
      Registration: ["MultiResolutionRegistration"],
      FixedImagePyramid: ["FixedSmoothingImagePyramid"],
      MovingImagePyramid: ["MovingSmoothingImagePyramid"],
      NumberOfResolutions: ["1"],
      Interpolator: ["LinearInterpolator"],
      ResampleInterpolator: ["FinalLinearInterpolator"],
      Resampler: ["DefaultResampler"],
      Metric: ["AdvancedMattesMutualInformation"],
      Optimizer: ["AdaptiveStochasticGradientDescent"],
      MaximumNumberOfIterations: ["300"],
      Transform: ["EulerTransform"],
      ImageSampler: ["RandomCoordinate"],
      NumberOfSpatialSamples: ["3000"],
      RandomSeed: ["1"],
      WriteResultImage: ["false"],
    };
    const [a, b] = [await runElastix(small, moved, [stage]), await runElastix(small, view, [stage])];
    expect(linearTransform(b.maps[0]!)).toEqual(linearTransform(a.maps[0]!));
    expect(apply(linearTransform(a.maps[0]!), [0, 0, 0])).toBeAllclose([3, 0, 0], { atol: 1 }); // a sixth of a voxel
  });

  test("an engine's failure is a DataError in words", async () => {
    const small = ellipsoidHead(6).t1;
    const far = { ...small, affine: multiply(rigid([0, 0, 0], [5000, 0, 0]), small.affine) };
    await expect(runElastix(small, far, [{ Transform: ["EulerTransform"] }])).rejects.toMatchObject({
      code: "registration-failed",
      message: expect.stringContaining("elastix could not register"),
    });
  });

  const small = ellipsoidHead(6).t1;
  test.each([
    ["not-finite", { ...small, data: small.data.map((v, i) => (i === 99 ? Number.NaN : v)) }],
    ["constant-image", { ...small, data: small.data.map(() => 4) }],
    [
      "tiny-field-of-view",
      { ...small, affine: Float64Array.of(0.006, 0, 0, 0, 0, 0.006, 0, 0, 0, 0, 0.006, 0, 0, 0, 0, 1) },
    ],
    ["absurd-field-of-view", { ...small, affine: small.affine.map((v, i) => (i < 15 ? 1000 * v : v)) }],
    ["shape-mismatch", { ...small, data: small.data.subarray(1) }],
  ])("refuses: %s", async (code, bad) => {
    await expect(registerRigid(small, bad)).rejects.toMatchObject({ code });
    await expect(registerRigid(bad, small)).rejects.toMatchObject({ code });
  });

  test("a mask on another grid or without voxels", async () => {
    const none = { ...small, data: new Uint8Array(small.data.length) };
    await expect(registerRigid(small, small, { fixedMask: none })).rejects.toMatchObject({ code: "empty-region" });
    await expect(registerRigid(small, small, { fixedMask: brain })).rejects.toMatchObject({ code: "grid-mismatch" });
  });
});

describe("parts", () => {
  test("an Euler transform by hand: 90 degrees about z in LPS is 90 degrees about z in RAS", () => {
    const map = {
      Transform: ["EulerTransform"],
      TransformParameters: ["0", "0", `${Math.PI / 2}`, "1", "2", "3"],
      CenterOfRotationPoint: ["0", "0", "0"],
    };
    // LPS (x, y) -> (-y + 1, x + 2); RAS turns both signs on both sides: (x, y) -> (-y - 1, x - 2)
    expect(apply(linearTransform(map), [10, 20, 30])).toBeAllclose([-21, 8, 33], { atol: 1e-9 });
  });

  test("the mean of two turns about one axis is half way", () => {
    const mean = meanRigid([rigid([0, 0, 10], [2, 0, 0]), rigid([0, 0, 20], [4, 0, 0])], [0, 0, 0]);
    expect(mean).toBeAllclose(rigid([0, 0, 15], [3, 0, 0]), { atol: 1e-12 });
  });

  test("cutOut keeps the mask's voxels where they were and blanks the rest", () => {
    const cut = cutOut(t1, brain, 6);
    const p = apply(invert(cut.affine), [0, -12, 30]).map(Math.round) as [number, number, number];
    const q = apply(invert(t1.affine), apply(cut.affine, p)).map(Math.round) as [number, number, number];
    const value = ({ data, shape }: Volume, [x, y, z]: readonly [number, number, number]): number =>
      data[x + shape[0] * (y + shape[1] * z)]!;
    expect(value(cut, p)).toBe(value(t1, q));
    expect(cut.data[0]).toBe(0);
  });
});

test("the door", () => {
  expect(Object.keys(door).sort()).toEqual([
    "labelsToSubject",
    "labelsToTemplate",
    "pointsToSubject",
    "pointsToTemplate",
    "registerRigid",
    "registerToTemplate",
    "resampleToSubject",
    "resampleToTemplate",
    "setElastixFolder",
  ]);
});
