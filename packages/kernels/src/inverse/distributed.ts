/**
 * Linear inverse operators for sources spread over a head: x = G j + e, j ~ N(0, s R), e ~ N(0, C).
 *
 * In the space whitened by W = C^(-1/2) (of the noise's own rank: an average reference costs one), A = W G,
 *
 *   M = A R A' + l^2 I,   l = 1/SNR,   R scaled so that trace(A R A') = rank
 *   minimum norm  K = R A' M^-1
 *   dSPM          K / sqrt(diag K K')                             noise of 1
 *   sLORETA       K_i -> S_i^(-1/2) K_i,  S = K M K' (3 x 3 blocks)    variance of 1
 *   eLORETA       K_i = w_i^-1 A_i' (A w^-1 A' + l^2 I)^-1,  w_i = (A_i' (A w^-1 A' + l^2 I)^-1 A_i)^(1/2), iterated
 *
 * The amplitude of source i is |K_i W x|. For one noise-free dipole those of sLORETA and eLORETA are largest at its own place,
 * whatever the lead field.
 *
 * @see Hamalainen & Ilmoniemi, Med Biol Eng Comput 1994;32:35-42; Dale et al., Neuron 2000;26:55-67; Pascual-Marqui, Methods
 *   Find Exp Clin Pharmacol 2002;24D:5-12, and arXiv:0710.3341
 */
import { DataError } from "@quintet/core";
import { Matrix } from "ml-matrix";
import { inverseRoot, symmetricInverse } from "./symmetric.ts";
import { type Whitener, whitener } from "./whitener.ts";

export type DistributedMethod = "minimum-norm" | "dspm" | "sloreta" | "eloreta";

export interface SourceModel {
  /** [channel][source x orientation], V per A m. */
  readonly leadField: readonly Float64Array[];
  /** Rows of the lead field per source: 1 (along a normal) or 3 (x, y, z). */
  readonly orientations: 1 | 3;
  /** Covariance of the noise, [channel][channel], V^2; the identity without it. */
  readonly noise?: readonly ArrayLike<number>[];
  /** Prior variance of each source (all its orientations) or of each column, any scale; 1 without it. eLORETA finds its own. */
  readonly variance?: ArrayLike<number>;
  /** Amplitude signal to noise of what is inverted; default 3. */
  readonly snr?: number;
}

export interface DistributedInverse {
  readonly method: DistributedMethod;
  readonly orientations: 1 | 3;
  /** [source x orientation][channel]: times a map gives the source's components; A m, or without unit when standardised. */
  readonly kernel: readonly Float64Array[];
  readonly rank: number;
  /** Rounds of eLORETA's iteration; 0 for the others. */
  readonly rounds: number;
}

/**
 * @throws DataError `shape-mismatch`, `not-finite` (a lead field with NaN), `not-positive` (snr, variances), as `whitener`
 */
export function distributedInverse(model: SourceModel, method: DistributedMethod): DistributedInverse {
  const { orientations, snr = 3 } = model;
  const { gain, white, count } = whitened(model);
  const lambda2 = 1 / snr ** 2;
  const { kernel, rounds } =
    method === "eloreta"
      ? exactLoreta(gain, count, orientations, lambda2)
      : {
          kernel: standardised(gain, priorOf(model, count * orientations), count, orientations, lambda2, method),
          rounds: 0,
        };
  const rows = kernel
    .mmul(white.matrix)
    .to2DArray()
    .map((row) => Float64Array.from(row));
  return { method, orientations, kernel: rows, rank: white.rank, rounds };
}

/** Amplitude of every source for one map of the channels. */
export function sourceAmplitudes({ kernel, orientations }: DistributedInverse, map: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: kernel.length / orientations }, (_, i) => {
    let sum = 0;
    for (let o = 0; o < orientations; o++) {
      const row = kernel[i * orientations + o] as Float64Array;
      let value = 0;
      for (let c = 0; c < row.length; c++) value += (row[c] as number) * (map[c] as number);
      sum += value * value;
    }
    return Math.sqrt(sum);
  });
}

/**
 * Prior variances that make up for depth: |G_i|^-2p, at most `limit`^2 times the smallest (MNE-Python's 0.8 and 10).
 *
 * @throws DataError as `distributedInverse`
 */
export function depthVariance(model: SourceModel, exponent = 0.8, limit = 10): Float64Array {
  const { gain, count } = whitened(model);
  const o = model.orientations;
  const raw = Float64Array.from({ length: count }, (_, i) => {
    let power = 0;
    for (let k = i * o; k < (i + 1) * o; k++) for (let c = 0; c < gain.rows; c++) power += gain.get(c, k) ** 2;
    return power ** -exponent;
  });
  const most = raw.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY) * limit ** 2;
  return raw.map((v) => Math.min(v, most));
}

interface Whitened {
  /** rank x (source x orientation) */
  readonly gain: Matrix;
  readonly white: Whitener;
  readonly count: number;
}

