import { affineOf, apply, DataError, type Grid, type Mask } from "@quintet/core";

/** A part of a grid, cut along its own axes; it may reach beyond the grid. */
export interface GridBox extends Grid {
  /** Voxel of the whole grid that is this box's first. */
  readonly start: readonly [number, number, number];
}

/** The box of a mask with `rim` voxels around it. @throws DataError `empty-region` */
export function maskBox(mask: Mask, rim: number): GridBox {
  const [nx, ny, nz] = mask.shape;
  const low: [number, number, number] = [nx, ny, nz];
  const high: [number, number, number] = [-1, -1, -1];
  for (let i = 0; i < mask.data.length; i++) {
    if (mask.data[i] === 0) continue;
    const at = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))] as const;
    for (const k of [0, 1, 2] as const) {
      low[k] = Math.min(low[k], at[k]);
      high[k] = Math.max(high[k], at[k]);
    }
  }
  if (high[0] < 0) throw new DataError("empty-region", "the mask holds no voxel");
  const start = [low[0] - rim, low[1] - rim, low[2] - rim] as const;
  const shape = [0, 1, 2].map((k) => (high[k] as number) - (start[k] as number) + 1 + rim) as [number, number, number];
  const rows = Array.from(mask.affine.subarray(0, 12));
  for (const [k, x] of apply(mask.affine, start).entries()) rows[4 * k + 3] = x;
  return { shape, affine: affineOf(rows), space: mask.space, start };
}

/** The part of an image on `whole` that lies in the box; 0 beyond the image. */
export function cutTo(data: ArrayLike<number>, whole: Grid, { shape, start }: GridBox): Uint8Array {
  const [nx, ny, nz] = shape;
  const [wx, wy, wz] = whole.shape;
  const out = new Uint8Array(nx * ny * nz);
  for (let z = Math.max(0, -start[2]); z < Math.min(nz, wz - start[2]); z++) {
    for (let y = Math.max(0, -start[1]); y < Math.min(ny, wy - start[1]); y++) {
      const from = start[0] + wx * (y + start[1] + wy * (z + start[2]));
      const to = nx * (y + ny * z);
      for (let x = Math.max(0, -start[0]); x < Math.min(nx, wx - start[0]); x++) out[to + x] = data[from + x] as number;
    }
  }
  return out;
}

/** The reverse of `cutTo`: an image on `whole` that holds the box's part where the two meet, 0 elsewhere. */
export function laidInto(part: Uint8Array, whole: Grid, { shape, start }: GridBox): Uint8Array {
  const [nx, ny, nz] = shape;
  const [wx, wy, wz] = whole.shape;
  const out = new Uint8Array(wx * wy * wz);
  for (let z = Math.max(0, -start[2]); z < Math.min(nz, wz - start[2]); z++) {
    for (let y = Math.max(0, -start[1]); y < Math.min(ny, wy - start[1]); y++) {
      const to = start[0] + wx * (y + start[1] + wy * (z + start[2]));
      const from = nx * (y + ny * z);
      for (let x = Math.max(0, -start[0]); x < Math.min(nx, wx - start[0]); x++) out[to + x] = part[from + x] as number;
    }
  }
  return out;
}
