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
  residual,
  scratchFor,
  sensitivityOf,
  type Tally,
} from "./emission-data.ts";
import {
  blindVoxels,
  countsOf,
  type EmissionFit,
  type EmissionProgress,
  refuseIterations,
  relativeChange,
  startingImage,
} from "./osem.ts";
import type { Prior } from "./relative-difference.ts";

export interface BsremOptions {
  readonly iterations: number;
  /** Absent: no prior, the control. */
  readonly prior?: Prior;
  readonly start?: Float32Array;
  /** alpha_0, the first step; default 1, an EM step. */
  readonly step?: number;
  /** eta: alpha_n = alpha_0 / (1 + eta n); default 0.1. 0 with one subset is plain preconditioned ascent. */
  readonly relaxation?: number;
  /** Iterations done before, where `start` is what they led to: the relaxation goes on from there. Default 0. */
  readonly done?: number;
}

/** As of OSEM, with the penalty beside each iteration's likelihood. */
export interface BsremFit extends EmissionFit {
  /** R at each iteration's end. */
  readonly penalties: readonly number[];
}

/**
 * Penalised likelihood by relaxed block-sequential ascent, max L(x) - R(x) over x >= 0:
 *
 *   x <- x + alpha_n D (grad L_s(x) - grad R(x) / S),   D_j = S d(x_j) / (sum_s A_s'f_s + x_j R''_j)_j
 *   d(x) = x up to U_j / 2, U_j - x beyond,   x kept between 0+ and U_j - 0+
 *
 * for subsets s = 1 .. S in turn, with alpha_n = alpha_0 / (1 + eta n) in iteration n: the relaxation is what makes it
 * converge to the maximum instead of a cycle between the subsets (BSREM: De Pierro & Yamagishi, IEEE Trans Med Imaging
 * 2001;20:280-8; Ahn & Fessler, IEEE Trans Med Imaging 2003;22:613-26). Without a prior and with alpha = 1 one update is
 * exactly one of OSEM with even subsets. 0+ is 1e-6 of the image's mean: D is 0 at 0, where a voxel could never leave.
 *
 * The proof of convergence needs a bounded image (Ahn & Fessler 2003, section III). Here the bound follows from the data: at the
 * maximum sum_j x_j (A'f)_j = sum y f A x / e - sum_j x_j R'_j <= sum y, because a prior that grows along every ray from 0 has
 * sum_j x_j R'_j >= 0, as the relative difference has. So no voxel exceeds U_j = sum y / (A'f)_j, and a step that is too long
 * cannot carry it away.
 *
 * @throws DataError those of osem, `not-positive` (step, relaxation)
 */
