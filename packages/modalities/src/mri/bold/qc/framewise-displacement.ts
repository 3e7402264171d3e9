import { type Affine, invert, multiply, type Point } from "@quintet/core";
import type { HeadMotion } from "../correct/motion.ts";

const degree = Math.PI / 180;

/**
 * Framewise displacement after Power: the sum of the absolute changes of the six parameters from the volume before, turns
 * as arcs on a sphere of 50 mm.
 *
 *   FD_t = sum |shift_t - shift_{t-1}| + 50 mm x sum |turn_t - turn_{t-1}|,   FD_0 = 0
 *
 * @returns mm, one per volume
 * @see Power et al., NeuroImage 2012;59:2142-54
 */
export function framewiseDisplacement(
  { shift, degrees }: Pick<HeadMotion, "shift" | "degrees">,
  radius = 50,
): Float64Array {
  const change = (of: readonly Point[], t: number): number =>
    t === 0
      ? 0
      : [0, 1, 2].reduce(
          (sum, k) => sum + Math.abs(((of[t] as Point)[k] as number) - ((of[t - 1] as Point)[k] as number)),
          0,
        );
  return Float64Array.from(shift, (_, t) => change(shift, t) + radius * degree * change(degrees, t));
}

/**
 * Root mean square displacement over a sphere between neighbouring volumes, after Jenkinson.
 *
 *   FD_t = sqrt(R^2 trace(A'A) / 5 + |b + A c|^2),   [A b] = W_t W_{t-1}^-1 - I,  R = 80 mm, c the sphere's centre
 *
 * @returns mm, one per volume
 * @see Jenkinson, FMRIB technical report TR99MJ1 (1999); Jenkinson et al., NeuroImage 2002;17:825-41
 */
export function framewiseDisplacementRms(
  { maps, centre }: Pick<HeadMotion, "maps" | "centre">,
  radius = 80,
): Float64Array {
  return Float64Array.from(maps, (map, t) => {
    if (t === 0) return 0;
    const m = multiply(map, invert(maps[t - 1] as Affine));
    let [trace, moved] = [0, 0];
    for (let row = 0; row < 3; row++) {
      let b = m[row * 4 + 3] as number;
      for (let k = 0; k < 3; k++) {
        const a = (m[row * 4 + k] as number) - (row === k ? 1 : 0);
        trace += a * a;
        b += a * (centre[k] as number);
      }
      moved += b * b;
    }
    return Math.sqrt((radius * radius * trace) / 5 + moved);
  });
}

/**
 * Motion as courses for a model: the six parameters; with their squares and both of the volume before, 24.
 *
 *   6: shift (mm) and turn (rad);   24: R_t, R_t^2, R_{t-1}, R_{t-1}^2
 *
 * @see Friston et al., Magn Reson Med 1996;35:346-55
 */
export function motionRegressors(
  { shift, degrees }: Pick<HeadMotion, "shift" | "degrees">,
  count: 6 | 24,
): { readonly name: string; readonly values: Float64Array }[] {
  const axes = ["x", "y", "z"];
  const six = [
    ...axes.map((axis, k) => ({ name: `trans_${axis}`, values: Float64Array.from(shift, (p) => p[k] as number) })),
    ...axes.map((axis, k) => ({
      name: `rot_${axis}`,
      values: Float64Array.from(degrees, (p) => (p[k] as number) * degree),
    })),
  ];
  if (count === 6) return six;
  const before = six.map(({ name, values }) => ({
    name: `${name}_before`,
    values: values.map((_, t) => (t === 0 ? 0 : (values[t - 1] as number))),
  }));
  return [...six, ...before].flatMap(({ name, values }) => [
    { name, values },
    { name: `${name}_power2`, values: values.map((v) => v * v) },
  ]);
}
