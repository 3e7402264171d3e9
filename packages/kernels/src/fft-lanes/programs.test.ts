/** What is done with the transforms of many rows: the compiled programs beside the plain forms and, by those, the sums. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { referenceConvolveFir } from "../fir/convolve-fir.ref.ts";
import { convolveFir } from "../fir/convolve-fir.ts";
import { firDesign } from "../fir/fir-design.ts";
import { unregisterCrew } from "../pool/crew.ts";
import { loadKernels } from "../pool/node.ts";
import { seededRandom } from "../random/random.ts";
import { resampleFourier } from "../rate-change/resample-fourier.ts";
import { morletPower } from "../spectrum/morlet-power.ts";
import { multitapers } from "../spectrum/multitaper.ts";
import { welchSpectra } from "../spectrum/welch.ts";
import { unregisterKernels } from "../wasm/wasm.ts";

const random = seededRandom(9);
const noise = (n: number): Float64Array => Float64Array.from({ length: n }, () => random.normal());
const rows = [0, 1, 2, 3, 4].map(() => noise(3001));
const short = [0, 1, 2].map(() => noise(1000));
const squares = short.map((row) => row.map((v) => v * v));
const taps = firDesign(500, { low: 5, high: 40 });

const programs: Readonly<Record<string, () => readonly Float64Array[]>> = {
  "filter, five rows": () => convolveFir(rows, taps),
  "filter, one row": () => convolveFir(rows.slice(0, 1), taps),
  "Welch, overlapping windows": () =>
    welchSpectra(rows, 500, { length: 256, overlap: 13 }).map(({ density }) => density),
  "Welch, one odd window": () => welchSpectra(short, 500, { length: 999 - 9 }).map(({ density }) => density),
  "Welch, windows of odd length": () => welchSpectra(short, 500, { length: 105 }).map(({ density }) => density),
  "multitaper, even": () => multitapers(short, 500, { bandwidth: 8 }).map(({ density }) => density),
  "multitaper, odd": () =>
    multitapers(
      short.map((row) => row.subarray(0, 945)),
      500,
      { bandwidth: 8 },
    ).map(({ density }) => density),
  "half the rate": () => resampleFourier(rows, 500, 250),
  "twice the rate": () => resampleFourier(rows, 500, 1000),
  "three fifths of the rate": () => resampleFourier(rows, 500, 300),
  "wavelets, three epochs": () => morletPower([short, squares, short], 250, [5, 8, 20, 40.5], 7).power.flat(),
  "wavelets, one epoch": () => morletPower([short], 250, [7, 30], [5, 7]).power.flat(),
};
type Results = Readonly<Record<string, readonly Float64Array[]>>;
const all = (): Results => Object.fromEntries(Object.entries(programs).map(([name, run]) => [name, run()]));
const plain = all();
let alone: Results = {};
let together: Results = {};

beforeAll(async () => {
  await loadKernels({ threads: 1 });
  alone = all();
  await loadKernels({ threads: 2 });
  together = all();
});
afterAll(() => {
  unregisterKernels();
  unregisterCrew();
});

test.each(Object.keys(programs))("%s: as the plain form; threads change no bit", (name) => {
  expect(together[name].length).toBe(plain[name].length);
  for (const [i, expected] of plain[name].entries()) {
    const most = expected.reduce((a, v) => Math.max(a, Math.abs(v)), 0);
    // Both are transforms of a few thousand points: 1e-15 log2(n) of the largest.
    expect(together[name][i]).toBeAllclose(expected, { atol: 2e-14 * most });
    expect(alone[name][i]).toBeAllclose(together[name][i], { atol: 0 });
  }
});

describe("filter", () => {
  test.each([
    [83, 83],
    [825, 900],
    [413, 30011],
  ])("%i taps on %i samples are the direct sum, any taps", (length, n) => {
    const any = noise(length).map((v) => v / Math.sqrt(length));
    const x = noise(n);
    expect(convolveFir([x], any)[0]).toBeAllclose(referenceConvolveFir(x, any), { atol: 1e-12 });
  });
  test("into rows that are given, also of float32; a plain list of numbers; refusal of another shape", () => {
    const out = rows.map(() => new Float32Array(3001));
    expect(convolveFir(rows, taps, out)).toBe(out);
    const [wide] = convolveFir([Array.from(rows[2])], taps);
    expect(out[2]).toBeAllclose(Float32Array.from(wide), { atol: 1e-6 });
    expect(() => convolveFir(rows, taps, out.slice(1))).toThrow(expect.objectContaining({ code: "shape-mismatch" }));
  });
  test("a row keeps its bits whatever stands in its other stretches", () => {
    const long = noise(100_000);
    const twice = convolveFir([long, long, long], taps);
    expect(twice[2]).toBeAllclose(convolveFir([long], taps)[0], { atol: 1e-13 });
  });
});

test("wavelets: refusals", () => {
  for (const [epochs, code] of [
    [[], "too-few-epochs"],
    [[short, short.slice(1)], "shape-mismatch"],
    [[[noise(50)]], "segment-too-short"],
  ] as const)
    expect(() => morletPower(epochs, 250, [5])).toThrow(expect.objectContaining({ code }));
});
