import { describe, expect, test } from "vitest";
import { seededRandom } from "../random/random.ts";
import { conjugateGradient } from "./conjugate-gradient.ts";
import { fista } from "./fista.ts";
import { composeOperators, dotTest, type LinearOperator } from "./linear-operator.ts";
import { largestEigenvalue } from "./power-iteration.ts";

/** A dense matrix, row by row. */
function matrix(rows: readonly (readonly number[])[]): LinearOperator {
  const columns = rows[0]?.length ?? 0;
  const at = (i: number, j: number): number => rows[i]?.[j] as number;
  return {
    domain: columns,
    range: rows.length,
    forward: (x) => Float32Array.from(rows, (row) => row.reduce((sum, a, j) => sum + a * (x[j] as number), 0)),
    adjoint: (y) =>
      Float32Array.from({ length: columns }, (_, j) => y.reduce((sum, value, i) => sum + at(i, j) * value, 0)),
  };
}

function noiseMatrix(rows: number, columns: number, seed: number): LinearOperator {
  const random = seededRandom(seed);
  return matrix(Array.from({ length: rows }, () => Array.from({ length: columns }, () => random.normal())));
}

const noise = (n: number, seed: number): Float32Array => {
  const random = seededRandom(seed);
  return Float32Array.from({ length: n }, () => random.normal());
};

const soft =
  (weight: number) =>
  (x: Float32Array, step: number): Float32Array =>
    x.map((value) => Math.sign(value) * Math.max(0, Math.abs(value) - weight * step));

describe("dotTest", () => {
  const a = noiseMatrix(7, 5, 1);
  test("a pair passes, a wrong pair does not, a composition is adjoint in reverse", () => {
    expect(dotTest(a)).toBeLessThan(1e-6);
    expect(dotTest({ ...a, adjoint: (y) => a.adjoint(y).map((v) => 1.01 * v) })).toBeGreaterThan(1e-3);
    expect(dotTest(composeOperators(noiseMatrix(5, 4, 2), a))).toBeLessThan(1e-6);
  });
  test("refusals", () => {
    expect(() => dotTest({ ...a, domain: 4 })).toThrow(expect.objectContaining({ code: "shape-mismatch" }));
    expect(() => composeOperators(a, a)).toThrow(expect.objectContaining({ code: "shape-mismatch" }));
  });
});

describe("conjugateGradient", () => {
  test("known answer by hand: two equations, two steps", () => {
    // [[4, 1], [1, 3]] x = [1, 2] has the solution [1/11, 7/11]
    const { x, history, converged } = conjugateGradient(
      matrix([
        [4, 1],
        [1, 3],
      ]),
      Float32Array.of(1, 2),
    );
    expect(x).toBeAllclose([1 / 11, 7 / 11], { atol: 1e-6 });
    expect(converged).toBe(true);
    expect(history.length).toBeLessThanOrEqual(5);
    expect(history[0]).toEqual({ cost: 5, gradient: 1 });
  });
  test("damping by hand: a = 2, lambda = 4: x = 2 b / 8", () => {
    expect(conjugateGradient(matrix([[2]]), Float32Array.of(12), { damping: 4 }).x).toBeAllclose([3], { rtol: 1e-6 });
  });
  test("overdetermined: the gradient vanishes at the solution; from another start too", () => {
    const a = noiseMatrix(40, 20, 3);
    const b = noise(40, 4);
    const options = { iterations: 100, tolerance: 1e-5 };
    const { x, history, converged } = conjugateGradient(a, b, options);
    expect(converged).toBe(true);
    const costs = history.map(({ cost }) => cost);
    // falls at every step but for the rounding of float32 vectors near the end
    for (const [i, cost] of costs.slice(1).entries())
      expect(cost).toBeLessThanOrEqual((costs[i] as number) * (1 + 1e-6));
    const other = conjugateGradient(a, b, { ...options, start: noise(20, 5) });
    // the condition of the matrix is below 10, the gradient 1e-5 of its first value
    expect(other.x).toBeAllclose(x, { atol: 1e-4 });
  });
  test("zero data: zero at once", () => {
    const fit = conjugateGradient(noiseMatrix(4, 4, 1), new Float32Array(4));
    expect([fit.converged, fit.history.length, ...fit.x]).toEqual([true, 1, 0, 0, 0, 0]);
  });
  const a = noiseMatrix(6, 4, 6);
  test.each([
    ["shape-mismatch", a, new Float32Array(5), {}],
    ["shape-mismatch", a, new Float32Array(6), { start: new Float32Array(3) }],
    ["not-positive", a, new Float32Array(6), { damping: -1 }],
    [
      "diverged",
      { ...a, adjoint: (y: Float32Array) => a.adjoint(y).map((v, i) => (i % 2 ? -3 * v : v)) },
      noise(6, 1),
      {},
    ],
    ["diverged", a, new Float32Array(6).fill(Number.NaN), {}],
  ] as const)("refusal: %s", (code, operator, b, options) => {
    expect(() => conjugateGradient(operator, b, options)).toThrow(expect.objectContaining({ code }));
  });
});

