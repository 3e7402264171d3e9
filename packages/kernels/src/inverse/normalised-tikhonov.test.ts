import { describe, expect, test } from "vitest";
import { normalisedTikhonov } from "./normalised-tikhonov.ts";

const weights = { lambda1: 0.01, lambda2: 0.1 };

describe("normalisedTikhonov", () => {
  test("by hand: one row", () => {
    // L^2 = (9 + 1.6, 16 + 1.6), B B' = 9 / 10.6 + 16 / 17.6 = g; x = A' / L^2 y / (1.0001 g)
    const g = 9 / 10.6 + 16 / 17.6;
    const { solve, penalty } = normalisedTikhonov([[3, 4]], weights);
    expect(penalty).toBeCloseTo(1e-4 * g, 15);
    expect(solve([2])).toBeAllclose(
      [(3 / 10.6) * 2, (4 / 17.6) * 2].map((v) => v / (1.0001 * g)),
      { rtol: 1e-12 },
    );
  });

  test("parts of another unit: the second part scaled by c gives 1 / c of it, the first unchanged", () => {
    const rows = [
      [3, 1, 2, 4],
      [1, 2, 5, 1],
    ];
    const plain = normalisedTikhonov(rows, { ...weights, parts: 2 }).solve([1, -2]);
    const scaled = normalisedTikhonov(
      rows.map(([a, b, c, d]) => [a!, b!, 1000 * c!, 1000 * d!]),
      { ...weights, parts: 2 },
    ).solve([1, -2]);
    expect(scaled).toBeAllclose([plain[0]!, plain[1]!, plain[2]! / 1000, plain[3]! / 1000], { rtol: 1e-9 });
  });

  test.each([
    ["shape-mismatch", () => normalisedTikhonov([], weights)],
    ["shape-mismatch", () => normalisedTikhonov([[1, 2], [1]], weights)],
    ["shape-mismatch", () => normalisedTikhonov([[1, 2, 3]], { ...weights, parts: 2 })],
    ["shape-mismatch", () => normalisedTikhonov([[1, 2]], weights).solve([1, 2])],
    ["not-positive", () => normalisedTikhonov([[1, 2]], { ...weights, lambda1: 0 })],
    ["not-positive", () => normalisedTikhonov([[1, 2]], { ...weights, lambda2: Number.NaN })],
    ["not-finite", () => normalisedTikhonov([[1, Number.NaN]], weights)],
    ["not-finite", () => normalisedTikhonov([[1, 2]], weights).solve([Number.NaN])],
    ["no-sensitivity", () => normalisedTikhonov([[1, 0]], { ...weights, parts: 2 })],
  ])("refuses %s", (code, act) => expect(act).toThrow(expect.objectContaining({ code })));
});
