import { DataError } from "@quintet/core";
import { type CoilData, pointsOf, refuseBadCoilData } from "../forward/coil-data.ts";
import type { CoilMaps } from "../forward/sense-model.ts";
import { leadingEigenvectors } from "./pixel-eigen.ts";

/**
 * Root sum of squares over coils, m = sqrt(sum_c |x_c|^2) (Roemer et al., Magn Reson Med 1990;16:192-225).
 * @returns magnitude, [z][y][x]
 */
export function rootSumOfSquares({ coils, shape, data }: CoilData): Float32Array {
  const points = pointsOf(shape);
  const out = new Float32Array(points);
  for (let c = 0; c < coils; c++) {
    for (let i = 0; i < points; i++) {
      const at = 2 * (c * points + i);
      out[i] = (out[i] as number) + (data[at] as number) ** 2 + (data[at + 1] as number) ** 2;
    }
  }
  return out.map(Math.sqrt);
}

/**
 * Adaptive sensitivities of Walsh et al. (Magn Reson Med 2000;43:682-90): the leading eigenvector of the coils' local
 * covariance, sum over a box of x x', at each point; of length 1, its phase against the coil with the most signal.
 * The noise must be white: whiten first.
 *
 * @param images coil images
 * @param radius half width of the box in voxels along each axis longer than one point, default 3
 * @throws DataError as `refuseBadCoilData`, `bad-option`
 */
export function walshMaps(images: CoilData, radius = 3): CoilMaps {
  refuseBadCoilData(images);
  if (!(Number.isInteger(radius) && radius >= 1)) {
    throw new DataError("bad-option", "the box of local covariance", {
      expected: "a radius of 1 or more",
      found: `${radius}`,
    });
  }
  const { coils, shape, data } = images;
  const points = pointsOf(shape);
  const pairs: Float32Array[] = [];
  for (let c = 0; c < coils; c++) {
    for (let d = 0; d <= c; d++) {
      const product = new Float32Array(2 * points);
      for (let i = 0; i < points; i++) {
        const [p, q] = [2 * (c * points + i), 2 * (d * points + i)];
        const [a, b, u, v] = [data[p], data[p + 1], data[q], data[q + 1]] as [number, number, number, number];
        product[2 * i] = a * u + b * v;
        product[2 * i + 1] = b * u - a * v;
      }
      pairs.push(boxSum(product, shape, radius));
    }
  }
  const { maps } = leadingEigenvectors(pairs, coils, points, 1);
  const reference = strongestCoil(images);
  for (let i = 0; i < points; i++) {
    const at = 2 * (reference * points + i);
    const [re, im] = [maps[at] as number, maps[at + 1] as number];
    const size = Math.hypot(re, im);
    if (size === 0) continue;
    for (let c = 0; c < coils; c++) {
      const to = 2 * (c * points + i);
      const [a, b] = [maps[to] as number, maps[to + 1] as number];
      maps[to] = (a * re + b * im) / size;
      maps[to + 1] = (b * re - a * im) / size;
    }
  }
  return { sets: 1, coils, shape, data: maps };
}

function strongestCoil({ coils, shape, data }: CoilData): number {
  const n = 2 * pointsOf(shape);
  let [best, most] = [0, -1];
  for (let c = 0; c < coils; c++) {
    const power = data.subarray(c * n, (c + 1) * n).reduce((sum, v) => sum + v * v, 0);
    if (power > most) [best, most] = [c, power];
  }
  return best;
}

/** Sum over a box along each axis by running sums, cut at the edges. */
function boxSum(data: Float32Array, shape: CoilData["shape"], radius: number): Float32Array {
  let from = data;
  for (let axis = 0; axis < 3; axis++) {
    const n = shape[axis] as number;
    if (n === 1) continue;
    const stride = 2 * shape.slice(0, axis).reduce((a, b) => a * b, 1);
    const to = new Float32Array(from.length);
    for (let base = 0; base < from.length; base += stride * n) {
      for (let k = base; k < base + stride; k++) {
        let sum = 0;
        for (let i = 0; i < Math.min(radius, n); i++) sum += from[k + i * stride] as number;
        for (let i = 0; i < n; i++) {
          if (i + radius < n) sum += from[k + (i + radius) * stride] as number;
          if (i > radius) sum -= from[k + (i - radius - 1) * stride] as number;
          to[k + i * stride] = sum;
        }
      }
    }
    from = to;
  }
  return from;
}
