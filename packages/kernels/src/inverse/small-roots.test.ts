import { Matrix } from "ml-matrix";
import { expect, test } from "vitest";
import { seededRandom } from "../random/random.ts";
import { inverseRoots } from "./small-roots.ts";
import { inverseRoot } from "./symmetric.ts";

test("diag(4, 1, 9): 1/2, 1, 1/3; 4 alone: 1/2; what is nothing stays nothing", () => {
  const blocks = Float64Array.of(4, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  inverseRoots(blocks, 3);
  expect(blocks).toBeAllclose([1 / 2, 0, 0, 0, 1, 0, 0, 0, 1 / 3, 0, 0, 0, 0, 0, 0, 0, 0, 0], { rtol: 1e-15 });
  const single = Float64Array.of(4, 0, -1);
  inverseRoots(single, 1);
  expect([...single]).toEqual([0.5, 0, 0]);
});

test("random matrices of rank 1, 2 and 3: the general routine's root; root M root is the projection on M's range", () => {
  const random = seededRandom(8);
  for (let k = 0; k < 60; k++) {
    const rank = 1 + (k % 3);
    const factor = new Matrix(Array.from({ length: 3 }, () => Array.from({ length: rank }, () => random.normal())));
    const matrix = factor.mmul(factor.transpose()).mul(10 ** ((k % 7) - 12));
    const blocks = Float64Array.from(matrix.to1DArray());
    inverseRoots(blocks, 3);
    const root = Matrix.from1DArray(3, 3, blocks);
    const scale = inverseRoot(matrix).norm();
    // a root of the smallest eigenvalue carries its relative error, machine precision times the condition
    expect(Matrix.sub(root, inverseRoot(matrix)).norm() / scale).toBeLessThan(1e-7);
    const projection = root.mmul(matrix).mmul(root);
    expect(projection.trace()).toBeCloseTo(rank, 6);
  }
});
