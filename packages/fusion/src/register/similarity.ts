import { type Affine, apply, DataError, type Grid, invert, multiply, type Volume, voxelCount } from "@quintet/core";

/** Points of the fixed image with their grey-level bins: what a similarity is summed over. */
export interface FixedSamples {
  /** [point][x y z], world mm. */
  readonly points: Float64Array;
  /** Lower of the two bins each point is shared by, and the share of the upper one. */
  readonly bins: Uint8Array;
  readonly shares: Float32Array;
}

export interface MovingImage {
  readonly data: Float32Array;
  readonly shape: Grid["shape"];
  readonly toVoxel: Affine;
  /** Grey value -> bin: (value - low) * scale, held to [0, bins - 1]. */
  readonly low: number;
  readonly scale: number;
}

export interface Similarity {
  /** (H(F) + H(M)) / H(F, M): 1 when independent, 2 when each tells the other. */
  readonly nmi: number;
  /** Share of the fixed samples that fall inside the moving image. */
  readonly overlap: number;
}

export const bins = 48;

/** Values at the two ends of the grey scale: the 0.5th and 99.5th percentile of the values given. */
export function greyRange(values: ArrayLike<number>): [low: number, high: number] {
  const stride = Math.max(1, Math.floor(values.length / 50_000));
  const some: number[] = [];
  for (let i = 0; i < values.length; i += stride) some.push(values[i] as number);
  some.sort((a, b) => a - b);
  const at = (q: number): number => some[Math.round(q * (some.length - 1))] as number;
  return [at(0.005), at(0.995)];
}

/** Every `step`-th voxel (mm) of the fixed image. */
export function fixedSamples(fixed: Volume, step: number): FixedSamples {
  const [nx, ny, nz] = fixed.shape;
  const edges = [0, 1, 2].map((c) =>
    Math.hypot(fixed.affine[c] as number, fixed.affine[4 + c] as number, fixed.affine[8 + c] as number),
  );
  const [sx, sy, sz] = edges.map((edge) => Math.max(1, Math.round(step / edge))) as [number, number, number];
  const places: number[] = [];
  const values: number[] = [];
  for (let z = sz >> 1; z < nz; z += sz) {
    for (let y = sy >> 1; y < ny; y += sy) {
      for (let x = sx >> 1; x < nx; x += sx) {
        const voxel = x + nx * (y + ny * z);
        places.push(...apply(fixed.affine, [x, y, z]));
        values.push(fixed.data[voxel] as number);
      }
    }
  }
  const [low, high] = greyRange(values);
  const lower = new Uint8Array(values.length);
  const shares = new Float32Array(values.length);
  for (const [i, value] of values.entries()) {
    const level = binOf(value, low, (bins - 1) / (high - low || 1));
    lower[i] = Math.min(Math.floor(level), bins - 2);
    shares[i] = level - (lower[i] as number);
  }
  return { points: Float64Array.from(places), bins: lower, shares };
}

function binOf(value: number, low: number, scale: number): number {
  return Math.min(Math.max((value - low) * scale, 0), bins - 1);
}

export function movingImage(moving: Volume): MovingImage {
  const n = voxelCount(moving);
  if (moving.data.length < n) throw new DataError("shape-mismatch", "the moving image must fill its grid");
  const [low, high] = greyRange(moving.data.subarray(0, n));
  return {
    data: moving.data,
    shape: moving.shape,
    toVoxel: invert(moving.affine),
    low,
    scale: (bins - 1) / (high - low || 1),
  };
}

/**
 * Normalised mutual information of a fixed and a moved image.
 *
 *   NMI = (H(F) + H(M)) / H(F, M),   H = -sum p log p
 *
 * over the fixed samples that fall inside the moving image under `fixedToMoving` (world mm -> world mm), the moving
 * value by linear interpolation, each sample shared linearly between its two nearest bins on both axes (float64 bins:
 * float32 sums stall beyond 2^24).
 *
 * @see Studholme, Hill & Hawkes, Pattern Recognition 1999;32:71-86
 */
