import { DataError } from "@quintet/core";

type Shape = readonly [nx: number, ny: number, nz: number];

export interface Components {
  /** 0 outside the mask; 1 is the largest component, 2 the next, ... */
  readonly labels: Int32Array;
  /** `sizes[k - 1]` is the number of voxels of label k; falling. */
  readonly sizes: readonly number[];
}

/** Runs of voxels along x, in memory order: run r is [first[r], last[r]] of the whole array; row k holds runs from[k] .. from[k + 1] - 1. */
interface Runs {
  readonly first: Int32Array;
  readonly last: Int32Array;
  readonly from: Int32Array;
}

/**
 * Connected components of a mask, largest first (ties: the one met first in memory order).
 *
 * Runs along x are joined with those of the rows before them that they touch (union-find): a voxel is looked at twice,
 * whatever the connectivity.
 *
 * @param mask [z][y][x], non-zero is inside
 * @param connectivity 6 (faces), 18 (and edges) or 26 (and corners)
 * @throws DataError `shape-mismatch`
 * @see Wu, Otoo & Suzuki, Pattern Anal Applic 2009;12:117-135
 */
export function connectedComponents(mask: Uint8Array, shape: Shape, connectivity: 6 | 18 | 26 = 26): Components {
  const [nx, ny, nz] = shape;
  if (mask.length !== nx * ny * nz) {
    throw new DataError("shape-mismatch", "the mask must fill its shape", {
      expected: shape.join(" x "),
      found: `${mask.length} voxels`,
    });
  }
  const runs = runsOf(mask, nx);
  const roots = joined(runs, shape, connectivity);
  const { first, last } = runs;
  const sizes: number[] = [];
  const number = new Int32Array(roots.length);
  for (let r = 0; r < roots.length; r++) {
    const root = roots[r] as number;
    if (root === r) number[r] = sizes.push(0);
    const label = number[root] as number;
    sizes[label - 1] = (sizes[label - 1] as number) + (last[r] as number) - (first[r] as number) + 1;
  }
  const order = sizes.map((_, i) => i).sort((a, b) => (sizes[b] as number) - (sizes[a] as number) || a - b);
  const rank = new Int32Array(sizes.length + 1);
  for (const [k, old] of order.entries()) rank[old + 1] = k + 1;
  const labels = new Int32Array(mask.length);
  for (let r = 0; r < roots.length; r++)
    labels.fill(rank[number[roots[r] as number] as number] as number, first[r], (last[r] as number) + 1);
  return { labels, sizes: order.map((i) => sizes[i] as number) };
}

function runsOf(mask: Uint8Array, nx: number): Runs {
  const rows = nx > 0 ? mask.length / nx : 0;
  const from = new Int32Array(rows + 1);
  const [first, last]: [number[], number[]] = [[], []];
  for (let row = 0; row < rows; row++) {
    const end = (row + 1) * nx;
    for (let i = row * nx; i < end; i++) {
      if (mask[i] === 0) continue;
      first.push(i);
      while (i + 1 < end && mask[i + 1] !== 0) i++;
      last.push(i);
    }
    from[row + 1] = first.length;
  }
  return { first: Int32Array.from(first), last: Int32Array.from(last), from };
}

/** For every run the first run of its component. */
function joined({ first, last, from }: Runs, [nx, ny]: Shape, connectivity: 6 | 18 | 26): Int32Array {
  const parent = Int32Array.from(first, (_, r) => r);
  const root = (run: number): number => {
    let at = run;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at] as number] as number;
      at = parent[at] as number;
    }
    return at;
  };
  const before = rowsBefore(connectivity);
  for (let row = 0; row + 1 < from.length; row++) {
    const [y, z] = [row % ny, Math.floor(row / ny)];
    for (const { dy, dz, reach } of before) {
      if (y + dy < 0 || y + dy >= ny || z + dz < 0) continue;
      const other = row + dy + ny * dz;
      const shift = (row - other) * nx;
      let b = from[other] as number;
      const end = from[other + 1] as number;
      for (let a = from[row] as number; a < (from[row + 1] as number) && b < end; ) {
        const [a0, a1] = [first[a] as number, last[a] as number];
        const [b0, b1] = [(first[b] as number) + shift, (last[b] as number) + shift];
        if (a0 <= b1 + reach && b0 <= a1 + reach) {
          const [p, q] = [root(a), root(b)];
          parent[Math.max(p, q)] = Math.min(p, q);
        }
        if (a1 < b1) a++;
        else b++;
      }
    }
  }
  return parent.map((_, r) => root(r));
}

/** Rows met before a row in memory order that touch it, and how far along x a voxel reaches into them. */
function rowsBefore(connectivity: 6 | 18 | 26): readonly { dy: number; dz: number; reach: 0 | 1 }[] {
  const most = { 6: 1, 18: 2, 26: 3 }[connectivity];
  return [
    [-1, 0],
    [-1, -1],
    [0, -1],
    [1, -1],
  ].flatMap(([dy, dz]) => {
    const moved = Math.abs(dy as number) + Math.abs(dz as number);
    return moved > most
      ? []
      : [{ dy: dy as number, dz: dz as number, reach: moved < most ? (1 as const) : (0 as const) }];
  });
}

/** The largest component alone, as a mask; empty in, empty out. @throws DataError `shape-mismatch` */
export function largestComponent(mask: Uint8Array, shape: Shape, connectivity: 6 | 18 | 26 = 26): Uint8Array {
  const { labels } = connectedComponents(mask, shape, connectivity);
  const out = new Uint8Array(labels.length);
  for (let i = 0; i < out.length; i++) out[i] = labels[i] === 1 ? 1 : 0;
  return out;
}
