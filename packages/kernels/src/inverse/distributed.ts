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
import { inverseRoots } from "./small-roots.ts";
import { blocksTimes, ownBlocks, rowsTimes, symmetricProduct } from "./source-rows.ts";
import { symmetricInverse } from "./symmetric.ts";
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

export interface SourceKernel {
  /** [source x orientation][channel]: times a map gives the source's components; A m, or without unit when standardised. */
  readonly kernel: readonly Float64Array[];
  readonly orientations: 1 | 3;
}

export interface DistributedInverse extends SourceKernel {
  readonly method: DistributedMethod;
  readonly rank: number;
  /** Rounds of eLORETA's iteration; 0 for the others. */
  readonly rounds: number;
}

/**
 * @throws DataError `shape-mismatch`, `not-finite` (a lead field with NaN), `not-positive` (snr, variances), as `whitener`
 */
export function distributedInverse(model: SourceModel, method: DistributedMethod): DistributedInverse {
  const { orientations, snr = 3 } = model;
  const { gain, white } = whitened(model);
  const lambda2 = 1 / snr ** 2;
  const { kernel, rounds } =
    method === "eloreta"
      ? exactLoreta(gain, white.rank, orientations, lambda2)
      : {
          kernel: standardised(gain, white.rank, priorOf(model, gain.length / white.rank), lambda2, model, method),
          rounds: 0,
        };
  const channels = white.matrix.columns;
  const flat = rowsTimes(kernel, white.rank, Float64Array.from(white.matrix.to1DArray()));
  const rows = Array.from({ length: flat.length / channels }, (_, k) => flat.slice(k * channels, (k + 1) * channels));
  return { method, orientations, kernel: rows, rank: white.rank, rounds };
}

/** Amplitude of every source for one map of the channels. */
export function sourceAmplitudes(inverse: SourceKernel, map: ArrayLike<number>): Float64Array {
  const courses = sourceCourses(
    inverse,
    Array.from(map, (v) => Float64Array.of(v)),
  );
  return Float64Array.from(courses, ([amplitude]) => amplitude as number);
}

/**
 * Amplitude of every source at every sample.
 *
 * @param rows [channel][sample]
 * @returns [source][sample]
 */
export function sourceCourses({ kernel, orientations }: SourceKernel, rows: readonly Float64Array[]): Float64Array[] {
  const [channels, samples] = [rows.length, rows[0]?.length ?? 0];
  const data = new Float64Array(channels * samples);
  for (const [c, row] of rows.entries()) data.set(row, c * samples);
  const own = new Float64Array(orientations * channels);
  return Array.from({ length: kernel.length / orientations }, (_, i) => {
    for (let o = 0; o < orientations; o++) own.set(kernel[i * orientations + o] as Float64Array, o * channels);
    const parts = rowsTimes(own, channels, data);
    const course = new Float64Array(samples);
    for (let t = 0; t < samples; t++) {
      let power = 0;
      for (let k = t; k < parts.length; k += samples) power += (parts[k] as number) ** 2;
      course[t] = Math.sqrt(power);
    }
    return course;
  });
}

/**
 * Prior variances that make up for depth: |G_i|^-2p, at most `limit`^2 times the smallest (MNE-Python's 0.8 and 10).
 *
 * @throws DataError as `distributedInverse`
 */
export function depthVariance(model: SourceModel, exponent = 0.8, limit = 10): Float64Array {
  const { gain, white } = whitened(model);
  const per = white.rank * model.orientations;
  const raw = Float64Array.from(
    { length: gain.length / per },
    (_, i) => gain.subarray(i * per, (i + 1) * per).reduce((power, g) => power + g * g, 0) ** -exponent,
  );
  const most = raw.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY) * limit ** 2;
  return raw.map((v) => Math.min(v, most));
}

