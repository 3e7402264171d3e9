/** The passes of a transform of two rows at a time and their factors, made once for each length. */
import { radicesOf } from "../fft/fft-plan.ts";

/** The radices of a length in the order of their passes; nothing when it has a prime factor of more than 31, or is 1. */
export function laneRadices(n: number): readonly number[] | undefined {
  const radices = radicesOf(n);
  if (!radices || radices.length === 0) return undefined;
  // A four at the end too where there are two: what follows a transform is fused with that pass.
  return radices[1] === 4 ? [...radices.slice(1), 4] : radices;
}

/** One after the other in memory: number of passes, radix and address of the factors of each, the factors. */
export interface LanePlan {
  readonly radices: readonly number[];
  /** re, im of each pass's factors, one pass after the other; `starts` says where in values. */
  readonly factors: Float64Array;
  readonly starts: readonly number[];
}

const plans = new Map<number, LanePlan>();
const planLimit = 16;

/** The plan of n points; undefined where `laneRadices` has none. */
export function lanePlan(n: number): LanePlan | undefined {
  const known = plans.get(n);
  if (known) return known;
  const radices = laneRadices(n);
  if (!radices) return undefined;
  const starts: number[] = [];
  let count = 0;
  let rest = n;
  for (const radix of radices) {
    starts.push(count);
    count += 2 * (radix % 2) * radix + 2 * (rest / radix) * (radix - 1);
    rest /= radix;
  }
  const factors = new Float64Array(count);
  let at = 0;
  const turn = (share: number): void => {
    factors[at++] = Math.cos(2 * Math.PI * share);
    factors[at++] = Math.sin(2 * Math.PI * share);
  };
  rest = n;
  for (const radix of radices) {
    // The odd passes begin with their circle, sines positive.
    if (radix % 2 === 1) for (let j = 0; j < radix; j++) turn(j / radix);
    for (let p = 0; p < rest / radix; p++) for (let j = 1; j < radix; j++) turn(-(p * j) / rest);
    rest /= radix;
  }
  if (plans.size >= planLimit) plans.delete(plans.keys().next().value as number);
  const made = { radices, factors, starts };
  plans.set(n, made);
  return made;
}

const headBytes = ({ radices }: LanePlan): number => 16 * Math.ceil((4 + 8 * radices.length) / 16);

/** Bytes that `writeLanePlan` takes. */
export function lanePlanBytes(plan: LanePlan): number {
  return headBytes(plan) + plan.factors.byteLength;
}

export function writeLanePlan(buffer: ArrayBufferLike, at: number, plan: LanePlan): void {
  const factorsAt = at + headBytes(plan);
  const head = plan.radices.flatMap((radix, pass) => [radix, factorsAt + 8 * (plan.starts[pass] as number)]);
  new Uint32Array(buffer, at, 1 + head.length).set([plan.radices.length, ...head]);
  new Float64Array(buffer, factorsAt, plan.factors.length).set(plan.factors);
}

/**
 * Of the lengths of at least `least` that suit the passes, the quickest: 2^a, 3 2^a, 5 2^a, 9 2^a with a of 4 or more, by
 * the operations of their passes.
 */
export function quickLength(least: number): number {
  let [best, bestCost] = [0, Number.POSITIVE_INFINITY];
  for (const odd of [1, 3, 5, 9, 15]) {
    const n = odd * 2 ** Math.max(4, Math.ceil(Math.log2(least / odd)));
    const cost = laneCost(n);
    if (cost < bestCost) [best, bestCost] = [n, cost];
  }
  return best;
}

/** Operations of a point in a pass of each radix, as counted in the kernel. */
const perPoint: Readonly<Record<number, number>> = { 2: 10, 3: 13, 4: 12, 5: 18 };

/** About how long a transform of n points takes, in operations. */
export function laneCost(n: number): number {
  return n * (laneRadices(n) ?? []).reduce((sum, radix) => sum + (perPoint[radix] ?? 8 * radix), 0);
}
