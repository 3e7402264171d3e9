import { median } from "@quintet/kernels";
import { ghostRatio } from "../correct/k-space/epi-ghost.ts";
import { type CartesianKSpace, pointsOf } from "../forward/coil-data.ts";
import { transformCoils } from "../forward/fourier.ts";

/** Of a magnitude image, between background and object: the threshold with the largest variance between the two. */
export function objectMask(image: Float32Array): Uint8Array {
  const most = image.reduce((a, b) => Math.max(a, b), 0);
  const bins = new Float64Array(256);
  for (const value of image) {
    const bin = most > 0 ? Math.min(255, Math.floor((256 * value) / most)) : 0;
    bins[bin] = (bins[bin] as number) + 1;
  }
  const total = bins.reduce((sum, n, i) => sum + n * i, 0);
  let [below, sumBelow, best, threshold] = [0, 0, -1, 0];
  for (let i = 0; i < 255; i++) {
    below += bins[i] as number;
    sumBelow += i * (bins[i] as number);
    const above = image.length - below;
    if (below === 0 || above === 0) continue;
    const difference = sumBelow / below - (total - sumBelow) / above;
    const between = below * above * difference * difference;
    if (between > best) [best, threshold] = [between, i + 1];
  }
  return new Uint8Array(image.length).map((_, i) => Number((image[i] as number) > (threshold * most) / 256));
}

/**
 * SD of one part of the noise of coil images before combination, from what an oversampled readout shows beyond the image's
 * field of view: its outer sixteenths hold no object. Median over coils of 1.4826 median |x|.
 *
 * @param kspace with its whole readout
 * @param share of the readout that the image keeps, below 1
 * @returns undefined when the image keeps more than three quarters
 */
export function noiseBeyondImage(kspace: CartesianKSpace, share: number): number | undefined {
  const { coils, shape, mask } = kspace;
  const [nx, ny, nz] = shape;
  const strip = Math.floor(nx / 16);
  if (!(share <= 0.75) || strip < 4) return undefined;
  const x = transformCoils(kspace, true, [0]);
  const whole = Array.from({ length: ny * nz }, (_, line) => line).filter((line) => mask[line * nx + (nx >> 1)] === 1);
  const sds = Array.from({ length: coils }, (_, c) => {
    const parts: number[] = [];
    for (const line of whole) {
      const row = 2 * (c * pointsOf(shape) + line * nx);
      for (let i = 0; i < 2 * strip; i++)
        parts.push(Math.abs(x[row + i] as number), Math.abs(x[row + 2 * nx - 1 - i] as number));
    }
    return 1.4826 * median(parts);
  });
  const sd = median(sds);
  return sd > 0 ? sd : undefined;
}

/** Median of the object over the SD of its noise; undefined without either. */
export function signalToNoise(image: Float32Array, object: Uint8Array, noise: number | undefined): number | undefined {
  const inside = [...image].filter((_, i) => object[i] === 1);
  return noise === undefined || !(noise > 0) || inside.length === 0 ? undefined : median(inside) / noise;
}

/**
 * `ghostRatio` of the middle slice; undefined where the object leaves no room for its ghost. Blur of the object's edge and,
 * where the object leaves no other background, the noise count as ghost: the figure is a bound from above.
 */
export function middleGhost(
  image: Float32Array,
  object: Uint8Array,
  [nx, ny, nz]: readonly [number, number, number],
): number | undefined {
  const from = Math.floor(nz / 2) * nx * ny;
  return ghostRatio(image.subarray(from, from + nx * ny), object.subarray(from, from + nx * ny), nx, ny);
}
