import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { readBetweenSamples } from "../fir/fractional-delay.ts";
import { type ArtefactTiming, isWhole, margin, occurrenceLength, reach, readOccurrences } from "./occurrences.ts";

export interface ResidualOptions {
  /** Principal components that are fitted, or those that each explain more than 5 % of the variance; default 4. */
  readonly components?: number | "auto";
}

/** Occurrences the components are found from, evenly spread. */
const looked = 150;
const explained = 0.05;

/**
 * What is left of a repeated artefact after its template was subtracted, by an optimal basis set: the principal components
 * of the residual's occurrences (each with its mean removed), fitted by least squares to every occurrence.
 *
 * @param residual high-passed signal minus the artefact's template
 * @returns [sample] what to subtract further, and how many components it was made of
 * @see Niazy et al., NeuroImage 2005;28:720-737, section on residual artefacts (OBS)
 */
export function residualArtefact(
  residual: ArrayLike<number>,
  timing: ArtefactTiming,
  { components = 4 }: ResidualOptions = {},
): { readonly artefact: Float64Array; readonly components: number } {
  const n = residual.length;
  const artefact = new Float64Array(n);
  const all = readOccurrences(residual, timing);
  const whole = all.filter((_, k) => isWhole(timing, k, n));
  const every = Math.max(1, Math.ceil(whole.length / looked));
  const basis = principalShapes(whole.filter((_, k) => k % every === 0).map(centred), components);
  const length = occurrenceLength(timing.period);
  const shapes = basis.map(() => new Float64Array(length));
  for (let k = 0; k < timing.onsets.length; k++) {
    const [from, to] = reach(timing, k, n);
    if (to <= from) continue;
    const parts = basis.map((shape, j) =>
      readBetweenSamples(shape, margin + from - timing.onsets[k], to - from, shapes[j].subarray(0, to - from)),
    );
    subtractProjection(artefact, residual, parts, from);
  }
  return { artefact, components: basis.length };
}

/** The components of largest variance, as shapes of unit norm. */
export function principalShapes(epochs: readonly Float64Array[], components: number | "auto"): Float64Array[] {
  if (epochs.length < 2) return [];
  const gram = new Matrix(epochs.length, epochs.length);
  for (let a = 0; a < epochs.length; a++)
    for (let b = a; b < epochs.length; b++) {
      let sum = 0;
      const [x, y] = [epochs[a], epochs[b]];
      for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
      gram.set(a, b, sum);
      gram.set(b, a, sum);
    }
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
  const order = [...realEigenvalues.keys()].sort((a, b) => realEigenvalues[b] - realEigenvalues[a]);
  const total = realEigenvalues.reduce((sum, value) => sum + Math.max(0, value), 0);
  const kept = order.filter((index, rank) => {
    if (!(realEigenvalues[index] > 1e-12 * total)) return false;
    return components === "auto" ? realEigenvalues[index] > explained * total : rank < components;
  });
  return kept.map((index) => {
    const shape = new Float64Array(epochs[0].length);
    for (const [e, epoch] of epochs.entries()) {
      const weight = eigenvectorMatrix.get(e, index) / Math.sqrt(realEigenvalues[index]);
      for (let i = 0; i < shape.length; i++) shape[i] += weight * epoch[i];
    }
    return shape;
  });
}

function centred(x: Float64Array): Float64Array {
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  return x.map((value) => value - mean);
}

/** target += projection of x (from `from` on) on the shapes, by their normal equations. */
export function subtractProjection(
  target: Float64Array,
  x: ArrayLike<number>,
  shapes: readonly Float64Array[],
  from: number,
): void {
  const weights = projectionWeights(x, shapes, from);
  for (const [j, shape] of shapes.entries()) {
    const w = weights[j];
    for (let i = 0; i < shape.length; i++) target[from + i] += w * shape[i];
  }
}

/** Least-squares weights of the shapes; 0 for what is empty. */
export function projectionWeights(x: ArrayLike<number>, shapes: readonly Float64Array[], from: number): Float64Array {
  const k = shapes.length;
  const a = Array.from({ length: k }, () => new Float64Array(k + 1));
  for (let p = 0; p < k; p++) {
    for (let q = p; q < k; q++) {
      let sum = 0;
      for (let i = 0; i < shapes[p].length; i++) sum += shapes[p][i] * shapes[q][i];
      a[p][q] = sum;
      a[q][p] = sum;
    }
    for (let i = 0; i < shapes[p].length; i++) a[p][k] += shapes[p][i] * x[from + i];
  }
  const largest = a.map((row, p) => row[p]);
  // Cholesky would do; elimination without exchanges on a positive matrix is the same.
  for (let p = 0; p < k; p++) {
    const pivot = a[p][p];
    for (let q = p + 1; q < k; q++) {
      const factor = pivot > 0 ? a[q][p] / pivot : 0;
      for (let r = p; r <= k; r++) a[q][r] -= factor * a[p][r];
    }
  }
  const weights = new Float64Array(k);
  const least = 1e-12 * Math.max(...largest);
  for (let p = k - 1; p >= 0; p--) {
    let rest = a[p][k];
    for (let q = p + 1; q < k; q++) rest -= a[p][q] * weights[q];
    weights[p] = a[p][p] > least ? rest / a[p][p] : 0;
  }
  return weights;
}
