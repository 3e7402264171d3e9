/** The surface that uptake is projected to: the brain's own outline, a hemisphere at a time. */
import { type Grid, type Mask, type Surface, spacing } from "@quintet/core";
import { isosurface, simplifySurface, smoothGaussian, smoothSurface } from "@quintet/kernels";

/** Vertices of a hemisphere; 3D-SSP has about 15,500 for a whole brain. Chosen here. */
const vertices = 8000;
/** mm; takes the voxels' steps away. */
const smoothing = 4;

/**
 * Left and right half of a brain mask, cut at x = 0 of a template whose mid-plane that is, each closed: the cut is the medial wall.
 * Smoothed by 4 mm FWHM at half height.
 */
export function brainSurfaces(brain: Mask): readonly [left: Surface, right: Surface] {
  return [half(brain, -1), half(brain, 1)];
}

function half(brain: Mask, side: -1 | 1): Surface {
  const { shape, affine }: Grid = brain;
  const [nx, ny] = shape;
  const own = Float32Array.from(brain.data, (inside, v) => {
    const [i, j, k] = [v % nx, Math.floor(v / nx) % ny, Math.floor(v / nx / ny)];
    const x = (affine[0] as number) * i + (affine[1] as number) * j + (affine[2] as number) * k + (affine[3] as number);
    return inside !== 0 && side * x > 0 ? 1 : 0;
  });
  const sigma = smoothing / 2.3548;
  const [dx, dy, dz] = spacing(brain);
  const soft = smoothGaussian(own, shape, [sigma / dx, sigma / dy, sigma / dz]);
  const rough = isosurface(soft, brain, 0.5);
  const fine = rough.vertices.length / 3 > vertices ? simplifySurface(rough, vertices) : rough;
  return smoothSurface(fine, 5);
}
