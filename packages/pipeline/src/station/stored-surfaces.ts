/** Surfaces that a run leaves for the workstation: the scalp the sensors lie on, and the brain's outline. */
import type { Surface } from "@quintet/core";
import { isosurface, simplifySurface, smoothGaussian, smoothSurface } from "@quintet/kernels";
import type { Anatomy } from "../recipes/five/outcome.ts";
import type { StoredSurface } from "./stored-scene.ts";

export interface SurfaceFile extends StoredSurface {
  make(anatomy: Anatomy): Surface;
}

/** Enough for a picture; the mask it comes from has a hundred thousand. */
const brainVertices = 12_000;

export function surfaceFiles(folder: string): readonly SurfaceFile[] {
  return [
    {
      path: `${folder}/anat/${folder}_desc-scalp_surf.gii`,
      name: "Scalp",
      colour: "#d8b49c",
      make: ({ scalp }) => scalp,
    },
    { path: `${folder}/anat/${folder}_desc-brain_surf.gii`, name: "Brain", colour: "#c9c4bd", make: brainSurface },
  ];
}

/** The brain mask's outline, smoothed by a Gaussian of one voxel and by Taubin's rule. */
function brainSurface({ brain }: Anatomy): Surface {
  const soft = smoothGaussian(Float32Array.from(brain.data), brain.shape, [1, 1, 1]);
  const surface = smoothSurface(isosurface(soft, brain, 0.5));
  return surface.vertices.length / 3 > brainVertices ? simplifySurface(surface, brainVertices) : surface;
}
