import { affineOf, type Mask, type Volume } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { headTissues } from "./head-tissues.ts";
import { spinalCanal } from "./spinal-canal.ts";

/** 1 mm: brain above z = 40, below it a cord of radius 5 in CSF to radius 9, in bone. */
const shape = [60, 60, 60] as const;
const affine = affineOf([1, 0, 0, -30, 0, 1, 0, -45, 0, 0, 1, -60]);
const grid = { shape, affine, space: "subject:T1w" };
const n = 60 ** 3;
const at = (i: number): [r: number, z: number] => [
  Math.hypot((i % 60) - 30, (Math.floor(i / 60) % 60) - 30),
  Math.floor(i / 3600),
];
const levels = { bone: 40, csf: 120, soft: 290, white: 560 };
const make = (cord: number, ring: number): { t1: Volume; brain: Mask; labels: Uint8Array } => {
  const data = Float32Array.from({ length: n }, (_, i) => {
    const [r, z] = at(i);
    if (z >= 40) return r < (z < 48 ? 5 : 25) ? 560 : 120;
    return r <= 5 ? cord : r <= 9 ? ring : 40;
  });
  const brain = Uint8Array.from({ length: n }, (_, i) => Number(at(i)[1] >= 40 && (data[i] as number) > 300));
  const labels = Uint8Array.from({ length: n }, (_, i) =>
    brain[i] === 1 ? headTissues.air : at(i)[1] >= 40 ? headTissues.csf : headTissues.skull,
  );
  const t1: Volume = { ...grid, unit: "{arbitrary}", frames: [{ start: 0, duration: 0 }], clock: "mri", data };
  return { t1, brain: { ...grid, data: brain }, labels };
};

describe("spinalCanal", () => {
  test("cord and fluid by hand, bone and brain untouched", () => {
    const { t1, brain, labels } = make(560, 120);
    const before = labels.slice();
    spinalCanal(t1, brain, labels, levels);
    const wrong = [...labels.keys()].filter((i) => {
      const [r, z] = at(i);
      const wanted = r <= 5 ? headTissues.white : r <= 9 ? headTissues.csf : headTissues.skull;
      return z < 38 && labels[i] !== wanted; // above lies the seam under the brain
    });
    expect(wrong).toEqual([]);
    expect(labels.every((label, i) => brain.data[i] === 0 || label === before[i])).toBe(true);
  });
  test("fluid as dark as bone: the cord alone", () => {
    const { t1, brain, labels } = make(560, 45);
    spinalCanal(t1, brain, labels, levels);
    const below = [...labels.keys()].filter((i) => at(i)[1] < 38);
    expect(below.filter((i) => labels[i] === headTissues.csf)).toHaveLength(0);
    expect(below.every((i) => (labels[i] === headTissues.white) === at(i)[0] <= 5)).toBe(true);
  });
  test("no cord, or no brain: nothing is written", () => {
    const { t1, brain, labels } = make(40, 40);
    const before = labels.slice();
    spinalCanal(t1, brain, labels, levels);
    expect(labels.filter((label, i) => label !== before[i])).toHaveLength(0);
    spinalCanal(t1, { ...brain, data: new Uint8Array(n) }, labels, levels);
    expect(labels.filter((label, i) => label !== before[i])).toHaveLength(0);
  });
});
