/**
 * Binary morphology with a ball: {d : |d| <= radius} in voxels, through exact distances, so the cost does not grow
 * with the radius. What lies outside the volume neither grows in nor eats away: closing never loses a voxel of the
 * mask and opening never gains one, at the rim too.
 *
 * Masks are [z][y][x], non-zero is inside; results hold 0 and 1. All throw DataError `shape-mismatch`, `bad-radius`.
 */
import { DataError } from "@quintet/core";
import { connectedComponents } from "../components/components.ts";
import { squaredDistance } from "../distance/distance.ts";

type Shape = readonly [nx: number, ny: number, nz: number];

/** Rounding room on the squared radius: 3^2 must take in a voxel 3 away. */
const slack = 1e-9;

/** 1 within the radius of the mask, 0 beyond; or the other way round. */
function within(mask: Uint8Array, shape: Shape, radius: number, near: 0 | 1): Uint8Array {
  if (!(radius >= 0 && Number.isFinite(radius))) {
    throw new DataError("bad-radius", "the radius is a length in voxels", { found: `${radius}` });
  }
  const squared = squaredDistance(mask, shape, [1, 1, 1]);
  const most = radius * radius + slack;
  const out = new Uint8Array(mask.length);
  for (let i = 0; i < out.length; i++) out[i] = (squared[i] as number) <= most ? near : 1 - near;
  return out;
}

function complement(mask: Uint8Array): Uint8Array {
  const out = new Uint8Array(mask.length);
  for (let i = 0; i < out.length; i++) out[i] = mask[i] === 0 ? 1 : 0;
  return out;
}

/** Every voxel within `radiusVoxels` of the mask. */
export function dilate(mask: Uint8Array, shape: Shape, radiusVoxels: number): Uint8Array {
  return within(mask, shape, radiusVoxels, 1);
}

/** Every voxel of the mask farther than `radiusVoxels` from the background. */
export function erode(mask: Uint8Array, shape: Shape, radiusVoxels: number): Uint8Array {
  return within(complement(mask), shape, radiusVoxels, 0);
}

/** Erosion, then dilation: what a ball fitting inside can reach. */
export function opening(mask: Uint8Array, shape: Shape, radiusVoxels: number): Uint8Array {
  return dilate(erode(mask, shape, radiusVoxels), shape, radiusVoxels);
}

/** Dilation, then erosion: gaps narrower than the ball are closed. */
export function closing(mask: Uint8Array, shape: Shape, radiusVoxels: number): Uint8Array {
  return erode(dilate(mask, shape, radiusVoxels), shape, radiusVoxels);
}

/** The six faces of a volume: first and last plane along x, y and z. */
export type Faces = readonly [x0: boolean, x1: boolean, y0: boolean, y1: boolean, z0: boolean, z1: boolean];
const noFace: Faces = [false, false, false, false, false, false];

/**
 * Fills every background region that no path over voxel faces joins to the rim of the volume.
 *
 * @param closed faces of the volume that count as walls: a region that only they lay open is filled too
 */
export function fillHoles(mask: Uint8Array, shape: Shape, closed: Faces = noFace): Uint8Array {
  const [nx, ny, nz] = shape;
  const { labels, sizes } = connectedComponents(complement(mask), shape, 6);
  const open = new Uint8Array(sizes.length + 1);
  const isOpen = (first: boolean, last: boolean, low: boolean | undefined, high: boolean | undefined): boolean =>
    (first && !low) || (last && !high);
  for (let z = 0; z < nz; z++) {
    const atZ = isOpen(z === 0, z === nz - 1, closed[4], closed[5]);
    for (let y = 0; y < ny; y++) {
      const atRim = atZ || isOpen(y === 0, y === ny - 1, closed[2], closed[3]);
      for (let x = 0; x < nx; x += atRim ? 1 : Math.max(1, nx - 1))
        if (atRim || isOpen(x === 0, x === nx - 1, closed[0], closed[1]))
          open[labels[x + nx * (y + ny * z)] as number] = 1;
    }
  }
  return mask.map((inside, i) => (inside !== 0 || open[labels[i] as number] === 0 ? 1 : 0));
}
