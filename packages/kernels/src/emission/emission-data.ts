import { DataError } from "@quintet/core";
import type { CountedOperator } from "../iterate/counted-operator.ts";
import type { LinearOperator } from "../iterate/linear-operator.ts";

/** A projector: a linear map that may write into a given array and return it. */
export interface EmissionOperator extends LinearOperator {
  forward(image: Float32Array, out?: Float32Array): Float32Array;
  adjoint(data: Float32Array, out?: Float32Array): Float32Array;
  /** An array of `range` values that the operator reads and writes without a copy. */
  newData?(): Float32Array;
  /** The operator with room for counts beside it, where it can do an update without projected data. */
  counted?(withBackground: boolean): CountedOperator;
}

/**
 * Counts y with their expectation, y ~ Poisson(f A x + b). Data lies in pieces, so that a part may be made of runs of a
 * larger array without copying it: laid end to end the pieces of `counts` (and of `background`) are the operator's range.
 */
export interface EmissionPart {
  readonly operator: EmissionOperator;
  readonly counts: readonly Float32Array[];
  /** f: every multiplicative term, e.g. detector efficiency times attenuation. Absent: 1. */
  readonly factor?: readonly Float32Array[];
  /** b: every additive term in counts, e.g. randoms plus scatter. Absent: 0. */
  readonly background?: readonly Float32Array[];
  /** The factor's values come in runs of `length`, each of which holds for `times` runs of the data (time of flight). */
  readonly shared?: { readonly length: number; readonly times: number };
}

/** What one update uses; several parts bound the memory of projected data. */
export interface EmissionSubset {
  readonly parts: readonly EmissionPart[];
  /** A'f of this subset where it is known otherwise: list mode, whose lines are the ones that happened to be hit. */
  readonly sensitivity?: Float32Array;
}

/** What one pass through a part's data adds up, in float64. */
export interface Tally {
  /** Sum of y log(f A x + b) - (f A x + b): the log-likelihood but for a constant of y. */
  logLikelihood: number;
  /** Sum of f A x + b. */
  expected: number;
  /** Counts where nothing is expected: no image explains them. */
  unexplained: number;
}

/** What the adjoint is applied to after the expectation e = f p + b of a projection p. */
export type BackProjected = (factor: number, count: number, expected: number, projection: number) => number;

export const ratio: BackProjected = (f, y, e) => (y > 0 ? (f * y) / e : 0);
export const residual: BackProjected = (f, y, e) => f * ((y > 0 ? y / e : 0) - 1);

/**
 * Overwrites the projection with what goes back into the image.
 * @param logarithm whether the log-likelihood is summed; its logarithms cost more than all else here
 */
export function compareWithCounts(
  { counts, factor, background, shared }: EmissionPart,
  projection: Float32Array,
  toBack: BackProjected,
  { logarithm, tally }: { readonly logarithm: boolean; readonly tally: Tally },
): void {
  let [from, logLikelihood, expected, unexplained] = [0, 0, 0, 0];
  for (let piece = 0; piece < counts.length; piece++) {
    const [y, f, b] = [counts[piece], factor?.[piece], background?.[piece]];
    const length = f ? (shared?.length ?? y.length) : y.length;
    const times = f ? (shared?.times ?? 1) : 1;
    for (let start = 0, row = 0, turn = 0; start < y.length; start += length) {
      for (let k = 0; k < length; k++) {
        const i = start + k;
        const fi = f ? f[row + k] : 1;
        const p = projection[from + i];
        const e = fi * p + (b ? b[i] : 0);
        const yi = y[i];
        expected += e;
        if (e > 0) {
          projection[from + i] = toBack(fi, yi, e, p);
          if (logarithm && yi > 0) logLikelihood += yi * Math.log(e);
        } else {
          projection[from + i] = 0;
          unexplained += yi;
        }
      }
      if (++turn === times) {
        turn = 0;
        row += length;
      }
    }
    from += y.length;
  }
  tally.logLikelihood += logLikelihood - expected;
  tally.expected += expected;
  tally.unexplained += unexplained;
}

/**
 * List mode: its lines are those that happened, so what was added up of the expectation is theirs alone. Instead all lines
 * count, A'f x; the background's own sum is a constant and left out.
 */
export function expectAll(tally: Tally, before: number, sensitivity: ArrayLike<number>, image: Float32Array): void {
  let seen = 0;
  for (let j = 0; j < image.length; j++) seen += sensitivity[j] * image[j];
  tally.logLikelihood += tally.expected - before - seen;
  tally.expected = before + seen;
}

/** Adds the sum of f A x, told by A'f: <f, A x> = <A'f, x>. */
export function expectSeen(tally: Tally, sensitivity: ArrayLike<number>, image: Float32Array): void {
  let seen = 0;
  for (let j = 0; j < image.length; j++) seen += sensitivity[j] * image[j];
  tally.logLikelihood -= seen;
  tally.expected += seen;
}

