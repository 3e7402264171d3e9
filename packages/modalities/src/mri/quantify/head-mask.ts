import { identityAffine, type Mask, type Volume } from "@quintet/core";
import { closing, fillHoles, largestComponent, resample } from "@quintet/kernels";
import { workingImage } from "./working-image.ts";

/** Nostrils, ear canals and dark bone up to twice this are closed over. */
const closingRadius = 6; // mm

/**
 * The head (all that is not air) of a T1-weighted image.
 *
 *   head = fill(largest component of close_6mm(I > t_2 + 0.1 (t_98 - t_2)))   on 2 mm, joined with I > t at full resolution
 *
 * @throws DataError `not-finite`, `constant-data`, `no-head`
 */
export function headMask(t1: Volume): Mask {
  const { image, step, levels } = workingImage(t1, 2);
  const bright = image.data.map((value) => (value > levels.threshold ? 1 : 0));
  const closed = closing(Uint8Array.from(bright), image.shape, closingRadius / step);
  const filled = fillHoles(largestComponent(closed, image.shape, 6), image.shape);
  const inside = resample({ ...image, data: Float32Array.from(filled) }, t1, identityAffine()).data;
  const near = t1.data.map((value, i) =>
    (inside[i] as number) >= 0.5 || ((inside[i] as number) > 0 && value > levels.threshold) ? 1 : 0,
  );
  return { shape: t1.shape, affine: t1.affine, space: t1.space, data: Uint8Array.from(near) };
}