describe("largestEigenvalue", () => {
  test("known answers: diag(1, 2, 3) has 9; zero has 0", () => {
    const { value, history } = largestEigenvalue(
      matrix([
        [1, 0, 0],
        [0, 2, 0],
        [0, 0, 3],
      ]),
      { tolerance: 1e-6 },
    );
    expect(value).toBeCloseTo(9, 3);
    expect(history).toEqual([...history].sort((p, q) => p - q));
    expect(largestEigenvalue(matrix([[0]])).value).toBe(0);
  });
});

describe("fista", () => {
  test("known answer by hand: the identity and an l1 penalty of 1 shrink each value by 1", () => {
    const { x, converged } = fista(
      matrix([
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
      ]),
      Float32Array.of(3, -0.5, -2),
      soft(1),
    );
    expect(x).toBeAllclose([2, 0, -1], { atol: 1e-3 });
    expect(converged).toBe(true);
  });
  test("the solution fulfils the optimality conditions; restart never needs more steps to get there", () => {
    const a = noiseMatrix(30, 60, 7);
    const truth = Float32Array.from({ length: 60 }, (_, i) => (i % 12 === 0 ? 3 : 0));
    const b = a.forward(truth);
    const weight = 0.5;
    const penalty = (x: Float32Array): number => weight * x.reduce((sum, v) => sum + Math.abs(v), 0);
    const { x, history } = fista(a, b, soft(weight), { iterations: 3000, tolerance: 1e-7, penalty });
    const gradient = a.adjoint(a.forward(x).map((v, i) => v - (b[i] as number)));
    for (let i = 0; i < 60; i++) {
      const [g, value] = [gradient[i] as number, x[i] as number];
      // A'(A x - b) = -weight sign(x) where x is not 0, of at most the weight elsewhere; float32 rounding of A
      if (value === 0) expect(Math.abs(g)).toBeLessThan(weight + 0.01);
      else expect(g).toBeCloseTo(-weight * Math.sign(value), 2);
    }
    expect(history.some(({ restarted }) => restarted)).toBe(true);
    const cost = history.map(({ data, penalty: p }) => data + p);
    expect(cost.at(-1)).toBeLessThan(cost[0] as number);
    expect(x).toBeAllclose(truth, { atol: 0.2 });
  });
  const a = noiseMatrix(6, 4, 6);
  test.each([
    ["shape-mismatch", new Float32Array(5), {}],
    ["not-positive", noise(6, 1), { lipschitz: 0 }],
    ["not-positive", noise(6, 1), { lipschitz: Number.NaN }],
    ["diverged", noise(6, 1), { lipschitz: 0.01 }],
    ["diverged", new Float32Array(6).fill(Number.NaN), { lipschitz: 10 }],
  ] as const)("refusal: %s", (code, b, options) => {
    expect(() => fista(a, b, soft(0.1), options)).toThrow(expect.objectContaining({ code }));
  });
});
