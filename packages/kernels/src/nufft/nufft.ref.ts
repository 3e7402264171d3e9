/**
 * Reference non-uniform transform: the sum itself, float64, as nufft.ts says it.
 * @param trajectory [sample][axis] in cycles per voxel
 */
export function nufftReference(
  image: ArrayLike<number>,
  shape: readonly number[],
  trajectory: ArrayLike<number>,
): Float64Array {
  const samples = trajectory.length / shape.length;
  const out = new Float64Array(2 * samples);
  forEachPair(shape, trajectory, (sample, point, c, s) => {
    const [re, im] = [image[2 * point] as number, image[2 * point + 1] as number];
    out[2 * sample] = (out[2 * sample] as number) + re * c + im * s;
    out[2 * sample + 1] = (out[2 * sample + 1] as number) + im * c - re * s;
  });
  return out;
}

export function nufftAdjointReference(
  values: ArrayLike<number>,
  shape: readonly number[],
  trajectory: ArrayLike<number>,
): Float64Array {
  const out = new Float64Array(2 * shape.reduce((a, b) => a * b, 1));
  forEachPair(shape, trajectory, (sample, point, c, s) => {
    const [re, im] = [values[2 * sample] as number, values[2 * sample + 1] as number];
    out[2 * point] = (out[2 * point] as number) + re * c - im * s;
    out[2 * point + 1] = (out[2 * point + 1] as number) + im * c + re * s;
  });
  return out;
}

/** Calls with cos and sin of 2 pi k . (r - centre). */
function forEachPair(
  shape: readonly number[],
  trajectory: ArrayLike<number>,
  visit: (sample: number, point: number, c: number, s: number) => void,
): void {
  const points = shape.reduce((a, b) => a * b, 1);
  for (let sample = 0; sample < trajectory.length / shape.length; sample++) {
    for (let point = 0; point < points; point++) {
      let [turns, rest] = [0, point];
      for (const [axis, n] of shape.entries()) {
        turns += (trajectory[sample * shape.length + axis] as number) * ((rest % n) - Math.floor(n / 2));
        rest = Math.floor(rest / n);
      }
      visit(sample, point, Math.cos(2 * Math.PI * turns), Math.sin(2 * Math.PI * turns));
    }
  }
}
