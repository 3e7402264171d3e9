/**
 * Affine maps in homogeneous coordinates: 4x4, row-major, acting on column points (x, y, z, 1).
 * World is RAS+ millimetres everywhere inside Quintet.
 */
import { DataError } from "./data-error.ts";

export type Point = readonly [x: number, y: number, z: number];
/** Row-major 4x4, 16 numbers, last row 0 0 0 1. */
export type Affine = Float64Array;

export function identityAffine(): Affine {
  return Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1);
}

/** Rows given as plain numbers; the last row may be left out. @throws DataError `bad-affine` */
export function affineOf(rows: ArrayLike<number>): Affine {
  if (rows.length !== 12 && rows.length !== 16) {
    throw new DataError("bad-affine", "an affine has 12 or 16 numbers", { found: `${rows.length}` });
  }
  const matrix = identityAffine();
  for (let i = 0; i < rows.length; i++) matrix[i] = rows[i] as number;
  if (!matrix.every(Number.isFinite)) throw new DataError("bad-affine", "an affine has finite entries only");
  return matrix;
}

/** `multiply(a, b)` applies b first, then a. */
export function multiply(a: Affine, b: Affine): Affine {
  const out = new Float64Array(16);
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 4; column++) {
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += (a[row * 4 + k] as number) * (b[k * 4 + column] as number);
      out[row * 4 + column] = sum;
    }
  }
  return out;
}

export function apply(m: Affine, [x, y, z]: Point): [number, number, number] {
  const at = (i: number): number => m[i] as number;
  return [
    at(0) * x + at(1) * y + at(2) * z + at(3),
    at(4) * x + at(5) * y + at(6) * z + at(7),
    at(8) * x + at(9) * y + at(10) * z + at(11),
  ];
}

/** Determinant of the upper-left 3x3: its sign is the handedness, its size the voxel volume in mm3. */
export function determinant(m: Affine): number {
  const [a, b, c, , d, e, f, , g, h, i] = m as unknown as readonly number[] & { readonly [index: number]: number };
  return (
    (a as number) * ((e as number) * (i as number) - (f as number) * (h as number)) -
    (b as number) * ((d as number) * (i as number) - (f as number) * (g as number)) +
    (c as number) * ((d as number) * (h as number) - (e as number) * (g as number))
  );
}

/** @throws DataError `singular-affine` */
export function invert(m: Affine): Affine {
  const det = determinant(m);
  if (!(Math.abs(det) > 1e-12))
    throw new DataError("singular-affine", "this affine has no inverse", { found: `determinant ${det}` });
  const at = (i: number): number => m[i] as number;
  const [a, b, c, d, e, f, g, h, i] = [at(0), at(1), at(2), at(4), at(5), at(6), at(8), at(9), at(10)];
  const inverse = [
    (e * i - f * h) / det,
    (c * h - b * i) / det,
    (b * f - c * e) / det,
    (f * g - d * i) / det,
    (a * i - c * g) / det,
    (c * d - a * f) / det,
    (d * h - e * g) / det,
    (b * g - a * h) / det,
    (a * e - b * d) / det,
  ] as const;
  const out = identityAffine();
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) out[row * 4 + column] = inverse[row * 3 + column] as number;
    out[row * 4 + 3] = -(
      (inverse[row * 3] as number) * at(3) +
      (inverse[row * 3 + 1] as number) * at(7) +
      (inverse[row * 3 + 2] as number) * at(11)
    );
  }
  return out;
}

/** Voxel edge lengths in mm: the column norms. */
export function voxelSizes(m: Affine): [number, number, number] {
  const norm = (column: number): number =>
    Math.hypot(m[column] as number, m[4 + column] as number, m[8 + column] as number);
  return [norm(0), norm(1), norm(2)];
}

/**
 * Rigid map: rotate by the angles (degrees) about x, then y, then z through `centre`, then shift (mm).
 *   p' = Rz Ry Rx (p - centre) + centre + shift
 */
export function rigid(degrees: Point, shift: Point, centre: Point = [0, 0, 0]): Affine {
  const [ax, ay, az] = degrees.map((d) => (d * Math.PI) / 180) as [number, number, number];
  const [cx, sx, cy, sy, cz, sz] = [Math.cos(ax), Math.sin(ax), Math.cos(ay), Math.sin(ay), Math.cos(az), Math.sin(az)];
  const m = affineOf([
    cz * cy,
    cz * sy * sx - sz * cx,
    cz * sy * cx + sz * sx,
    0,
    sz * cy,
    sz * sy * sx + cz * cx,
    sz * sy * cx - cz * sx,
    0,
    -sy,
    cy * sx,
    cy * cx,
    0,
  ]);
  const moved = apply(m, centre);
  for (let k = 0; k < 3; k++) m[k * 4 + 3] = (centre[k] as number) + (shift[k] as number) - (moved[k] as number);
  return m;
}
