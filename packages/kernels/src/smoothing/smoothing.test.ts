import { describe, expect, test } from "vitest";
import { seededRandom } from "../random/random.ts";
import { leastSquares } from "../statistics/least-squares.ts";
import { savitzkyGolay } from "./savitzky-golay.ts";
import { smoothingSpline } from "./smoothing-spline.ts";

const random = seededRandom(5);
const noise = Float64Array.from({ length: 40 }, () => random.normal());

describe("cubic smoothing spline", () => {
  test("three samples by hand: u = Dy / (36 (1 - p) / h^2 + 4 p h)", () => {
    // y = 0, 1, 0; h = 2, p = 1/4: Dy = -2/2 = -1, rough = 4.5, u = -1 / (6 * 4.5 / 4 + 0.25 * 8) = -1 / 8.75.
    const u = -1 / 8.75;
    const c = (4.5 * u) / 2;
    expect(smoothingSpline([0, 1, 0], 2, 0.25)).toBeAllclose([-c, 1 + 2 * c, -c], { atol: 1e-14 });
  });

  test("it is the minimum: any small change makes the penalised sum larger", () => {
    const [h, p] = [0.2, 0.9];
    const f = smoothingSpline(noise, h, p);
    // Integral of f''^2 of the natural spline through f: with R u = D f it is u' R u (R in units of h / 6).
    const cost = (g: Float64Array): number => {
      const m = g.length - 2;
      const rows = Array.from({ length: m }, (_, i) =>
        Float64Array.from({ length: m }, (__, j) => (i === j ? (4 * h) / 6 : Math.abs(i - j) === 1 ? h / 6 : 0)),
      );
      const bend = Float64Array.from(
        { length: m },
        (_, i) => ((g[i] as number) - 2 * (g[i + 1] as number) + (g[i + 2] as number)) / h,
      );
      const second = leastSquares(rows, bend).coefficients;
      const misfit = g.reduce((sum, v, i) => sum + (v - (noise[i] as number)) ** 2, 0);
      return p * misfit + (1 - p) * second.reduce((sum, v, i) => sum + v * (bend[i] as number), 0);
    };
    const best = cost(f);
    for (let k = 0; k < 40; k += 3) {
      for (const by of [-1e-3, 1e-3]) {
        const other = f.slice();
        other[k] = (other[k] as number) + by;
        expect(cost(other)).toBeGreaterThan(best);
      }
    }
  });

  test("p = 1 passes through all, p = 0 is the straight line; a line stays", () => {
    expect(smoothingSpline(noise, 0.1, 1)).toBeAllclose(noise, { atol: 0 });
    const line = Float64Array.from({ length: 40 }, (_, t) => 3 - 0.2 * t);
    expect(smoothingSpline(line, 0.1, 0.99)).toBeAllclose(line, { atol: 1e-12 });
    const { coefficients } = leastSquares(
      Array.from({ length: 40 }, (_, t) => Float64Array.of(1, t)),
      noise,
    );
    const straight = Float64Array.from(
      { length: 40 },
      (_, t) => (coefficients[0] as number) + t * (coefficients[1] as number),
    );
    expect(smoothingSpline(noise, 0.1, 0)).toBeAllclose(straight, { atol: 1e-9 });
  });

  test.each([
    ["not-positive", 0, 0.5],
    ["out-of-range", 1, 1.5],
  ])("refusal: %s", (code, step, p) => {
    expect(() => smoothingSpline(noise, step, p)).toThrow(expect.objectContaining({ code }));
    expect(() => smoothingSpline([1, Number.NaN, 2], 1, 0.5)).toThrow(expect.objectContaining({ code: "not-finite" }));
  });
});

describe("Savitzky-Golay filter", () => {
  test("five points, quadratic: the weights of the paper's table, (-3, 12, 17, 12, -3) / 35", () => {
    const impulse = new Float64Array(15);
    impulse[7] = 35;
    expect(savitzkyGolay(impulse, 2, 5).subarray(5, 10)).toBeAllclose([-3, 12, 17, 12, -3], { atol: 1e-12 });
  });

  test("a cubic stays itself, ends and all", () => {
    const cubic = Float64Array.from({ length: 60 }, (_, t) => 1 - t + 0.1 * t ** 2 - 0.002 * t ** 3);
    expect(savitzkyGolay(cubic, 3, 21)).toBeAllclose(cubic, { atol: 1e-9 });
  });

  test.each([[4], [3], [41]])("refusal: a frame of %s", (frame) => {
    expect(() => savitzkyGolay(noise, 3, frame)).toThrow(expect.objectContaining({ code: "bad-frame" }));
  });
});
