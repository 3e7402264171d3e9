/**
 * The system of boundary elements, filled and solved for a few rows of its inverse: compiled where the kernel is there, plain
 * otherwise.
 */
import { DataError } from "@quintet/core";
import { wasmKernel } from "../wasm/wasm.ts";
import { type BoundaryShell, solidAnglesReference, solve, weighedAnglesReference } from "./boundary-elements.ref.ts";
import { layout, packSurface, recordBytes, storeSurface } from "./boundary-memory.ts";
import { angleDepth, angleReach, type HatWeights, hatRule } from "./hat-weights.ts";

export interface BoundarySystem {
  /** [shell][shell][vertex]: solid angle of the second, seen from vertices of the first; within one shell without meaning. */
  readonly seen: readonly (readonly Float64Array[])[];
  /** Rows x of x' A = b' for the whole system. */
  readonly whole: (rows: readonly Float64Array[]) => Float64Array[];
  /** The same for the innermost surface alone in an insulator. */
  readonly alone: (rows: readonly Float64Array[]) => Float64Array[];
}

/** Conductivities inside less outside of k, over the sum of both at j. */
export function conductivityStep(shells: readonly BoundaryShell[], j: number, k: number): number {
  const inside = (i: number): number => (shells[i] as BoundaryShell).conductivity;
  const outside = (i: number): number => shells[i + 1]?.conductivity ?? 0;
  return (inside(k) - outside(k)) / (inside(j) + outside(j));
}

/** A = 1 - step W / 2 pi + 1/N over all surfaces: of collocation, or with `weights` (one of each surface) of Galerkin's method. */
export function boundarySystem(
  shells: readonly BoundaryShell[],
  weights: readonly HatWeights[] | undefined,
): BoundarySystem {
  return compiledSystem(shells, weights) ?? plainSystem(shells, weights);
}

/** What stands for the potential at vertex i of a surface: itself, or its mean under the vertex's hat. */
const ownPart = (weights: HatWeights | undefined, i: number): Iterable<readonly [number, number]> =>
  weights?.overlaps[i] ?? [[i, 1]];

const counted = (shells: readonly BoundaryShell[]): number[] => shells.map(({ vertices }) => vertices.length / 3);

function plainSystem(shells: readonly BoundaryShell[], weights: readonly HatWeights[] | undefined): BoundarySystem {
  const counts = counted(shells);
  const total = counts.reduce((a, b) => a + b, 0);
  const rules = { coarse: hatRule(0), fine: hatRule(angleDepth), reach: angleReach };
  const seen = shells.map((from) => shells.map((of) => solidAnglesReference(from, of)));
  const angles = weights ? shells.map((from) => shells.map((of) => weighedAnglesReference(from, of, rules))) : seen;
  const rows = shells.flatMap((_, j) =>
    Array.from({ length: counts[j] }, (_, i) => {
      const row = shells.flatMap((_, k) =>
        Array.from(angles[j][k][i], (w) => (-conductivityStep(shells, j, k) * w) / (2 * Math.PI) + 1 / total),
      );
      return Float64Array.from(row);
    }),
  );
  let first = 0;
  for (const [j, count] of counts.entries()) {
    for (let i = 0; i < count; i++)
      for (const [v, part] of ownPart(weights?.[j], i)) rows[first + i][first + v] += part;
    first += count;
  }
  const alone = angles[0][0].map((row) => row.map((w) => 1 / counts[0] - w / (2 * Math.PI)));
  for (const [i, row] of alone.entries()) for (const [v, part] of ownPart(weights?.[0], i)) row[v] += part;
  const transposed = (a: readonly Float64Array[]): Float64Array[] =>
    a.map((_, i) => Float64Array.from(a, (row) => row[i]));
  const solved = (a: readonly Float64Array[]) => (b: readonly Float64Array[]) =>
    transposedRows(solve(transposed(a), transposedRows(b, a.length)), b.length);
  return {
    seen: seen.map((of) => of.map((rows) => Float64Array.from(rows, (row) => row.reduce((a, b) => a + b, 0)))),
    whole: solved(rows),
    alone: solved(alone),
  };
}

/** [row][n] to [n][row] and back. */
function transposedRows(rows: readonly Float64Array[], count: number): Float64Array[] {
  return Array.from({ length: count }, (_, i) => Float64Array.from(rows, (row) => row[i]));
}

const strideOf = (n: number): number => 8 * Math.ceil(n / 8);

