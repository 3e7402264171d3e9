import type { Seconds, TimeMapPiece } from "@quintet/core";
import { madToSigma, median } from "@quintet/kernels";

/** Harmonics of the rounding error's series that are summed; those left out hold 1 % of its variance. */
const harmonics = 50;

/**
 * What rounding to ticks adds to the variances of a line's (offset, rate).
 *
 * A stamp rounded to the nearest tick q lies off by a sawtooth of its phase t / q. Of pulses at times t_k, of which only
 * the common phase is unknown, a weighted sum of these errors has the variance
 *
 *   sum_m q^2 / (2 pi^2 m^2) |sum_k w_k exp(2 pi i m t_k / q)|^2 exp(-(2 pi m s / q)^2)
 *
 * (the sawtooth's Fourier series, averaged over that phase; s the jitter that takes the pulses across ticks). Times spread
 * over the ticks give q^2 / 12 sum w^2, the independent case. A train whose interval is a whole number of ticks, such as
 * volumes every 2 s on a clock of 0.1 s, is rounded alike at every pulse: q^2 / 12 stays however many pulses there are,
 * and no residual shows it.
 *
 * @param times of the pulses before rounding, as the line tells them, s @param from their weights' centre
 * @param jitter standard deviation of one pulse before rounding, s
 */
export function tickVariance(
  times: ArrayLike<Seconds>,
  from: Seconds,
  tick: Seconds,
  jitter: Seconds,
): { readonly offset: number; readonly rate: number } {
  const n = times.length;
  if (!(tick > 0) || n === 0) return { offset: 0, rate: 0 };
  const dx = Float64Array.from(times, (t) => t - from);
  const spread = dx.reduce((sum, d) => sum + d * d, 0);
  // e^(2 pi i m t / q) from one harmonic to the next by a product.
  const [c1, s1] = [Math.cos, Math.sin].map((f) => dx.map((d) => f(2 * Math.PI * (d / tick)))) as [
    Float64Array,
    Float64Array,
  ];
  const [c, s] = [new Float64Array(n).fill(1), new Float64Array(n)];
  let [offset, rate] = [0, 0];
  for (let m = 1; m <= harmonics; m++) {
    const blur = Math.exp(-(((2 * Math.PI * m * jitter) / tick) ** 2));
    if (blur < 1e-9) break;
    let [meanRe, meanIm, slopeRe, slopeIm] = [0, 0, 0, 0];
    for (let k = 0; k < n; k++) {
      const [d, ck, sk, a, b] = [dx[k], c[k], s[k], c1[k], s1[k]] as [number, number, number, number, number];
      const [re, im] = [ck * a - sk * b, ck * b + sk * a];
      c[k] = re;
      s[k] = im;
      meanRe += re / n;
      meanIm += im / n;
      slopeRe += (d * re) / spread;
      slopeIm += (d * im) / spread;
    }
    const blurred = (blur * (tick / (Math.PI * m)) ** 2) / 2;
    offset += blurred * (meanRe ** 2 + meanIm ** 2);
    rate += blurred * (slopeRe ** 2 + slopeIm ** 2);
  }
  return { offset, rate };
}

/** Turns of the rounding's phase over the whole train that the fitted rate may be wrong by: one step more or less. */
const wrongTurns = [-1, -0.5, 0, 0.5, 1] as const;

/**
 * What a side's tick adds beyond what independent roundings would, those the scatter about the line shows already. The
 * fitted rate has followed the roundings and may be off by a tick over the train: the largest of such rates counts.
 *
 * @param times of that side's pulses before rounding, as the line tells them, s @param jitter see `jitterOf`
 */
export function commonTickVariance(
  times: ArrayLike<Seconds>,
  from: Seconds,
  tick: Seconds,
  jitter: Seconds,
): { readonly offset: number; readonly rate: number } {
  const own = Array.from(times, (t) => t - from);
  const span = Math.max(...own) - Math.min(...own);
  if (!(tick > 0) || !(span > 0)) return { offset: 0, rate: 0 };
  const alone = tick ** 2 / 12;
  const squares = own.reduce((sum, d) => sum + d * d, 0);
  const found = wrongTurns.map((turns) => {
    const rate = 1 + (turns * tick) / span;
    return tickVariance(
      own.map((d) => d * rate),
      0,
      tick,
      jitter,
    );
  });
  const most = (of: "offset" | "rate"): number => Math.max(...found.map((one) => one[of]));
  return {
    offset: Math.max(0, most("offset") - alone / own.length),
    rate: Math.max(0, most("rate") - alone / squares),
  };
}

/**
 * Standard deviation of one pulse from the median difference of neighbours: what takes most pulses across ticks at random.
 * Single steps of a tick, and some to and fro while the phase passes a rounding's edge, are none.
 */
export function jitterOf(residuals: readonly Seconds[]): Seconds {
  const differences = residuals.slice(1).map((r, k) => Math.abs(r - (residuals[k] as number)));
  return differences.length === 0 ? 0 : (madToSigma * median(differences)) / Math.SQRT2;
}

/**
 * A line's rate drawn to 1 as far as its own error leaves it open: two quartz clocks differ by `drift` at most, taken as
 * two standard deviations. Over an hour of pulses it changes nothing; a minute on a coarse tick knows less of the rate
 * than quartz does, and one step of the tick in it would else count as a drift of a thousandth.
 */
export function withQuartzRate(piece: Omit<TimeMapPiece, "until">, drift: number): Omit<TimeMapPiece, "until"> {
  const [c00, c01, c11] = piece.covariance;
  const prior = (drift / 2) ** 2;
  const innovation = 1 - piece.rate;
  const [k0, k1] = [c01 / (c11 + prior), c11 / (c11 + prior)];
  return {
    ...piece,
    offset: piece.offset + k0 * innovation,
    rate: piece.rate + k1 * innovation,
    covariance: [c00 - k0 * c01, c01 - k0 * c11, c11 - k1 * c11],
  };
}