export function similarity(fixed: FixedSamples, moving: MovingImage, fixedToMoving: Affine): Similarity {
  const m = multiply(moving.toVoxel, fixedToMoving);
  const m0 = m[0] as number;
  const m1 = m[1] as number;
  const m2 = m[2] as number;
  const m3 = m[3] as number;
  const m4 = m[4] as number;
  const m5 = m[5] as number;
  const m6 = m[6] as number;
  const m7 = m[7] as number;
  const m8 = m[8] as number;
  const m9 = m[9] as number;
  const m10 = m[10] as number;
  const m11 = m[11] as number;
  const { points, bins: lower, shares } = fixed;
  const { data, low, scale } = moving;
  const nx = moving.shape[0] | 0;
  const ny = moving.shape[1] | 0;
  const plane = (nx * ny) | 0;
  const lx = nx - 1;
  const ly = ny - 1;
  const lz = moving.shape[2] - 1;
  const joint = new Float64Array(bins * bins);
  const n = lower.length;
  let inside = 0;
  for (let p = 0, q = 0; p < n; p++, q += 3) {
    const px = points[q] as number;
    const py = points[q + 1] as number;
    const pz = points[q + 2] as number;
    const x = m0 * px + m1 * py + m2 * pz + m3;
    const y = m4 * px + m5 * py + m6 * pz + m7;
    const z = m8 * px + m9 * py + m10 * pz + m11;
    if (!(x >= 0 && y >= 0 && z >= 0 && x < lx && y < ly && z < lz)) continue;
    const i = x | 0;
    const j = y | 0;
    const k = z | 0;
    const u = x - i;
    const v = y - j;
    const w = z - k;
    const at = (i + nx * j + plane * k) | 0;
    const a = data[at] as number;
    const b = data[at + nx] as number;
    const c = data[at + plane] as number;
    const d = data[at + nx + plane] as number;
    const near = a + u * ((data[at + 1] as number) - a);
    const up = b + u * ((data[at + nx + 1] as number) - b);
    const back = c + u * ((data[at + plane + 1] as number) - c);
    const far = d + u * ((data[at + nx + plane + 1] as number) - d);
    const front = near + v * (up - near);
    const value = front + w * (back + v * (far - back) - front);
    const level = Math.min(Math.max((value - low) * scale, 0), bins - 1);
    const column = Math.min(level | 0, bins - 2) | 0;
    const g = level - column;
    const f = shares[p] as number;
    const cell = (lower[p] as number) * bins + column;
    joint[cell] = (joint[cell] as number) + (1 - f) * (1 - g);
    joint[cell + 1] = (joint[cell + 1] as number) + (1 - f) * g;
    joint[cell + bins] = (joint[cell + bins] as number) + f * (1 - g);
    joint[cell + bins + 1] = (joint[cell + bins + 1] as number) + f * g;
    inside++;
  }
  return { nmi: normalisedMutualInformation(joint, inside), overlap: n === 0 ? 0 : inside / n };
}

/** From a joint histogram that sums to `total`; 1 for an empty or one-celled one. */
export function normalisedMutualInformation(joint: Float64Array, total: number): number {
  if (!(total > 0)) return 1;
  const [rows, columns] = [new Float64Array(bins), new Float64Array(bins)];
  let both = 0;
  for (let r = 0, cell = 0; r < bins; r++) {
    for (let c = 0; c < bins; c++, cell++) {
      const p = (joint[cell] as number) / total;
      if (p === 0) continue;
      rows[r] = (rows[r] as number) + p;
      columns[c] = (columns[c] as number) + p;
      both -= p * Math.log(p);
    }
  }
  const entropy = (p: Float64Array): number => p.reduce((h, x) => (x > 0 ? h - x * Math.log(x) : h), 0);
  return both > 0 ? (entropy(rows) + entropy(columns)) / both : 1;
}
