/** One image as a cubic spline in plain TypeScript; several at a time, compiled and on threads: spline-images.ts. */
import type { Affine } from "@quintet/core";

type Shape = readonly [nx: number, ny: number, nz: number];

/** Where the image is asked for, and the eight columns it is regressed on there. */
export interface SplinePoints {
  /** Three voxel indices per point. */
  readonly places: Float32Array;
  /** Eight numbers per point. */
  readonly basis: Float32Array;
  /** Voxels along x, y, z from the image's edge within which a point weighs nothing, and over which its weight then rises to 1. */
  readonly margin: Shape;
  readonly ramp: Shape;
}

/** For an image that is only resampled. */
export const noPoints: SplinePoints = {
  places: new Float32Array(0),
  basis: new Float32Array(0),
  margin: [0, 0, 0],
  ramp: [1, 1, 1],
};

/** Sums over the points: B'WI (8), I'WI and the sum of the weights, B'(1 - W)B (36, rows from the diagonal on). */
export const sumsLength = 46;

export interface SplineImage {
  /** Makes `data` the image: its spline passes through every sample; beyond the edge voxels it is mirrored. */
  load(data: Float32Array): void;
  /** @param map point -> voxel of the image */
  accumulate(map: Affine): Float64Array;
  /** @param map target voxel -> voxel of the image */
  resample(map: Affine, target: Shape, outside: number, out: Float32Array): void;
}

export function plainImage(shape: Shape, { places, basis, margin, ramp }: SplinePoints): SplineImage {
  const [nx, ny, nz] = shape;
  const [row, plane] = [nx + 3, (nx + 3) * (ny + 3)];
  const padded = new Float64Array(plane * (nz + 3));
  const sums = new Float64Array(sumsLength);
  const [wx, wy, wz] = [new Float64Array(4), new Float64Array(4), new Float64Array(4)];
  const value = (x: number, y: number, z: number): number => {
    const [i, j, k] = [x | 0, y | 0, z | 0];
    weights(x - i, wx);
    weights(y - j, wy);
    weights(z - k, wz);
    let sum = 0;
    for (let c = 0; c < 4; c++) {
      for (let b = 0; b < 4; b++) {
        const at = i + row * (j + b) + plane * (k + c);
        sum +=
          wz[c] *
          wy[b] *
          (wx[0] * padded[at] + wx[1] * padded[at + 1] + wx[2] * padded[at + 2] + wx[3] * padded[at + 3]);
      }
    }
    return sum;
  };
  return {
    load: (data) => padCoefficients(coefficientsOf(data, shape), shape, padded),
    accumulate(m) {
      sums.fill(0);
      for (let n = 0; 3 * n < places.length; n++) {
        const [x, y, z] = [places[3 * n], places[3 * n + 1], places[3 * n + 2]];
        const px = m[0] * x + m[1] * y + m[2] * z + m[3];
        const py = m[4] * x + m[5] * y + m[6] * z + m[7];
        const pz = m[8] * x + m[9] * y + m[10] * z + m[11];
        const weight =
          edgeWeight(px, nx, margin[0], ramp[0]) *
          edgeWeight(py, ny, margin[1], ramp[1]) *
          edgeWeight(pz, nz, margin[2], ramp[2]);
        if (weight > 0) {
          const v = value(px, py, pz);
          for (let i = 0; i < 8; i++) sums[i] += weight * v * basis[8 * n + i];
          sums[8] += weight * v * v;
          sums[9] += weight;
        }
        if (weight < 1) {
          let to = 10;
          for (let i = 0; i < 8; i++)
            for (let j = i; j < 8; j++) sums[to++] += (1 - weight) * basis[8 * n + i] * basis[8 * n + j];
        }
      }
      return sums;
    },
    resample(m, [tx, ty, tz], outside, out) {
      let to = 0;
      for (let z = 0; z < tz; z++) {
        for (let y = 0; y < ty; y++) {
          for (let x = 0; x < tx; x++) {
            const px = m[0] * x + m[1] * y + m[2] * z + m[3];
            const py = m[4] * x + m[5] * y + m[6] * z + m[7];
            const pz = m[8] * x + m[9] * y + m[10] * z + m[11];
            const near = px >= -0.5 && py >= -0.5 && pz >= -0.5 && px < nx - 0.5 && py < ny - 0.5 && pz < nz - 0.5;
            out[to++] = near ? value(held(px, nx), held(py, ny), held(pz, nz)) : outside;
          }
        }
      }
    },
  };
}

function edgeWeight(x: number, n: number, margin: number, ramp: number): number {
  return Math.max(0, Math.min(1, (Math.min(x, n - 1 - x) - margin) / ramp));
}

function held(x: number, n: number): number {
  return Math.min(Math.max(x, 0), n - 1);
}

/** beta_3 at t + 1, t, 1 - t, 2 - t. */
function weights(t: number, out: Float64Array): void {
  const s = 1 - t;
  out[0] = (s * s * s) / 6;
  out[1] = 2 / 3 + t * t * (t / 2 - 1);
  out[2] = 2 / 3 + s * s * (s / 2 - 1);
  out[3] = (t * t * t) / 6;
}

const pole = Math.sqrt(3) - 2;
/** pole^30 = 7e-18. */
const horizon = 30;

function mirror(i: number, n: number): number {
  if (n === 1) return 0;
  const folded = Math.abs(i) % (2 * n - 2);
  return folded < n ? folded : 2 * n - 2 - folded;
}

/** The recursive inverse filter along each axis. */
function coefficientsOf(data: Float32Array, shape: Shape): Float64Array {
  const out = Float64Array.from(data);
  const strides = [1, shape[0], shape[0] * shape[1]];
  for (let axis = 0; axis < 3; axis++) {
    const [n, stride] = [shape[axis] as number, strides[axis] as number];
    if (n === 1) continue;
    for (let block = 0; block < out.length; block += n * stride) {
      for (let start = block; start < block + stride; start++) {
        let [first, power] = [0, 1];
        for (let i = 0; i < horizon; i++) {
          first += power * out[start + mirror(i, n) * stride];
          power *= pole;
        }
        let before = 6 * first;
        out[start] = before;
        for (let i = 1; i < n; i++) {
          before = 6 * out[start + i * stride] + pole * before;
          out[start + i * stride] = before;
        }
        let after = (pole / (pole * pole - 1)) * (before + pole * out[start + (n - 2) * stride]);
        out[start + (n - 1) * stride] = after;
        for (let i = n - 2; i >= 0; i--) {
          after = pole * (after - out[start + i * stride]);
          out[start + i * stride] = after;
        }
      }
    }
  }
  return out;
}

/** One mirrored voxel before and two after each axis, so that no neighbourhood needs a branch. */
function padCoefficients(c: Float64Array, [nx, ny, nz]: Shape, padded: Float64Array): void {
  let to = 0;
  for (let z = -1; z < nz + 2; z++) {
    for (let y = -1; y < ny + 2; y++) {
      const row = nx * (mirror(y, ny) + ny * mirror(z, nz));
      for (let x = -1; x < nx + 2; x++) padded[to++] = c[row + mirror(x, nx)];
    }
  }
}
