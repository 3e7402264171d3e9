import { DataError } from "@quintet/core";
import type { Hermitian } from "./hermitian.ts";

export interface HermitianEigen {
  /** Largest first. */
  readonly values: Float64Array;
  /** Row k is the eigenvector of values[k], complex interleaved, of length 1. */
  readonly vectors: Float64Array;
}

/**
 * All eigenvalues and eigenvectors of a Hermitian matrix: Householder reflections make it tridiagonal, A = Q D T D' Q' with
 * D the phases that make T real; implicit QL rotations make T diagonal (Golub & Van Loan, Matrix Computations, sections 8.3
 * and 5.1; Bowdler et al., Numer Math 1968;11:293-306).
 *
 * @throws DataError `no-convergence`, `not-finite`
 */
export function hermitianEigen({ n, data }: Hermitian): HermitianEigen {
  const a = data.slice();
  const diagonal = new Float64Array(n);
  const below = new Float64Array(n);
  const phases = new Float64Array(2 * n);
  phases[0] = 1;
  const reflections = tridiagonal(a, n, below, phases);
  for (let i = 0; i < n; i++) diagonal[i] = a[2 * (i * n + i)] as number;
  if (!diagonal.every(Number.isFinite) || !below.every(Number.isFinite))
    throw new DataError("not-finite", "the matrix holds a value that is not a number");
  const z = new Float64Array(n * n);
  for (let i = 0; i < n; i++) z[i * n + i] = 1;
  diagonalise(diagonal, below, z, n);
  const order = Array.from({ length: n }, (_, i) => i).sort(
    (i, j) => (diagonal[j] as number) - (diagonal[i] as number),
  );
  const vectors = new Float64Array(2 * n * n);
  for (const [k, own] of order.entries()) {
    const row = vectors.subarray(2 * k * n, 2 * (k + 1) * n);
    for (let i = 0; i < n; i++) {
      const value = z[own * n + i] as number;
      row[2 * i] = value * (phases[2 * i] as number);
      row[2 * i + 1] = value * (phases[2 * i + 1] as number);
    }
    for (let r = reflections.length - 1; r >= 0; r--) reflect(row, reflections[r] as Reflection);
  }
  return { values: Float64Array.from(order, (i) => diagonal[i] as number), vectors };
}

/** x <- x - scale v (v' x), v starting at entry `first`. */
interface Reflection {
  readonly first: number;
  readonly v: Float64Array;
  readonly scale: number;
}

function reflect(x: Float64Array, { first, v, scale }: Reflection): void {
  let [re, im] = [0, 0];
  for (let i = 0, at = 2 * first; i < v.length; i += 2, at += 2) {
    const a = v[i] as number;
    const b = v[i + 1] as number;
    const c = x[at] as number;
    const d = x[at + 1] as number;
    re += a * c + b * d;
    im += a * d - b * c;
  }
  re *= scale;
  im *= scale;
  for (let i = 0, at = 2 * first; i < v.length; i += 2, at += 2) {
    const a = v[i] as number;
    const b = v[i + 1] as number;
    x[at] = (x[at] as number) - (a * re - b * im);
    x[at + 1] = (x[at + 1] as number) - (a * im + b * re);
  }
}

/** Makes `a` tridiagonal in place (its lower triangle counts); sizes and phases of what stands below the diagonal. */
function tridiagonal(a: Float64Array, n: number, below: Float64Array, phases: Float64Array): Reflection[] {
  const reflections: Reflection[] = [];
  for (let k = 0; k + 1 < n; k++) {
    const first = k + 1;
    const m = n - first;
    const v = new Float64Array(2 * m);
    let square = 0;
    for (let i = 0; i < m; i++) {
      const at = 2 * ((first + i) * n + k);
      v[2 * i] = a[at] as number;
      v[2 * i + 1] = a[at + 1] as number;
      square += (a[at] as number) ** 2 + (a[at + 1] as number) ** 2;
    }
    const size = Math.sqrt(square);
    const lead = Math.hypot(v[0] as number, v[1] as number);
    // The phase of the first entry; the reflection turns the column into -size times it.
    const [ur, ui] = lead > 0 ? [(v[0] as number) / lead, (v[1] as number) / lead] : [1, 0];
    below[k] = size;
    const [dr, di] = [phases[2 * k] as number, phases[2 * k + 1] as number];
    phases[2 * first] = -(ur * dr - ui * di);
    phases[2 * first + 1] = -(ur * di + ui * dr);
    if (size === 0) continue;
    v[0] = (v[0] as number) + ur * size;
    v[1] = (v[1] as number) + ui * size;
    const scale = 1 / (size * (size + lead));
    const reflection = { first, v, scale };
    reflections.push(reflection);
    bothSides(a, n, reflection);
  }
  return reflections;
}

