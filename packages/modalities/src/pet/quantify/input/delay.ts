import { DataError } from "@quintet/core";
import { fitSeparable, sampleCurve } from "@quintet/kernels";
import type { InputFunction } from "../kinetics/input-function.ts";
import type { KineticData } from "../kinetics/kinetic-data.ts";
import { responsesTo } from "../kinetics/responses.ts";
import { rateLimits } from "../kinetics/separable-model.ts";
import { delayed } from "./dispersion.ts";

export interface Delay {
  /** By how much the blood is to be moved, seconds; positive: it arrives in the tissue later than sampled. */
  readonly seconds: number;
  readonly standardError: number;
}

/** Delays that are sought, s, and the part of the curve that tells of them, min. Chosen here. */
const search = { from: -60, to: 60, step: 4, minutes: 10 } as const;

/**
 * The delay between blood and tissue that lets one tissue compartment with blood fit the first ten minutes best, by a
 * search and a parabola through the lowest sum of squares; its error from the parabola's width, sqrt(2 s^2 / S'').
 *
 * @param data a large region, best the whole brain
 * @throws DataError `too-few-samples`, `not-determined` when the best delay lies at the end of the search
 */
export function estimateDelay(data: KineticData, input: InputFunction): Delay {
  const weights = data.weights.map((w, i) => ((data.time[i] as number) <= search.minutes ? w : 0));
  const squares = (seconds: number): number => {
    const plasma = delayed(input.plasma, seconds / 60);
    const response = responsesTo(plasma, data.samples);
    const blood = input.blood ? [{ value: sampleCurve(delayed(input.blood, seconds / 60), data.samples) }] : [];
    return fitSeparable({
      y: data.values,
      weights,
      rates: 1,
      ...rateLimits,
      grid: 32,
      columns: ([rate = 1]) => [{ ...response(rate), rate: 0 }, ...blood],
    }).weightedSquares;
  };
  const count = Math.round((search.to - search.from) / search.step);
  const grid = Array.from({ length: count + 1 }, (_, i) => search.from + i * search.step);
  const scores = grid.map(squares);
  const best = scores.indexOf(Math.min(...scores));
  if (best === 0 || best === count) {
    throw new DataError("not-determined", "the delay of the blood lies outside the search", {
      expected: `${search.from} to ${search.to} s`,
      found: `${grid[best]} s`,
    });
  }
  const centre = golden(squares, grid[best - 1] as number, grid[best + 1] as number);
  const [lowest, h] = [squares(centre), 1];
  const curvature = (squares(centre + h) - 2 * lowest + squares(centre - h)) / (h * h);
  const freedom = weights.reduce((n, w) => n + (w > 0 ? 1 : 0), 0) - (input.blood ? 4 : 3);
  return { seconds: centre, standardError: Math.sqrt((2 * lowest) / freedom / curvature) };
}

/** Golden-section search to 0.01. */
function golden(f: (x: number) => number, low: number, high: number): number {
  const share = (Math.sqrt(5) - 1) / 2;
  let [a, b] = [low, high];
  let [x1, x2] = [b - share * (b - a), a + share * (b - a)];
  let [f1, f2] = [f(x1), f(x2)];
  while (b - a > 0.01) {
    if (f1 < f2) {
      [b, x2, f2] = [x2, x1, f1];
      x1 = b - share * (b - a);
      f1 = f(x1);
    } else {
      [a, x1, f1] = [x1, x2, f2];
      x2 = a + share * (b - a);
      f2 = f(x2);
    }
  }
  return (a + b) / 2;
}
