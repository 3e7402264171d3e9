/** Small algebra of rigid maps about a centre. */
import { type Affine, affineOf, apply, identityAffine, type Point, rigid } from "@quintet/core";

const degree: number = Math.PI / 180;

export function rigidAbout(degrees: Point, shift: Point, centre: Point): Affine {
  return rigid(degrees, shift, centre);
}

/** The inverse of the map p -> exp([turn]x) (p - centre) + centre + shift, for a step (shift mm, turn rad). */
export function inverseStep(step: ArrayLike<number>, centre: Point): Affine {
  const [wx, wy, wz] = [-(step[3] as number), -(step[4] as number), -(step[5] as number)];
  const angle = Math.hypot(wx, wy, wz);
  const [s, c] = angle > 1e-12 ? [Math.sin(angle) / angle, (1 - Math.cos(angle)) / angle ** 2] : [1, 0.5];
  // Rodrigues: 1 + s K + c K^2, K the cross product with the (negated) turn.
  const turn = affineOf([
    ...[1 - c * (wy * wy + wz * wz), c * wx * wy - s * wz, c * wx * wz + s * wy, 0],
    ...[c * wx * wy + s * wz, 1 - c * (wx * wx + wz * wz), c * wy * wz - s * wx, 0],
    ...[c * wx * wz - s * wy, c * wy * wz + s * wx, 1 - c * (wx * wx + wy * wy), 0],
  ]);
  const out = identityAffine();
  out.set(turn);
  const from: Point = [0, 1, 2].map((k) => -(centre[k] as number) - (step[k] as number)) as unknown as Point;
  const moved = apply(turn, from);
  for (let k = 0; k < 3; k++) out[k * 4 + 3] = (moved[k] as number) + (centre[k] as number);
  return out;
}

/** Angles and shift of a rigid map as core's `rigid(degrees, shift, centre)` takes them. */
export function eulerAngles(map: Affine, centre: Point): { readonly degrees: Point; readonly shift: Point } {
  const at = (row: number, column: number): number => map[row * 4 + column] as number;
  const y = Math.asin(Math.min(1, Math.max(-1, -at(2, 0))));
  const x = Math.atan2(at(2, 1), at(2, 2));
  const z = Math.atan2(at(1, 0), at(0, 0));
  const moved = apply(map, centre);
  return {
    degrees: [x / degree, y / degree, z / degree],
    shift: [0, 1, 2].map((k) => (moved[k] as number) - (centre[k] as number)) as unknown as Point,
  };
}
