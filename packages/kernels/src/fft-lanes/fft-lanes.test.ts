import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { referenceDft } from "../fft/fft.ref.ts";
import { unregisterCrew } from "../pool/crew.ts";
import { loadKernels } from "../pool/node.ts";
import { seededRandom } from "../random/random.ts";
import { unregisterKernels } from "../wasm/wasm.ts";
import { transformRows } from "./fft-lanes.ts";
import { laneCost, lanePlan, laneRadices, quickLength } from "./fft-lanes-plan.ts";

beforeAll(async () => void (await loadKernels({ threads: 2 })));
afterAll(() => {
  unregisterKernels();
  unregisterCrew();
});

const random = seededRandom(4);
const complexRow = (n: number): Float64Array => Float64Array.from({ length: 2 * n }, () => random.normal());
const parts = (row: Float64Array): [Float64Array, Float64Array] => [
  row.filter((_, i) => i % 2 === 0),
  row.filter((_, i) => i % 2 === 1),
];
const conjugate = (row: Float64Array): Float64Array => row.map((v, i) => (i % 2 === 0 ? v : -v));
const transformed = (rows: readonly Float64Array[], n: number): Float64Array[] =>
  transformRows(rows, n) as Float64Array[];
/** Sum of x conj(y). */
const inner = (x: Float64Array, y: Float64Array): [number, number] => {
  let [re, im] = [0, 0];
  for (let i = 0; i < x.length; i += 2) {
    re += x[i] * y[i] + x[i + 1] * y[i + 1];
    im += x[i + 1] * y[i] - x[i] * y[i + 1];
  }
  return [re, im];
};

test("known answer: 1, i, -1, -i is one turn backwards; an impulse holds every frequency once", () => {
  const [turn, impulse] = transformed(
    [Float64Array.of(1, 0, 0, 1, -1, 0, 0, -1), Float64Array.of(1, 0, 0, 0, 0, 0, 0, 0)],
    4,
  );
  expect(turn).toBeAllclose([0, 0, 4, 0, 0, 0, 0, 0], { atol: 0 });
  expect(impulse).toBeAllclose([1, 0, 1, 0, 1, 0, 1, 0], { atol: 0 });
});

describe.each([2, 3, 5, 7, 8, 12, 16, 77, 100, 124, 210, 256, 500])("%i points", (n) => {
  test("three rows as the sum itself", () => {
    const rows = [0, 1, 2].map(() => complexRow(n));
    for (const [i, made] of transformed(rows, n).entries()) {
      const { re, im } = referenceDft(...parts(rows[i]));
      // Bins are of size sqrt(2 n); the reference sums n terms of size 1.
      const atol = 1e-15 * n * Math.sqrt(n);
      expect(parts(made)[0]).toBeAllclose(re, { atol });
      expect(parts(made)[1]).toBeAllclose(im, { atol });
    }
  });
});

describe.each([1152, 5000, 16384])("%i points", (n) => {
  const [x, y] = [complexRow(n), complexRow(n)];
  test("the inverse brings the row back; Parseval; the adjoint", () => {
    const [fx, fy] = transformed([x, conjugate(y)], n);
    const [back] = transformed([conjugate(fx)], n);
    expect(conjugate(back).map((v) => v / n)).toBeAllclose(x, { atol: 1e-14 });
    expect(inner(fx, fx)[0] / n / inner(x, x)[0]).toBeCloseTo(1, 13);
    // <F x, y> = <x, F' y>, F' y the conjugate of F conj(y): of sums of 2 n products of size sqrt(n).
    const [left, right] = [inner(fx, y), inner(x, conjugate(fy))];
    expect(left).toBeAllclose(right, { atol: 1e-15 * n * Math.sqrt(n) });
  });
});

test("neither threads nor neighbours in number change a bit; plain arithmetic differs by rounding", async () => {
  const rows = [0, 1, 2, 3, 4].map(() => complexRow(5000));
  const two = transformed(rows, 5000);
  await loadKernels({ threads: 1 });
  for (const [i, row] of transformed(rows, 5000).entries()) expect(row).toBeAllclose(two[i], { atol: 0 });
  await loadKernels({ threads: 1, relaxed: false });
  for (const [i, row] of transformed(rows, 5000).entries()) expect(row).toBeAllclose(two[i], { atol: 1e-12 });
  await loadKernels({ threads: 2 });
});

test("radices: a four at both ends where there are two; none with a prime factor above 31, none of one point", () => {
  expect(laneRadices(5000)).toEqual([4, 2, 5, 5, 5, 5]);
  expect(laneRadices(1280)).toEqual([4, 4, 4, 5, 4]);
  for (const n of [1, 37, 74]) {
    expect(laneRadices(n)).toBeUndefined();
    expect(lanePlan(n)).toBeUndefined();
    expect(transformRows([new Float64Array(2 * n)], n)).toBeUndefined();
  }
});

test("quick lengths: long enough, a multiple of 16, none of the candidates quicker", () => {
  for (const least of [1, 16, 17, 1000, 1031, 1278, 100_000]) {
    const n = quickLength(least);
    expect(n).toBeGreaterThanOrEqual(least);
    expect(n % 16).toBe(0);
    expect(laneCost(n)).toBeLessThanOrEqual(laneCost(2 ** Math.max(4, Math.ceil(Math.log2(least)))));
  }
});
