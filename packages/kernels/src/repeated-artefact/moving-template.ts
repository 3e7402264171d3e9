import { DataError } from "@quintet/core";
import { readBetweenSamples } from "../fir/fractional-delay.ts";
import { type ArtefactTiming, isWhole, margin, occurrenceLength, reach, readOccurrences } from "./occurrences.ts";

export interface TemplateOptions {
  /** Neighbours that an occurrence's template is the mean of, itself not counted; default 30. */
  readonly window?: number;
  /** Only every so many of them, as slice artefacts of one kind; default 1. */
  readonly stride?: number;
}

/**
 * What a repeated artefact adds to a signal, by averaging (artefact subtraction with a moving template): occurrence k is
 *
 *   A_k(t) = (a + b t) mean of x_j(t), j the `window` nearest occurrences and k itself,
 *
 * all read on one grid between the samples, a and b by least squares of x_k, read back at k's own fraction of a sample.
 * At the ends of the signal, and where its shape changed at once, the nearest on the same side serve; an occurrence in which
 * a step lies is made of the templates of both sides.
 *
 * @param signal best high-passed, or slow drifts become part of the template
 * @returns [sample] the artefact; 0 where there is none
 * @throws DataError `too-few-epochs` (fewer than 3 whole occurrences)
 * @see Allen, Josephs & Turner, NeuroImage 2000;12:230-239; Niazy et al., NeuroImage 2005;28:720-737
 */
export function repeatedArtefact(
  signal: ArrayLike<number>,
  timing: ArtefactTiming,
  { window = 30, stride = 1 }: TemplateOptions = {},
): Float64Array {
  const n = signal.length;
  const { onsets } = timing;
  const occurrences = readOccurrences(signal, timing);
  const pools = new Pools(occurrences, timing, n, window, stride);
  const artefact = new Float64Array(n);
  const work = new Float64Array(occurrenceLength(timing.period));
  for (let k = 0; k < onsets.length; k++) {
    const [from, to] = reach(timing, k, n);
    const cuts = [from, ...(timing.steps ?? []).map(Math.ceil).filter((s) => s > from && s < to), to];
    for (let piece = 0; piece + 1 < cuts.length; piece++) {
      const [first, last] = [cuts[piece], cuts[piece + 1]];
      const template = pools.mean(k, runAt(timing, first));
      if (!template || last <= first) continue;
      const part = work.subarray(0, last - first);
      // Sample `first` lies first - onset after the onset, which is at `margin`.
      readBetweenSamples(template, margin + first - onsets[k], last - first, part);
      addFitted(artefact, signal, part, first);
    }
  }
  return artefact;
}

/** artefact += (a + b t) template, fitted to the signal. */
function addFitted(artefact: Float64Array, signal: ArrayLike<number>, template: Float64Array, first: number): void {
  const n = template.length;
  let [s0, s1, s2, x0, x1] = [0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [t, x, u] = [template[i], signal[first + i], i / n - 0.5];
    s0 += t * t;
    s1 += u * t * t;
    s2 += u * u * t * t;
    x0 += t * x;
    x1 += u * t * x;
  }
  const determinant = s0 * s2 - s1 * s1;
  const sloped = determinant > 1e-6 * s0 * s0;
  const a = sloped ? (x0 * s2 - x1 * s1) / determinant : s0 > 0 ? x0 / s0 : 0;
  const b = sloped ? (x1 * s0 - x0 * s1) / determinant : 0;
  for (let i = 0; i < n; i++) artefact[first + i] += (a + b * (i / n - 0.5)) * template[i];
}

function runAt({ steps = [] }: ArtefactTiming, sample: number): number {
  return steps.filter((step) => step <= sample).length;
}

interface Pool {
  readonly members: readonly number[];
  low: number;
  high: number;
  readonly sum: Float64Array;
}

/** Fewer whole occurrences between two steps than this, and all of them serve. */
const fewest = 5;

/** Running sums of occurrences, one for each kind (k modulo stride) and stretch between steps. */
class Pools {
  readonly #occurrences: readonly Float64Array[];
  readonly #window: number;
  readonly #stride: number;
  readonly #pools = new Map<string, Pool>();

  constructor(
    occurrences: readonly Float64Array[],
    timing: ArtefactTiming,
    samples: number,
    window: number,
    stride: number,
  ) {
    this.#occurrences = occurrences;
    this.#window = window;
    this.#stride = stride;
    const whole = [...occurrences.keys()].filter((k) => isWhole(timing, k, samples));
    if (whole.length < 3)
      throw new DataError("too-few-epochs", "a template is a mean of whole occurrences of the artefact", {
        expected: "3 or more",
        found: `${whole.length}`,
      });
    for (let kind = 0; kind < stride; kind++) {
      const alike = whole.filter((k) => k % stride === kind);
      for (let run = 0; run <= (timing.steps?.length ?? 0); run++) {
        const own = alike.filter((k) => {
          const [from, to] = reach(timing, k, samples);
          return runAt(timing, from) === run && runAt(timing, to - 1) === run;
        });
        const members = own.length >= fewest ? own : alike;
        const sum = new Float64Array(occurrenceLength(timing.period));
        this.#pools.set(`${kind} ${run}`, { members, low: 0, high: 0, sum });
      }
    }
  }

  mean(k: number, run: number): Float64Array | undefined {
    const pool = this.#pools.get(`${k % this.#stride} ${run}`);
    if (!pool || pool.members.length === 0) return undefined;
    const { members, sum } = pool;
    const size = Math.min(this.#window + 1, members.length);
    let before = 0;
    while (before < members.length && members[before] < k) before++;
    const low = Math.max(0, Math.min(members.length - size, before - (size >> 1)));
    const high = low + size;
    while (pool.high < high) this.#add(sum, members[pool.high++], 1);
    while (pool.low < low) this.#add(sum, members[pool.low++], -1);
    return sum.map((value) => value / size);
  }

  #add(sum: Float64Array, k: number, sign: number): void {
    const one = this.#occurrences[k];
    for (let i = 0; i < sum.length; i++) sum[i] += sign * one[i];
  }
}
