import { describe, expect, test } from "vitest";
import { dpss } from "./dpss.ts";

describe("dpss", () => {
  test("64 samples, NW 4: tapers and shares of scipy 1.17", () => {
    const { tapers, ratios } = dpss(64, 4, 6);
    const at = (k: number): number[] => [0, 1, 10, 31].map((i) => tapers[k]?.[i] as number);
    // scipy's digits, rounded to 12 decimals
    expect(at(0)).toBeAllclose([3.1063683e-5, 9.9773977e-5, 0.012147370143, 0.24733718656], { atol: 1e-9 });
    expect(at(1)).toBeAllclose([0.00024711146, 0.000700089413, 0.045353000394, 0.018709427495], { atol: 1e-9 });
    expect(at(4)).toBeAllclose([0.0204082617, 0.037007917017, 0.209402138088, 0.137321057956], { atol: 1e-9 });
    expect(at(5)).toBeAllclose([0.060308323715, 0.091727546538, 0.138695879608, 0.021694108572], { atol: 1e-9 });
    expect(ratios).toBeAllclose(
      [
        0.9999999997458371, 0.9999999753972029, 0.9999988951897142, 0.9999696576800488, 0.999436549707193,
        0.9927101159322007,
      ],
      { atol: 1e-12 },
    );
  });
  test("501 samples, NW 2.5: the same", () => {
    const { tapers, ratios } = dpss(501, 2.5, 4);
    expect([0, 100, 250].map((i) => tapers[2]?.[i] as number)).toBeAllclose(
      [0.010011064006, 0.067361112543, -0.051524123314],
      {
        atol: 1e-9,
      },
    );
    expect(ratios).toBeAllclose([0.9999971854673965, 0.9998430575262526, 0.9962162489335896, 0.9521295872964183], {
      atol: 1e-12,
    });
  });
  test("two and three samples by hand: even, then odd, of one size", () => {
    const r = Math.SQRT1_2;
    const [even, odd] = dpss(2, 0.5, 2).tapers;
    expect(even).toBeAllclose([r, r], { atol: 1e-15 });
    expect(odd).toBeAllclose([r, -r], { atol: 1e-15 });
    expect(dpss(3, 1, 2).tapers[1]).toBeAllclose([r, 0, -r], { atol: 1e-15 });
    // Two samples hold r0 = 1, r1 = 1/2: 2 w + sin(2 pi w) / pi of w = 1/4.
    expect(dpss(2, 0.5, 1).ratios[0]).toBeCloseTo(0.5 + 1 / Math.PI, 14);
  });
  test("orthonormal, and mirrored onto themselves", () => {
    const { tapers } = dpss(200, 3, 5);
    for (const [i, a] of tapers.entries()) {
      for (const [j, b] of tapers.entries())
        expect(a.reduce((sum, v, t) => sum + v * (b[t] as number), 0)).toBeCloseTo(i === j ? 1 : 0, 10);
      expect(a.toReversed()).toBeAllclose(i % 2 === 0 ? a : a.map((v) => -v), { atol: 1e-9 });
    }
  });
  test.each([
    [1, 0.3, 1],
    [64, 40, 2],
    [64, 4, 65],
    [64, 0, 2],
  ])("refusal: %d samples, NW %d, %d tapers", (n, half, count) => {
    expect(() => dpss(n, half, count)).toThrow(expect.objectContaining({ code: "bad-taper" }));
  });
});
