import { identityAffine, type Mask, type Millimetres, type Volume } from "@quintet/core";
import { closing, distanceTransform, resample, smoothGaussian } from "@quintet/kernels";
import { isotropicGrid } from "../working-image.ts";

/** The closed brain's rim on an isotropic grid along the world axes: what the skull is sought around. */
export interface Cavity {
  /** Smooth signed distance to the rim, mm, positive outside. */
  readonly distance: Volume<"mm">;
  readonly step: Millimetres;
}

const step: Millimetres = 2;
/** Sulci, fissures and the angle between cerebrum and cerebellum are bridged by a ball of this radius. */
const bridged: Millimetres = 16;
/** Standard deviation of the smoothing that gives the rim a normal, mm. */
const smoothing: Millimetres = 2;
/** Room around the image, voxels: the rim's band must not leave the grid. */
const room = 8;

/**
 * Signed distance to the rim of the brain closed by 16 mm.
 *
 *   phi = G_2mm * (d(x, closed) - d(x, outside of closed))
 */
export function cavityOf(brain: Mask): Cavity {
  const grid = isotropicGrid(brain, step, room);
  const still = { unit: "1" as const, frames: [{ start: 0, duration: 0 }], clock: "none" };
  const inside = resample({ ...brain, ...still, data: Float32Array.from(brain.data) }, grid, identityAffine()).data;
  const coarse = new Uint8Array(inside.length).map((_, i) => ((inside[i] as number) >= 0.5 ? 1 : 0));
  const closed = closing(coarse, grid.shape, bridged / step);
  const signed = signedDistance(closed, grid.shape, step);
  const sigma = smoothing / step;
  const data = smoothGaussian(signed, grid.shape, [sigma, sigma, sigma]);
  return { step, distance: { ...grid, ...still, unit: "mm", data } };
}

/** mm from the rim, negative inside; the rim lies halfway between the last voxel inside and the first outside. */
export function signedDistance(mask: Uint8Array, shape: Mask["shape"], edge: Millimetres): Float32Array {
  const edges = [edge, edge, edge] as const;
  const outside = distanceTransform(mask, shape, edges);
  const inside = distanceTransform(
    mask.map((m) => (m === 0 ? 1 : 0)),
    shape,
    edges,
  );
  return outside.map((d, i) => (d > 0 ? d - edge / 2 : edge / 2 - (inside[i] as number)));
}
