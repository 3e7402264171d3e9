import { DataError, type Seconds, type TimeMapPiece } from "@quintet/core";
import { madToSigma, median } from "@quintet/kernels";

export interface LinePoints {
  readonly x: ArrayLike<Seconds>;
  readonly y: ArrayLike<Seconds>;
  /** Inverse variances up to a factor; default all equal. */
  readonly weights?: ArrayLike<number>;
}

export interface FittedLine {
  /** y = offset + rate (x - anchor), with the covariance of (offset, rate). */
  readonly piece: Omit<TimeMapPiece, "until">;
  /** y minus the line at each point, s. */
  readonly residuals: Float64Array;
  /** Robust standard deviation of the residuals of weight 1, s. */
  readonly scale: Seconds;
  /** Points that count fully or in part: within `reject` scales. */
  readonly used: readonly boolean[];
}

/**
 * A line through points of which some are wrong, and how sure it is.
 *
 * Huber's M-estimator (k = 1.345) by iterated reweighting about the weighted mean of x, scale from the median absolute
 * residual, points beyond `reject` scales left out; then
 *
 *   C = (sum w psi'_i z z')^-1 (sum w^2 psi_i^2 z z') (...)^-1,
 *   z = (1, x - anchor)
 *
 * the sandwich, which asks nothing of how the errors are spread, times n' / (n' - 2). `floor` is a standard deviation
 * that no fit can undercut (a stamp's quantisation, tick / sqrt 12): the residual variance is at least its square.
 *
 * @throws DataError `too-few-points` (fewer than three that can be used), `singular-fit`
 * @see Huber & Ronchetti, Robust Statistics, 2nd ed. 2009, sections 7.6 and 7.7
 */
export function robustLine(
  { x, y, weights }: LinePoints,
  { reject = 6, floor = 0 }: { readonly reject?: number; readonly floor?: Seconds } = {},
): FittedLine {
  const n = x.length;
  const base = Float64Array.from({ length: n }, (_, i) => weights?.[i] ?? 1);
  const total = base.reduce((a, b) => a + b, 0);
  const anchor = base.reduce((sum, w, i) => sum + w * at(x, i), 0) / total;
  const origin = base.reduce((sum, w, i) => sum + w * at(y, i), 0) / total;
  const dx = Float64Array.from(x, (v) => v - anchor);
  const dy = Float64Array.from(y, (v) => v - origin);
  // Numbers of this size are known to so much and no better.
  const rounding = 4 * Number.EPSILON * Math.max(Math.abs(at(x, 0)), Math.abs(at(y, 0)), Math.abs(at(y, n - 1)), 1);
  let weight = base.slice();
  let [a, b, scale] = [0, 1, 0];
  let residuals = new Float64Array(n);
  for (let step = 0; step < 50; step++) {
    const [na, nb] = solve(dx, dy, weight);
    const moved = Math.abs(na - a) + Math.abs(nb - b) * 1e-3;
    [a, b] = [na, nb];
    residuals = dy.map((v, i) => v - a - b * at(dx, i));
    const standard = residuals.map((r, i) => Math.abs(r) * Math.sqrt(at(base, i)));
    scale = Math.max(madToSigma * median(standard.filter((_, i) => at(base, i) > 0)), rounding, floor);
    weight = base.map((w, i) => {
      const u = at(standard, i) / scale;
      return u > reject ? 0 : w * Math.min(1, tuning / Math.max(u, 1e-12));
    });
    if (step > 2 && moved < 1e-13) break;
  }
  const used = residuals.map((r, i) =>
    at(base, i) > 0 && Math.abs(r) * Math.sqrt(at(base, i)) <= reject * scale ? 1 : 0,
  );
  const covariance = sandwich(dx, residuals, base, scale, reject, floor);
  return {
    piece: { anchor, offset: origin + a, rate: b, covariance },
    residuals,
    scale,
    used: Array.from(used, (v) => v === 1),
  };
}

/** Huber's k: 95 % efficient for normal errors. */
const tuning = 1.345;
const at = (values: ArrayLike<number>, i: number): number => values[i] as number;

/** Weighted least squares of dy = a + b dx. */
function solve(dx: Float64Array, dy: Float64Array, w: Float64Array): [number, number] {
  let [s, sx, sxx, sy, sxy, count] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < dx.length; i++) {
    const [wi, xi, yi] = [at(w, i), at(dx, i), at(dy, i)];
    if (wi > 0) count++;
    s += wi;
    sx += wi * xi;
    sxx += wi * xi * xi;
    sy += wi * yi;
    sxy += wi * xi * yi;
  }
  if (count < 3)
    throw new DataError("too-few-points", "a line with an error needs three points", { found: `${count}` });
  const determinant = s * sxx - sx * sx;
  if (!(determinant > 1e-14 * s * sxx)) throw new DataError("singular-fit", "all points lie at one time");
  return [(sxx * sy - sx * sxy) / determinant, (s * sxy - sx * sy) / determinant];
}

function sandwich(
  dx: Float64Array,
  residuals: Float64Array,
  base: Float64Array,
  scale: Seconds,
  reject: number,
  floor: Seconds,
): [number, number, number] {
  const bread = [0, 0, 0];
  const meat = [0, 0, 0];
  // A perfect fit through stamps told in ticks still knows no more than the tick.
  const exact = residuals.every((r) => r === 0);
  let [count, squares] = [0, 0];
  for (let i = 0; i < dx.length; i++) {
    const [w, xi, r] = [at(base, i), at(dx, i), at(residuals, i)];
    const u = (Math.abs(r) * Math.sqrt(w)) / scale;
    if (!(w > 0) || u > reject) continue;
    count++;
    const psi = u <= tuning ? r : (Math.sign(r) * tuning * scale) / Math.sqrt(w);
    const slope = u <= tuning ? w : 0;
    const square = exact ? floor * floor : psi * psi;
    squares += w * square;
    for (let k = 0; k < 3; k++) {
      bread[k] = (bread[k] as number) + slope * xi ** k;
      meat[k] = (meat[k] as number) + w * w * square * xi ** k;
    }
  }
  const [b0, b1, b2] = bread as [number, number, number];
  const determinant = b0 * b2 - b1 * b1;
  const [i00, i01, i11] = [b2 / determinant, -b1 / determinant, b0 / determinant];
  const [m0, m1, m2] = meat as [number, number, number];
  const below = squares > 0 ? (floor * floor * count) / squares : 1;
  const correction = (Math.max(1, below) * count) / Math.max(1, count - 2);
  const quadratic = (p0: number, p1: number, q0: number, q1: number): number =>
    correction * (p0 * (m0 * q0 + m1 * q1) + p1 * (m1 * q0 + m2 * q1));
  return [quadratic(i00, i01, i00, i01), quadratic(i00, i01, i01, i11), quadratic(i01, i11, i01, i11)];
}
