import { DataError } from "@quintet/core";

export interface MixedEffects {
  readonly coefficients: Float64Array;
  /** Row-major. */
  readonly covariance: Float64Array;
  /** Variance within a group (times each value's own) and between groups. */
  readonly within: number;
  readonly between: number;
  /** Degrees of freedom of each coefficient, by containment. */
  readonly dof: readonly number[];
  /** -2 times the restricted log-likelihood, but for its constant. */
  readonly deviance: number;
}

/**
 * Linear model with a random intercept for each group (subject),
 *
 *   y = X b + u_group + e,   u ~ N(0, t^2),   e_i ~ N(0, s^2 v_i),
 *
 * t^2 and s^2 by restricted maximum likelihood: with H(l) = diag(v) + l Z Z', l = t^2 / s^2, b is the generalised least-squares solution and
 *
 *   -2 ln L(l) = (n - p) ln s^2(l) + ln |H| + ln |X' H^-1 X|,   s^2(l) = r' H^-1 r / (n - p)
 *
 * is minimised over l >= 0. H is a diagonal and one outer product per group, inverted by Sherman and Morrison. Of each coefficient
 * the degrees of freedom are those of its stratum: values less groups less the columns that vary within groups, or groups less the
 * columns that do not (the containment of nlme and SAS).
 *
 * In a balanced design this is the analysis of variance: s^2 the mean square within, t^2 (mean square between - s^2) / size.
 *
 * @param x rows of p columns
 * @param variances v, e.g. squared standard errors of the first level; default 1
 * @throws DataError `shape-mismatch`, `too-few-groups` (fewer than 2, or no degree of freedom), `rank-deficient`, `not-positive`,
 *   `constant` (nothing is left of the values about the model)
 * @see Patterson & Thompson, Biometrika 1971;58:545-54; Laird & Ware, Biometrics 1982;38:963-74; Pinheiro & Bates 2000, section 2.4
 */
export function mixedEffects(
  y: ArrayLike<number>,
  x: readonly ArrayLike<number>[],
  groups: readonly string[],
  variances: ArrayLike<number> = new Float64Array(y.length).fill(1),
): MixedEffects {
  const [n, p] = [y.length, x[0]?.length ?? 0];
  if (x.length !== n || groups.length !== n || variances.length !== n || p === 0 || x.some((row) => row.length !== p)) {
    throw new DataError("shape-mismatch", "each value needs a row of the design, a group and a variance", {
      expected: `${n}`,
      found: `${x.length} rows, ${groups.length} groups, ${variances.length} variances`,
    });
  }
  if (!Array.from(variances).every((v) => v > 0 && Number.isFinite(v)) || !Array.from(y).every(Number.isFinite))
    throw new DataError("not-positive", "values are numbers and their variances above 0");
  const members = new Map<string, number[]>();
  for (const [i, name] of groups.entries()) members.set(name, [...(members.get(name) ?? []), i]);
  const dof = containment(x, [...members.values()], n, p);
  if (members.size < 2 || dof.some((d) => d < 1)) {
    throw new DataError("too-few-groups", "effects over groups need groups", {
      expected: "at least 2, and more than the columns that differ between them",
      found: `${members.size} groups, degrees of freedom ${dof.join(", ")}`,
    });
  }
  const blocks = [...members.values()];
  const scale = y.length > 0 ? Math.max(...Array.from(y, (v, i) => (v * v) / variances[i])) : 0;
  if (!(fitAt(y, x, blocks, variances, 0).within > 1e-24 * scale))
    throw new DataError("constant", "the values do not vary about their model: no variance can be told");
  const fit = (ratio: number): ReturnType<typeof fitAt> => fitAt(y, x, blocks, variances, ratio);
  // The deviance has one dip over ln l in all but odd designs: a grid finds it, golden sections pin it down; l = 0 is a border.
  const grid = Array.from({ length: 61 }, (_, k) => 10 ** (-9 + (18 * k) / 60));
  const costs = grid.map((ratio) => fit(ratio).deviance);
  const best = costs.indexOf(Math.min(...costs));
  let [low, high] = [Math.log(grid[Math.max(0, best - 1)]), Math.log(grid[Math.min(60, best + 1)])];
  const share = (Math.sqrt(5) - 1) / 2;
  while (high - low > 1e-10) {
    const [a, b] = [high - share * (high - low), low + share * (high - low)];
    if (fit(Math.exp(a)).deviance < fit(Math.exp(b)).deviance) high = b;
    else low = a;
  }
  const inner = fit(Math.exp((low + high) / 2));
  const none = fit(0);
  const chosen = none.deviance <= inner.deviance + 1e-9 ? none : inner;
  const { coefficients, covariance, within, ratio, deviance } = chosen;
  return { coefficients, covariance, within, between: ratio * within, dof, deviance };
}

