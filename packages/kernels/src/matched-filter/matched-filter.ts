/** Detectors of a known map and a known course in noise that is only known by its covariance. */
import { DataError } from "@quintet/core";
import { Matrix, solve } from "ml-matrix";

/** Share of the mean variance added to each signal's: an average reference has one dimension less than signals. */
const ridge = 0.01;
/** Share of the variance added at lag 0: a band that a filter left empty has no inverse. */
const floor = 1e-3;

/**
 * Weights that let a map through at gain 1 and as little else as there can be: w = C^-1 a / (a' C^-1 a), C the signals' mean products
 * with a hundredth of their mean variance added.
 *
 * @param parts [stretch][signal][sample]
 * @param map one value a signal
 * @throws DataError `shape-mismatch`, `not-finite` (signals or map), `flat` (the map is 0)
 * @see Van Veen et al., IEEE TBME 1997;44:867-880
 */
export function mapFilter(parts: readonly (readonly ArrayLike<number>[])[], map: ArrayLike<number>): Float64Array {
  const n = map.length;
  if (parts.some((rows) => rows.length !== n))
    throw new DataError("shape-mismatch", "a map has one value per signal", {
      expected: `${parts[0]?.length}`,
      found: `${n}`,
    });
  const c = Matrix.zeros(n, n);
  let samples = 0;
  for (const rows of parts) {
    const length = rows[0]?.length ?? 0;
    samples += length;
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++) {
        const [a, b] = [rows[i] as ArrayLike<number>, rows[j] as ArrayLike<number>];
        let sum = 0;
        for (let t = 0; t < length; t++) sum += (a[t] as number) * (b[t] as number);
        c.set(i, j, c.get(i, j) + sum);
        c.set(j, i, c.get(i, j));
      }
  }
  c.div(samples);
  if (!Array.from(map).every(Number.isFinite) || !Number.isFinite(c.trace()))
    throw new DataError("not-finite", "signals and map hold numbers", { found: "NaN or infinity" });
  if (Array.from(map).every((v) => v === 0)) throw new DataError("flat", "a map that is 0 everywhere is no map");
  const more = (ridge * c.trace()) / n;
  for (let i = 0; i < n; i++) c.set(i, i, c.get(i, i) + more);
  const w = solve(c, Matrix.columnVector(Array.from(map))).to1DArray();
  const gain = w.reduce((sum, v, i) => sum + v * (map[i] as number), 0);
  return Float64Array.from(w, (v) => v / gain);
}

/**
 * Scores of a course g in signals whose samples have the Toeplitz covariance R (biased estimate, so that it is positive):
 *
 *   h = R^-1 g,   score(t) = sum_k h_k y(t + k),   power = g' R^-1 g
 *
 * the best linear detector in Gaussian noise: without g its variance is `power`, with g its mean rises by `power`.
 *
 * @param signals stretches, none of which crosses a gap
 * @returns scores of each stretch at each start that the course fits
 * @throws DataError `segment-too-short`, `not-finite` (signals or course), `flat` (no signal, or a course of 0)
 * @see Van Trees, Detection, Estimation, and Modulation Theory I, section 4.3
 */
export function matchedScores(
  signals: readonly Float64Array[],
  course: Float64Array,
): { readonly scores: readonly Float64Array[]; readonly power: number } {
  const { length } = course;
  if (signals.length === 0 || signals.some((y) => y.length < length))
    throw new DataError("segment-too-short", "a stretch holds the course", { expected: `${length} samples` });
  const total = signals.reduce((sum, y) => sum + y.length, 0);
  const lags = Float64Array.from({ length }, (_, lag) => {
    let sum = 0;
    for (const y of signals) for (let t = lag; t < y.length; t++) sum += (y[t] as number) * (y[t - lag] as number);
    return sum / total;
  });
  if (!lags.every(Number.isFinite) || !course.every(Number.isFinite))
    throw new DataError("not-finite", "signals and course hold numbers", { found: "NaN or infinity" });
  if (!((lags[0] as number) > 0) || course.every((v) => v === 0))
    throw new DataError("flat", "a course is sought in a signal", { found: "zeros" });
  const r = new Matrix(
    Array.from({ length }, (_, i) =>
      Array.from({ length }, (_, j) => (lags[Math.abs(i - j)] as number) + (i === j ? floor * (lags[0] as number) : 0)),
    ),
  );
  const filter = Float64Array.from(solve(r, Matrix.columnVector([...course])).to1DArray());
  const power = filter.reduce((sum, h, k) => sum + h * (course[k] as number), 0);
  const scores = signals.map((y) =>
    Float64Array.from({ length: y.length - length + 1 }, (_, t) => {
      let sum = 0;
      for (let k = 0; k < length; k++) sum += (filter[k] as number) * (y[t + k] as number);
      return sum;
    }),
  );
  return { scores, power };
}
