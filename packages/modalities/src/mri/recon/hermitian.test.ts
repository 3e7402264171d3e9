import { seededRandom } from "@quintet/kernels";
import { describe, expect, it } from "vitest";
import { cholesky, solveTriangular } from "./hermitian.ts";
import { hermitianEigen } from "./hermitian-eigen.ts";

/** B B' of random B: positive definite. */
function random(n: number): { n: number; data: Float64Array } {
  const { normal } = seededRandom(3);
  const b = Float64Array.from({ length: 2 * n * n }, () => normal());
  const data = new Float64Array(2 * n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      for (let k = 0; k < n; k++) {
        const [p, q] = [2 * (i * n + k), 2 * (j * n + k)];
        data[2 * (i * n + j)]! += b[p]! * b[q]! + b[p + 1]! * b[q + 1]!;
        data[2 * (i * n + j) + 1]! += b[p + 1]! * b[q]! - b[p]! * b[q + 1]!;
      }
  return { n, data };
}

/** A x */
function times({ n, data }: { n: number; data: Float64Array }, x: ArrayLike<number>): Float64Array {
  const out = new Float64Array(2 * n);
  for (let i = 0; i < n; i++)
    for (let k = 0; k < n; k++) {
      const at = 2 * (i * n + k);
      out[2 * i]! += data[at]! * x[2 * k]! - data[at + 1]! * x[2 * k + 1]!;
      out[2 * i + 1]! += data[at]! * x[2 * k + 1]! + data[at + 1]! * x[2 * k]!;
    }
  return out;
}

describe("hermitian", () => {
  it("knows [[2, i], [-i, 2]]: 3 and 1", () => {
    const { values } = hermitianEigen({ n: 2, data: Float64Array.of(2, 0, 0, 1, 0, -1, 2, 0) });
    expect(values).toBeAllclose([3, 1], { atol: 1e-12 });
  });
  it("A v = lambda v, vectors of length 1", () => {
    const a = random(12);
    const { values, vectors } = hermitianEigen(a);
    for (let k = 0; k < 12; k++) {
      const v = vectors.subarray(24 * k, 24 * (k + 1));
      expect(Math.hypot(...v)).toBeCloseTo(1, 10);
      expect(times(a, v)).toBeAllclose(
        v.map((x) => x * values[k]!),
        { atol: 1e-9 },
      );
    }
  });
  it("copies of one eigenvalue and zeros: a projector of rank 3, its vectors at right angles", () => {
    const { vectors: v } = hermitianEigen(random(10));
    const data = new Float64Array(200);
    for (let k = 0; k < 3; k++)
      for (let i = 0; i < 10; i++)
        for (let j = 0; j < 10; j++) {
          const [a, b, c, d] = [v[20 * k + 2 * i]!, v[20 * k + 2 * i + 1]!, v[20 * k + 2 * j]!, v[20 * k + 2 * j + 1]!];
          data[2 * (10 * i + j)]! += a * c + b * d;
          data[2 * (10 * i + j) + 1]! += b * c - a * d;
        }
    const { values, vectors } = hermitianEigen({ n: 10, data });
    expect(values).toBeAllclose([1, 1, 1, 0, 0, 0, 0, 0, 0, 0], { atol: 1e-12 });
    for (let k = 0; k < 10; k++)
      for (let l = 0; l <= k; l++) {
        let dot = 0;
        for (let i = 0; i < 20; i++) dot += vectors[20 * k + i]! * vectors[20 * l + i]!;
        expect(dot).toBeCloseTo(Number(k === l), 10);
      }
  });
  it("a diagonal matrix and the matrix of zeros", () => {
    const diagonal = Float64Array.of(2, 0, 0, 0, 0, 0, 5, 0);
    expect(hermitianEigen({ n: 2, data: diagonal }).values).toEqual(Float64Array.of(5, 2));
    expect(hermitianEigen({ n: 2, data: new Float64Array(8) }).values).toEqual(Float64Array.of(0, 0));
  });
  it("refuses what is not a number", () => {
    expect(() => hermitianEigen({ n: 2, data: new Float64Array(8).fill(Number.NaN) })).toThrow(
      expect.objectContaining({ code: "not-finite" }),
    );
  });
  it("L L' x = b solves A x = b", () => {
    const a = random(12);
    const b = Float64Array.from({ length: 24 }, (_, i) => i - 7);
    const l = cholesky(a);
    const x = solveTriangular(l, 12, solveTriangular(l, 12, b), true);
    expect(times(a, x)).toBeAllclose(b, { atol: 1e-8 });
  });
  it("refuses a singular matrix", () => {
    expect(() => cholesky({ n: 2, data: Float64Array.of(1, 0, 1, 0, 1, 0, 1, 0) })).toThrow(
      expect.objectContaining({ code: "not-positive" }),
    );
  });
});