interface Whitened {
  /** [source x orientation][rank], flat. */
  readonly gain: Float64Array;
  readonly white: Whitener;
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
  const gain = new Float64Array(columns * white.rank);
  for (let a = 0; a < white.rank; a++) {
    const row = new Float64Array(columns);
    for (const [c, lead] of leadField.entries()) {
      const weight = white.matrix.get(a, c);
      for (let k = 0; k < columns; k++) row[k] = (row[k] as number) + weight * (lead[k] as number);
    }
    for (let k = 0; k < columns; k++) gain[k * white.rank + a] = row[k] as number;
  }
  return { gain, white };
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
  gain: Float64Array,
  rank: number,
  prior: Float64Array,
  lambda2: number,
  { orientations: o }: SourceModel,
  method: Exclude<DistributedMethod, "eloreta">,
): Float64Array {
  const weighted = gain.map((g, k) => g * (prior[Math.floor(k / rank)] as number));
  const { system, scale } = regularised(symmetricProduct(gain, weighted, rank), rank, lambda2);
  const scaled = weighted.map((w) => w * scale);
  const kernel = rowsTimes(scaled, rank, flatInverse(system));
  if (method === "minimum-norm") return kernel;
  // K M is R A' itself
  const blocks = ownBlocks(kernel, method === "sloreta" ? scaled : kernel, rank, o);
  if (method === "sloreta") inverseRoots(blocks, o);
  else alongDiagonal(blocks, o);
  return blocksTimes(blocks, kernel, rank, o);
}

/** Each block becomes the identity over the root of its trace. */
function alongDiagonal(blocks: Float64Array, o: 1 | 3): void {
  for (let at = 0; at < blocks.length; at += o * o) {
    const block = blocks.subarray(at, at + o * o);
    let trace = 0;
    for (let k = 0; k < o; k++) trace += block[k * (o + 1)] as number;
    block.fill(0);
    for (let k = 0; k < o; k++) block[k * (o + 1)] = trace > 0 ? trace ** -0.5 : 0;
  }
}

const mostRounds = 200;
/** Relative change of the middle matrix at which eLORETA's iteration stands still. */
const settled = 1e-8;

/** Whatever the middle matrix, the last step alone makes the place of one dipole exact; the iteration makes the scale right. */
function exactLoreta(
  gain: Float64Array,
  rank: number,
  o: 1 | 3,
  lambda2: number,
): { readonly kernel: Float64Array; readonly rounds: number } {
  let middle = flatInverse(regularised(symmetricProduct(gain, gain, rank), rank, lambda2).system);
  const rootsOf = (along: Float64Array): Float64Array => {
    const blocks = ownBlocks(along, gain, rank, o);
    inverseRoots(blocks, o);
    return blocks;
  };
  let [rounds, change] = [0, Number.POSITIVE_INFINITY];
  while (rounds < mostRounds && change > settled) {
    rounds++;
    const weighted = blocksTimes(rootsOf(rowsTimes(gain, rank, middle)), gain, rank, o);
    const next = flatInverse(regularised(symmetricProduct(gain, weighted, rank), rank, lambda2).system);
    change = distance(next, middle) / distance(next);
    middle = next;
  }
  const along = rowsTimes(gain, rank, middle);
  return { kernel: blocksTimes(rootsOf(along), along, rank, o), rounds };
}

/** Euclidean, of all their numbers. */
function distance(a: Float64Array, b?: Float64Array): number {
  return Math.sqrt(a.reduce((sum, v, k) => sum + (v - (b ? (b[k] as number) : 0)) ** 2, 0));
}

function flatInverse(system: Matrix): Float64Array {
  return Float64Array.from(symmetricInverse(system).to1DArray());
}

/** What the sources make, scaled to a mean variance of 1 per channel, with the noise beside it. */
function regularised(
  modelled: Float64Array,
  rank: number,
  lambda2: number,
): { readonly system: Matrix; readonly scale: number } {
  const matrix = Matrix.from1DArray(rank, rank, modelled);
  const scale = rank / matrix.trace();
  return { system: matrix.mul(scale).add(Matrix.eye(rank, rank).mul(lambda2)), scale };
}
