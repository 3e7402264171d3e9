import { affineOf, type Mask, type Volume } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { brightBorder } from "../bright-border.ts";
import { oddTissue, oddTissueFinding } from "./odd-tissue.ts";

/** An ellipsoid of white matter at 3 mm with a pattern of its own that is the same on both sides. */
const shape = [54, 64, 54] as const;
const affine = affineOf([3, 0, 0, -79.5, 0, 3, 0, -94.5, 0, 0, 3, -79.5]);
const grid = { shape, affine, space: "subject:T1w" };
const n = shape[0] * shape[1] * shape[2];
type Point = readonly [number, number, number];
const at = (i: number): Point => [
  3 * (i % 54) - 79.5,
  3 * (Math.floor(i / 54) % 64) - 94.5,
  3 * Math.floor(i / (54 * 64)) - 79.5,
];
const means = [120, 380, 560];
const brain: Mask = {
  ...grid,
  data: Uint8Array.from({ length: n }, (_, i) => {
    const [x, y, z] = at(i);
    return Number(Math.hypot(x / 65, y / 80, z / 65) < 1);
  }),
};
const image = (change: (value: number, p: Point) => number): Volume => ({
  ...grid,
  unit: "{arbitrary}",
  frames: [{ start: 0, duration: 0 }],
  clock: "mri",
  data: Float32Array.from(brain.data, (inside, i) => {
    const [x, y, z] = at(i);
    const own = 500 + 40 * Math.cos(0.1 * Math.abs(x)) * Math.cos(0.09 * y) * Math.sin(0.08 * z);
    return inside === 0 ? 0 : change(own, [x, y, z]);
  }),
});
const ball =
  (centre: Point, radius: number, value: number) =>
  (own: number, p: Point): number =>
    Math.hypot(p[0] - centre[0], p[1] - centre[1], p[2] - centre[2]) < radius ? value : own;

describe("oddTissue", () => {
  test("nothing where both sides are alike", () => {
    expect(
      oddTissue(
        image((own) => own),
        brain,
        means,
      ),
    ).toEqual([]);
    expect(oddTissueFinding([])).toMatchObject({ value: 0, verdict: "ok" });
  });
  test.each([
    ["dark", [-32, 10, 12], 120, "left"],
    ["bright", [30, -14, 6], 800, "right"],
  ] as const)("a %s ball of 14 mL: kind, place, side and volume", (kind, centre, value, side) => {
    const found = oddTissue(image(ball(centre, 15, value)), brain, means);
    expect(found).toHaveLength(1);
    const [only] = found;
    expect(only).toMatchObject({ kind, side });
    expect(only?.centre).toBeAllclose(centre, { atol: 3 }); // a voxel
    // Smoothing by 6 mm moves the edge by up to 1.5 mm of the radius.
    expect(only?.volume).toBeGreaterThan(9.5);
    expect(only?.volume).toBeLessThan(19);
    expect(oddTissueFinding(found)).toMatchObject({ name: "odd-tissue", verdict: "warn", unit: "mL" });
    expect(oddTissueFinding(found).note).toContain(`${kind}, ${side}, at`);
  });
  test("a cavity that is open to the surface and that the mask leaves out", () => {
    const hollow = ball([-45, 0, 5], 18, 100);
    const left = brain.data.map((inside, i) => (inside === 0 || hollow(1, at(i)) === 100 ? 0 : 1));
    const [only, ...more] = oddTissue(image(hollow), { ...brain, data: left }, means);
    expect(more).toEqual([]);
    expect(only).toMatchObject({ kind: "dark", side: "left" });
    expect(only?.centre).toBeAllclose([-40, 0, 5], { atol: 5 }); // what is 8 mm deep on the other side
    const outline = brain.data.map((inside, i) => (inside === 0 || at(i)[0] < -60 ? 0 : 1));
    expect(
      oddTissue(
        image((own, [x]) => (x < -60 ? 0 : own)),
        { ...brain, data: outline },
        means,
      ),
    ).toEqual([]);
  });
  test("both sides dark alike are not odd: ventricles", () => {
    const left = ball([-25, 0, 10], 12, 120);
    const right = ball([25, 0, 10], 12, 120);
    expect(
      oddTissue(
        image((own, p) => right(left(own, p), p)),
        brain,
        means,
      ),
    ).toEqual([]);
  });
});

describe("brightBorder", () => {
  const classes = (): { means: readonly number[] } => ({ means });
  const shell = (own: number, [x, y, z]: Point): number => (Math.hypot(x / 65, y / 80, z / 65) > 0.94 ? 700 : own);
  test("none in a plain brain", () => {
    const found = brightBorder(
      image((own) => own),
      brain.data,
      classes,
    );
    expect(found).toEqual({ share: 0, bright: undefined });
  });
  test("a bright shell is told and found voxel by voxel", () => {
    const t1 = image(shell);
    const { share, bright } = brightBorder(t1, brain.data, classes);
    expect(share).toBeGreaterThan(0.3);
    expect(bright?.every((b, i) => (b === 1) === (t1.data[i] as number) > 650)).toBe(true);
  });
  test("an empty hull has no border", () => {
    expect(
      brightBorder(
        image((own) => own),
        new Uint8Array(n),
        classes,
      ).bright,
    ).toBeUndefined();
  });
});
