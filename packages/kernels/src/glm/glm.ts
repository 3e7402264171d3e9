/**
 * The general linear model voxel by voxel, y = X b + e, with serially correlated noise.
 *
 * AR(1) noise e_t = rho e_{t-1} + w_t is whitened exactly,
 *
 *   y'_1 = sqrt(1 - rho^2) y_1,   y'_t = y_t - rho y_{t-1},   X likewise,
 *
 * after which least squares is the best there is. rho comes from the residuals of an ordinary fit, freed of what the
 * fit itself takes away (rhoOfResiduals), and is rounded to 0.002 so that voxels share a factorisation:
 *
 *   "ar1"         per voxel, the residuals' autocorrelation smoothed inside the mask first (`rhoFwhm`, mm)
 *   "ar1-pooled"  one for all voxels: the ratio of the sums over the mask
 *   "ols"         rho = 0
 *
 * Contrasts: t = c'b / sqrt(s^2 c'(X'X)^-1 c) for one row, F = (Cb)'(C (X'X)^-1 C')^-1 (Cb) / (q s^2) for q rows, with
 * n - p degrees of freedom (X whitened in both).
 *
 * Tolerance against the reference: 1e-9 relative for rho on the 0.002 grid (float64 throughout; stored as float32).
 *
 * @see Worsley & Friston, NeuroImage 1995;2:173-81; Woolrich et al., NeuroImage 2001;14:1370-86 (prewhitening)
 */
import { DataError, type Grid } from "@quintet/core";
import { smoothInside } from "../regions/z-map.ts";
import { studentTwoSided } from "../statistics/distribution.ts";
import { largestRho, rhoOfResiduals } from "./autocorrelation.ts";
import { fisherTail, zOfFisher, zOfStudent } from "./tails.ts";
import { type ThinQr, thinQr } from "./thin-qr.ts";

/** Steps of rho in 1: an error of 0.001 changes a standard error by 0.2 % at most at rho = 0.5. */
const rhoSteps = 500;

export interface Contrast {
  readonly name: string;
  /** One row of weights over the columns gives a t, several an F contrast. */
  readonly rows: readonly (readonly number[])[];
}

export interface GlmOptions {
  /** Default "ar1". */
  readonly noise?: "ar1" | "ar1-pooled" | "ols";
  /** mm; 0 takes every voxel's own. Default 8. */
  readonly rhoFwhm?: number;
  /** Names of the columns, for messages. */
  readonly names?: readonly string[];
  readonly progress?: (fraction: number) => void;
}

/** Maps are [z][y][x], 0 outside the mask; p is 1 there. */
export interface ContrastMap {
  readonly name: string;
  readonly kind: "t" | "F";
  /** c'b, in the unit of the data; of an F contrast the root of its explained mean square. */
  readonly effect: Float32Array;
  /** Of a t contrast; empty of an F contrast. */
  readonly standardError: Float32Array;
  readonly statistic: Float32Array;
  readonly z: Float32Array;
  /** Two-sided for t. */
  readonly p: Float64Array;
  readonly dof: readonly [effect: number, error: number];
}

export interface GlmFit {
  /** One map per column. */
  readonly coefficients: readonly Float32Array[];
  /** Variance of the whitened residuals. */
  readonly variance: Float32Array;
  readonly rho: Float32Array;
  readonly dof: number;
  readonly contrasts: readonly ContrastMap[];
}

/**
 * @param data [t][z][y][x] on `grid`
 * @param design n rows of p columns
 * @throws DataError `shape-mismatch`, `rank-deficient`, `bad-contrast` (another number of weights, all 0, dependent
 *   rows), `empty-region`, `not-finite`, `no-dof` (as many columns as images)
 */
