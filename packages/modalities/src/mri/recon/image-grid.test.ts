import { describe, expect, it } from "vitest";
import { cropMiddle, interpolateFourier, pointsWithin } from "./image-grid.ts";

describe("the image's grid", () => {
  it("points within a smaller field of view, never more than there are", () => {
    expect(pointsWithin(320, 400, 200)).toBe(160);
    expect(pointsWithin(320, 200, 400)).toBe(320);
    expect(pointsWithin(3, 400, 1)).toBe(1);
  });
  it("the middle keeps its centre at floor(n / 2) for odd and even sizes", () => {
    const image = Float32Array.from({ length: 7 * 6 }, (_, i) => i);
    // centre (3, 3) of 7 x 6; (2, 1) of 4 x 3
    const small = cropMiddle(image, [7, 6, 1], [4, 3, 1]);
    expect(small[1 * 4 + 2]).toBe(3 * 7 + 3);
    expect(small).toHaveLength(12);
    expect(() => cropMiddle(image, [7, 6, 1], [8, 6, 1])).toThrow(expect.objectContaining({ code: "bad-size" }));
  });
  it("interpolates what is band-limited exactly, up and down, the centre kept", () => {
    const wave = (n: number): Float32Array =>
      Float32Array.from({ length: n }, (_, i) => 2 + Math.cos((2 * Math.PI * 2 * (i - Math.floor(n / 2))) / n + 0.3));
    for (const [from, to] of [
      [16, 24],
      [15, 32],
      [24, 15],
      [16, 16],
    ] as const)
      expect(interpolateFourier(wave(from), [from, 1, 1], [to, 1, 1])).toBeAllclose(wave(to), { atol: 1e-5 });
  });
});
