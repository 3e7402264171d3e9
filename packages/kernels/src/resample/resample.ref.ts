/** One value of an image at a fractional voxel index, float64; the rules of resample.ts. */
type Triple = readonly [x: number, y: number, z: number];
export type Interpolation = "linear" | "nearest" | "cubic";

/** Keys' cubic convolution kernel with a = -1/2 (third-order exact). Keys, IEEE TASSP 1981;29:1153-1160. */
export function keys(t: number): number {
  const s = Math.abs(t);
  if (s < 1) return (1.5 * s - 2.5) * s * s + 1;
  if (s < 2) return ((-0.5 * s + 2.5) * s - 4) * s + 2;
  return 0;
}

const kernels: Readonly<Record<Interpolation, (t: number) => number>> = {
  linear: (t) => Math.max(0, 1 - Math.abs(t)),
  nearest: (t) => (t >= -0.5 && t < 0.5 ? 1 : 0),
  cubic: keys,
};

/**
 * @returns `outside` where the index lies beyond the outer faces of the edge voxels (below -1/2 or from n - 1/2 on);
 * inside, missing neighbours take the value of the edge voxel
 */
export function sampleReference(
  data: ArrayLike<number>,
  shape: Triple,
  at: Triple,
  interpolation: Interpolation,
  outside: number,
): number {
  if (!at.every((x, axis) => x >= -0.5 && x < (shape[axis] as number) - 0.5)) return outside;
  const kernel = kernels[interpolation];
  const clamp = (i: number, axis: 0 | 1 | 2): number => Math.min(Math.max(i, 0), shape[axis] - 1);
  const around = (x: number): readonly number[] => [-1, 0, 1, 2].map((k) => Math.floor(x) + k);
  let sum = 0;
  for (const k of around(at[2])) {
    for (const j of around(at[1])) {
      for (const i of around(at[0])) {
        const weight = kernel(i - at[0]) * kernel(j - at[1]) * kernel(k - at[2]);
        const voxel = clamp(i, 0) + shape[0] * (clamp(j, 1) + shape[1] * clamp(k, 2));
        if (weight !== 0) sum += weight * (data[voxel] as number);
      }
    }
  }
  return sum;
}
