import { affineOf, type LabelVolume, type Volume } from "@quintet/core";
import { describe, expect, test } from "vitest";
import type { TissueSegmentation } from "../tissue.ts";
import { withDeepNuclei } from "./deep-nuclei.ts";

/** A block of 9 x 9 x 9 mm at 480 in white matter of 560, CSF in one corner: without a prior it is half white. */
const shape = [21, 21, 21] as const;
const grid = { shape, affine: affineOf([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]), space: "subject:T1w" };
const n = 21 ** 3;
const far = (i: number): number =>
  Math.max(Math.abs((i % 21) - 10), Math.abs((Math.floor(i / 21) % 21) - 10), Math.abs(Math.floor(i / 441) - 10));
const values = Float32Array.from({ length: n }, (_, i) => (i < 30 ? 120 : far(i) <= 4 ? 480 : 560));
const still = { frames: [{ start: 0, duration: 0 }], clock: "mri" };
const image: Volume = { ...grid, ...still, unit: "{arbitrary}", data: values };
const map = (share: (i: number) => number): Volume<"{probability}"> => ({
  ...grid,
  ...still,
  unit: "{probability}",
  data: Float32Array.from({ length: n }, (_, i) => share(i)),
});
const found: TissueSegmentation = {
  probabilities: {
    csf: map((i) => (i < 30 ? 1 : 0)),
    grey: map((i) => (i >= 30 && far(i) <= 4 ? 0.4 : 0)),
    white: map((i) => (i < 30 ? 0 : far(i) <= 4 ? 0.6 : 1)),
  },
  labels: { ...grid, data: Uint8Array.from({ length: n }, (_, i) => (i < 30 ? 1 : 3)), names: new Map() },
  means: [120, 380, 560],
  sds: [20, 20, 20],
};
const regions = (name: string, shift = 0): LabelVolume => ({
  ...grid,
  data: Uint8Array.from({ length: n }, (_, i) => Number(far(i - shift) <= 4)),
  names: new Map([[1, name]]),
});

describe("withDeepNuclei", () => {
  test.each([0, 1])("a nucleus laid on by %d voxels beside its place is grey, its surroundings stay white", (shift) => {
    const { labels, probabilities } = withDeepNuclei(image, found, regions("left thalamus", shift));
    const places = [...labels.data.keys()];
    expect(places.filter((i) => i >= 30 && labels.data[i] !== (far(i) <= 4 ? 2 : 3))).toEqual([]);
    const { csf, grey, white } = probabilities;
    expect(places.map((i) => csf.data[i]! + grey.data[i]! + white.data[i]!)).toBeAllclose(new Array(n).fill(1), {
      atol: 1e-5, // float32 shares
    });
    // In the middle q = 1 but for the tails of the smoothing, and 480 is the nucleus's own median: p = 1.
    expect(probabilities.grey.data[10 + 21 * 10 + 441 * 10]).toBeCloseTo(1, 3);
    expect([...labels.data.subarray(0, 30)]).toEqual(new Array(30).fill(1));
  });
  test("regions that name no such nucleus change nothing", () => {
    expect(withDeepNuclei(image, found, regions("left insula"))).toBe(found);
    const tiny = regions("left thalamus");
    expect(withDeepNuclei(image, found, { ...tiny, data: tiny.data.map((_, i) => Number(i === 4630)) })).toBe(found);
  });
  test("refused: another grid", () => {
    const other = { ...regions("left thalamus"), shape: [21, 21, 20] as const };
    expect(() => withDeepNuclei(image, found, other)).toThrow(expect.objectContaining({ code: "grid-mismatch" }));
  });
});
