import { affineOf, type LabelVolume, type Volume } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { smoothGaussian } from "../gauss/gauss.ts";
import { regionBasedVoxelwise, transferMatrix } from "./partial-volume.ts";

describe("partial volume", () => {
  const shape = [40, 24, 24] as const;
  const affine = affineOf([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]);
  const data = Uint8Array.from({ length: 40 * 24 * 24 }, (_, v) => {
    const [x, y, z] = [v % 40, Math.floor(v / 40) % 24, Math.floor(v / 960)];
    const inside = y > 5 && y < 18 && z > 5 && z < 18;
    return inside && x >= 8 && x < 14 ? 1 : inside && x >= 14 && x < 32 ? 2 : 0;
  });
  const labels: LabelVolume = {
    shape,
    affine,
    space: "t",
    data,
    names: new Map([
      [1, "thin"],
      [2, "wide"],
    ]),
  };
  const truth = Float32Array.from(data, (label) => [0.5, 8, 2][label]!);
  const blurred = smoothGaussian(truth, shape, [6 / 2.35482 / 2, 6 / 2.35482 / 2, 6 / 2.35482 / 2]);
  const image: Volume<"1"> = {
    shape,
    affine,
    space: "t",
    unit: "1",
    clock: "pet",
    frames: [{ start: 0, duration: 1 }],
    data: blurred,
  };
  test("regions of constant activity blurred by 6 mm come back to 1e-4", () => {
    const { regions } = transferMatrix(image, labels, 6);
    expect(regions.map(({ corrected }) => corrected)).toBeAllclose([0.5, 8, 2], { rtol: 1e-4 });
    expect(regions[1]!.measured).toBeLessThan(6.5);
  });
  test("what each region gives away arrives: a constant image stays constant", () => {
    const flat = { ...image, data: image.data.map(() => 3) };
    const { regions, matrix } = transferMatrix(flat, labels, 6);
    expect(regions.map(({ corrected }) => corrected)).toBeAllclose([3, 3, 3], { rtol: 1e-5 });
    for (let j = 0; j < 3; j++) expect(matrix[3 * j]! + matrix[3 * j + 1]! + matrix[3 * j + 2]!).toBeCloseTo(1, 5);
  });
  test("voxel by voxel the truth again", () => {
    expect(regionBasedVoxelwise(image, labels, 6).data).toBeAllclose(truth, { rtol: 2e-3 });
  });
  const tiny = { ...labels, data: labels.data.map((l, v) => (v % 2 === 0 && l > 0 ? 1 : l > 0 ? 2 : 0)) };
  test.each([
    ["grid-mismatch", () => transferMatrix({ ...image, space: "other" }, labels, 6)],
    ["bad-sigma", () => transferMatrix(image, labels, 0)],
    ["ill-conditioned", () => transferMatrix(image, tiny, 12)],
  ])("refused: %s", (code, run) => {
    expect(run).toThrow(expect.objectContaining({ code }));
  });
});
