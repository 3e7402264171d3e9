/** A head phantom seen by coils, with its truth. */
import { seededRandom } from "@quintet/kernels";
import type { CartesianKSpace } from "../src/mri/forward/coil-data.ts";
import { toKSpace } from "../src/mri/forward/fourier.ts";

/** Intensity, half axes, centre, turn in degrees: Shepp & Logan, IEEE Trans Nucl Sci 1974;21:21-43, contrast of Toft. */
const ellipses = [
  [1, 0.69, 0.92, 0, 0, 0],
  [-0.8, 0.6624, 0.874, 0, -0.0184, 0],
  [-0.2, 0.11, 0.31, 0.22, 0, -18],
  [-0.2, 0.16, 0.41, -0.22, 0, 18],
  [0.1, 0.21, 0.25, 0, 0.35, 0],
  [0.1, 0.046, 0.046, 0, 0.1, 0],
  [0.1, 0.046, 0.046, 0, -0.1, 0],
  [0.1, 0.046, 0.023, -0.08, -0.605, 0],
  [0.1, 0.023, 0.023, 0, -0.606, 0],
  [0.1, 0.023, 0.046, 0.06, -0.605, 0],
] as const;

/** [y][x], the mean of 3 x 3 points in each pixel. */
export function sheppLogan(nx: number, ny: number): Float32Array {
  return Float32Array.from({ length: nx * ny }, (_, i) => {
    let sum = 0;
    for (const dx of [-1 / 3, 0, 1 / 3])
      for (const dy of [-1 / 3, 0, 1 / 3]) {
        const x = (2 * ((i % nx) - Math.floor(nx / 2) + dx)) / nx;
        const y = (2 * (Math.floor(i / nx) - Math.floor(ny / 2) + dy)) / ny;
        for (const [value, a, b, x0, y0, degrees] of ellipses) {
          const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
          const [u, v] = [c * (x - x0) + s * (y - y0), c * (y - y0) - s * (x - x0)];
          if ((u / a) ** 2 + (v / b) ** 2 <= 1) sum += value;
        }
      }
    return sum / 9;
  });
}

/** Smooth complex sensitivities of coils on a ring: 1 / (1 + d^2) with the phase of a turning field. [coil][y][x] */
export function ringCoils(nx: number, ny: number, coils: number): Float32Array {
  const out = new Float32Array(2 * coils * nx * ny);
  for (let c = 0; c < coils; c++) {
    const turn = (2 * Math.PI * c) / coils;
    for (let i = 0; i < nx * ny; i++) {
      const x = (2 * ((i % nx) - nx / 2)) / nx - 1.2 * Math.cos(turn);
      const y = (2 * (Math.floor(i / nx) - ny / 2)) / ny - 1.2 * Math.sin(turn);
      const size = 1 / (0.4 + x * x + y * y);
      const phase = 0.8 * (x * Math.sin(turn) - y * Math.cos(turn)) + turn;
      out[2 * (c * nx * ny + i)] = size * Math.cos(phase);
      out[2 * (c * nx * ny + i) + 1] = size * Math.sin(phase);
    }
  }
  return out;
}

export interface CoilPhantom {
  readonly object: Float32Array;
  readonly maps: Float32Array;
  readonly kspace: CartesianKSpace;
  /** Root sum of squares of the noiseless coil images. */
  readonly rss: Float32Array;
}

/** Fully sampled; `noise` is the SD per part of a unitary transform's k-space. */
export function coilPhantom(nx: number, ny: number, coils: number, noise = 0): CoilPhantom {
  const [object, maps] = [sheppLogan(nx, ny), ringCoils(nx, ny, coils)];
  const data = maps.map((value, i) => value * (object[(i >> 1) % (nx * ny)] as number));
  const rss = object.map((_, i) => {
    let square = 0;
    for (let c = 0; c < coils; c++) {
      const at = 2 * (c * nx * ny + i);
      square += (data[at] as number) ** 2 + (data[at + 1] as number) ** 2;
    }
    return Math.sqrt(square);
  });
  const mask = new Uint8Array(nx * ny).fill(1);
  const { normal } = seededRandom(5);
  const kspace = toKSpace({ coils, shape: [nx, ny, 1] as const, data, mask });
  return { object, maps, rss, kspace: { ...kspace, data: kspace.data.map((v) => v + noise * normal()) } };
}

/** Keeps every R-th line and `reference` lines round the centre. */
export function undersample(kspace: CartesianKSpace, acceleration: number, reference: number): CartesianKSpace {
  const [nx, ny] = kspace.shape;
  const first = Math.floor(ny / 2) - Math.floor(reference / 2);
  const mask = kspace.mask.map((_, i) => {
    const y = Math.floor(i / nx) % ny;
    return Number(y % acceleration === 0 || (y >= first && y < first + reference));
  });
  return { ...kspace, mask, data: kspace.data.map((v, i) => v * (mask[(i >> 1) % mask.length] as number)) };
}

/** |x - t| / |t| */
export function nrmse(x: ArrayLike<number>, t: ArrayLike<number>): number {
  let [error, size] = [0, 0];
  for (let i = 0; i < t.length; i++) {
    error += ((x[i] as number) - (t[i] as number)) ** 2;
    size += (t[i] as number) ** 2;
  }
  return Math.sqrt(error / size);
}