/** f as the operator's range, to be projected back into the sensitivity. */
export function spreadFactor({ counts, factor, shared }: EmissionPart, out: Float32Array): Float32Array {
  let from = 0;
  for (let piece = 0; piece < counts.length; piece++) {
    const [n, f] = [counts[piece].length, factor?.[piece]];
    if (!f) out.fill(1, from, from + n);
    else if (!shared) out.set(f, from);
    else {
      for (let i = 0; i < n; i += shared.length) {
        const row = Math.floor(i / shared.length / shared.times) * shared.length;
        out.set(f.subarray(row, row + shared.length), from + i);
      }
    }
    from += n;
  }
  return out;
}

/** Unknowns of the image. @throws DataError `no-data`, `shape-mismatch`, `bad-counts`, `bad-factor`, `bad-background` */
export function checkEmission(subsets: readonly EmissionSubset[]): number {
  const domain = subsets[0]?.parts[0]?.operator.domain;
  if (domain === undefined) throw new DataError("no-data", "a reconstruction needs at least one subset with one part");
  for (const [s, { parts, sensitivity }] of subsets.entries()) {
    if (parts.length === 0) throw new DataError("no-data", `subset ${s} has no parts`);
    if (sensitivity) {
      refuseLength(sensitivity.length, domain, `the sensitivity of subset ${s}`);
      refuseValues([sensitivity], "bad-factor", `the sensitivity of subset ${s}`);
    }
    for (const part of parts) checkPart(part, domain, s);
  }
  return domain;
}

function checkPart({ operator, counts, factor, background, shared }: EmissionPart, domain: number, s: number): void {
  refuseLength(operator.domain, domain, `the image of subset ${s}`);
  const total = (pieces: readonly Float32Array[]): number => pieces.reduce((sum, piece) => sum + piece.length, 0);
  refuseLength(total(counts), operator.range, `the counts of subset ${s}`);
  refuseValues(counts, "bad-counts", `the counts of subset ${s}`);
  if (factor) {
    const times = shared?.times ?? 1;
    for (const [i, y] of counts.entries())
      refuseLength((factor[i]?.length ?? 0) * times, y.length, `the factor of subset ${s}`);
    refuseValues(factor, "bad-factor", `the multiplicative term of subset ${s}`);
  }
  if (background) {
    for (const [i, y] of counts.entries())
      refuseLength(background[i]?.length ?? 0, y.length, `the background of subset ${s}`);
    refuseValues(background, "bad-background", `the additive term of subset ${s}`);
  }
}

function refuseLength(found: number, expected: number, what: string): void {
  if (found === expected) return;
  throw new DataError("shape-mismatch", `${what} must fit the operator`, {
    expected: `${expected} values`,
    found: `${found}`,
  });
}

function refuseValues(pieces: readonly Float32Array[], code: string, what: string): void {
  for (const piece of pieces) {
    for (let i = 0; i < piece.length; i++) {
      if (piece[i] >= 0 && piece[i] < Number.POSITIVE_INFINITY) continue;
      throw new DataError(code, `${what} must not be negative`, {
        expected: "finite values of 0 and more (counts as measured, before any correction)",
        found: `${piece[i]} at ${i}`,
      });
    }
  }
}

/** An array that parts of any size share, so that projected data is held once; made when it is first asked for. */
export function scratchFor(subsets: readonly EmissionSubset[]): (part: EmissionPart) => Float32Array {
  const operators = subsets.flatMap(({ parts }) => parts.map(({ operator }) => operator));
  const largest = operators.reduce((most, operator) => (operator.range > most.range ? operator : most));
  let data: Float32Array | undefined;
  return ({ operator }) => {
    data ??= largest.newData?.() ?? new Float32Array(largest.range);
    return data.subarray(0, operator.range);
  };
}

export function addTo(sum: Float64Array, values: Float32Array): void {
  for (let j = 0; j < sum.length; j++) sum[j] += values[j];
}

/** A'f, summed over the parts in float64; `counted`: the same parts where their operators hold the counts. */
export function sensitivityOf(
  subset: EmissionSubset,
  scratch: (part: EmissionPart) => Float32Array,
  counted?: readonly { sensitivity(): Float32Array }[],
): Float64Array {
  if (subset.sensitivity) return Float64Array.from(subset.sensitivity);
  const sum = new Float64Array(subset.parts[0].operator.domain);
  for (const [p, part] of subset.parts.entries()) {
    addTo(sum, counted?.[p].sensitivity() ?? part.operator.adjoint(spreadFactor(part, scratch(part))));
  }
  return sum;
}