function whitened({ leadField, orientations, noise, snr = 3 }: SourceModel): Whitened {
  const [channels, columns] = [leadField.length, leadField[0]?.length ?? 0];
  if (columns === 0 || columns % orientations !== 0 || leadField.some((row) => row.length !== columns))
    throw new DataError("shape-mismatch", "a lead field has the same sources in every channel", {
      expected: `a multiple of ${orientations} columns`,
      found: `${channels} x ${columns}`,
    });
  if (!leadField.every((row) => row.every(Number.isFinite)))
    throw new DataError("not-finite", "a lead field holds numbers", { found: "NaN or infinity" });
  if (!(snr > 0)) throw new DataError("not-positive", "the signal-to-noise ratio is above 0", { found: `${snr}` });
  const white = whitener(noise, channels);
  const gain = white.matrix.mmul(new Matrix(leadField.map((row) => Array.from(row))));
  return { gain, white, count: columns / orientations };
}

/** One variance per column. */
function priorOf({ variance, orientations }: SourceModel, columns: number): Float64Array {
  if (variance === undefined) return new Float64Array(columns).fill(1);
  const per = columns / variance.length;
  if (per !== 1 && per !== orientations)
    throw new DataError("shape-mismatch", "one variance per source, or one per column of the lead field", {
      expected: `${columns / orientations} or ${columns}`,
      found: `${variance.length}`,
    });
  const prior = Float64Array.from({ length: columns }, (_, k) => variance[Math.floor(k / per)] as number);
  if (!prior.every((v) => v >= 0 && Number.isFinite(v)) || !prior.some((v) => v > 0))
    throw new DataError("not-positive", "prior variances are 0 or more, and not all 0");
  return prior;
}

function standardised(
  gain: Matrix,
  prior: Float64Array,
  count: number,
  o: 1 | 3,
  lambda2: number,
  method: Exclude<DistributedMethod, "eloreta">,
): Matrix {
  const weighted = gain.clone();
  for (let i = 0; i < count * o; i++) weighted.mulColumn(i, prior[i] as number);
  const { system, scale } = regularised(weighted.mmul(gain.transpose()), lambda2);
  const kernel = weighted.transpose().mul(scale).mmul(symmetricInverse(system));
  if (method === "minimum-norm") return kernel;
  const spread = method === "sloreta" ? kernel.mmul(system) : kernel;
  for (let i = 0; i < count; i++) {
    const own = rowsOf(kernel, i, o);
    const block = own.mmul(rowsOf(spread, i, o).transpose());
    const size = Math.sqrt(block.trace());
    const root = method === "sloreta" ? inverseRoot(block) : Matrix.eye(o, o).mul(size > 0 ? 1 / size : 0);
    kernel.setSubMatrix(root.mmul(own), i * o, 0);
  }
  return kernel;
}

const mostRounds = 200;
/** Relative change of the middle matrix at which eLORETA's iteration stands still. */
const settled = 1e-8;

/** Whatever the middle matrix, the last step alone makes the place of one dipole exact; the iteration makes the scale right. */
function exactLoreta(gain: Matrix, count: number, o: 1 | 3, lambda2: number): { kernel: Matrix; rounds: number } {
  const turned = gain.transpose();
  const kernel = Matrix.zeros(count * o, gain.rows);
  let middle = symmetricInverse(regularised(gain.mmul(turned), lambda2).system);
  let [rounds, change] = [0, Number.POSITIVE_INFINITY];
  while (rounds < mostRounds && change > settled) {
    rounds++;
    const along = turned.mmul(middle);
    for (let i = 0; i < count; i++) {
      const root = inverseRoot(rowsOf(along, i, o).mmul(rowsOf(turned, i, o).transpose()));
      kernel.setSubMatrix(root.mmul(rowsOf(turned, i, o)), i * o, 0);
    }
    const { system } = regularised(gain.mmul(kernel), lambda2);
    const next = symmetricInverse(system);
    change = Matrix.sub(next, middle).norm() / next.norm();
    middle = next;
  }
  const along = turned.mmul(middle);
  for (let i = 0; i < count; i++) {
    const root = inverseRoot(rowsOf(along, i, o).mmul(rowsOf(turned, i, o).transpose()));
    kernel.setSubMatrix(root.mmul(rowsOf(along, i, o)), i * o, 0);
  }
  return { kernel, rounds };
}

/** What the sources make, scaled to a mean variance of 1 per channel, with the noise beside it. */
function regularised(modelled: Matrix, lambda2: number): { readonly system: Matrix; readonly scale: number } {
  const n = modelled.rows;
  const scale = n / modelled.trace();
  return { system: modelled.mul(scale).add(Matrix.eye(n, n).mul(lambda2)), scale };
}

function rowsOf(matrix: Matrix, source: number, o: 1 | 3): Matrix {
  return matrix.subMatrix(source * o, source * o + o - 1, 0, matrix.columns - 1);
}
