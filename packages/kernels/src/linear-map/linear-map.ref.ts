/**
 * Linear models in every voxel: two columns, weighted, one pass over the frames. The compiled form adds in the same order.
 *
 *   regression   y = b1 x1(t) + b2 int_0^t y            MA1, MRTM2: g1 and g2
 *   plot         int_0^t y / y = b1 X(t) / y + b2       Logan: slope and intercept
 *   fixed        y = b1 x1(t) + b2 x2(t)                Patlak
 *
 * int_0^t y by straight lines through (0, 0) and the middles of the frames. Sums in float64, data in float32.
 */
import { DataError } from "@quintet/core";

export interface LinearMapModel {
  readonly kind: "regression" | "plot" | "fixed";
  /** Minutes. */
  readonly time: Float64Array;
  /** 0 before t*. */
  readonly weights: Float64Array;
  /** x1, or X of a plot. */
  readonly first: Float64Array;
  /** x2 of "fixed". */
  readonly second?: Float64Array;
}

export interface LinearMap {
  readonly first: Float64Array;
  readonly second: Float64Array;
  /** (X'WX)^-1 s^2: variance of the first, of the second, covariance. */
  readonly variances: readonly [Float64Array, Float64Array, Float64Array];
}

/** Voxels worked on together: six sums each stay near the processor. */
const chunk = 2048;

/** @throws DataError `shape-mismatch`, `too-few-samples` */
export function checkLinearMap({ time, weights, first: x }: LinearMapModel, data: Float32Array, voxels: number): void {
  const frames = time.length;
  if (data.length !== frames * voxels || weights.length !== frames || x.length !== frames) {
    throw new DataError("shape-mismatch", "an image of the model's frames", {
      expected: `${frames} x ${voxels} values`,
      found: `${data.length}`,
    });
  }
  const used = weights.reduce((n, w) => n + (w > 0 ? 1 : 0), 0);
  if (used < 3) {
    throw new DataError("too-few-samples", "a line needs three frames from t* on", { expected: "3", found: `${used}` });
  }
}

/**
 * @param data [frame][voxel]
 * @returns NaN where the columns of a voxel are alike, or a plot has too few frames above 0
 */
export function linearMapReference(model: LinearMapModel, data: Float32Array, voxels: number): LinearMap {
  const { kind, time, weights, first: x, second } = model;
  const frames = time.length;
  const out = {
    first: new Float64Array(voxels),
    second: new Float64Array(voxels),
    variances: [new Float64Array(voxels), new Float64Array(voxels), new Float64Array(voxels)] as const,
  };
  const area = new Float64Array(chunk);
  const before = new Float64Array(chunk);
  const sums = Array.from({ length: 6 }, () => new Float64Array(chunk));
  const [aa, ab, bb, ay, by, yy] = sums as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const count = new Float64Array(chunk);
  for (let from = 0; from < voxels; from += chunk) {
    const n = Math.min(chunk, voxels - from);
    for (const one of [area, before, count, ...sums]) one.fill(0);
    for (let t = 0; t < frames; t++) {
      const half = ((time[t] as number) - (t === 0 ? 0 : (time[t - 1] as number))) / 2;
      const w = weights[t] as number;
      const own = x[t] as number;
      const other = second?.[t] ?? 0;
      const row = t * voxels + from;
      for (let v = 0; v < n; v++) {
        const c = data[row + v] as number;
        const sum = (area[v] as number) + half * (c + (before[v] as number));
        area[v] = sum;
        before[v] = c;
        if (w === 0) continue;
        let [a, b, y, weight] = [own, sum, c, w];
        if (kind === "plot") {
          if (!(c > 0)) continue;
          a = own / c;
          b = 1;
          y = sum / c;
        } else if (kind === "fixed") b = other;
        if (!Number.isFinite(c)) weight = Number.NaN;
        aa[v] = (aa[v] as number) + weight * a * a;
        ab[v] = (ab[v] as number) + weight * a * b;
        bb[v] = (bb[v] as number) + weight * b * b;
        ay[v] = (ay[v] as number) + weight * a * y;
        by[v] = (by[v] as number) + weight * b * y;
        yy[v] = (yy[v] as number) + weight * y * y;
        count[v] = (count[v] as number) + 1;
      }
    }
    for (let v = 0; v < n; v++) {
      const [p, q, r] = [aa[v] as number, ab[v] as number, bb[v] as number];
      const [g, h] = [ay[v] as number, by[v] as number];
      const determinant = p * r - q * q;
      const good = determinant > 1e-12 * p * r && (count[v] as number) > 2;
      const b1 = good ? (g * r - h * q) / determinant : Number.NaN;
      const b2 = good ? (h * p - g * q) / determinant : Number.NaN;
      out.first[from + v] = b1;
      out.second[from + v] = b2;
      const rest = Math.max(0, (yy[v] as number) - b1 * g - b2 * h);
      const variance = good ? rest / ((count[v] as number) - 2) / determinant : Number.NaN;
      out.variances[0][from + v] = r * variance;
      out.variances[1][from + v] = p * variance;
      out.variances[2][from + v] = -q * variance;
    }
  }
  return out;
}
