import { describe, expect, test } from "vitest";
import { rateRatio, resampledLength } from "./rate-ratio.ts";
import { resampleFourier } from "./resample-fourier.ts";
import { resamplePolyphase } from "./resample-polyphase.ts";

const at = (y: ArrayLike<number>, places: readonly number[]): number[] => places.map((i) => y[i]);

describe("rateRatio", () => {
  test.each([
    [500, 250, 1, 2],
    [250, 512, 256, 125],
    [5000.5, 250, 500, 10001],
    [256, 256, 1, 1],
  ])("%f to %f Hz is %i / %i", (from, to, p, q) => {
    expect(rateRatio(from, to)).toEqual({ p, q });
  });
  test("lengths; refusals", () => {
    expect(resampledLength(1001, { p: 1, q: 2 })).toBe(501);
    expect(resampledLength(1, { p: 1, q: 9 })).toBe(1);
    for (const [from, to] of [
      [0, 100],
      [100, Number.NaN],
      [100, Math.PI * 1e5],
    ])
      expect(() => rateRatio(from, to)).toThrow(expect.objectContaining({ code: "bad-rate" }));
  });
});

describe("resampling", () => {
  const x = Float64Array.from(
    { length: 3000 },
    (_, i) => Math.sin((2 * Math.PI * 7.3 * i) / 500) + 0.5 * Math.cos((2 * Math.PI * 41 * i) / 500 + 0.3) + 0.001 * i,
  );
  test("by the Fourier transform as MNE-Python 1.13.2 (npad auto), down and up, the second of two signals", () => {
    const [, down] = resampleFourier([new Float64Array(3000), x], 500, 250);
    expect(down.length).toBe(1500);
    expect(at(down, [0, 1, 2, 700, 1498, 1499])).toBeAllclose(
      [
        0.4781330086692527, 0.3091332068873107, 0.003576264314443689, 2.0558727841305107, 1.9047022708422006,
        2.3711533808620326,
      ],
      { atol: 1e-12 },
    );
    const [up] = resampleFourier([x], 500, 1000);
    expect(at(up, [0, 1, 2, 1401, 5998, 5999])).toBeAllclose(
      [
        0.4776682445628031, 0.46531987774565375, 0.4354596022486993, 1.1913205884189746, 2.5120991628991485,
        2.5683772694822737,
      ],
      { atol: 1e-12 },
    );
  });
  test("by a polyphase filter as MNE-Python 1.13.2 (500 to 250 Hz) and SciPy 1.17.1 (500 to 300 Hz, mirrored)", () => {
    expect(at(resamplePolyphase([x], 500, 250)[0], [0, 1, 2, 700, 1498, 1499])).toBeAllclose(
      [
        0.4815817267775432, 0.30288022170399564, 0.007114916303002457, 2.056709765178664, 1.8954117645176467,
        2.392686853580822,
      ],
      { atol: 1e-12 },
    );
    expect(at(resamplePolyphase([x], 500, 300)[0], [0, 1, 2, 700, 1798, 1799])).toBeAllclose(
      [
        0.4808175864351414, 0.35377354141613415, 0.08792354052044254, 1.263608890046882, 2.0671932787894933,
        2.4471441261933413,
      ],
      { atol: 1e-12 },
    );
  });
  test.each([resampleFourier, resamplePolyphase])(
    "a sine keeps its time over 100 s whatever the ratio; once back is once",
    (resample) => {
      const sine = (n: number, rate: number): Float64Array =>
        Float64Array.from({ length: n }, (_, i) => Math.sin((2 * Math.PI * 7 * i) / rate));
      const [y] = resample([sine(50_001, 500)], 500, 300);
      // The Kaiser filter ripples by 4e-4, the Fourier way rings from the ends by 1e-4.
      expect(y.subarray(28_000, 29_000)).toBeAllclose(sine(30_001, 300).subarray(28_000, 29_000), { atol: 1e-3 });
      expect(resample([x], 500, 500)[0]).toBeAllclose(x, { atol: 0 });
      expect(resample([], 500, 250)).toEqual([]);
    },
  );
});
