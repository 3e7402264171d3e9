export interface PixelEigen {
  /** [set][coil][point], interleaved re, im, of length 1 over coils. */
  readonly maps: Float32Array;
  /** [set][point] */
  readonly eigenvalues: Float32Array;
}

/**
 * The leading eigenvectors of a small positive semidefinite Hermitian matrix at every point, by orthogonal iteration
 * (Golub & Van Loan, Matrix Computations, section 8.2): V <- orthonormal columns of G V. One column more than asked is
 * carried, so that convergence goes with the gap behind it.
 *
 * @param pairs G[c][d] for d <= c in the order c, d; each [point] interleaved re, im
 */
export function leadingEigenvectors(
  pairs: readonly Float32Array[],
  coils: number,
  points: number,
  sets: number,
  iterations = 40,
): PixelEigen {
  const maps = new Float32Array(2 * sets * coils * points);
  const eigenvalues = new Float32Array(sets * points);
  const g = new Float64Array(2 * coils * coils);
  const columns = Math.min(coils, sets + 1);
  const v = new Float64Array(2 * columns * coils);
  const w = new Float64Array(2 * coils);
  const sizes = new Float64Array(columns);
  for (let i = 0; i < points; i++) {
    gather(pairs, i, coils, g);
    start(v, g, coils, columns);
    for (let step = 0; step < iterations; step++) {
      let change = 0;
      for (let k = 0; k < columns; k++) {
        multiply(g, v, 2 * k * coils, coils, w);
        removeEarlier(v, k, coils, w);
        let square = 0;
        for (let j = 0; j < 2 * coils; j++) square += (w[j] as number) ** 2;
        const size = Math.sqrt(square);
        change = Math.max(change, k < sets ? Math.abs(size - (sizes[k] as number)) : 0);
        sizes[k] = size;
        if (size > 1e-12) for (let j = 0; j < 2 * coils; j++) v[2 * k * coils + j] = (w[j] as number) / size;
      }
      // 1e-7: float32 of the result
      if (step > 4 && change < 1e-7) break;
    }
    for (let s = 0; s < sets; s++) {
      eigenvalues[s * points + i] = sizes[s] as number;
      for (let c = 0; c < coils; c++) {
        const to = 2 * ((s * coils + c) * points + i);
        maps[to] = v[2 * (s * coils + c)] as number;
        maps[to + 1] = v[2 * (s * coils + c) + 1] as number;
      }
    }
  }
  return { maps, eigenvalues };
}

function gather(pairs: readonly Float32Array[], point: number, coils: number, g: Float64Array): void {
  let pair = 0;
  for (let c = 0; c < coils; c++)
    for (let d = 0; d <= c; d++) {
      const values = pairs[pair++] as Float32Array;
      const [re, im] = [values[2 * point] as number, values[2 * point + 1] as number];
      g[2 * (c * coils + d)] = re;
      g[2 * (c * coils + d) + 1] = c === d ? 0 : im;
      g[2 * (d * coils + c)] = re;
      g[2 * (d * coils + c) + 1] = c === d ? 0 : -im;
    }
}

/** The columns of G with the largest diagonal, then made independent by one that is not: never orthogonal to all. */
function start(v: Float64Array, g: Float64Array, coils: number, columns: number): void {
  const order = Array.from({ length: coils }, (_, c) => c).sort(
    (a, b) => (g[2 * (b * coils + b)] as number) - (g[2 * (a * coils + a)] as number),
  );
  v.fill(0);
  for (let k = 0; k < columns; k++) {
    const from = order[k] as number;
    for (let c = 0; c < coils; c++) {
      v[2 * (k * coils + c)] = (g[2 * (c * coils + from)] as number) + (c === from ? 1e-3 : 0);
      v[2 * (k * coils + c) + 1] = g[2 * (c * coils + from) + 1] as number;
    }
  }
}

/** w = G v, v starting at `at`. */
function multiply(g: Float64Array, v: Float64Array, at: number, coils: number, w: Float64Array): void {
  for (let c = 0; c < coils; c++) {
    let re = 0;
    let im = 0;
    for (let d = 0; d < coils; d++) {
      const p = 2 * (c * coils + d);
      const a = g[p] as number;
      const b = g[p + 1] as number;
      const x = v[at + 2 * d] as number;
      const y = v[at + 2 * d + 1] as number;
      re += a * x - b * y;
      im += a * y + b * x;
    }
    w[2 * c] = re;
    w[2 * c + 1] = im;
  }
}

/** Gram-Schmidt of w against the columns before k. */
function removeEarlier(v: Float64Array, k: number, coils: number, w: Float64Array): void {
  for (let j = 0; j < k; j++) {
    let re = 0;
    let im = 0;
    for (let c = 0; c < coils; c++) {
      const at = 2 * (j * coils + c);
      const a = v[at] as number;
      const b = v[at + 1] as number;
      const x = w[2 * c] as number;
      const y = w[2 * c + 1] as number;
      re += a * x + b * y;
      im += a * y - b * x;
    }
    for (let c = 0; c < coils; c++) {
      const at = 2 * (j * coils + c);
      const a = v[at] as number;
      const b = v[at + 1] as number;
      w[2 * c] = (w[2 * c] as number) - (a * re - b * im);
      w[2 * c + 1] = (w[2 * c + 1] as number) - (a * im + b * re);
    }
  }
}
