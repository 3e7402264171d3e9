/** How two signals go together at each frequency, over epochs. */
import { DataError } from "@quintet/core";
import { type MultitaperOptions, taperedSpectra } from "./multitaper.ts";

/** All over the same epochs; NaN where a signal has no power. */
export interface Connectivity {
  /** Hz, 0 .. rate/2. */
  readonly frequencies: Float64Array;
  /** |E S| / sqrt(E Sxx E Syy), 0 .. 1: of independent signals about 1/sqrt(epochs). */
  readonly coherence: Float64Array;
  /** Im E S / sqrt(E Sxx E Syy): what instantaneous mixing cannot make; above 0 when x leads y. */
  readonly imaginaryCoherence: Float64Array;
  /** |E S / |S||: phase-locking value. */
  readonly phaseLocking: Float64Array;
  /** |E Im S| / E |Im S|: weighted phase-lag index. */
  readonly weightedPhaseLag: Float64Array;
  /** Its square without the bias of few epochs; below 0 by chance. */
  readonly debiasedSquaredPhaseLag: Float64Array;
  readonly epochs: number;
}

/**
 * Coherence and phase measures of a pair, S the cross-spectrum of one epoch (x times y conjugated, weighted over tapers):
 *
 *   dwPLI^2 = ((sum Im S)^2 - sum (Im S)^2) / ((sum |Im S|)^2 - sum (Im S)^2)
 *
 * @param x [epoch][sample], at least two epochs; epochs of `y` alike
 * @throws DataError `shape-mismatch`, `too-few-epochs`, as `taperedSpectra`
 * @see Nolte et al., Clin Neurophysiol 2004;115:2292-2307; Vinck et al., NeuroImage 2011;55:1548-1565
 */
export function connectivity(
  x: readonly ArrayLike<number>[],
  y: readonly ArrayLike<number>[],
  rate: number,
  options: MultitaperOptions = {},
): Connectivity {
  const n = x[0]?.length ?? 0;
  if (x.length !== y.length || [...x, ...y].some((epoch) => epoch.length !== n))
    throw new DataError("shape-mismatch", "both signals have the same epochs", {
      found: `${x.length} and ${y.length} epochs`,
    });
  if (x.length < 2)
    throw new DataError("too-few-epochs", "connectivity is a statistic over epochs", { found: `${x.length}` });
  let sums: Sums | undefined;
  let frequencies: Float64Array = new Float64Array();
  for (const [e, epoch] of x.entries()) {
    const a = taperedSpectra(epoch, rate, options);
    const b = taperedSpectra(y[e] as ArrayLike<number>, rate, options);
    frequencies = a.frequencies;
    sums ??= emptySums(frequencies.length);
    addEpoch(sums, a.spectra, b.spectra, a.weights);
  }
  return { ...measures(sums as Sums, x.length), frequencies, epochs: x.length };
}

interface Sums {
  readonly xx: Float64Array;
  readonly yy: Float64Array;
  readonly re: Float64Array;
  readonly im: Float64Array;
  readonly phaseRe: Float64Array;
  readonly phaseIm: Float64Array;
  readonly size: Float64Array;
  readonly square: Float64Array;
}

function emptySums(bins: number): Sums {
  const none = (): Float64Array => new Float64Array(bins);
  return {
    xx: none(),
    yy: none(),
    re: none(),
    im: none(),
    phaseRe: none(),
    phaseIm: none(),
    size: none(),
    square: none(),
  };
}

function addEpoch(
  sums: Sums,
  a: readonly Float64Array[],
  b: readonly Float64Array[],
  weights: ArrayLike<number>,
): void {
  const add = (to: Float64Array, k: number, value: number): void => {
    to[k] = (to[k] as number) + value;
  };
  for (let k = 0; k < sums.xx.length; k++) {
    let [xx, yy, re, im] = [0, 0, 0, 0];
    for (let j = 0; j < a.length; j++) {
      const w = (weights[j] as number) ** 2;
      const [xr, xi] = [a[j]?.[2 * k] as number, a[j]?.[2 * k + 1] as number];
      const [yr, yi] = [b[j]?.[2 * k] as number, b[j]?.[2 * k + 1] as number];
      xx += w * (xr * xr + xi * xi);
      yy += w * (yr * yr + yi * yi);
      re += w * (xr * yr + xi * yi);
      im += w * (xi * yr - xr * yi);
    }
    const size = Math.hypot(re, im);
    add(sums.xx, k, xx);
    add(sums.yy, k, yy);
    add(sums.re, k, re);
    add(sums.im, k, im);
    add(sums.phaseRe, k, re / size);
    add(sums.phaseIm, k, im / size);
    add(sums.size, k, Math.abs(im));
    add(sums.square, k, im * im);
  }
}

function measures(s: Sums, epochs: number): Omit<Connectivity, "frequencies" | "epochs"> {
  const over = (value: (k: number) => number): Float64Array => s.xx.map((_, k) => value(k));
  const power = (k: number): number => Math.sqrt((s.xx[k] as number) * (s.yy[k] as number));
  return {
    coherence: over((k) => Math.hypot(s.re[k] as number, s.im[k] as number) / power(k)),
    imaginaryCoherence: over((k) => (s.im[k] as number) / power(k)),
    phaseLocking: over((k) => Math.hypot(s.phaseRe[k] as number, s.phaseIm[k] as number) / epochs),
    weightedPhaseLag: over((k) => Math.abs(s.im[k] as number) / (s.size[k] as number)),
    debiasedSquaredPhaseLag: over(
      (k) =>
        ((s.im[k] as number) ** 2 - (s.square[k] as number)) / ((s.size[k] as number) ** 2 - (s.square[k] as number)),
    ),
  };
}
