import { describe, expect, test } from "vitest";
import { fitLines } from "./fit-lines.ts";

const rate = 250;
const background = (i: number): number => Math.sin(0.37 * i + Math.sin(0.011 * i ** 1.5));
const x = Float64Array.from(
  { length: 7000 },
  (_, i) =>
    background(i) +
    0.8 * Math.cos((2 * Math.PI * 50 * i) / rate + 0.7) +
    0.3 * Math.cos((2 * Math.PI * 100.03 * i) / rate + 0.1),
);
const cleaned = (options?: Parameters<typeof fitLines>[2]): number[] => {
  const { lines } = fitLines(x, rate, options);
  return [0, 100, 2500, 3000, 5000, 6999].map((i) => x[i] - lines[i]);
};

describe("fitLines", () => {
  // MNE-Python's tapers are one sample longer and cut: 1/2500 of the lines' amplitude.
  test("as MNE-Python 1.13.2, frequencies given and found", () => {
    expect(cleaned({ frequencies: [50, 100] })).toBeAllclose(
      [
        0.24372797823338455, -0.8290465664135114, 0.3879496324311704, -0.24766737953597145, 0.5574615729834653,
        0.7542881759267326,
      ],
      { atol: 4e-4 },
    );
    expect(cleaned()).toBeAllclose(
      [
        -0.1833393507198683, -0.6822127021686996, -0.38222452288077413, 0.1875889752942042, 0.3413668109177457,
        0.7114748020321099,
      ],
      { atol: 4e-4 },
    );
  });
  test("a line on a bin goes whole; what has none stays; a shorter signal is one window", () => {
    const line = Float64Array.from({ length: 2500 }, (_, i) => 3 * Math.cos((2 * Math.PI * 50 * i) / rate + 1));
    const { lines, found } = fitLines(line, rate, { frequencies: [50], width: 0.1 });
    // Its mirror at -50 Hz leaks 3e-7 through the tapers.
    expect(lines).toBeAllclose(line, { atol: 3e-6 });
    expect(found).toEqual([[50]]);
    // MNE-Python's width of f / 200 holds the neighbouring bins too, which fit up to 3 % of the line again.
    const wide = fitLines(line, rate, { frequencies: [50] });
    expect(wide.lines).toBeAllclose(line, { atol: 0.2 });
    expect(wide.found[0]).toBeAllclose([49.9, 50, 50.1], { atol: 1e-9 });
    const quiet = Float64Array.from({ length: 400 }, (_, i) => Math.sin(i * i * 0.37));
    expect(fitLines(quiet, rate).found.flat().length).toBeLessThan(2);
  });
  test.each([
    ["half a second", new Float64Array(125), {}, "segment-too-short"],
    ["a line above Nyquist", x, { frequencies: [130] }, "bad-band"],
  ])("refuses %s", (_, signal, options, code) => {
    expect(() => fitLines(signal, rate, options)).toThrow(expect.objectContaining({ code }));
  });
});
