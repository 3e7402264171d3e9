/** A BOLD series of a head given by a formula: moved, noisy, active where it is told to be. */
import {
  type Affine,
  affineOf,
  apply,
  type Grid,
  invert,
  type Mask,
  multiply,
  type Point,
  type Volume,
} from "@quintet/core";
import { seededRandom } from "@quintet/kernels";

export interface BoldSimulation {
  readonly shape?: readonly [number, number, number];
  /** Voxel edges, mm. */
  readonly voxel?: Point;
  readonly volumes: number;
  readonly repetitionTime?: number;
  /** Head at the reference -> head in each volume, about the world origin. */
  readonly motion?: readonly Affine[];
  /** SD of the noise in % of the brain's signal (100). */
  readonly noise?: number;
  /** AR(1) coefficient of the noise. */
  readonly rho?: number;
  /** Slow drift over the whole series, %. */
  readonly drift?: number;
  readonly active?: {
    readonly centre: Point;
    readonly radius: number;
    /** Signal change in % at time t (s). */
    readonly course: (t: number) => number;
  };
  /** When each slice is measured after the start of its volume. */
  readonly sliceTimes?: readonly number[];
  readonly seed?: number;
}

export interface SimulatedBold {
  readonly bold: Volume;
  readonly brain: Mask;
  readonly active: Mask;
}

/** The head's middle, RAS mm. */
export const headCentre: Point = [0, -5, 15];

export function boldGrid(shape: readonly [number, number, number], voxel: Point): Grid {
  const [ox, oy, oz] = shape.map((n, k) => ((n - 1) / 2) * (voxel[k] as number)) as [number, number, number];
  const [cx, cy, cz] = headCentre;
  return {
    shape,
    affine: affineOf([-voxel[0], 0, 0, ox + cx, 0, voxel[1], 0, cy - oy, 0, 0, voxel[2], cz - oz]),
    space: "scanner:mri",
  };
}

/** Signal of the head at rest: a brain of 100 with structure, a dim scalp, air. */
export function headSignal(seed: number): (p: Point) => number {
  const random = seededRandom(seed);
  const blobs = Array.from({ length: 45 }, () => ({
    c: [90 * random.uniform() - 45, 120 * random.uniform() - 65, 90 * random.uniform() - 30] as const,
    s: 5 + 5 * random.uniform(),
    a: 70 * random.uniform() - 35,
  }));
  return (p) => {
    const depth = depthOf(p);
    if (depth > 1.6) return 1;
    let value = 1 + 99 / (1 + Math.exp((depth - 1) * 22)) + 25 * Math.exp(-(((depth - 1.18) / 0.05) ** 2));
    for (const { c, s, a } of blobs) {
      const r2 = (p[0] - c[0]) ** 2 + (p[1] - c[1]) ** 2 + (p[2] - c[2]) ** 2;
      if (r2 < 12 * s * s) value += (a * Math.exp(-r2 / (2 * s * s))) / (1 + Math.exp((depth - 0.95) * 30));
    }
    return value;
  };
}

const depthOf = (p: Point): number =>
  Math.hypot((p[0] - headCentre[0]) / 64, (p[1] - headCentre[1]) / 80, (p[2] - headCentre[2]) / 54);

export function simulateBold(options: BoldSimulation): SimulatedBold {
  const {
    shape = [32, 36, 24],
    voxel = [5, 5, 5],
    volumes,
    repetitionTime = 2,
    noise = 0,
    rho = 0,
    drift = 0,
  } = options;
  const { motion, active, sliceTimes, seed = 1 } = options;
  const grid = boldGrid(shape, voxel);
  const signal = headSignal(seed);
  const n = shape[0] * shape[1] * shape[2];
  const [nx, ny] = shape;
  const places = Array.from(
    { length: n },
    (_, i) => [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))] as const,
  );
  const world = places.map((v) => apply(grid.affine, v));
  const within = (p: Point): boolean =>
    active !== undefined && Math.hypot(...p.map((c, k) => c - (active.centre[k] as number))) <= active.radius;
  const still = motion ? undefined : Float32Array.from(world, signal);
  const data = new Float32Array(n * volumes);
  const random = seededRandom(seed + 1000);
  const noisy = new Float64Array(n);
  for (let t = 0; t < volumes; t++) {
    const back = motion ? invert(motion[t] as Affine) : undefined;
    const slow = 1 + (drift / 100) * Math.sin((Math.PI * t) / volumes);
    for (let i = 0; i < n; i++) {
      const p = back ? apply(back, world[i] as Point) : (world[i] as Point);
      const at = t * repetitionTime + (sliceTimes?.[(places[i] as Point)[2]] ?? repetitionTime / 2);
      const change = active && within(p) ? 1 + active.course(at) / 100 : 1;
      // Started in the stationary state.
      noisy[i] = t === 0 ? random.normal() / Math.sqrt(1 - rho * rho) : rho * (noisy[i] as number) + random.normal();
      const value = still ? (still[i] as number) : signal(p);
      data[t * n + i] = value * change * slow + noise * Math.sqrt(1 - rho * rho) * (noisy[i] as number);
    }
  }
  const mask = (of: (p: Point) => boolean): Mask => ({ ...grid, data: Uint8Array.from(world, (p) => (of(p) ? 1 : 0)) });
  return {
    bold: {
      ...grid,
      unit: "{arbitrary}",
      clock: "mri",
      frames: Array.from({ length: volumes }, (_, t) => ({ start: t * repetitionTime, duration: repetitionTime })),
      data,
    },
    brain: mask((p) => depthOf(p) < 0.97),
    active: mask(within),
  };
}

/** Largest error of maps at the head's middle (mm) and of their angle (degrees), each relative to volume `still`. */
export function motionErrors(
  found: readonly Affine[],
  truth: readonly Affine[],
  still: number,
): [mm: number, degrees: number] {
  const anchor = multiply(invert(truth[still] as Affine), found[still] as Affine);
  const errors = found.map((map, t) => {
    const rest = multiply(invert(multiply(truth[t] as Affine, anchor)), map);
    const [x, y, z] = apply(rest, headCentre);
    const cosine = ((rest[0] as number) + (rest[5] as number) + (rest[10] as number) - 1) / 2;
    return [
      Math.hypot(x - headCentre[0], y - headCentre[1], z - headCentre[2]),
      (Math.acos(Math.min(1, cosine)) * 180) / Math.PI,
    ] as const;
  });
  return [Math.max(...errors.map(([mm]) => mm)), Math.max(...errors.map(([, degrees]) => degrees))];
}
