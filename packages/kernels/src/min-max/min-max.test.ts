import { expect, test } from "vitest";
import { seededRandom } from "../random/random.ts";
import { referenceMinMax } from "./min-max.ref.ts";
import { minMax, minMaxOfPairs } from "./min-max.ts";

test("by hand: bins of two, the last of one", () => {
  expect([...minMax(Float64Array.of(3, 1, -2, 5, 4), 2)]).toEqual([1, 3, -2, 5, 4, 4]);
});

test("NaN counts for nothing, a bin of NaN alone stays one, infinity is a value", () => {
  const { NaN: gap, POSITIVE_INFINITY: most } = Number;
  expect([...minMax(Float32Array.of(gap, 2, gap, gap, 1, most), 2)]).toEqual([2, 2, gap, gap, 1, most]);
  expect([...minMaxOfPairs(Float32Array.of(gap, gap, 2, 3), 2)]).toEqual([2, 3]);
  expect([...minMaxOfPairs(Float32Array.of(gap, gap), 2)]).toEqual([gap, gap]);
});

test.each([1, 2, 3, 7, 64, 1000, 5000])("equals the reference at bins of %i", (bin) => {
  const random = seededRandom(bin);
  const signal = Float32Array.from({ length: 1003 }, () => (random.uniform() < 0.1 ? Number.NaN : random.normal()));
  expect([...minMax(signal, bin)]).toEqual([...referenceMinMax(signal, bin)]);
  // Bins of bins are the bins of the product.
  expect(minMaxOfPairs(minMax(signal, bin), 3)).toEqual(minMax(signal, 3 * bin));
});

test("nothing gives nothing; a bin is a whole number", () => {
  expect(minMax(new Float32Array(), 4).length).toBe(0);
  for (const bin of [0, -1, 1.5, Number.NaN])
    expect(() => minMax(new Float32Array(4), bin)).toThrow(expect.objectContaining({ code: "bad-bin" }));
});
