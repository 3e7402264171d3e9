import { DataError, type Grid, type Mask } from "@quintet/core";

/**
 * Products of Legendre polynomials P_a(u) P_b(v) P_c(w), 1 <= a + b + c <= degree, over the box of a mask: u, v, w run
 * from -1 to 1 along the voxel axes and stay at the ends outside the box.
 */
export class Legendre {
  readonly size: number;
  readonly #powers: readonly (readonly [number, number, number])[];
  /** Per axis: value of P_d at voxel n, [d][n]. */
  readonly #values: readonly (readonly Float64Array[])[];
  readonly #shape: Grid["shape"];

  constructor(mask: Mask, degree: number) {
    if (!(Number.isInteger(degree) && degree >= 1 && degree <= 6))
      throw new DataError("bad-degree", "the degree of the field is a whole number", {
        expected: "1 to 6",
        found: `${degree}`,
      });
    const orders = Array.from({ length: degree + 1 }, (_, d) => d);
    this.#powers = orders.flatMap((a) =>
      orders.flatMap((b) => orders.flatMap((c) => (a + b + c >= 1 && a + b + c <= degree ? [[a, b, c] as const] : []))),
    );
    this.size = this.#powers.length;
    this.#shape = mask.shape;
    this.#values = box(mask).map(([low, high], axis) => {
      const at = (n: number): number => Math.min(1, Math.max(-1, (2 * (n - low)) / Math.max(1, high - low) - 1));
      const points = Array.from({ length: mask.shape[axis as 0 | 1 | 2] }, (_, n) => at(n));
      return orders.map((d) => Float64Array.from(points, (u) => legendre(d, u)));
    });
  }

  /** The basis functions at voxel i of the grid. */
  at(i: number): Float64Array {
    const [nx, ny] = this.#shape;
    const [x, y, z] = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))];
    const value = (axis: number, order: number, n: number): number => this.#values[axis]?.[order]?.[n] ?? 0;
    return Float64Array.from(this.#powers, ([a, b, c]) => value(0, a, x) * value(1, b, y) * value(2, c, z));
  }

  /** Calls `take(i, sum_k c_k L_k(i))` for every voxel; the inner loop runs over one axis only. */
  fill(coefficients: Float64Array, take: (i: number, value: number) => void): void {
    const [nx, ny, nz] = this.#shape;
    const [px, py, pz] = this.#values as readonly [
      readonly Float64Array[],
      readonly Float64Array[],
      readonly Float64Array[],
    ];
    const row = new Float64Array(px.length);
    for (let z = 0, i = 0; z < nz; z++)
      for (let y = 0; y < ny; y++) {
        row.fill(0);
        for (const [k, [a, b, c]] of this.#powers.entries())
          row[a] = (row[a] as number) + (coefficients[k] as number) * (py[b]?.[y] as number) * (pz[c]?.[z] as number);
        for (let x = 0; x < nx; x++, i++) {
          let sum = 0;
          for (let a = 0; a < row.length; a++) sum += (row[a] as number) * (px[a]?.[x] as number);
          take(i, sum);
        }
      }
  }
}

function legendre(order: number, u: number): number {
  let [before, now] = [1, u];
  if (order === 0) return 1;
  for (let n = 1; n < order; n++) [before, now] = [now, ((2 * n + 1) * u * now - n * before) / (n + 1)];
  return now;
}

function box(mask: Mask): [low: number, high: number][] {
  const [nx, ny] = mask.shape;
  const out: [number, number][] = [0, 1, 2].map(() => [Number.POSITIVE_INFINITY, 0]);
  for (let i = 0; i < mask.data.length; i++) {
    if (mask.data[i] === 0) continue;
    for (const [axis, n] of [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))].entries()) {
      const side = out[axis] as [number, number];
      if (n < side[0]) side[0] = n;
      if (n > side[1]) side[1] = n;
    }
  }
  return out;
}

/** Weighted least squares by Cholesky's decomposition of the normal equations, with a ridge of 1e-9 of their trace. */
export function solveWeighted(
  rows: readonly Float64Array[],
  values: Float64Array,
  weights: Float64Array,
): Float64Array<ArrayBuffer> {
  const size = rows[0]?.length ?? 0;
  const normal = new Float64Array(size * size);
  const right = new Float64Array(size);
  for (const [n, row] of rows.entries()) {
    const w = weights[n] as number;
    for (let i = 0; i < size; i++) {
      const wi = w * (row[i] as number);
      right[i] = (right[i] as number) + wi * (values[n] as number);
      for (let j = 0; j <= i; j++) normal[i * size + j] = (normal[i * size + j] as number) + wi * (row[j] as number);
    }
  }
  let trace = 0;
  for (let i = 0; i < size; i++) trace += normal[i * size + i] as number;
  for (let i = 0; i < size; i++) {
    normal[i * size + i] = (normal[i * size + i] as number) + 1e-9 * trace;
    for (let j = 0; j <= i; j++) {
      let sum = normal[i * size + j] as number;
      for (let k = 0; k < j; k++) sum -= (normal[i * size + k] as number) * (normal[j * size + k] as number);
      normal[i * size + j] = i === j ? Math.sqrt(sum) : sum / (normal[j * size + j] as number);
    }
  }
  const solution = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    let sum = right[i] as number;
    for (let k = 0; k < i; k++) sum -= (normal[i * size + k] as number) * (solution[k] as number);
    solution[i] = sum / (normal[i * size + i] as number);
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = solution[i] as number;
    for (let k = i + 1; k < size; k++) sum -= (normal[k * size + i] as number) * (solution[k] as number);
    solution[i] = sum / (normal[i * size + i] as number);
  }
  return solution;
}
