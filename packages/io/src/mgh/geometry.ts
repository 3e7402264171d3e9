import { type Affine, affineOf, apply, type Grid, invert, multiply, type Transform, voxelSizes } from "@quintet/core";

/**
 * FreeSurfer's "surface RAS" (tkRAS) of a volume: its grid as if it were coronal and centred on the origin.
 *
 *   tk = [ -dx 0 0 dx nx/2 ;  0 0 dz -dz nz/2 ;  0 -dy 0 dy ny/2 ]  (i, j, k, 1)
 *
 * with d the voxel sizes in mm and n the shape. Surfaces are written in these coordinates.
 *
 * @returns voxel index -> tkRAS mm, row-major 4x4
 */
export function tkRasAffine({ shape: [nx, ny, nz], affine }: Pick<Grid, "shape" | "affine">): Affine {
  const [dx, dy, dz] = voxelSizes(affine);
  return affineOf([-dx, 0, 0, (dx * nx) / 2, 0, 0, dz, (-dz * nz) / 2, 0, -dy, 0, (dy * ny) / 2]);
}

/**
 * tkRAS of a volume -> the volume's own world (scanner RAS) mm: scanner = vox2ras inv(vox2ras-tkr) tk.
 * Of a volume whose axes are those of the scanner it is the shift by c_ras, the world point of the volume's centre.
 *
 * @throws DataError `singular-affine`
 */
export function tkRas<To extends string = string>(grid: Grid & { readonly space: To }): Transform<"tkRAS", To> {
  return { from: "tkRAS", to: grid.space, matrix: multiply(grid.affine, invert(tkRasAffine(grid))) };
}

/** World point of the volume's centre as FreeSurfer counts it: voxel n/2, not (n - 1)/2. */
export function cRas({ shape: [nx, ny, nz], affine }: Pick<Grid, "shape" | "affine">): [number, number, number] {
  return apply(affine, [nx / 2, ny / 2, nz / 2]);
}
