import { type Interpolation, keys } from "./resample.ref.ts";

type Triple = readonly [x: number, y: number, z: number];
/** Value at a fractional voxel index. */
export type Sampler = (x: number, y: number, z: number) => number;

/**
 * A sampler of one frame, [z][y][x]. The image ends at the outer faces of its edge voxels (-1/2 .. n - 1/2):
 * beyond, the value is `outside`; in the outermost half voxel the edge value is held.
 */
export function sampler(
  data: ArrayLike<number>,
  shape: Triple,
  interpolation: Interpolation,
  outside: number,
): Sampler {
  const make = { linear, nearest, cubic }[interpolation];
  const inner = make(data, shape);
  const [ex, ey, ez] = [shape[0] - 0.5, shape[1] - 0.5, shape[2] - 0.5];
  return (x, y, z) => (x >= -0.5 && y >= -0.5 && z >= -0.5 && x < ex && y < ey && z < ez ? inner(x, y, z) : outside);
}

function nearest(data: ArrayLike<number>, [nx, ny]: Triple): Sampler {
  return (x, y, z) => data[((x + 0.5) | 0) + nx * (((y + 0.5) | 0) + ny * ((z + 0.5) | 0))] as number;
}

function linear(data: ArrayLike<number>, [nx, ny, nz]: Triple): Sampler {
  const [lx, ly, lz] = [nx - 1, ny - 1, nz - 1];
  const plane = nx * ny;
  return (x, y, z) => {
    const px = x < 0 ? 0 : Math.min(x, lx);
    const py = y < 0 ? 0 : Math.min(y, ly);
    const pz = z < 0 ? 0 : Math.min(z, lz);
    const i = px | 0;
    const j = py | 0;
    const k = pz | 0;
    const [fx, fy, fz] = [px - i, py - j, pz - k];
    const at = i + nx * j + plane * k;
    const dx = i < lx ? 1 : 0;
    const dy = j < ly ? nx : 0;
    const dz = k < lz ? plane : 0;
    const value = (index: number): number => data[index] as number;
    const near = mix(mix(value(at), value(at + dx), fx), mix(value(at + dy), value(at + dx + dy), fx), fy);
    const far = mix(
      mix(value(at + dz), value(at + dx + dz), fx),
      mix(value(at + dy + dz), value(at + dx + dy + dz), fx),
      fy,
    );
    return mix(near, far, fz);
  };
}

function mix(a: number, b: number, t: number): number {
  return a + (b - a) * t;
}

function cubic(data: ArrayLike<number>, [nx, ny, nz]: Triple): Sampler {
  const weights = new Float64Array(12);
  const places = new Int32Array(12);
  const prepare = (x: number, n: number, stride: number, at: number): void => {
    const base = Math.floor(x);
    for (let k = 0; k < 4; k++) {
      const i = base + k - 1;
      weights[at + k] = keys(i - x);
      places[at + k] = Math.min(Math.max(i, 0), n - 1) * stride;
    }
  };
  return (x, y, z) => {
    prepare(x, nx, 1, 0);
    prepare(y, ny, nx, 4);
    prepare(z, nz, nx * ny, 8);
    let sum = 0;
    for (let k = 8; k < 12; k++) {
      for (let j = 4; j < 8; j++) {
        const row = (places[k] as number) + (places[j] as number);
        const weight = (weights[k] as number) * (weights[j] as number);
        for (let i = 0; i < 4; i++) {
          sum += weight * (weights[i] as number) * (data[row + (places[i] as number)] as number);
        }
      }
    }
    return sum;
  };
}