function compiledSystem(
  shells: readonly BoundaryShell[],
  weights: readonly HatWeights[] | undefined,
): BoundarySystem | undefined {
  const make = wasmKernel("boundary-elements");
  if (!make) return undefined;
  const counts = counted(shells);
  const total = counts.reduce((a, b) => a + b, 0);
  const packed = shells.map(packSurface);
  const { take, end } = layout();
  const records = packed.map(() => take(recordBytes));
  const places = packed.map((p) =>
    [p.vertices, p.edges, p.lengths, p.corners, p.planes].map((part) => take(part.byteLength)),
  );
  const rules = [hatRule(0), hatRule(angleDepth)].flat(2);
  const scratch = take(
    8 * Math.max(total + 8, ...packed.map((p) => (2 * p.vertices.length) / 3 + p.lengths.length + p.corners.length)),
  );
  const rule = take(8 * rules.length);
  const [order, strip, sums] = [take(4 * total), take(64 * 8 * 8), take(8 * total)];
  const stride = strideOf(total);
  const matrix = take(8 * stride * (total + 1));
  const { memory, exports } = make(end());
  const { buffer } = memory;
  for (const [k, surface] of packed.entries()) storeSurface(buffer, records[k], surface, places[k]);
  const numbers = new Float64Array(buffer, matrix, stride * (total + 1));
  const { solidAngles, factorise, solveTransposed } = exports;
  const first = counts.map((_, k) => counts.slice(0, k).reduce((a, b) => a + b, 0));
  const seen = shells.map((_, j) =>
    shells.map((_, k) => {
      solidAngles(
        places[j][0],
        counts[j],
        j === k ? 0 : -1,
        records[k],
        matrix + 8 * first[j] * stride,
        stride,
        first[k],
        sums,
        8,
        scratch,
      );
      return new Float64Array(buffer, sums, counts[j]).slice();
    }),
  );
  if (weights) {
    numbers.fill(0);
    new Float64Array(buffer, rule, rules.length).set(rules);
    const fine = rules.length / 3 - 3;
    for (const [j, { areas }] of weights.entries()) {
      const rows = matrix + 8 * first[j] * stride;
      for (const [k, record] of records.entries())
        exports.weighedAngles(
          records[j],
          record,
          j === k ? 1 : 0,
          rule,
          3,
          fine,
          angleReach,
          rows,
          stride,
          first[k],
          scratch,
        );
      for (const [i, area] of areas.entries())
        for (let v = 0, at = (first[j] + i) * stride; v < total; v++) numbers[at + v] /= area;
    }
  }
  const inner = strideOf(counts[0]);
  const alone = new Float64Array(inner * (counts[0] + 1));
  for (let i = 0; i < counts[0]; i++) {
    for (let v = 0; v < counts[0]; v++) alone[i * inner + v] = 1 / counts[0] - numbers[i * stride + v] / (2 * Math.PI);
    for (const [v, part] of ownPart(weights?.[0], i)) alone[i * inner + v] += part;
  }
  for (const [j, rows] of counts.entries()) {
    for (let i = first[j]; i < first[j] + rows; i++) {
      for (const [k, columns] of counts.entries()) {
        const factor = conductivityStep(shells, j, k) / (2 * Math.PI);
        for (let v = first[k]; v < first[k] + columns; v++)
          numbers[i * stride + v] = 1 / total - factor * numbers[i * stride + v];
      }
      for (const [v, part] of ownPart(weights?.[j], i - first[j])) numbers[i * stride + first[j] + v] += part;
    }
  }
  refuseSingular(factorise(matrix, total, stride, order, strip));
  const rowsOf = (rows: readonly Float64Array[]): Float64Array[] => {
    const room = layout(matrix + 8 * stride * (total + 1));
    const at = room.take(8 * stride * rows.length);
    const missing = room.end() - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / 65536));
    const right = new Float64Array(memory.buffer, at, stride * rows.length).fill(0);
    for (const [r, row] of rows.entries()) right.set(row, r * stride);
    solveTransposed(matrix, total, stride, order, at, rows.length, scratch);
    return rows.map((_, r) => right.slice(r * stride, r * stride + total));
  };
  return { seen, whole: rowsOf, alone: (rows) => solvedAlone(make, alone, counts[0], rows) };
}

function solvedAlone(
  make: NonNullable<ReturnType<typeof wasmKernel>>,
  numbers: Float64Array,
  n: number,
  rows: readonly Float64Array[],
): Float64Array[] {
  const stride = strideOf(n);
  const { take, end } = layout();
  const [matrix, order, strip] = [take(numbers.byteLength), take(4 * n), take(64 * 8 * 8)];
  const [scratch, at] = [take(8 * stride), take(8 * stride * rows.length)];
  const { memory, exports } = make(end());
  new Float64Array(memory.buffer, matrix, numbers.length).set(numbers);
  const right = new Float64Array(memory.buffer, at, stride * rows.length);
  for (const [r, row] of rows.entries()) right.set(row, r * stride);
  refuseSingular(exports.factorise(matrix, n, stride, order, strip));
  exports.solveTransposed(matrix, n, stride, order, at, rows.length, scratch);
  return rows.map((_, r) => right.slice(r * stride, r * stride + n));
}

function refuseSingular(column: number): void {
  if (column > 0)
    throw new DataError("singular", "the boundary elements of these surfaces have no solution", {
      found: `no pivot in column ${column}`,
    });
}
