/** Edges and place of the voxels, as ImageGrid has them. */
interface Grid {
  readonly shape: readonly [nx: number, ny: number, nz: number];
  readonly size: readonly [x: number, y: number, z: number];
  readonly origin: readonly [x: number, y: number, z: number];
}

/**
 * The lengths in mm that a line runs inside each voxel, between its two ends (Siddon, Med Phys 1985;12:252-255): all its
 * crossings with the voxels' faces in order, the voxel of each piece found at the piece's middle.
 */
export function siddonLengths(
  line: ArrayLike<number>,
  { shape, size, origin }: Grid,
  visit: (voxel: number, length: number) => void,
): void {
  const d = [line[3] - line[0], line[4] - line[1], line[5] - line[2]];
  const whole = Math.hypot(...d);
  const crossings = [0, 1];
  for (let axis = 0; axis < 3; axis++) {
    for (let face = 0; face <= shape[axis]; face++) {
      const t = (origin[axis] + (face - 0.5) * size[axis] - line[axis]) / d[axis];
      if (t > 0 && t < 1) crossings.push(t);
    }
  }
  crossings.sort((a, b) => a - b);
  for (let k = 1; k < crossings.length; k++) {
    const middle = (crossings[k] + crossings[k - 1]) / 2;
    const at = [0, 1, 2].map((axis) => Math.round((line[axis] + middle * d[axis] - origin[axis]) / size[axis]));
    if (at.some((index, axis) => index < 0 || index >= shape[axis])) continue;
    visit(at[0] + shape[0] * (at[1] + shape[1] * at[2]), (crossings[k] - crossings[k - 1]) * whole);
  }
}
