import { describe, expect, test } from "vitest";
import { seededRandom } from "../random/random.ts";
import { mapFilter, matchedScores } from "./matched-filter.ts";

describe("mapFilter", () => {
  test("lets the map through and a stronger source not, by hand", () => {
    // Two signals, one source of variance 100 on (1, 1): C = [[100, 100], [100, 100]] + 1 on the diagonal.
    const s = Float64Array.from({ length: 1000 }, (_, t) => (t % 2 === 0 ? 10 : -10));
    const w = mapFilter([[s, s]], [1, 0]);
    // C^-1 (1, 0) is along (101, -100).
    expect(w).toBeAllclose([1, -100 / 101], { atol: 1e-12 });
  });
});

describe("matchedScores", () => {
  const random = seededRandom(5);
  const white = Float64Array.from({ length: 20_000 }, () => 2 * random.normal());
  const course = Float64Array.of(0, 1, 4, 1, 0);
  test("in white noise they are the correlation over the variance", () => {
    const { scores, power } = matchedScores([white], course);
    expect(power).toBeCloseTo(18 / 4, 0);
    const by = (t: number): number => course.reduce((sum, g, k) => sum + g * (white[t + k] as number), 0) / 4;
    const [score] = scores as [Float64Array];
    for (const t of [0, 77, 5000]) expect(Math.abs((score[t] as number) - by(t))).toBeLessThan(0.2);
    expect(score.reduce((sum, v) => sum + v * v, 0) / score.length / power).toBeCloseTo(1, 1);
  });
  test("a course that is there raises its score by the power", () => {
    const with1 = white.slice();
    for (const [k, g] of course.entries()) with1[300 + k] = (with1[300 + k] as number) + g;
    const [a, b] = [matchedScores([white], course), matchedScores([with1], course)];
    expect((b.scores[0]?.[300] as number) - (a.scores[0]?.[300] as number)).toBeCloseTo(a.power, 1);
  });
});

test.each<[string, () => unknown]>([
  ["shape-mismatch", () => mapFilter([[[1, 2]]], [1, 2])],
  [
    "not-finite",
    () =>
      mapFilter(
        [
          [
            [1, Number.NaN],
            [1, 2],
          ],
        ],
        [1, 2],
      ),
  ],
  [
    "flat",
    () =>
      mapFilter(
        [
          [
            [1, 2],
            [2, 1],
          ],
        ],
        [0, 0],
      ),
  ],
  ["segment-too-short", () => matchedScores([Float64Array.of(1)], Float64Array.of(1, 2))],
  ["not-finite", () => matchedScores([Float64Array.of(1, Number.NaN)], Float64Array.of(1, 2))],
  ["flat", () => matchedScores([new Float64Array(9)], Float64Array.of(1, 2))],
])("refusals: %s", (code, act) => {
  expect(act).toThrow(expect.objectContaining({ name: "DataError", code }));
});
