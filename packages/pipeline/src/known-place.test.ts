/** What the known-place check is made of: the planted offset and its measure. */
import { type Affine, apply, identityAffine, type Mask, rigid, type Volume } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import { placeError } from "./assemble-report.ts";
import { displaced, plantedOffset } from "./real-study/real-study.ts";

const volume: Volume = {
  unit: "{count}",
  shape: [9, 9, 9],
  affine: Float64Array.of(4, 0, 0, -16, 0, 4, 0, -16, 0, 0, 4, -16, 0, 0, 0, 1),
  space: "scanner:spect",
  clock: "image",
  frames: [{ start: 0, duration: 1 }],
  data: Float32Array.from({ length: 729 }, (_, i) => (i === 364 ? 100 : 0)),
};

const translation = (x: number, y: number, z: number): Affine => rigid([0, 0, 0], [x, y, z]);

/** The middle of the grid and two voxels 16 mm from it along x. */
const brain: Mask = {
  ...volume,
  data: Uint8Array.from({ length: 729 }, (_, i) => (i === 360 || i === 364 || i === 368 ? 1 : 0)),
};

describe("placeError", () => {
  test("a shift of 20 mm is 20 mm everywhere; the truth itself is 0", () => {
    const truth = translation(0, 12, 16);
    const { mean, max } = placeError(brain, identityAffine(), truth);
    expect(mean).toBeCloseTo(20, 12);
    expect(max).toBeCloseTo(20, 12);
    expect(placeError(brain, truth, truth).max).toBeCloseTo(0, 12);
  });

  test("15 degrees about z: chords 2 r sin 7.5 of r = 16, 0 and 16 mm", () => {
    const [c, s] = [Math.cos(Math.PI / 12), Math.sin(Math.PI / 12)];
    const turn = Float64Array.of(c, -s, 0, 0, s, c, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
    const { mean, max } = placeError(brain, identityAffine(), turn);
    // 2 * 16 * 0.1305262 = 4.176838, and two thirds of it on average.
    expect(max).toBeCloseTo(4.176838, 6);
    expect(mean).toBeCloseTo(2.784559, 6);
  });
});

test("the planted offset is 20 mm and 15 degrees for every seed, and another for another", () => {
  const offsets = [1, 2, 3].map((seed) => plantedOffset(seededRandom(seed)));
  for (const m of offsets) {
    const at = (i: number): number => m[i] as number;
    expect(Math.hypot(at(3), at(7), at(11))).toBeCloseTo(20, 10);
    // The trace of a rotation is 1 + 2 cos of its angle.
    expect((Math.acos((at(0) + at(5) + at(10) - 1) / 2) * 180) / Math.PI).toBeCloseTo(15, 10);
  }
  expect(offsets[0]).not.toEqual(offsets[1]);
});

test("a point at the origin lies 8 mm further along x in the moved image, and the truth leads back", () => {
  const { volume: moved, truth } = displaced(volume, translation(8, 0, 0));
  const brightest = moved.data.indexOf(Math.max(...moved.data));
  const [nx, ny] = moved.shape;
  const index = [brightest % nx, Math.floor(brightest / nx) % ny, Math.floor(brightest / (nx * ny))];
  const world = index.map((i, axis) => i * 4 + (moved.affine[axis * 4 + 3] as number));
  expect(world).toEqual([8, 0, 0]);
  expect(apply(truth, [8, 0, 0])).toEqual([0, 0, 0]);
});