export function glm(
  data: Float32Array,
  grid: Grid,
  mask: Uint8Array,
  design: readonly ArrayLike<number>[],
  contrasts: readonly Contrast[],
  { noise = "ar1", rhoFwhm = 8, names, progress }: GlmOptions = {},
): GlmFit {
  const [n, p] = [design.length, design[0]?.length ?? 0];
  const voxels = checked(data, mask, design, contrasts);
  const x = new Float64Array(n * p);
  for (const [t, row] of design.entries()) for (let j = 0; j < p; j++) x[j * n + t] = row[j] as number;
  const plain = thinQr(x, n, p, names);
  const count = mask.length;
  const rho = new Float32Array(count);
  if (noise !== "ols") estimateRho(rho, { data, mask, voxels, grid, plain, pooled: noise === "ar1-pooled", rhoFwhm });
  progress?.(0.4);

  const coefficients = Array.from({ length: p }, () => new Float32Array(count));
  const variance = new Float32Array(count);
  const maps = contrasts.map(({ name, rows }): ContrastMap => {
    const kind = rows.length === 1 ? "t" : "F";
    return {
      name,
      kind,
      effect: new Float32Array(count),
      standardError: new Float32Array(kind === "t" ? count : 0),
      statistic: new Float32Array(count),
      z: new Float32Array(count),
      p: new Float64Array(count).fill(1),
      dof: [rows.length, n - p],
    };
  });
  const groups = new Map<number, number[]>();
  for (const i of voxels) {
    const step = Math.round(rhoSteps * rho[i]);
    const members = groups.get(step);
    if (members === undefined) groups.set(step, [i]);
    else members.push(i);
  }
  const [y, qy] = [new Float64Array(n), new Float64Array(p)];
  let done = 0;
  for (const [step, members] of groups) {
    const r = step / rhoSteps;
    const qr = r === 0 ? plain : thinQr(whitened(x, n, p, r), n, p, names);
    const weighed = contrasts.map(({ name, rows }) => contrastWeights(rows, qr, name));
    for (const i of members) {
      const total = whitenedVoxel(data, i, count, n, r, y);
      const rest = project(qr, y, qy, total);
      const s2 = rest / (n - p);
      variance[i] = s2;
      for (let a = 0; a < p; a++) {
        let b = 0;
        for (let k = a; k < p; k++) b += qr.inverseR[a * p + k] * qy[k];
        coefficients[a][i] = b;
      }
      for (const [c, weights] of weighed.entries()) store(maps[c] as ContrastMap, i, weights, qy, s2, n - p);
    }
    done += members.length;
    progress?.(0.4 + (0.6 * done) / voxels.length);
  }
  return { coefficients, variance, rho, dof: n - p, contrasts: maps };
}

function checked(
  data: Float32Array,
  mask: Uint8Array,
  design: readonly ArrayLike<number>[],
  contrasts: readonly Contrast[],
): number[] {
  const [n, p] = [design.length, design[0]?.length ?? 0];
  if (p === 0 || data.length !== n * mask.length || design.some((row) => row.length !== p)) {
    throw new DataError("shape-mismatch", "a design has one row per image", {
      expected: `${data.length / mask.length} rows`,
      found: `${n} rows of ${p}`,
    });
  }
  if (n <= p)
    throw new DataError("no-dof", "there must be more images than columns", { found: `${n} images, ${p} columns` });
  for (const { name, rows } of contrasts) {
    if (rows.length === 0 || rows.some((row) => row.length !== p || row.every((w) => w === 0)))
      throw new DataError("bad-contrast", `contrast ${name} must weigh each column, not all by 0`, {
        expected: `${p} weights`,
        found: rows.map((row) => row.join(" ")).join("; "),
      });
  }
  const voxels: number[] = [];
  for (let i = 0; i < mask.length; i++) if (mask[i] !== 0) voxels.push(i);
  if (voxels.length === 0) throw new DataError("empty-region", "the mask is empty");
  for (const i of voxels) {
    let sum = 0;
    for (let t = 0; t < n; t++) sum += data[t * mask.length + i];
    if (!Number.isFinite(sum)) throw new DataError("not-finite", `voxel ${i} holds values that are no numbers`);
  }
  return voxels;
}

interface RhoInput {
  readonly data: Float32Array;
  readonly mask: Uint8Array;
  readonly voxels: readonly number[];
  readonly grid: Grid;
  readonly plain: ThinQr;
  readonly pooled: boolean;
  readonly rhoFwhm: number;
}

function estimateRho(rho: Float32Array, { data, mask, voxels, grid, plain, pooled, rhoFwhm }: RhoInput): void {
  const { rows: n, columns: p, q } = plain;
  const [y, qy] = [new Float64Array(n), new Float64Array(p)];
  const ratio = new Float32Array(mask.length);
  let [lag0, lag1] = [0, 0];
  for (const i of voxels) {
    const total = whitenedVoxel(data, i, mask.length, n, 0, y);
    project(plain, y, qy, total);
    for (let j = 0; j < p; j++) for (let t = 0; t < n; t++) y[t] -= qy[j] * q[j * n + t];
    let [a0, a1] = [y[0] * y[0], 0];
    for (let t = 1; t < n; t++) {
      a0 += y[t] * y[t];
      a1 += y[t] * y[t - 1];
    }
    ratio[i] = a0 > 0 ? a1 / a0 : 0;
    if (a0 > 0) {
      // Each voxel counts alike, whatever its variance.
      lag0 += 1;
      lag1 += a1 / a0;
    }
  }
  const toRho = rhoOfResiduals(plain);
  const one = toRho(lag0 > 0 ? lag1 / lag0 : 0);
  const smooth = pooled || rhoFwhm === 0 ? ratio : smoothInside(ratio, mask, grid, rhoFwhm);
  for (const i of voxels) rho[i] = Math.min(largestRho, Math.max(-largestRho, pooled ? one : toRho(smooth[i])));
}

