import { expect, test } from "vitest";
import { alphaOf, alphaRamp } from "./blend.ts";
import { blockRanges, visibleBox } from "./visible-box.ts";

const shape = [20, 10, 9] as const;
const look = {
  colourMap: "cool-warm" as const,
  range: [-6, 6] as const,
  threshold: [2, 5] as const,
  ramp: 0,
  opacity: 1,
};

test("one bright voxel: its block of 8 voxels and one more around it, by hand", () => {
  const data = new Float32Array(20 * 10 * 9);
  data[(8 * 10 + 3) * 20 + 17] = -3;
  // Block (2, 0, 1): x 16 ... 24, y 0 ... 8, z 8 ... 16.
  const { low, high } = visibleBox(blockRanges(data, shape), alphaRamp(look));
  expect(low).toEqual([15 / 20, 0, 7 / 9]);
  expect(high).toEqual([1, 9 / 10, 1]);
});

test("nothing above the threshold, or all beyond its upper end: an empty box", () => {
  for (const value of [1.9, 7, -7, Number.NaN]) {
    const { low, high } = visibleBox(blockRanges(new Float32Array(1800).fill(value), shape), alphaRamp(look));
    expect(low[0]).toBeGreaterThan(high[0] as number);
  }
});

test("no voxel that can be seen lies outside, whatever the signs, the scale and the ramp", () => {
  const data = Float32Array.from(
    { length: 1800 },
    (_, i) => 4 * Math.sin(i * 0.37) * Math.exp(-(((i % 20) - 9) ** 2) / 8),
  );
  for (const scale of [1, -1, 0.7])
    for (const ramp of [0, 0.3])
      for (const threshold of [undefined, [1, 3] as const]) {
        const { threshold: _, ...rest } = look;
        const one = { ...rest, ramp, range: [0, 4] as const, ...(threshold ? { threshold } : {}) };
        const { low, high } = visibleBox(blockRanges(data, shape), alphaRamp(one), scale);
        for (let i = 0; i < data.length; i++) {
          if (alphaOf(one, (data[i] as number) * scale) === 0) continue;
          const at = [i % 20, Math.floor(i / 20) % 10, Math.floor(i / 200)].map(
            (v, k) => (v + 0.5) / (shape[k] as number),
          );
          expect(at.every((v, k) => v >= (low[k] as number) && v <= (high[k] as number))).toBe(true);
        }
      }
});
