import { DataError, type Seconds } from "@quintet/core";

/** Counts of one measurement of a series, e.g. one frame of a phantom that decays. */
export interface MeasuredCounts {
  /** Activity in the object, Bq, mean over the measurement; needed for the peak's place. */
  readonly activity?: number;
  readonly duration: Seconds;
  readonly prompts: number;
  readonly randoms: number;
  readonly scatter: number;
}

export interface CountRate {
  readonly activity?: number;
  /** 1/s. */
  readonly prompts: number;
  readonly trues: number;
  readonly randoms: number;
  readonly scatter: number;
  /** S / (T + S). */
  readonly scatterFraction: number;
  /** R / P. */
  readonly randomsFraction: number;
  /** Noise-equivalent counts, 1/s, and what Poisson noise makes of it. */
  readonly noiseEquivalent: number;
  readonly noiseEquivalentError: number;
}

export interface CountRates {
  readonly rates: readonly CountRate[];
  /** The parabola through the best point and its neighbours: only where a best point has a neighbour on either side. */
  readonly peak?: { readonly activity: number; readonly noiseEquivalent: number };
}

/**
 * Rates of a series of measurements:
 *
 *   P = T + S + R,   scatter fraction S / (T + S),   NECR = T^2 / (T + S + k R)
 *
 * k = 1 where randoms are known without noise (from singles, or smoothed), 2 where the delayed counts themselves are
 * subtracted (Strother 1990, IEEE Trans Nucl Sci 37:783; NEMA NU 2 has both; from the literature, not re-checked).
 *
 * @param k 1 or 2
 * @throws DataError `no-data`, `not-positive`, `bad-counts`
 */
export function countRates(series: readonly MeasuredCounts[], k: 1 | 2 = 1): CountRates {
  if (series.length === 0) throw new DataError("no-data", "count rates are of one measurement at least");
  const rates = series.map((counts, i) => rateOf(counts, i, k));
  const ordered = rates.filter((rate) => rate.activity !== undefined).sort((a, b) => activityOf(a) - activityOf(b));
  const best = ordered.reduce(
    (at, { noiseEquivalent }, i) => (noiseEquivalent > (ordered[at] as CountRate).noiseEquivalent ? i : at),
    0,
  );
  const [before, here, after] = [ordered[best - 1], ordered[best], ordered[best + 1]];
  return before && here && after ? { rates, peak: vertex(before, here, after) } : { rates };
}

function activityOf({ activity = 0 }: CountRate): number {
  return activity;
}

function rateOf({ activity, duration, prompts, randoms, scatter }: MeasuredCounts, i: number, k: number): CountRate {
  if (!(duration > 0) || !Number.isFinite(duration)) {
    throw new DataError("not-positive", `measurement ${i + 1} needs its duration`, { found: `${duration} s` });
  }
  const trues = prompts - randoms - scatter;
  if (![prompts, randoms, scatter].every((n) => n >= 0 && Number.isFinite(n)) || !(trues >= 0)) {
    throw new DataError("bad-counts", `measurement ${i + 1}: randoms and scatter are part of the prompts`, {
      expected: "0 and more, together no more than the prompts",
      found: `prompts ${prompts}, randoms ${randoms}, scatter ${scatter}`,
    });
  }
  if (activity !== undefined && !(activity >= 0)) {
    throw new DataError("not-positive", `measurement ${i + 1}: activity in Bq`, { found: `${activity}` });
  }
  const [p, t, r, s] = [prompts, trues, randoms, scatter].map((n) => n / duration) as [number, number, number, number];
  const all = t + s + k * r;
  // Of the counts only the prompts are drawn: dNEC/dT = (2 T all - T^2) / all^2, with sd(T) = sqrt(P / duration).
  const slope = all > 0 ? (2 * t * all - t * t) / all ** 2 : 0;
  return {
    ...(activity === undefined ? {} : { activity }),
    prompts: p,
    trues: t,
    randoms: r,
    scatter: s,
    scatterFraction: t + s > 0 ? s / (t + s) : 0,
    randomsFraction: p > 0 ? r / p : 0,
    noiseEquivalent: all > 0 ? (t * t) / all : 0,
    noiseEquivalentError: slope * Math.sqrt(p / duration),
  };
}

function vertex(
  a: CountRate,
  b: CountRate,
  c: CountRate,
): { readonly activity: number; readonly noiseEquivalent: number } {
  const [x, y, z] = [activityOf(a), activityOf(b), activityOf(c)];
  const left = (b.noiseEquivalent - a.noiseEquivalent) / (y - x);
  const bend = ((c.noiseEquivalent - b.noiseEquivalent) / (z - y) - left) / (z - x);
  // Newton's form: f(u) = a + left (u - x) + bend (u - x)(u - y).
  const at = (x + y) / 2 - left / (2 * bend);
  return bend < 0
    ? { activity: at, noiseEquivalent: a.noiseEquivalent + left * (at - x) + bend * (at - x) * (at - y) }
    : { activity: y, noiseEquivalent: b.noiseEquivalent };
}