function fitAt(
  y: ArrayLike<number>,
  x: readonly ArrayLike<number>[],
  blocks: readonly (readonly number[])[],
  variances: ArrayLike<number>,
  ratio: number,
) {
  const [n, p] = [y.length, x[0].length];
  const normal = new Float64Array(p * p);
  const right = new Float64Array(p);
  let [logH, squares] = [0, 0];
  for (const block of blocks) {
    let weight = 0;
    const sums = new Float64Array(p);
    let total = 0;
    for (const i of block) {
      const w = 1 / variances[i];
      weight += w;
      total += w * y[i];
      squares += w * y[i] ** 2;
      logH -= Math.log(w);
      for (let j = 0; j < p; j++) {
        sums[j] += w * x[i][j];
        right[j] += w * x[i][j] * y[i];
        for (let k = 0; k < p; k++) normal[j * p + k] += w * x[i][j] * x[i][k];
      }
    }
    const shrink = ratio / (1 + ratio * weight);
    logH += Math.log1p(ratio * weight);
    squares -= shrink * total * total;
    for (let j = 0; j < p; j++) {
      right[j] -= shrink * sums[j] * total;
      for (let k = 0; k < p; k++) normal[j * p + k] -= shrink * sums[j] * sums[k];
    }
  }
  const { inverse, logDeterminant } = positiveInverse(normal, p);
  const coefficients = Float64Array.from({ length: p }, (_, j) => {
    let sum = 0;
    for (let k = 0; k < p; k++) sum += inverse[j * p + k] * right[k];
    return sum;
  });
  let rest = squares;
  for (let j = 0; j < p; j++) rest -= coefficients[j] * right[j];
  const within = Math.max(rest, 0) / (n - p);
  return {
    ratio,
    coefficients,
    covariance: inverse.map((v) => v * within),
    within,
    deviance: (n - p) * Math.log(within) + logH + logDeterminant,
  };
}

/** @throws DataError `rank-deficient` */
function positiveInverse(
  a: Float64Array,
  n: number,
): { readonly inverse: Float64Array; readonly logDeterminant: number } {
  const [work, inverse] = [a.slice(), new Float64Array(n * n)];
  for (let i = 0; i < n; i++) inverse[i * n + i] = 1;
  let logDeterminant = 0;
  for (let j = 0; j < n; j++) {
    const pivot = work[j * n + j];
    if (!(pivot > 1e-12 * a[j * n + j]))
      throw new DataError("rank-deficient", "columns of the design depend on each other");
    logDeterminant += Math.log(pivot);
    for (let k = 0; k < n; k++) {
      work[j * n + k] /= pivot;
      inverse[j * n + k] /= pivot;
    }
    for (let i = 0; i < n; i++) {
      const factor = i === j ? 0 : work[i * n + j];
      for (let k = 0; k < n && factor !== 0; k++) {
        work[i * n + k] -= factor * work[j * n + k];
        inverse[i * n + k] -= factor * inverse[j * n + k];
      }
    }
  }
  return { inverse, logDeterminant };
}

function containment(
  x: readonly ArrayLike<number>[],
  blocks: readonly (readonly number[])[],
  n: number,
  p: number,
): number[] {
  const varies = Array.from({ length: p }, (_, j) =>
    blocks.some((block) => block.some((i) => x[i][j] !== x[block[0]][j])),
  );
  const inside = varies.filter(Boolean).length;
  return varies.map((own) => (own ? n - blocks.length - inside : blocks.length - (p - inside)));
}
