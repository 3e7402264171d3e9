import type { Mask, Volume } from "@quintet/core";
import { fftN } from "@quintet/kernels";
import type { MeanCovariance } from "./mean-covariance.ts";
import { noiseAutocovariance, placeIn, smoothLength } from "./noise-autocovariance.ts";
import type { NamedRegions } from "./regional-means.ts";

/**
 * Covariance of regional means from the noise that one image shows where it is even:
 *
 *   S_ij = sum_{a in i} sum_{b in j} sqrt(x(a) x(b)) C(b - a) / (N_i N_j)
 *
 * the sum of the noise's autocovariance over all pairs of voxels, no resolution assumed. What is truly uneven in the even region
 * within 30 mm counts as noise.
 *
 * @param even on the image's grid
 * @returns undefined where the region is not evenly filled (noiseAutocovariance)
 */
export function imageNoiseCovariance(image: Volume, regions: NamedRegions, even: Mask): MeanCovariance | undefined {
  const noise = noiseAutocovariance(image, even);
  if (!noise) return undefined;
  const { lag, at } = noise;
  const box = image.shape.map((n, k) => smoothLength(n + (lag[k] as number))) as [number, number, number];
  const index = (x: number, y: number, z: number): number => 2 * ((z * box[1] + y) * box[0] + x);
  const around = (d: number, axis: 0 | 1 | 2): number => (d < 0 ? d + box[axis] : d);
  const covariance = new Float32Array(2 * box[0] * box[1] * box[2]);
  for (let z = -lag[2]; z <= lag[2]; z++)
    for (let y = -lag[1]; y <= lag[1]; y++)
      for (let x = -lag[0]; x <= lag[0]; x++) covariance[index(around(x, 0), around(y, 1), around(z, 2))] = at(x, y, z);
  const axes = [0, 1, 2];
  const spectrum = fftN(covariance, box, axes);
  const place = placeIn(image.shape);
  const voxels = [...regions.voxels.values()].map((own) =>
    Array.from(own, (v) => ({ at: index(...(place(v) as [number, number, number])), root: root(image.data[v]) })),
  );
  const n = voxels.length;
  const matrix = new Float64Array(n * n);
  for (const [j, own] of voxels.entries()) {
    const spread = new Float32Array(covariance.length);
    for (const { at: to, root: weight } of own) spread[to] = weight / own.length;
    fftN(spread, box, axes, {}, spread);
    for (let k = 0; k < spread.length; k += 2) {
      // C is even: its spectrum is real
      const real = spectrum[k] as number;
      spread[k] = (spread[k] as number) * real;
      spread[k + 1] = (spread[k + 1] as number) * real;
    }
    fftN(spread, box, axes, { inverse: true }, spread);
    for (const [i, other] of voxels.entries()) {
      let sum = 0;
      for (const { at: from, root: weight } of other) sum += weight * (spread[from] as number);
      matrix[i * n + j] = sum / other.length;
    }
  }
  return { names: [...regions.voxels.keys()], matrix };
}

function root(x: number | undefined): number {
  return Math.sqrt(Math.max(0, x ?? 0));
}
