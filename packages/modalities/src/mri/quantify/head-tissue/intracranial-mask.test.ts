import { affineOf, type LabelVolume } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { headTissueNames, headTissues } from "./head-tissues.ts";
import { intracranialMask } from "./intracranial-mask.ts";

const n = 60;
const affine = affineOf([-2, 0, 0, 59, 0, 2, 0, -59, 0, 0, 2, -59]);

/** A ball of brain of 40 mm, and below it, down to the image's end, a canal of `radius` mm with `within` in it. */
function head(radius: number, matrix = affine): LabelVolume {
  const data = Uint8Array.from({ length: n ** 3 }, (_, i) => {
    const [x, y, z] = [2 * (i % n) - 59, 2 * (Math.floor(i / n) % n) - 59, 2 * Math.floor(i / (n * n)) - 59];
    if (Math.hypot(x, y, z) < 40) return headTissues.white;
    if (z < 0 && Math.hypot(x, y) < radius) return Math.hypot(x, y) < 4 ? headTissues.white : headTissues.csf;
    return headTissues.skull;
  });
  return { shape: [n, n, n], affine: matrix, space: "subject:T1w", data, names: headTissueNames };
}
const ball = Uint8Array.from({ length: n ** 3 }, (_, i) =>
  Number(Math.hypot(2 * (i % n) - 59, 2 * (Math.floor(i / n) % n) - 59, 2 * Math.floor(i / (n * n)) - 59) < 40),
);

describe("intracranialMask", () => {
  test("a brain that ends round is whole", () => {
    expect(intracranialMask(head(0)).data).toEqual(ball);
  });
  test("a canal of 3 cm2 is cut off where the brain above it reaches 12 cm2", () => {
    const { data } = intracranialMask(head(10));
    const lowest = data.indexOf(1);
    // pi (40^2 - z^2) = 1200 mm2 at z = -34.9; the layer from -35 to -33 holds as much.
    expect(2 * Math.floor(lowest / (n * n)) - 59).toBe(-35);
    expect(data.every((is, i) => is === (Math.floor(i / (n * n)) < 12 ? 0 : (ball[i] as number) | is))).toBe(true);
  });
  test("a head that lies on its side in the image: along world z all the same", () => {
    // The image's z axis runs along world y: the canal is level, and nothing is cut.
    const level = affineOf([-2, 0, 0, 59, 0, 0, 2, -59, 0, 2, 0, -59]);
    const labels = head(10, level);
    const { data } = intracranialMask(labels);
    expect(data).toEqual(Uint8Array.from(labels.data, (label) => Number(label >= headTissues.csf)));
  });
  test("no brain, no mask", () => {
    const labels = { ...head(0), data: new Uint8Array(n ** 3) };
    expect(intracranialMask(labels).data.includes(1)).toBe(false);
  });
});
