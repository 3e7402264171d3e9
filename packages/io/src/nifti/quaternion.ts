import { type Affine, determinant, voxelSizes } from "@quintet/core";

/** A rotation as the parts b, c, d of a unit quaternion (a >= 0), and the handedness of the axes. */
export interface Quaternion {
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly qfac: 1 | -1;
}

/**
 * Quaternion of an affine's axes; a left-handed set is turned right-handed by its third axis (qfac = -1).
 * The largest of the four parts is found first, so that none is lost to cancellation.
 *
 * @see nifti1_io.c, nifti_mat44_to_quatern; Shepperd, J Guidance Control 1978;1:223
 */
export function quaternionOf(affine: Affine): Quaternion {
  const qfac = determinant(affine) < 0 ? -1 : 1;
  const sizes = voxelSizes(affine);
  const r = (row: number, column: number): number =>
    ((affine[row * 4 + column] as number) / (sizes[column] as number)) * (column === 2 ? qfac : 1);
  const squares = [
    1 + r(0, 0) + r(1, 1) + r(2, 2),
    1 + r(0, 0) - r(1, 1) - r(2, 2),
    1 - r(0, 0) + r(1, 1) - r(2, 2),
    1 - r(0, 0) - r(1, 1) + r(2, 2),
  ];
  const largest = squares.indexOf(Math.max(...squares));
  const twice = Math.sqrt(squares[largest] as number);
  const [x, y, z] = [r(2, 1) - r(1, 2), r(0, 2) - r(2, 0), r(1, 0) - r(0, 1)];
  const [xy, xz, yz] = [r(0, 1) + r(1, 0), r(0, 2) + r(2, 0), r(1, 2) + r(2, 1)];
  const parts = (
    [
      [twice * twice, x, y, z],
      [x, twice * twice, xy, xz],
      [y, xy, twice * twice, yz],
      [z, xz, yz, twice * twice],
    ] as const
  )[largest] as readonly [number, number, number, number];
  const [a, b, c, d] = parts.map((part) => part / (2 * twice)) as [number, number, number, number];
  // The quaternion and its negative are one rotation; NIfTI stores the one with a >= 0.
  const sign = a < 0 ? -1 : 1;
  return { b: sign * b, c: sign * c, d: sign * d, qfac };
}

/** Rows of R(b, c, d) diag(sizes) with the third axis times qfac: 12 numbers. */
export function rotationOf(
  { b, c, d, qfac }: Quaternion,
  sizes: readonly number[],
  offset: readonly number[],
): number[] {
  const a = Math.sqrt(Math.max(0, 1 - b * b - c * c - d * d));
  const [dx, dy, dz] = [sizes[0] as number, sizes[1] as number, (sizes[2] as number) * qfac];
  return [
    (a * a + b * b - c * c - d * d) * dx,
    2 * (b * c - a * d) * dy,
    2 * (b * d + a * c) * dz,
    offset[0] as number,
    2 * (b * c + a * d) * dx,
    (a * a + c * c - b * b - d * d) * dy,
    2 * (c * d - a * b) * dz,
    offset[1] as number,
    2 * (b * d - a * c) * dx,
    2 * (c * d + a * b) * dy,
    (a * a + d * d - b * b - c * c) * dz,
    offset[2] as number,
  ];
}
