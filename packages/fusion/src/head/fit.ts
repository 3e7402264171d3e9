import { type Affine, affineOf, DataError, multiply, type Point } from "@quintet/core";
import { cross, norm, subtract } from "./mesh.ts";

/**
 * The rigid (or similarity) map that carries points onto their partners with the least weighted squared distance.
 *
 *   min_{R, s, t} sum_i w_i |s R a_i + t - b_i|^2
 *
 * by Horn's quaternion: the eigenvector of the largest eigenvalue of a symmetric 4 x 4 matrix, here by repeated
 * squaring. Never a reflection: left stays left.
 *
 * @throws DataError `too-few-fiducials` below three pairs, `collinear` when they lie on one line
 * @see Horn, J Opt Soc Am A 1987;4:629-642
 */
export function fitPoints(
  from: readonly Point[],
  to: readonly Point[],
  { scale = false, weights }: { readonly scale?: boolean; readonly weights?: readonly number[] } = {},
): Affine {
  if (from.length < 3 || from.length !== to.length) {
    throw new DataError("too-few-fiducials", "a head cannot be placed by fewer than three points", {
      expected: "at least 3 points known on both sides",
      found: `${Math.min(from.length, to.length)}`,
    });
  }
  for (const points of [from, to]) refuseCollinear(points);
  const w = from.map((_, i) => weights?.[i] ?? 1);
  const [ca, cb] = [centroid(from, w), centroid(to, w)];
  const s = new Float64Array(9);
  let [spreadA, spreadB] = [0, 0];
  for (const [i, weight] of w.entries()) {
    const [a, b] = [subtract(from[i] as Point, ca), subtract(to[i] as Point, cb)];
    spreadA += weight * norm(a) ** 2;
    spreadB += weight * norm(b) ** 2;
    for (let r = 0; r < 3; r++) {
      for (let c = 0; c < 3; c++) {
        s[r * 3 + c] = (s[r * 3 + c] as number) + weight * (a[r] as number) * (b[c] as number);
      }
    }
  }
  const rotation = rotationOf(quaternion(s));
  const factor = scale ? Math.sqrt(spreadB / spreadA) : 1;
  const rows = [0, 1, 2].flatMap((r) => {
    const row = [0, 1, 2].map((c) => factor * (rotation[r * 3 + c] as number));
    return [...row, (cb[r] as number) - row.reduce((sum, v, c) => sum + v * (ca[c] as number), 0)];
  });
  return affineOf(rows);
}

function refuseCollinear(points: readonly Point[]): void {
  const first = points[0] as Point;
  const far = points.reduce((best, p) => (norm(subtract(p, first)) > norm(subtract(best, first)) ? p : best));
  const base = subtract(far, first);
  const length = norm(base);
  const widest = Math.max(...points.map((p) => norm(cross(base, subtract(p, first))) / (length || 1)));
  if (!(widest > 0.05 * length) || length === 0) {
    throw new DataError("collinear", "points on one line leave the head free to turn about it", {
      expected: "points that span a plane",
      found: `${widest.toFixed(1)} mm off a line of ${length.toFixed(1)} mm`,
    });
  }
}

function centroid(points: readonly Point[], weights: readonly number[]): Point {
  const total = weights.reduce((a, b) => a + b, 0);
  return [0, 1, 2].map(
    (k) => points.reduce((sum, p, i) => sum + (weights[i] as number) * (p[k] as number), 0) / total,
  ) as unknown as Point;
}

/** Horn's N from the cross-covariance S (a row, b column), and its dominant eigenvector. */
function quaternion(s: Float64Array): readonly [number, number, number, number] {
  const [xx, xy, xz, yx, yy, yz, zx, zy, zz] = s as unknown as number[] as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const n = Float64Array.of(
    xx + yy + zz,
    yz - zy,
    zx - xz,
    xy - yx,
    yz - zy,
    xx - yy - zz,
    xy + yx,
    zx + xz,
    zx - xz,
    xy + yx,
    yy - xx - zz,
    yz + zy,
    xy - yx,
    zx + xz,
    yz + zy,
    zz - xx - yy,
  );
  // Shifted so that the largest eigenvalue is also the largest in size.
  const shift = Math.sqrt(n.reduce((sum, v) => sum + v * v, 0)) || 1;
  let power: Affine = n.map((v, i) => v / shift + (i % 5 === 0 ? 1 : 0));
  for (let round = 0; round < 40; round++) {
    power = multiply(power, power);
    const size = Math.max(...power.map(Math.abs));
    power = power.map((v) => v / size);
  }
  const columns = [0, 1, 2, 3].map((c) => [0, 1, 2, 3].map((r) => power[r * 4 + c] as number));
  const sizes = columns.map((column) => Math.hypot(...column));
  const size = Math.max(...sizes);
  const q = columns[sizes.indexOf(size)] as number[];
  return q.map((v) => v / size) as unknown as [number, number, number, number];
}

function rotationOf([w, x, y, z]: readonly [number, number, number, number]): number[] {
  return [
    1 - 2 * (y * y + z * z),
    2 * (x * y - w * z),
    2 * (x * z + w * y),
    2 * (x * y + w * z),
    1 - 2 * (x * x + z * z),
    2 * (y * z - w * x),
    2 * (x * z - w * y),
    2 * (y * z + w * x),
    1 - 2 * (x * x + y * y),
  ];
}
