/**
 * Spherical splines: the smoothest potential on a sphere through the electrodes' values, and its current source density.
 *
 *   g_m(x) = 1/(4 pi) sum_{n=1}^{N} (2n+1) / (n (n+1))^m P_n(x),   x the cosine between two directions
 *   V(u) = c_0 + sum_j c_j g_m(u.u_j),   (G + lambda I) c + c_0 1 = v,   1'c = 0
 *   CSD(u) = 1/R^2 sum_j c_j g_{m-1}(u.u_j)   (minus the surface Laplacian of V, since that of P_n is -n (n+1) P_n / R^2)
 *
 * Both are linear in v, so they are given as matrices. m = 4, N = 50 and lambda = 1e-5 are MNE-Python's.
 *
 * @see Perrin et al., Electroencephalogr Clin Neurophysiol 1989;72:184-187 and its corrigendum 1990;76:565
 */
import { DataError, type Point } from "@quintet/core";
import { LuDecomposition, Matrix } from "ml-matrix";

export interface SplineOptions {
  /** m; default 4. */
  readonly order?: number;
  /** N; default 50. */
  readonly terms?: number;
  /** lambda, smoothing; default 1e-5. */
  readonly smoothing?: number;
}

/** g_m at a cosine. */
export function splineKernel(cosine: number, order = 4, terms = 50): number {
  let [before, now, sum] = [1, cosine, 0];
  for (let n = 1; n <= terms; n++) {
    sum += ((2 * n + 1) / (n * (n + 1)) ** order) * now;
    [before, now] = [now, ((2 * n + 1) * cosine * now - n * before) / (n + 1)];
  }
  return sum / (4 * Math.PI);
}

/**
 * Weights that give the values at other places: V(to) = W v.
 *
 * @param from electrodes relative to the sphere's centre, any length: directions count
 * @param to likewise
 * @returns [to][from], each row adding up to 1
 * @throws DataError `too-few-channels` (three are the least), `same-place` (two electrodes in one direction),
 *   `bad-electrode` (one at the centre)
 */
export function splineInterpolation(
  from: readonly Point[],
  to: readonly Point[],
  options: SplineOptions = {},
): readonly Float64Array[] {
  const { order = 4, terms = 50 } = options;
  const sources = from.map(direction);
  const coefficients = coefficientMatrix(sources, options);
  const n = sources.length;
  return to.map((point) => {
    const u = direction(point);
    const row = new Float64Array(n);
    for (let k = 0; k <= n; k++) {
      const basis = k < n ? splineKernel(dot(u, sources[k] as Point), order, terms) : 1;
      for (let j = 0; j < n; j++) row[j] = (row[j] as number) + basis * coefficients.get(k, j);
    }
    return row;
  });
}

/**
 * Current source density at the electrodes: CSD = M v, in the unit of v per m^2 when the radius is in m.
 *
 * @param electrodes relative to the sphere's centre; directions count
 * @param radius of the head
 * @returns [electrode][electrode], each row adding up to 0: the reference drops out
 * @throws DataError as `splineInterpolation`, `not-positive` (radius)
 */
export function currentSourceDensity(
  electrodes: readonly Point[],
  radius: number,
  options: SplineOptions = {},
): readonly Float64Array[] {
  if (!(radius > 0)) throw new DataError("not-positive", "the head has a radius above 0", { found: `${radius}` });
  const { order = 4, terms = 50 } = options;
  const sources = electrodes.map(direction);
  const coefficients = coefficientMatrix(sources, options);
  const n = sources.length;
  return sources.map((u) => {
    const row = new Float64Array(n);
    for (let k = 0; k < n; k++) {
      const basis = splineKernel(dot(u, sources[k] as Point), order - 1, terms) / (radius * radius);
      for (let j = 0; j < n; j++) row[j] = (row[j] as number) + basis * coefficients.get(k, j);
    }
    return row;
  });
}

/** (c, c_0) = C v: the inverse of [[G + lambda I, 1], [1', 0]] without its last column. */
function coefficientMatrix(
  sources: readonly Point[],
  { order = 4, terms = 50, smoothing = 1e-5 }: SplineOptions,
): Matrix {
  const n = sources.length;
  if (n < 3) throw new DataError("too-few-channels", "splines need three electrodes", { found: `${n}` });
  const system = Matrix.zeros(n + 1, n + 1);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const cosine = dot(sources[i] as Point, sources[j] as Point);
      if (i !== j && cosine > 1 - sameDirection)
        throw new DataError("same-place", "two electrodes lie in one direction from the centre", {
          found: `electrodes ${j + 1} and ${i + 1}`,
        });
      const g = splineKernel(Math.min(1, cosine), order, terms) + (i === j ? smoothing : 0);
      system.set(i, j, g);
      system.set(j, i, g);
    }
    system.set(i, n, 1);
    system.set(n, i, 1);
  }
  return new LuDecomposition(system).solve(Matrix.eye(n + 1, n));
}

/** 1 - cosine of directions that count as one: a hundredth of a degree. */
const sameDirection = 1.5e-8;

function direction(point: Point): Point {
  const size = Math.hypot(...point);
  if (!(size > 0)) throw new DataError("bad-electrode", "an electrode at the sphere's centre has no direction");
  return [point[0] / size, point[1] / size, point[2] / size];
}

function dot(a: Point, b: Point): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