/** A <- H A H on the lower triangle from `first` on: A - v q' - q v', p = scale A v, q = p - (scale v'p / 2) v. */
function bothSides(a: Float64Array, n: number, { first, v, scale }: Reflection): void {
  const m = n - first;
  const q = new Float64Array(2 * m);
  for (let i = 0; i < m; i++) {
    const row = 2 * ((first + i) * n + first);
    const [vr, vi] = [v[2 * i] as number, v[2 * i + 1] as number];
    let [re, im] = [0, 0];
    for (let j = 0; j < i; j++) {
      const x = a[row + 2 * j] as number;
      const y = a[row + 2 * j + 1] as number;
      const c = v[2 * j] as number;
      const d = v[2 * j + 1] as number;
      re += x * c - y * d;
      im += x * d + y * c;
      // the entry above the diagonal is its conjugate
      q[2 * j] = (q[2 * j] as number) + x * vr + y * vi;
      q[2 * j + 1] = (q[2 * j + 1] as number) + x * vi - y * vr;
    }
    const middle = a[row + 2 * i] as number;
    q[2 * i] = (q[2 * i] as number) + re + middle * vr;
    q[2 * i + 1] = (q[2 * i + 1] as number) + im + middle * vi;
  }
  let along = 0;
  for (let i = 0; i < 2 * m; i++) {
    q[i] = scale * (q[i] as number);
    along += (q[i] as number) * (v[i] as number);
  }
  for (let i = 0; i < 2 * m; i++) q[i] = (q[i] as number) - (scale * along * (v[i] as number)) / 2;
  for (let i = 0; i < m; i++) {
    const row = 2 * ((first + i) * n + first);
    const [vr, vi, qr, qi] = [v[2 * i], v[2 * i + 1], q[2 * i], q[2 * i + 1]] as [number, number, number, number];
    for (let j = 0; j <= i; j++) {
      const a1 = q[2 * j] as number;
      const b1 = q[2 * j + 1] as number;
      const a2 = v[2 * j] as number;
      const b2 = v[2 * j + 1] as number;
      const at = row + 2 * j;
      a[at] = (a[at] as number) - (vr * a1 + vi * b1) - (qr * a2 + qi * b2);
      a[at + 1] = (a[at + 1] as number) - (vi * a1 - vr * b1) - (qi * a2 - qr * b2);
    }
  }
}

/** QL with implicit shifts on a real tridiagonal matrix; row k of z becomes the eigenvector of d[k]. */
function diagonalise(d: Float64Array, e: Float64Array, z: Float64Array, n: number): void {
  for (let l = 0; l < n; l++) {
    for (let sweep = 0; ; sweep++) {
      let m = l;
      for (; m + 1 < n; m++) {
        const scale = Math.abs(d[m] as number) + Math.abs(d[m + 1] as number);
        if (Math.abs(e[m] as number) <= Number.EPSILON * scale) break;
      }
      if (m === l) break;
      if (sweep === 60) throw new DataError("no-convergence", "the eigenvalues did not settle in 60 sweeps");
      const half = ((d[l + 1] as number) - (d[l] as number)) / (2 * (e[l] as number));
      let r = Math.hypot(half, 1);
      let g = (d[m] as number) - (d[l] as number) + (e[l] as number) / (half + (half < 0 ? -r : r));
      let [s, c, p] = [1, 1, 0];
      let i = m - 1;
      for (; i >= l; i--) {
        const [f, b] = [s * (e[i] as number), c * (e[i] as number)];
        r = Math.hypot(f, g);
        e[i + 1] = r;
        if (r === 0) {
          d[i + 1] = (d[i + 1] as number) - p;
          e[m] = 0;
          break;
        }
        s = f / r;
        c = g / r;
        g = (d[i + 1] as number) - p;
        r = ((d[i] as number) - g) * s + 2 * c * b;
        p = s * r;
        d[i + 1] = g + p;
        g = c * r - b;
        mixRows(z, n, i, c, s);
      }
      if (r === 0 && i >= l) continue;
      d[l] = (d[l] as number) - p;
      e[l] = g;
      e[m] = 0;
    }
  }
}

function mixRows(z: Float64Array, n: number, i: number, c: number, s: number): void {
  for (let k = 0, low = i * n, high = (i + 1) * n; k < n; k++, low++, high++) {
    const a = z[low] as number;
    const b = z[high] as number;
    z[high] = s * a + c * b;
    z[low] = c * a - s * b;
  }
}
