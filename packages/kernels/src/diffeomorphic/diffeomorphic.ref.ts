/** The symmetric log-domain demons of diffeomorphic.ts in float64, one loop per equation. */

type Triple = readonly [x: number, y: number, z: number];
/** Three components, [component][z][y][x], in voxels. */
export type Field = Float64Array;

export interface DemonsStep {
  readonly window: number;
  readonly fluid: number;
  readonly elastic: number;
  readonly step: number;
  readonly floor: number;
  readonly damping: number;
}

/** The velocity is halved until its largest component is at most this part of a voxel, then squared as often. */
export const matchingStride = 0.5;
export const exactStride = 0.05;

/** How often `factor` x velocity is halved. */
export function squarings(largest: number, factor: number, stride: number): number {
  const most = Math.abs(factor) * largest;
  return most > stride ? Math.ceil(Math.log2(most / stride)) : 0;
}

/** Linear interpolation between voxel centres; beyond the outermost centres their value is held. */
export function heldSample(data: ArrayLike<number>, offset: number, [nx, ny, nz]: Triple, at: Triple): number {
  const axis = (p: number, n: number): readonly [number, number] => {
    const q = Math.min(Math.max(p, 0), n - 1);
    const i = Math.min(Math.floor(q), n - 2);
    return [i, q - i];
  };
  const [i, u] = axis(at[0], nx);
  const [j, v] = axis(at[1], ny);
  const [k, w] = axis(at[2], nz);
  let sum = 0;
  for (const [c, wc] of [
    [0, 1 - w],
    [1, w],
  ] as const) {
    for (const [b, wb] of [
      [0, 1 - v],
      [1, v],
    ] as const) {
      const row = offset + i + nx * (j + b + ny * (k + c));
      sum += wc * wb * ((1 - u) * (data[row] as number) + u * (data[row + 1] as number));
    }
  }
  return sum;
}

function forEachVoxel([nx, ny, nz]: Triple, visit: (voxel: number, x: number, y: number, z: number) => void): void {
  let voxel = 0;
  for (let z = 0; z < nz; z++) for (let y = 0; y < ny; y++) for (let x = 0; x < nx; x++) visit(voxel++, x, y, z);
}

/** The displacement of (id + u) o (id + w): w(x) + u(x + w(x)). */
export function composeReference(u: ArrayLike<number>, w: ArrayLike<number>, shape: Triple): Field {
  const n = shape[0] * shape[1] * shape[2];
  const out = new Float64Array(3 * n);
  forEachVoxel(shape, (i, x, y, z) => {
    const step = [0, 1, 2].map((c) => w[c * n + i] as number) as [number, number, number];
    const there: Triple = [x + step[0], y + step[1], z + step[2]];
    for (let c = 0; c < 3; c++) out[c * n + i] = (step[c] as number) + heldSample(u, c * n, shape, there);
  });
  return out;
}

/** The displacement of exp(factor v): factor v / 2^n, composed with itself n times. */
export function exponentialReference(
  velocity: ArrayLike<number>,
  shape: Triple,
  factor: number,
  stride: number = exactStride,
): Field {
  let most = 0;
  for (let i = 0; i < velocity.length; i++) most = Math.max(most, Math.abs(velocity[i] as number));
  const n = squarings(most, factor, stride);
  let out: Field = Float64Array.from(velocity, (v) => (v * factor) / 2 ** n);
  for (let k = 0; k < n; k++) out = composeReference(out, out, shape);
  return out;
}

type Smooth = (data: ArrayLike<number>, sigma: number) => Float64Array;

/**
 * One iteration: halfway images, local normalisation, force, update.
 * @param smooth Gaussian smoothing of one frame by sigma voxels along every axis, reflected at the rim
 * @returns the new velocity and the mismatch before it
 */
export function demonsStepReference(
  fixed: ArrayLike<number>,
  moving: ArrayLike<number>,
  shape: Triple,
  velocity: Field,
  { window, fluid, elastic, step, floor, damping }: DemonsStep,
  smooth: Smooth,
): { readonly velocity: Field; readonly mismatch: number } {
  const n = shape[0] * shape[1] * shape[2];
  const halfway = (image: ArrayLike<number>, factor: number): Float64Array => {
    const u = exponentialReference(velocity, shape, factor, matchingStride);
    const out = new Float64Array(n);
    forEachVoxel(shape, (i, x, y, z) => {
      const place: Triple = [x + (u[i] as number), y + (u[n + i] as number), z + (u[2 * n + i] as number)];
      out[i] = heldSample(image, 0, shape, place);
    });
    return out;
  };
  const normalised = (image: Float64Array): Float64Array => {
    const mean = smooth(image, window);
    const square = smooth(
      image.map((v) => v * v),
      window,
    );
    return image.map(
      (v, i) =>
        (v - (mean[i] as number)) / Math.sqrt(Math.max((square[i] as number) - (mean[i] as number) ** 2, 0) + floor),
    );
  };
  const a = normalised(halfway(fixed, -0.5));
  const b = normalised(halfway(moving, 0.5));
  let [apart, power] = [0, 0];
  const force = new Float64Array(3 * n);
  const strides = [1, shape[0], shape[0] * shape[1]] as const;
  forEachVoxel(shape, (i, x, y, z) => {
    const r = (a[i] as number) - (b[i] as number);
    apart += r * r;
    power += (a[i] as number) ** 2 + (b[i] as number) ** 2;
    const slope = [x, y, z].map((p, axis) => {
      const up = i + (p < (shape[axis] as number) - 1 ? (strides[axis] as number) : 0);
      const down = i - (p > 0 ? (strides[axis] as number) : 0);
      return ((a[up] as number) + (b[up] as number) - (a[down] as number) - (b[down] as number)) / 4;
    });
    const square = slope.reduce((sum, g) => sum + g * g, 0);
    const factor = r / (square + (r * r) / (4 * step * step) + damping);
    for (let c = 0; c < 3; c++) force[c * n + i] = factor * (slope[c] as number);
  });
  const next = new Float64Array(3 * n);
  for (let c = 0; c < 3; c++) {
    const update = smooth(force.subarray(c * n, (c + 1) * n), fluid);
    const moved = update.map((d, i) => d + (velocity[c * n + i] as number));
    next.set(smooth(moved, elastic), c * n);
  }
  return { velocity: next, mismatch: power > 0 ? apart / power : 0 };
}