export function* bsrem(
  subsets: readonly EmissionSubset[],
  { iterations, prior, start, step = 1, relaxation = 0.1, done: earlier = 0 }: BsremOptions,
): Generator<EmissionProgress, BsremFit> {
  const domain = checkEmission(subsets);
  refuseIterations(iterations);
  if (!(step > 0 && relaxation >= 0)) {
    throw new DataError("not-positive", "the step and its relaxation", { found: `${step}, ${relaxation}` });
  }
  const scratch = scratchFor(subsets);
  const total = new Float64Array(domain);
  const counted = subsets.map(countedParts);
  // Where what goes back is A'(f y / e): the rest of the gradient.
  const own = subsets.map((subset, s) => {
    const sensitivity = sensitivityOf(subset, scratch, counted[s]);
    for (let j = 0; j < domain; j++) total[j] += sensitivity[j];
    return subset.sensitivity || counted[s] ? Float32Array.from(sensitivity) : undefined;
  });
  const seen = [Float32Array.from(total)];
  const image = startingImage(domain, start, seen);
  const history: EmissionFit["history"][number][] = [];
  const penalties: number[] = [];
  const partCount = subsets.reduce((sum, { parts }) => sum + parts.length, 0);
  const gradient = new Float64Array(domain);
  const counts = countsOf(subsets);
  const upper = total.map((seenByAll) => (seenByAll > 0 ? counts / seenByAll : 0));
  for (let j = 0; j < domain; j++) image[j] = Math.min(image[j], upper[j]);
  let [unexplained, done] = [0, 0];
  for (let iteration = 0; iteration < iterations; iteration++) {
    const tally: Tally = { logLikelihood: 0, expected: 0, unexplained: 0 };
    const before = image.slice();
    const alpha = (step / (1 + relaxation * (earlier + iteration))) * subsets.length;
    for (const [s, { parts }] of subsets.entries()) {
      gradient.fill(0);
      const expectedBefore = tally.expected;
      const [given, held] = [own[s], counted[s]];
      for (const [p, part] of parts.entries()) {
        if (held) addTo(gradient, held[p].ratioBack(image, { logarithm: true, tally }));
        else {
          const data = part.operator.forward(image, scratch(part));
          // Events' lines are those that were hit: the rest of their gradient is the sensitivity given.
          compareWithCounts(part, data, given ? ratio : residual, { logarithm: true, tally });
          addTo(gradient, part.operator.adjoint(data));
        }
        done++;
        yield { iteration, subset: s, fraction: done / partCount / iterations, image, history };
      }
      if (given && held) expectSeen(tally, given, image);
      else if (given) expectAll(tally, expectedBefore, given, image);
      const slope = prior?.gradient(image);
      const curvature = prior?.scaledCurvature(image);
      const floor = 1e-6 * meanOf(image);
      for (let j = 0; j < domain; j++) {
        if (!(total[j] > 0)) continue;
        const g = gradient[j] - (given ? given[j] : 0) - (slope ? slope[j] / subsets.length : 0);
        const [x, most] = [image[j], upper[j]];
        const room = x <= most / 2 ? x : most - x;
        const next = x + (alpha * room * g) / (total[j] + (curvature ? curvature[j] : 0));
        image[j] = Math.max(Math.min(floor, most / 2), Math.min(next, most - Math.min(floor, most / 2)));
      }
    }
    unexplained = tally.unexplained;
    history.push({
      logLikelihood: tally.logLikelihood,
      expected: tally.expected,
      change: relativeChange(before, image),
    });
    penalties.push(prior?.value(image) ?? 0);
  }
  return { image, history, penalties, counts, unexplained, blind: blindVoxels(seen) };
}

function meanOf(values: Float32Array): number {
  let sum = 0;
  for (let j = 0; j < values.length; j++) sum += values[j];
  return sum / values.length;
}

/**
 * kappa_j = sqrt( (A' f^2 y / e^2 A 1)_j ), e = f A x + b: the square root of the Hessian's row sums at an image x. Weighs a
 * prior so that its strength in each voxel follows the data's (PETRIC's definition; Fessler & Rogers 1996).
 *
 * @param image near the solution, e.g. a few iterations of OSEM
 */
export function kappaImage(subsets: readonly EmissionSubset[], image: Float32Array): Float32Array {
  const domain = checkEmission(subsets);
  const scratch = scratchFor(subsets);
  const ones = new Float32Array(domain).fill(1);
  const sum = new Float64Array(domain);
  const tally: Tally = { logLikelihood: 0, expected: 0, unexplained: 0 };
  for (const { parts } of subsets) {
    for (const part of parts) {
      const data = part.operator.forward(image, scratch(part));
      compareWithCounts(part, data, (f, y, e) => (f * f * y) / (e * e), { logarithm: false, tally });
      const lengths = part.operator.forward(ones);
      for (let i = 0; i < data.length; i++) data[i] *= lengths[i];
      addTo(sum, part.operator.adjoint(data));
    }
  }
  return new Float32Array(sum.length).map((_, i) => Math.sqrt(Math.max(0, sum[i] as number)));
}
