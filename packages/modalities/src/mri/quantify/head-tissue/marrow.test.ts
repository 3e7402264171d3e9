import { affineOf, type Grid } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { headTissues } from "./head-tissues.ts";
import { fillMarrow } from "./marrow.ts";

const n = 40;
const grid: Grid = {
  shape: [n, n, n],
  affine: affineOf([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]),
  space: "subject:T1w",
};
const { scalp, skull } = headTissues;

/** A tube of bone of 2 mm along an axis from end to end, hollow to `radius` mm: soft tissue inside and outside. */
function tube(axis: number, radius: number): Uint8Array {
  return Uint8Array.from({ length: n ** 3 }, (_, i) => {
    const at = [i % n, Math.floor(i / n) % n, Math.floor(i / (n * n))];
    const r = Math.hypot(...at.filter((_, k) => k !== axis).map((x) => x - 19.5));
    return r >= radius && r < radius + 2 ? skull : scalp;
  });
}
const outside = new Float32Array(n ** 3).fill(9);
const count = (labels: Uint8Array): number => labels.reduce((sum, label) => sum + Number(label === skull), 0);
const disc = (radius: number): number => {
  const one = tube(2, radius).subarray(0, n * n);
  return one.filter((label, i) => label === scalp && Math.hypot((i % n) - 19.5, Math.floor(i / n) - 19.5) < radius)
    .length;
};

describe("fillMarrow", () => {
  test.each([
    ["upright, seen in axial slices", 2],
    ["level, front to back", 1],
    ["level, side to side", 0],
  ] as const)("a narrow tube is filled: %s", (_, axis) => {
    const labels = tube(axis, 6);
    const before = count(labels);
    fillMarrow(labels, grid, outside);
    expect(count(labels)).toBe(before + n * disc(6));
  });
  test("a tube of 5 cm2 is filled where it is upright and stays soft where it is level, as an orbit", () => {
    const [upright, level] = [tube(2, 12.6), tube(1, 12.6)];
    const before = count(level);
    fillMarrow(upright, grid, outside);
    fillMarrow(level, grid, outside);
    expect(count(upright)).toBe(before + n * disc(12.6));
    expect(count(level)).toBe(before);
  });
  test("the grid's axes do not matter: z may be its first", () => {
    const turned: Grid = { ...grid, affine: affineOf([0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0]) };
    const labels = tube(0, 12.6);
    const before = count(labels);
    fillMarrow(labels, turned, outside);
    expect(count(labels)).toBe(before + n * disc(12.6));
  });
  test("a gap in the tube leaves its slices open; what lies within the skull's shell stays", () => {
    const labels = tube(2, 6);
    for (let z = 0; z < n; z++) for (let x = 24; x < 30; x++) labels[x + n * (19 + n * z)] = scalp;
    const [before, cut] = [count(labels), labels.slice()];
    fillMarrow(labels, grid, outside);
    expect(count(labels)).toBe(before);
    const whole = tube(2, 6);
    fillMarrow(whole, grid, new Float32Array(n ** 3).fill(-1));
    expect(count(whole)).toBe(count(tube(2, 6)));
    expect(labels).toEqual(cut);
  });
});
