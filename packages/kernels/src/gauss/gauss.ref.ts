/** Gaussian smoothing, float64, as the equation in gauss.ts says it. */

type Triple = readonly [x: number, y: number, z: number];

/** Normalised samples of exp(-k^2 / 2 sigma^2), k = -radius..radius, radius = ceil(4 sigma). */
export function gaussianTaps(sigma: number): Float64Array {
  const radius = Math.ceil(4 * sigma);
  const taps = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    sigma === 0 ? 1 : Math.exp(-((i - radius) ** 2) / (2 * sigma * sigma)),
  );
  const sum = taps.reduce((a, b) => a + b, 0);
  return taps.map((tap) => tap / sum);
}

/** Index reflected about the outer faces of the edge voxels: d c b a | a b c d | d c b a. */
export function reflect(i: number, n: number): number {
  const period = 2 * n;
  const folded = ((i % period) + period) % period;
  return folded < n ? folded : period - 1 - folded;
}

export function smoothGaussianReference(data: ArrayLike<number>, shape: Triple, sigma: Triple): Float64Array {
  let from = Float64Array.from(data);
  const strides = [1, shape[0], shape[0] * shape[1]] as const;
  for (let axis = 0; axis < 3; axis++) {
    const taps = gaussianTaps(sigma[axis] as number);
    const [n, stride, radius] = [shape[axis] as number, strides[axis] as number, (taps.length - 1) / 2];
    const to = new Float64Array(from.length);
    for (let i = 0; i < from.length; i++) {
      const at = Math.floor(i / stride) % n;
      let sum = 0;
      for (let k = -radius; k <= radius; k++) {
        sum += (taps[k + radius] as number) * (from[i + (reflect(at + k, n) - at) * stride] as number);
      }
      to[i] = sum;
    }
    from = to;
  }
  return from;
}
