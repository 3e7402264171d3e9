import { affineOf, type Mask, type Volume } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { expect, test } from "vitest";
import { facialBone } from "./facial-bone.ts";
import { headTissues } from "./head-tissues.ts";

const n = 48;
const grid = {
  shape: [n, n, n] as const,
  affine: affineOf([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]),
  space: "subject:T1w",
};
const levels = { soft: 290, csf: 120 };
const outside = new Float32Array(n ** 3).fill(20);

/** A block of muscle with three slabs in it (planes along z, voxels of 1 mm) and a ball of 6 mm. */
const slabs = [
  { from: 8, to: 11, is: "air" },
  { from: 15, to: 18, is: "bone" },
  { from: 21, to: 30, is: "cave" },
] as const;

function made(bone: number): { t1: Volume; head: Mask; labels: Uint8Array; where: (i: number) => string } {
  const random = seededRandom(3);
  const inHead = (x: number, y: number): boolean => x >= 6 && y >= 6 && x < n - 6 && y < n - 6;
  const where = (i: number): string => {
    const [x, y, z] = [i % n, Math.floor(i / n) % n, Math.floor(i / (n * n))];
    if (!inHead(x, y)) return "outside";
    if (Math.hypot(x - 23.5, y - 23.5, z - 39) < 6) return "eye";
    if (x < 14 || y < 14 || x >= n - 14 || y >= n - 14) return "muscle";
    return slabs.find(({ from, to }) => z >= from && z < to)?.is ?? "muscle";
  };
  const value: Record<string, number> = { outside: 0, muscle: 290, air: 0, cave: 0, bone, eye: 95 };
  const data = Float32Array.from({ length: n ** 3 }, (_, i) =>
    Math.hypot((value[where(i)] as number) + 6 * random.normal(), 6 * random.normal()),
  );
  const inside = Uint8Array.from({ length: n ** 3 }, (_, i) => Number(where(i) !== "outside"));
  return {
    t1: { ...grid, unit: "{arbitrary}", frames: [{ start: 0, duration: 0 }], clock: "mri", data },
    head: { ...grid, data: inside },
    labels: inside.map((is) => (is === 1 ? headTissues.scalp : headTissues.air)),
    where,
  };
}

/** Share of the voxels of a slab that a label has. */
function share(labels: Uint8Array, where: (i: number) => string, name: string, label: number): number {
  let [of, all] = [0, 0];
  for (let i = 0; i < labels.length; i++) {
    if (where(i) !== name) continue;
    all++;
    if (labels[i] === label) of++;
  }
  return of / all;
}

test("bone brighter than the noise is told from air, thin or thick; the vitreous body stays soft", () => {
  const { t1, head, labels, where } = made(40);
  facialBone(t1, head, outside, { ...levels, bone: 40 }, labels);
  // 6 of 7 neighbours of a slab's rim are its own; 2 % of the means err, and fillMarrow may close a few in.
  expect(share(labels, where, "bone", headTissues.skull)).toBeGreaterThan(0.95);
  expect(share(labels, where, "air", headTissues.air)).toBeGreaterThan(0.95);
  expect(share(labels, where, "cave", headTissues.air)).toBeGreaterThan(0.95);
  // The outermost voxels of a ball of voxels lie a little farther than 3 mm from its core.
  expect(share(labels, where, "eye", headTissues.scalp)).toBeGreaterThan(0.85);
  expect(share(labels, where, "muscle", headTissues.scalp)).toBeGreaterThan(0.99);
});

test("bone as dark as air: what is thin is bone, what is thick is air but for its walls", () => {
  const { t1, head, labels, where } = made(4);
  facialBone(t1, head, outside, { ...levels, bone: 9 }, labels);
  expect(share(labels, where, "bone", headTissues.skull)).toBeGreaterThan(0.99);
  expect(share(labels, where, "air", headTissues.skull)).toBeGreaterThan(0.99);
  expect(share(labels, where, "cave", headTissues.air)).toBeGreaterThan(0.5);
});
