/** Surfaces that a run leaves for the workstation: the scalp the sensors lie on, and the brain's outline. */
import { affineOf, type Mask, multiply, type Surface, spacing, type Volume } from "@quintet/core";
import { isosurface, smoothGaussian, smoothSurface } from "@quintet/kernels";
import type { Anatomy } from "../recipes/five/outcome.ts";
import type { StoredSurface } from "./stored-scene.ts";

export interface SurfaceFile extends StoredSurface {
  make(anatomy: Anatomy): Surface;
}

/** Voxel edge that the outline is drawn at, mm: for a picture, not for measures. */
const edge = 3;

export function surfaceFiles(folder: string): readonly SurfaceFile[] {
  return [
    {
      path: `${folder}/anat/${folder}_desc-scalp_surf.gii`,
      name: "Scalp",
      colour: "#d8b49c",
      make: ({ scalp }) => scalp,
    },
    {
      path: `${folder}/anat/${folder}_desc-brain_surf.gii`,
      name: "Brain",
      colour: "#c9c4bd",
      make: ({ brain }) => brainSurface(brain),
    },
  ];
}

/** The mask's outline at about 3 mm, smoothed by a Gaussian of half a voxel and by Taubin's rule. */
export function brainSurface(brain: Mask): Surface {
  const coarse = shares(brain);
  const soft = smoothGaussian(coarse.data, coarse.shape, [0.5, 0.5, 0.5]);
  return smoothSurface(isosurface(soft, coarse, 0.5));
}

/** How much of each block of voxels is inside, on a grid a whole number of times as coarse; one block of margin around. */
function shares(brain: Mask): Pick<Volume, "shape" | "affine" | "space" | "data"> {
  const times = spacing(brain).map((mm) => Math.max(1, Math.round(edge / mm))) as [number, number, number];
  const [nx, ny] = brain.shape;
  const shape = brain.shape.map((n, k) => Math.ceil(n / (times[k] as number)) + 2) as [number, number, number];
  const data = new Float32Array(shape[0] * shape[1] * shape[2]);
  const part = 1 / (times[0] * times[1] * times[2]);
  for (let i = 0; i < brain.data.length; i++) {
    if (brain.data[i] === 0) continue;
    const [x, y, z] = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))];
    const [a, b, c] = [x, y, z].map((v, k) => Math.floor(v / (times[k] as number)) + 1) as [number, number, number];
    const at = a + shape[0] * (b + shape[1] * c);
    data[at] = (data[at] as number) + part;
  }
  // The middle of block b is voxel times (b - 1) + (times - 1) / 2.
  const [sx, sy, sz] = times;
  const [ox, oy, oz] = times.map((n) => (n - 1) / 2 - n) as [number, number, number];
  const toFine = affineOf([sx, 0, 0, ox, 0, sy, 0, oy, 0, 0, sz, oz]);
  return { shape, affine: multiply(brain.affine, toFine), space: brain.space, data };
}
