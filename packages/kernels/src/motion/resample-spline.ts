import { type Affine, DataError, frameData, type Grid, invert, multiply, type Volume, voxelCount } from "@quintet/core";
import { noPoints } from "./spline-image.ts";
import { splineImages } from "./spline-images.ts";

/**
 * Every frame of a series on another grid, each by its own map, by cubic B-spline interpolation:
 *
 *   out_t(v) = sum_k c_t[k] beta_3(A_s^-1 T_t A_g v - k),   the coefficients c_t so that the spline meets each sample
 *
 * A series that is moved back, laid over another image and brought to another grid goes through here once, with the maps
 * composed: each interpolation costs sharpness. In the outermost half voxel the edge value is held; beyond lies `outside`.
 *
 * Tolerance of the compiled form against the reference: 3e-6 of the largest value (float32 coefficients and weights).
 *
 * @param targetToSource target world mm -> source world mm, one for all frames or one per frame
 * @throws DataError `shape-mismatch`, `singular-affine`
 * @see Unser, IEEE Signal Process Mag 1999;16(6):22-38; Thevenaz et al., IEEE TMI 2000;19:739-58
 */
export function resampleSpline<V extends Volume>(
  source: V,
  target: Grid,
  targetToSource: Affine | readonly Affine[],
  { outside = 0 }: { readonly outside?: number } = {},
): V {
  const frames = source.frames.length;
  const maps = targetToSource instanceof Float64Array ? source.frames.map(() => targetToSource) : targetToSource;
  if (maps.length !== frames || source.data.length !== frames * voxelCount(source) || voxelCount(source) < 1) {
    throw new DataError("shape-mismatch", "one map and one whole image per frame", {
      expected: `${frames} maps and ${source.shape.join(" x ")} x ${frames} values`,
      found: `${maps.length} maps and ${source.data.length} values`,
    });
  }
  const n = voxelCount(target);
  const data = new Float32Array(n * frames);
  const images = splineImages(source.shape, { points: noPoints, room: n, frames });
  const toVoxel = invert(source.affine);
  const voxelToVoxel = maps.map((map) => multiply(toVoxel, multiply(map, target.affine)));
  try {
    for (let first = 0; first < frames; first += images.slots) {
      const batch = Array.from({ length: Math.min(images.slots, frames - first) }, (_, k) => first + k);
      images.load(batch.map((t) => frameData(source, t)));
      const outs = batch.map((t) => data.subarray(t * n, (t + 1) * n));
      images.resample(voxelToVoxel.slice(first, first + batch.length), target.shape, outside, outs);
    }
  } finally {
    images.close();
  }
  return { ...source, shape: target.shape, affine: target.affine, space: target.space, data };
}