function whitened(x: Float64Array, n: number, p: number, rho: number): Float64Array {
  const out = new Float64Array(x.length);
  const first = Math.sqrt(1 - rho * rho);
  for (let j = 0; j < p; j++) {
    out[j * n] = first * x[j * n];
    for (let t = 1; t < n; t++) out[j * n + t] = x[j * n + t] - rho * x[j * n + t - 1];
  }
  return out;
}

/** The whitened course of voxel i into `y`. @returns its sum of squares */
function whitenedVoxel(data: Float32Array, i: number, stride: number, n: number, rho: number, y: Float64Array): number {
  let before = data[i];
  y[0] = Math.sqrt(1 - rho * rho) * before;
  let total = y[0] * y[0];
  for (let t = 1, at = i + stride; t < n; t++, at += stride) {
    const now = data[at];
    const value = now - rho * before;
    y[t] = value;
    total += value * value;
    before = now;
  }
  return total;
}

/** Q'y into `qy`. @returns the residual sum of squares */
function project({ rows: n, columns: p, q }: ThinQr, y: Float64Array, qy: Float64Array, total: number): number {
  let explained = 0;
  for (let j = 0; j < p; j++) {
    const base = j * n;
    let [a, b] = [0, 0];
    let t = 0;
    for (; t + 1 < n; t += 2) {
      a += q[base + t] * y[t];
      b += q[base + t + 1] * y[t + 1];
    }
    if (t < n) a += q[base + t] * y[t];
    const dot = a + b;
    qy[j] = dot;
    explained += dot * dot;
  }
  return Math.max(0, total - explained);
}

interface Weights {
  /** [row][column]: of t the weights c'R^-1; of F rows so turned that F q s^2 is the sum of their squares. */
  readonly w: Float64Array;
  readonly rows: number;
  readonly columns: number;
  /** c'(X'X)^-1 c of t. */
  readonly leverage: number;
}

function contrastWeights(
  rows: readonly (readonly number[])[],
  { columns: p, inverseR }: ThinQr,
  name: string,
): Weights {
  const w = new Float64Array(rows.length * p);
  for (const [k, row] of rows.entries())
    for (let j = 0; j < p; j++) for (let a = 0; a <= j; a++) w[k * p + j] += (row[a] as number) * inverseR[a * p + j];
  const leverage = w.subarray(0, p).reduce((sum, v) => sum + v * v, 0);
  if (rows.length === 1) return { w, rows: 1, columns: p, leverage };
  try {
    // Rows made orthonormal span the same space, and the F ratio knows the space only.
    return { w: thinQr(w, p, rows.length).q, rows: rows.length, columns: p, leverage };
  } catch (cause) {
    throw new DataError("bad-contrast", `rows of contrast ${name} depend on each other`, { cause });
  }
}

function store(
  map: ContrastMap,
  i: number,
  { w, rows, columns, leverage }: Weights,
  qy: Float64Array,
  s2: number,
  dof: number,
): void {
  let squares = 0;
  let effect = 0;
  for (let k = 0; k < rows; k++) {
    effect = 0;
    for (let j = 0; j < columns; j++) effect += w[k * columns + j] * qy[j];
    squares += effect * effect;
  }
  if (map.kind === "t") {
    const error = Math.sqrt(s2 * leverage);
    const t = error > 0 ? effect / error : 0;
    map.effect[i] = effect;
    map.standardError[i] = error;
    map.statistic[i] = t;
    map.z[i] = zOfStudent(t, dof);
    map.p[i] = error > 0 ? studentTwoSided(t, dof) : 1;
    return;
  }
  const f = s2 > 0 ? squares / (rows * s2) : 0;
  map.effect[i] = Math.sqrt(squares / rows);
  map.statistic[i] = f;
  map.z[i] = zOfFisher(f, rows, dof);
  map.p[i] = fisherTail(f, rows, dof);
}
