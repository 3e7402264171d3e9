import { DataError } from "@quintet/core";
import { countedParts } from "./counted-part.ts";
import {
  addTo,
  checkEmission,
  compareWithCounts,
  type EmissionSubset,
  expectAll,
  expectSeen,
  ratio,
  scratchFor,
  sensitivityOf,
  type Tally,
} from "./emission-data.ts";

export interface OsemOptions {
  readonly iterations: number;
  /** x0, positive where activity may be; default 1 everywhere. */
  readonly start?: Float32Array;
  /** Whether each iteration's log-likelihood is summed (one logarithm a bin with counts); default false. */
  readonly logLikelihood?: boolean;
}

/** Where a reconstruction stands; given out after every part, so that a caller may show it, stop it or let others work. */
export interface EmissionProgress {
  readonly iteration: number;
  readonly subset: number;
  /** Share of all work done, 0 to 1. */
  readonly fraction: number;
  /** The image as it stands; written on. */
  readonly image: Float32Array;
  /** Of the iterations that are finished; grows. At the first step of an iteration `image` is what they have led to. */
  readonly history: EmissionFit["history"];
}

export interface EmissionFit {
  readonly image: Float32Array;
  /** Of each iteration, over its subsets: with one subset it is about the image before the update. */
  readonly history: readonly {
    readonly logLikelihood?: number;
    /** Sum of the expectation f A x + b. */
    readonly expected: number;
    /** |x - x before| / |x| over the whole iteration. */
    readonly change: number;
  }[];
  /** Sum of y. */
  readonly counts: number;
  /** Counts in lines where the model expects none: outside the image's reach. They take no part. */
  readonly unexplained: number;
  /** Voxels that no line sees; they are 0. */
  readonly blind: number;
}

/**
 * Ordered-subsets expectation maximisation of Poisson counts y ~ Poisson(f A x + b), over any operator:
 *
 *   x <- x / (A_s'f_s) * A_s'( f_s y_s / (f_s A_s x + b_s) )        for each subset s in turn
 *
 * With one subset it is MLEM: the likelihood never falls, x stays positive and, without background, the expectation's sum
 * is that of the counts after every update (Shepp & Vardi, IEEE Trans Med Imaging 1982;1:113-22; Hudson & Larkin, IEEE
 * Trans Med Imaging 1994;13:601-9). List mode is the same with counts of 1, one line an event, and each subset's
 * sensitivity given (Parra & Barrett, IEEE Trans Med Imaging 1998;17:228-35). An iteration depends on nothing but the image it
 * begins with: started from the image of iteration k, n - k more give what n had given, bit for bit. Images are float32, sums over parts and bins
 * float64; the same input gives the same output.
 *
 * @throws DataError `no-data`, `shape-mismatch`, `bad-counts`, `bad-factor`, `bad-background`, `bad-start`,
 *   `bad-iterations`, `blind` (no voxel is seen)
 */
export function* osem(
  subsets: readonly EmissionSubset[],
  { iterations, start, logLikelihood: logarithm = false }: OsemOptions,
): Generator<EmissionProgress, EmissionFit> {
  const domain = checkEmission(subsets);
  refuseIterations(iterations);
  const scratch = scratchFor(subsets);
  const counted = subsets.map(countedParts);
  const sensitivities = subsets.map((subset, s) => Float32Array.from(sensitivityOf(subset, scratch, counted[s])));
  const image = startingImage(domain, start, sensitivities);
  const history: EmissionFit["history"][number][] = [];
  const partCount = subsets.reduce((sum, { parts }) => sum + parts.length, 0);
  const back = new Float64Array(domain);
  let [unexplained, done] = [0, 0];
  for (let iteration = 0; iteration < iterations; iteration++) {
    const tally: Tally = { logLikelihood: 0, expected: 0, unexplained: 0 };
    const before = image.slice();
    for (const [s, { parts, sensitivity: given }] of subsets.entries()) {
      const expectedBefore = tally.expected;
      back.fill(0);
      const held = counted[s];
      for (const [p, part] of parts.entries()) {
        if (held) addTo(back, held[p].ratioBack(image, { logarithm, tally }));
        else {
          const data = part.operator.forward(image, scratch(part));
          compareWithCounts(part, data, ratio, { logarithm, tally });
          addTo(back, part.operator.adjoint(data));
        }
        done++;
        yield { iteration, subset: s, fraction: done / partCount / iterations, image, history };
      }
      const sensitivity = sensitivities[s];
      if (given) expectAll(tally, expectedBefore, sensitivity, image);
      else if (held) expectSeen(tally, sensitivity, image);
      for (let j = 0; j < domain; j++) if (sensitivity[j] > 0) image[j] *= back[j] / sensitivity[j];
    }
    unexplained = tally.unexplained;
    history.push({
      ...(logarithm ? { logLikelihood: tally.logLikelihood } : {}),
      expected: tally.expected,
      change: relativeChange(before, image),
    });
  }
  return { image, history, counts: countsOf(subsets), unexplained, blind: blindVoxels(sensitivities) };
}

/** Runs a reconstruction to its end. */
export function runToEnd<Fit>(steps: Generator<EmissionProgress, Fit>): Fit {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** @throws DataError `bad-iterations` */
export function refuseIterations(iterations: number): void {
  if (Number.isInteger(iterations) && iterations > 0 && iterations <= 10_000) return;
  throw new DataError("bad-iterations", "a reconstruction runs a whole number of iterations", {
    expected: "1 to 10000",
    found: `${iterations}`,
  });
}

/** Blind voxels are 0 from the start, so that they add nothing to any expectation. @throws DataError `blind`, `bad-start` */
export function startingImage(
  domain: number,
  start: Float32Array | undefined,
  sensitivities: readonly Float32Array[],
): Float32Array {
  const image = start ? start.slice() : new Float32Array(domain).fill(1);
  if (image.length !== domain || !image.every((value) => value >= 0 && value < Number.POSITIVE_INFINITY)) {
    throw new DataError("bad-start", "a starting image has one value of 0 or more a voxel", {
      expected: `${domain} values`,
      found: `${image.length}`,
    });
  }
  let seen = false;
  for (let j = 0; j < domain; j++) {
    if (sensitivities.every((sensitivity) => !(sensitivity[j] > 0))) image[j] = 0;
    else seen ||= image[j] > 0;
  }
  if (!seen) throw new DataError("blind", "no line with a factor above 0 crosses an image that may hold activity");
  return image;
}

export function blindVoxels(sensitivities: readonly Float32Array[]): number {
  let blind = 0;
  for (let j = 0; j < sensitivities[0].length; j++) if (sensitivities.every((s) => !(s[j] > 0))) blind++;
  return blind;
}

export function countsOf(subsets: readonly EmissionSubset[]): number {
  let sum = 0;
  for (const { parts } of subsets)
    for (const { counts } of parts) for (const y of counts) for (let i = 0; i < y.length; i++) sum += y[i];
  return sum;
}

export function relativeChange(before: Float32Array, after: Float32Array): number {
  let [moved, size] = [0, 0];
  for (let j = 0; j < after.length; j++) {
    moved += (after[j] - before[j]) ** 2;
    size += after[j] ** 2;
  }
  return size > 0 ? Math.sqrt(moved / size) : 0;
}
