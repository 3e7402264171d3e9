import { DataError } from "@quintet/core";

type Shape = readonly [nx: number, ny: number, nz: number];

export interface Components {
  /** 0 outside the mask; 1 is the largest component, 2 the next, ... */
  readonly labels: Int32Array;
  /** `sizes[k - 1]` is the number of voxels of label k; falling. */
  readonly sizes: readonly number[];
}

/**
 * Connected components of a mask, largest first (ties: the one met first in memory order).
 *
 * @param mask [z][y][x], non-zero is inside
 * @param connectivity 6 (faces), 18 (and edges) or 26 (and corners)
 * @throws DataError `shape-mismatch`
 */
export function connectedComponents(mask: Uint8Array, shape: Shape, connectivity: 6 | 18 | 26 = 26): Components {
  const [nx, ny, nz] = shape;
  if (mask.length !== nx * ny * nz) {
    throw new DataError("shape-mismatch", "the mask must fill its shape", {
      expected: shape.join(" x "),
      found: `${mask.length} voxels`,
    });
  }
  const steps = neighbours(connectivity).map(([x, y, z]) => ({ x, y, z, index: x + nx * (y + ny * z) }));
  const labels = new Int32Array(mask.length);
  const sizes: number[] = [];
  const stack: number[] = [];
  for (let seed = 0; seed < mask.length; seed++) {
    if (mask[seed] === 0 || labels[seed] !== 0) continue;
    const label = sizes.length + 1;
    let size = 0;
    labels[seed] = label;
    stack.push(seed);
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      size++;
      const x = at % nx;
      const row = (at - x) / nx;
      const y = row % ny;
      const z = (row - y) / ny;
      const inner = x > 0 && y > 0 && z > 0 && x < nx - 1 && y < ny - 1 && z < nz - 1;
      for (let k = 0; k < steps.length; k++) {
        const step = steps[k] as (typeof steps)[0];
        const next = at + step.index;
        if (!inner && !within(x + step.x, nx, y + step.y, ny, z + step.z, nz)) continue;
        if (mask[next] === 0 || labels[next] !== 0) continue;
        labels[next] = label;
        stack.push(next);
      }
    }
    sizes.push(size);
  }
  return largestFirst(labels, sizes);
}

function within(x: number, nx: number, y: number, ny: number, z: number, nz: number): boolean {
  return x >= 0 && y >= 0 && z >= 0 && x < nx && y < ny && z < nz;
}

function neighbours(connectivity: 6 | 18 | 26): readonly (readonly [number, number, number])[] {
  const most = { 6: 1, 18: 2, 26: 3 }[connectivity];
  const range = [-1, 0, 1];
  return range
    .flatMap((z) => range.flatMap((y) => range.map((x) => [x, y, z] as const)))
    .filter(([x, y, z]) => {
      const moved = Math.abs(x) + Math.abs(y) + Math.abs(z);
      return moved > 0 && moved <= most;
    });
}

function largestFirst(labels: Int32Array, sizes: readonly number[]): Components {
  const order = sizes.map((_, i) => i).sort((a, b) => (sizes[b] as number) - (sizes[a] as number) || a - b);
  const renamed = new Int32Array(sizes.length + 1);
  for (const [rank, old] of order.entries()) renamed[old + 1] = rank + 1;
  return { labels: labels.map((label) => renamed[label] as number), sizes: order.map((i) => sizes[i] as number) };
}

/** The largest component alone, as a mask; empty in, empty out. @throws DataError `shape-mismatch` */
export function largestComponent(mask: Uint8Array, shape: Shape, connectivity: 6 | 18 | 26 = 26): Uint8Array {
  const { labels } = connectedComponents(mask, shape, connectivity);
  return new Uint8Array(labels.length).map((_, i) => (labels[i] === 1 ? 1 : 0));
}
