import { DataError } from "@quintet/core";
import type { Random } from "../random/random.ts";
import { infomaxBlocks } from "./infomax-block.ts";
import type { Unmixing } from "./unmixing.ts";

export interface InfomaxOptions {
  readonly random: Random;
  /** Passes over the data at most; default 500. */
  readonly iterations?: number;
}

/** Constants of EEGLAB's runica and MNE-Python's infomax. */
const rules = {
  annealDegrees: 60,
  annealStep: 0.9,
  blowup: 1e4,
  blowupFactor: 0.5,
  extendedMomentum: 0.5,
  kurtosisSamples: 6000,
  largestWeight: 1e8,
  leastRate: 1e-10,
  restartFactor: 0.9,
  signsBias: 0.02,
  signsStep: 2,
  signsThreshold: 25,
  smallAngles: 20,
  weightChange: 1e-12,
} as const;

/**
 * Extended infomax: natural-gradient ascent of the likelihood over blocks of samples drawn anew in each pass,
 *
 *   W += r W (B I - (u' tanh u) S - u' u),   u = z W + b,   b -= 2 r sum tanh u,   B = floor(sqrt(T/3)) samples
 *
 * with S = sign(kurtosis + 0.02) of each source, looked at after every block (later more seldom) on 6000 samples, its
 * momentum 0.5. The rate 0.01 / ln(n^2) falls by a tenth when two passes' changes lie more than 60 degrees apart; it ends
 * after 20 passes with smaller angles, or a change below 1e-12. The numbers are seeded, so that it repeats itself.
 *
 * @param z whitened, [component][sample]
 * @throws DataError `no-convergence` (weights grow without bound)
 * @see Lee, Girolami & Sejnowski, Neural Comput 1999;11:417-441; Bell & Sejnowski, Neural Comput 1995;7:1129-1159
 */
export function infomax(z: readonly Float64Array[], { random, iterations = 500 }: InfomaxOptions): Unmixing {
  const n = z.length;
  const samples = z[0].length;
  const block = Math.max(1, Math.floor(Math.sqrt(samples / 3)));
  const blocks = infomaxBlocks(z, block);
  const order = Uint32Array.from({ length: samples }, (_, i) => i);
  let rate = 0.01 / Math.log(n * n);
  let most = iterations;
  let [step, small, everyBlocks, steady, seen] = [0, 0, 1, 0, 0];
  let [oldChange, change] = [0, 0];
  let delta: Float64Array = new Float64Array(n * n);
  let oldDelta: Float64Array = new Float64Array(n * n);
  let kurtosis = new Float64Array(n);
  let signs = startSigns(n);
  let oldSigns: Float64Array = new Float64Array(n);
  blocks.reset();
  let before = blocks.weights();
  const looked = Math.min(rules.kurtosisSamples, samples);
  const everySample = Uint32Array.from({ length: looked }, (_, i) => i);
  let converged = false;
  while (step < most) {
    shuffle(order, random);
    let broken = false;
    for (let at = 0; at + block <= samples && !broken; at += block) {
      broken = !(blocks.learn(order, at, rate, signs) <= rules.largestWeight);
      seen++;
      if (broken || everyBlocks <= 0 || seen % everyBlocks !== 0) continue;
      const drawn = looked < samples ? everySample.map(() => random.integer(samples)) : everySample;
      const now = blocks.kurtosis(drawn);
      kurtosis = now.map((k, i) => rules.extendedMomentum * kurtosis[i] + (1 - rules.extendedMomentum) * k);
      signs = kurtosis.map((k) => Math.sign(k + rules.signsBias));
      steady = signs.every((s, i) => s === oldSigns[i]) ? steady + 1 : 0;
      oldSigns = signs;
      if (steady >= rules.signsThreshold) [everyBlocks, steady] = [everyBlocks * rules.signsStep, 0];
    }
    if (broken) {
      rate *= rules.restartFactor;
      if (!(rate > rules.leastRate))
        throw new DataError(
          "no-convergence",
          "the weights of infomax grow without bound: is the rank of the data right?",
        );
      blocks.reset();
      before = blocks.weights();
      [step, seen, everyBlocks] = [0, 1, 1];
      [signs, oldSigns, oldDelta] = [startSigns(n), new Float64Array(n), new Float64Array(n * n)];
      continue;
    }
    const weights = blocks.weights();
    delta = weights.map((w, i) => w - before[i]);
    before = weights;
    step++;
    change = product(delta, delta);
    const angle =
      step > 2
        ? (Math.acos(Math.max(-1, Math.min(1, product(delta, oldDelta) / Math.sqrt(change * oldChange)))) * 180) /
          Math.PI
        : 0;
    if (angle > rules.annealDegrees) {
      rate *= rules.annealStep;
      [oldDelta, oldChange, small] = [delta, change, 0];
    } else {
      if (step === 1) [oldDelta, oldChange] = [delta, change];
      if (++small > rules.smallAngles) [most, converged] = [step, true];
    }
    if (step > 2 && change < rules.weightChange) [most, converged] = [step, true];
    else if (change > rules.blowup) rate *= rules.blowupFactor;
  }
  // The blocks hold weights as z W; y = W z takes the transpose.
  const w = blocks.weights();
  const unmixing = Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (_, j) => w[j * n + i]));
  return { unmixing, iterations: step, converged };
}

/** All super-Gaussian but the first, as the field's programs begin. */
function startSigns(n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => (i === 0 ? -1 : 1));
}

function shuffle(order: Uint32Array, random: Random): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [order[i], order[j]] = [order[j], order[i]];
  }
}

function product(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
