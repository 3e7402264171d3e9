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

function within(mask: Uint8Array, shape: Shape, radius: number): (i: number) => boolean {
  if (!(radius >= 0 && Number.isFinite(radius))) {
    throw new DataError("bad-radius", "the radius is a length in voxels", { found: `${radius}` });
  }
  const squared = squaredDistance(mask, shape, [1, 1, 1]);
  return (i) => (squared[i] as number) <= radius * radius + slack;
}

/** Every voxel within `radiusVoxels` of the mask. */
export function dilate(mask: Uint8Array, shape: Shape, radiusVoxels: number): Uint8Array {
  const near = within(mask, shape, radiusVoxels);
  return mask.map((_, i) => (near(i) ? 1 : 0));
}

/** Every voxel of the mask farther than `radiusVoxels` from the background. */
export function erode(mask: Uint8Array, shape: Shape, radiusVoxels: number): Uint8Array {
  const near = within(
    mask.map((inside) => (inside === 0 ? 1 : 0)),
    shape,
    radiusVoxels,
  );
  return mask.map((_, i) => (near(i) ? 0 : 1));
}

/** Erosion, then dilation: what a ball fitting inside can reach. */
export function opening(mask: Uint8Array, shape: Shape, radiusVoxels: number): Uint8Array {
  return dilate(erode(mask, shape, radiusVoxels), shape, radiusVoxels);
}

/** Dilation, then erosion: gaps narrower than the ball are closed. */
export function closing(mask: Uint8Array, shape: Shape, radiusVoxels: number): Uint8Array {
  return erode(dilate(mask, shape, radiusVoxels), shape, radiusVoxels);
}

/** Fills every background region that no path over voxel faces joins to the rim of the volume. */
export function fillHoles(mask: Uint8Array, shape: Shape): Uint8Array {
  const [nx, ny, nz] = shape;
  const { labels, sizes } = connectedComponents(
    mask.map((inside) => (inside === 0 ? 1 : 0)),
    shape,
    6,
  );
  const open = new Uint8Array(sizes.length + 1);
  for (let z = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      const inner = z > 0 && z < nz - 1 && y > 0 && y < ny - 1;
      for (let x = 0; x < nx; x += inner ? Math.max(1, nx - 1) : 1) open[labels[x + nx * (y + ny * z)] as number] = 1;
    }
  }
  return mask.map((inside, i) => (inside !== 0 || open[labels[i] as number] === 0 ? 1 : 0));
}
