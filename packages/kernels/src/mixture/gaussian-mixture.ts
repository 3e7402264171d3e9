import { DataError } from "@quintet/core";

export interface GaussianMixture {
  /** By ascending mean. */
  readonly weights: readonly number[];
  readonly means: readonly number[];
  readonly variances: readonly number[];
  /** Total log-likelihood after each iteration: never falls. */
  readonly logLikelihood: readonly number[];
  readonly converged: boolean;
}

export interface MixtureOptions {
  readonly components: number;
  /** How often each value was seen (a histogram's counts); 1 each without it. */
  readonly counts?: ArrayLike<number>;
  /** Start means; without them the quantiles (k + 1/2) / components. */
  readonly means?: readonly number[];
  /** No component becomes narrower than this SD; 1e-3 of the data's without it. */
  readonly minimumSd?: number;
  readonly iterations?: number;
  /** Stops when the mean log-likelihood per sample rises by less. */
  readonly tolerance?: number;
}

/**
 * One-dimensional Gaussian mixture by expectation maximisation, float64, deterministic.
 *
 *   p(x) = sum_k w_k N(x; m_k, s_k^2)
 *   E: r_ik = w_k N(x_i; m_k, s_k^2) / p(x_i)
 *   M: w_k = sum_i c_i r_ik / sum_i c_i,  m_k = sum_i c_i r_ik x_i / sum_i c_i r_ik,  s_k^2 likewise
 *
 * Variances are kept above a floor (1e-6 of the data's, or `minimumSd`), so that a component cannot fall onto one value;
 * while the floor holds one, the log-likelihood need not rise.
 *
 * @throws DataError `not-finite`, `empty-region`, `constant-data`, `grid-mismatch`
 * @see Dempster, Laird & Rubin, J R Stat Soc B 1977;39:1-38
 */
export function gaussianMixture(values: ArrayLike<number>, options: MixtureOptions): GaussianMixture {
  const { components, counts, iterations = 500, tolerance = 1e-9 } = options;
  const n = values.length;
  if (counts && counts.length !== n)
    throw new DataError("grid-mismatch", "values and counts must have one length", {
      expected: `${n}`,
      found: `${counts.length}`,
    });
  const weightOf = (i: number): number => (counts ? counts[i] : 1);
  let [total, sum] = [0, 0];
  for (let i = 0; i < n; i++) {
    if (!Number.isFinite(values[i]) || !(weightOf(i) >= 0))
      throw new DataError("not-finite", `value ${i} is not a number`);
    total += weightOf(i);
    sum += weightOf(i) * values[i];
  }
  if (!(total >= components && components >= 1))
    throw new DataError("empty-region", "too few values for the mixture", {
      expected: `>= ${components}`,
      found: `${total}`,
    });
  const mean = sum / total;
  let spread = 0;
  for (let i = 0; i < n; i++) spread += (weightOf(i) * (values[i] - mean) ** 2) / total;
  if (!(spread > 0)) throw new DataError("constant-data", "all values are equal");

  const means = Float64Array.from(options.means ?? startQuantiles(values, weightOf, components, total));
  if (means.length !== components)
    throw new DataError("grid-mismatch", "one start mean per component", {
      expected: `${components}`,
      found: `${means.length}`,
    });
  const weights = new Float64Array(components).fill(1 / components);
  const variances = new Float64Array(components).fill(spread / components ** 2);
  const floor = options.minimumSd === undefined ? spread * 1e-6 : options.minimumSd ** 2;
  const logLikelihood: number[] = [];
  const r = new Float64Array(components);
  let converged = false;
  for (let step = 0; step < iterations && !converged; step++) {
    const mass = new Float64Array(components);
    const first = new Float64Array(components);
    const second = new Float64Array(components);
    let log = 0;
    for (let i = 0; i < n; i++) {
      const c = weightOf(i);
      if (c === 0) continue;
      log += c * responsibilities(values[i], weights, means, variances, r);
      for (let k = 0; k < components; k++) {
        const share = c * r[k];
        const x = values[i] - mean;
        mass[k] += share;
        first[k] += share * x;
        second[k] += share * x * x;
      }
    }
    const before = logLikelihood.at(-1);
    logLikelihood.push(log);
    converged = before !== undefined && log - before < tolerance * total;
    for (let k = 0; k < components; k++) {
      if (!(mass[k] > 0)) continue;
      const m = first[k] / mass[k];
      weights[k] = mass[k] / total;
      means[k] = mean + m;
      variances[k] = Math.max(floor, second[k] / mass[k] - m * m);
    }
  }
  const order = [...means.keys()].sort((a, b) => means[a] - means[b]);
  return {
    weights: order.map((k) => weights[k]),
    means: order.map((k) => means[k]),
    variances: order.map((k) => variances[k]),
    logLikelihood,
    converged,
  };
}

/** Fills `out` with each component's share in x; returns log p(x). Works in logs, so a far value does not divide 0 by 0. */
export function responsibilities(
  x: number,
  weights: ArrayLike<number>,
  means: ArrayLike<number>,
  variances: ArrayLike<number>,
  out: Float64Array,
): number {
  let top = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < weights.length; k++) {
    out[k] = Math.log(weights[k]) - 0.5 * (Math.log(2 * Math.PI * variances[k]) + (x - means[k]) ** 2 / variances[k]);
    if (out[k] > top) top = out[k];
  }
  let sum = 0;
  for (let k = 0; k < weights.length; k++) {
    out[k] = Math.exp(out[k] - top);
    sum += out[k];
  }
  for (let k = 0; k < weights.length; k++) out[k] /= sum;
  return top + Math.log(sum);
}

function startQuantiles(
  values: ArrayLike<number>,
  weightOf: (i: number) => number,
  components: number,
  total: number,
): number[] {
  const order = Array.from({ length: values.length }, (_, i) => i).sort((a, b) => values[a] - values[b]);
  const starts: number[] = [];
  let seen = 0;
  for (const i of order) {
    seen += weightOf(i);
    while (starts.length < components && seen >= ((starts.length + 0.5) / components) * total) starts.push(values[i]);
  }
  return starts;
}
