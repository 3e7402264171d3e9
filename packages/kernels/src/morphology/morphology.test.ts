import { describe, expect, test } from "vitest";
import { seededRandom } from "../random/random.ts";
import { closing, dilate, erode, fillHoles, opening } from "./morphology.ts";

const count = (mask: Uint8Array): number => mask.reduce((a, b) => a + b, 0);
const within = (inner: Uint8Array, outer: Uint8Array): boolean => inner.every((v, i) => v <= (outer[i] as number));

describe("morphology with a ball", () => {
  const shape = [9, 9, 9] as const;
  const point = new Uint8Array(729);
  point[364] = 1;

  test.each([
    [0, 1],
    [1, 7],
    [1.42, 19],
    [1.74, 27],
    [2, 33],
    [3, 123],
  ])("a point grown by %d holds the %d lattice points of the ball", (radius, voxels) => {
    expect(count(dilate(point, shape, radius))).toBe(voxels);
    expect(erode(dilate(point, shape, radius), shape, radius)).toEqual(point);
  });

  const random = seededRandom(2);
  const some = Uint8Array.from({ length: 729 }, () => (random.uniform() < 0.3 ? 1 : 0));

  test("closing never loses, opening never gains, also at the rim; both are idempotent", () => {
    const [closed, opened] = [closing(some, shape, 1.5), opening(some, shape, 1)];
    expect(within(some, closed)).toBe(true);
    expect(within(opened, some)).toBe(true);
    expect(closing(closed, shape, 1.5)).toEqual(closed);
    expect(opening(opened, shape, 1)).toEqual(opened);
  });

  const complementOf = (mask: Uint8Array): Uint8Array => mask.map((v) => 1 - v);
  test("erosion is the dilation of the complement", () => {
    expect(erode(some, shape, 1)).toEqual(complementOf(dilate(complementOf(some), shape, 1)));
  });

  test("a hollow ball is filled, one open to the rim is not", () => {
    const ball = dilate(point, shape, 3);
    const shell = ball.map((v, i) => v - (erode(ball, shape, 1)[i] as number));
    expect(fillHoles(shell, shape)).toEqual(ball);
    const cup = shell.slice();
    cup[364 + 81 * 3] = 0;
    expect(count(fillHoles(cup, shape))).toBe(count(cup));
    const cut = cup.map((v, i) => (i < 81 * 4 ? v : 0)); // the lower half, open at a plane that is no face
    expect(count(fillHoles(cut, shape, [false, false, false, false, false, true]))).toBe(count(cut));
    const half = ball.subarray(81 * 4).slice(); // the upper half, cut by the volume's own first plane
    const bowl = shell.subarray(81 * 4).slice();
    expect(count(fillHoles(bowl, [9, 9, 5]))).toBe(count(bowl));
    expect(fillHoles(bowl, [9, 9, 5], [false, false, false, false, true, false])).toEqual(half);
  });

  test("holes of noise are what no background path joins to an open face", () => {
    for (const closed of [undefined, [true, false, false, true, false, true]] as const) {
      const noise = Uint8Array.from({ length: 729 }, () => (random.uniform() < 0.6 ? 1 : 0));
      const reached = noise.map((inside, i) => {
        const at = [i % 9, Math.floor(i / 9) % 9, Math.floor(i / 81)];
        const open = at.some((x, k) => (x === 0 && !closed?.[2 * k]) || (x === 8 && !closed?.[2 * k + 1]));
        return Number(inside === 0 && open);
      });
      for (let round = 0; round < 200; round++) {
        const grown = dilate(reached, shape, 1);
        for (let i = 0; i < 729; i++) if (grown[i] === 1 && noise[i] === 0) reached[i] = 1;
      }
      expect(fillHoles(noise, shape, closed)).toEqual(complementOf(reached));
    }
  });

  test.each([
    ["bad-radius", some, -1],
    ["bad-radius", some, Number.NaN],
    ["shape-mismatch", some.subarray(1), 1],
  ] as const)("refuses: %s", (code, mask, radius) => {
    expect(() => dilate(mask, shape, radius)).toThrow(expect.objectContaining({ code }));
  });
});
