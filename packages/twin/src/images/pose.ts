/** How a head lies in a scanner: a seeded rigid map from the subject's T1w world to the scanner's world. */
import type { Grid, Point, Transform } from "@quintet/core";
import { affineOf, multiply, rigid } from "@quintet/core";
import type { Random } from "@quintet/kernels";

export interface PoseLimits {
  /** Rotation angle, degrees, drawn between a third of it and all of it. */
  readonly degrees: number;
  /** Shift of the centre, mm, drawn likewise. */
  readonly millimetres: number;
}

/**
 * Rotation by one angle about a random axis through `centre`, then a shift in a random direction.
 * Rodrigues: R = I + sin(a) K + (1 - cos(a)) K^2 with K the cross-product matrix of the axis.
 */
export function randomPose<To extends string>(
  random: Random,
  from: string,
  to: To,
  limits: PoseLimits,
  centre: Point,
): Transform<string, To> {
  const angle = (limits.degrees * (1 + 2 * random.uniform()) * Math.PI) / 540;
  const [x, y, z] = direction(random);
  const [s, c] = [Math.sin(angle), 1 - Math.cos(angle)];
  const turn = affineOf([
    1 - c * (y * y + z * z),
    c * x * y - s * z,
    c * x * z + s * y,
    0,
    c * x * y + s * z,
    1 - c * (x * x + z * z),
    c * y * z - s * x,
    0,
    c * x * z - s * y,
    c * y * z + s * x,
    1 - c * (x * x + y * y),
    0,
  ]);
  const length = (limits.millimetres * (1 + 2 * random.uniform())) / 3;
  const shift = direction(random).map((d) => d * length) as [number, number, number];
  const back = rigid([0, 0, 0], [-centre[0], -centre[1], -centre[2]]);
  const forth = rigid([0, 0, 0], [centre[0] + shift[0], centre[1] + shift[1], centre[2] + shift[2]]);
  return { from, to, matrix: multiply(forth, multiply(turn, back)), error: 0 };
}

function direction(random: Random): [number, number, number] {
  const [x, y, z] = [random.normal(), random.normal(), random.normal()];
  const norm = Math.max(1e-9, Math.hypot(x, y, z));
  return [x / norm, y / norm, z / norm];
}

/** A scanner's own grid: `shape` voxels of `edge` mm centred on `centre`, axes along the world's. */
export function scannerGrid(
  shape: readonly [number, number, number],
  edge: number,
  centre: Point,
  space: string,
): Grid {
  const corner = shape.map((n, k) => (centre[k] as number) - (edge * (n - 1)) / 2) as [number, number, number];
  return {
    shape,
    affine: affineOf([edge, 0, 0, corner[0], 0, edge, 0, corner[1], 0, 0, edge, corner[2]]),
    space,
  };
}
