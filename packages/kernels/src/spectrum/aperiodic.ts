import { DataError } from "@quintet/core";
import type { PowerSpectrum } from "./welch.ts";

/** A peak above the aperiodic part: height exp(-(f - centre)^2 / (2 width^2)) in log10 power. */
export interface SpectralPeak {
  readonly centre: number;
  readonly height: number;
  /** Standard deviation, Hz. */
  readonly width: number;
}

/** log10 P(f) = offset - exponent log10 f + peaks. */
export interface AperiodicFit {
  readonly offset: number;
  readonly exponent: number;
  readonly peaks: readonly SpectralPeak[];
  /** R^2 of log10 power over the range. */
  readonly explained: number;
  readonly from: number;
  readonly to: number;
}

export interface AperiodicOptions {
  /** Hz; default 1 to 40. */
  readonly range?: readonly [from: number, to: number];
  /** Standard deviations of the flattened spectrum that a peak stands out by; default 2. */
  readonly threshold?: number;
  /** Full width of peaks, Hz; default 1 to 12. */
  readonly widths?: readonly [least: number, most: number];
  /** Default 6. */
  readonly peaks?: number;
}

/** Share of the lowest points of the flattened spectrum that the robust line is fitted to. */
const lowest = 0.025;

/**
 * The aperiodic (1/f) part of a power spectrum and the peaks above it, after FOOOF ("fixed" mode):
 *
 * 1. a line through log power against log frequency; the lowest 2.5 % of what is above it give the robust line;
 * 2. the flattened spectrum's highest point above `threshold` standard deviations is a Gaussian whose width is read at half
 *    its height, subtracted, and so on;
 * 3. all Gaussians are fitted together by Gauss-Newton steps, then the line once more to the spectrum without them.
 *
 * @throws DataError `bad-band` (range, or fewer than 10 frequencies in it), `not-positive` (no power at some frequency)
 * @see Donoghue et al., Nat Neurosci 2020;23:1655-1665
 */
export function fitAperiodic(
  { frequencies, density }: Pick<PowerSpectrum, "frequencies" | "density">,
  { range: [from, to] = [1, 40], threshold = 2, widths = [1, 12], peaks: most = 6 }: AperiodicOptions = {},
): AperiodicFit {
  const inside = [...frequencies.keys()].filter((k) => frequencies[k] >= from && frequencies[k] <= to);
  if (!(from > 0 && to > from) || inside.length < 10)
    throw new DataError("bad-band", "an aperiodic fit needs ten frequencies above 0", {
      expected: "a wider range or longer windows",
      found: `${inside.length} from ${from} to ${to} Hz`,
    });
  const f = Float64Array.from(inside, (k) => frequencies[k]);
  const power = Float64Array.from(inside, (k) => Math.log10(density[k]));
  if (!power.every(Number.isFinite))
    throw new DataError("not-positive", "the logarithm of a spectrum needs power at each frequency");
  const x = f.map(Math.log10);
  const first = line(x, power);
  const above = power.map((p, i) => Math.max(0, p - first.at(x[i])));
  const level = above.slice().sort()[Math.max(0, Math.ceil(lowest * above.length) - 1)];
  const low = [...above.keys()].filter((i) => above[i] <= level);
  const robust =
    low.length >= 3
      ? line(
          x.filter((_, i) => above[i] <= level),
          power.filter((_, i) => above[i] <= level),
        )
      : first;
  const flat = power.map((p, i) => p - robust.at(x[i]));
  const found = together(f, flat, gaussians(f, flat, threshold, widths, most), widths);
  const last = line(
    x,
    power.map((p, i) => p - sumOf(found, f[i])),
  );
  const mean = power.reduce((sum, p) => sum + p, 0) / power.length;
  let [rest, total] = [0, 0];
  for (const [i, p] of power.entries()) {
    rest += (p - last.at(x[i]) - sumOf(found, f[i])) ** 2;
    total += (p - mean) ** 2;
  }
  return { offset: last.intercept, exponent: -last.slope, peaks: found, explained: 1 - rest / total, from, to };
}

interface Line {
  readonly intercept: number;
  readonly slope: number;
  at(x: number): number;
}

function line(x: Float64Array, y: Float64Array): Line {
  let [n, sx, sy, sxx, sxy] = [x.length, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    sx += x[i];
    sy += y[i];
    sxx += x[i] * x[i];
    sxy += x[i] * y[i];
  }
  const slope = (n * sxy - sx * sy) / (n * sxx - sx * sx);
  const intercept = (sy - slope * sx) / n;
  return { intercept, slope, at: (value) => intercept + slope * value };
}

function sumOf(peaks: readonly SpectralPeak[], f: number): number {
  return peaks.reduce(
    (sum, { centre, height, width }) => sum + height * Math.exp(-((f - centre) ** 2) / (2 * width * width)),
    0,
  );
}

const widthPerSigma = 2.3548;

function gaussians(
  f: Float64Array,
  flat: Float64Array,
  threshold: number,
  [least, most]: readonly [number, number],
  count: number,
): SpectralPeak[] {
  const rest = flat.slice();
  const peaks: SpectralPeak[] = [];
  for (let k = 0; k < count; k++) {
    const top = rest.reduce((best, v, i) => (v > rest[best] ? i : best), 0);
    const middle = rest.reduce((sum, v) => sum + v, 0) / rest.length;
    const sd = Math.sqrt(rest.reduce((sum, v) => sum + (v - middle) ** 2, 0) / rest.length);
    const height = rest[top];
    if (!(height > threshold * sd && height > 0)) break;
    const half = (step: 1 | -1): number => {
      let i = top;
      while (i + step >= 0 && i + step < f.length && rest[i] > height / 2) i += step;
      return Math.abs(f[i] - f[top]);
    };
    const sides = [half(-1), half(1)].filter((width) => width > 0);
    const full = 2 * Math.min(...(sides.length > 0 ? sides : [least / 2]));
    const width = Math.min(most, Math.max(least, full)) / widthPerSigma;
    const peak = { centre: f[top], height, width };
    for (let i = 0; i < rest.length; i++) rest[i] -= sumOf([peak], f[i]);
    // What reaches over the rim is no peak of its own (FOOOF: one standard deviation).
    if (f[top] - width < f[0] || f[top] + width > f[f.length - 1]) continue;
    // Of two that lie within three quarters of a width the higher stays.
    if (peaks.some((other) => Math.abs(other.centre - peak.centre) < 0.75 * (other.width + peak.width))) continue;
    peaks.push(peak);
  }
  return peaks.sort((a, b) => a.centre - b.centre);
}

/** Gauss-Newton with a Levenberg-Marquardt damping over all peaks' three parameters. */
function together(
  f: Float64Array,
  flat: Float64Array,
  start: readonly SpectralPeak[],
  [least, most]: readonly [number, number],
): SpectralPeak[] {
  let peaks = [...start];
  const cost = (list: readonly SpectralPeak[]): number =>
    flat.reduce((sum, v, i) => sum + (v - sumOf(list, f[i])) ** 2, 0);
  let [now, damping] = [cost(peaks), 1e-3];
  const size = 3 * peaks.length;
  for (let step = 0; step < 100 && size > 0; step++) {
    const rows = Array.from({ length: size }, () => new Float64Array(size + 1));
    for (const [i, v] of flat.entries()) {
      const slopes = peaks.flatMap(({ centre, height, width }) => {
        const u = (f[i] - centre) / width;
        const bell = Math.exp(-(u * u) / 2);
        return [(height * bell * u) / width, bell, (height * bell * u * u) / width];
      });
      const miss = v - sumOf(peaks, f[i]);
      for (let a = 0; a < size; a++) {
        rows[a][size] += slopes[a] * miss;
        for (let b = 0; b < size; b++) rows[a][b] += slopes[a] * slopes[b];
      }
    }
    const change = solved(rows.map((row, a) => row.map((v, b) => (a === b ? v * (1 + damping) + 1e-12 : v))));
    const next = peaks.map(
      ({ centre, height, width }, k): SpectralPeak => ({
        centre: Math.min(f[f.length - 1], Math.max(f[0], centre + change[3 * k])),
        height: Math.max(0, height + change[3 * k + 1]),
        width: Math.min(most / widthPerSigma, Math.max(least / widthPerSigma, width + change[3 * k + 2])),
      }),
    );
    const made = cost(next);
    if (made < now) {
      const small = now - made < 1e-12 * now;
      [peaks, now, damping] = [next, made, damping / 10];
      if (small) break;
    } else {
      damping *= 10;
      if (damping > 1e8) break;
    }
  }
  return peaks;
}

function solved(rows: Float64Array[]): Float64Array {
  const n = rows.length;
  for (let p = 0; p < n; p++) {
    const pivot = rows[p][p];
    for (let q = p + 1; q < n; q++) {
      const factor = rows[q][p] / pivot;
      for (let r = p; r <= n; r++) rows[q][r] -= factor * rows[p][r];
    }
  }
  const x = new Float64Array(n);
  for (let p = n - 1; p >= 0; p--) {
    let rest = rows[p][n];
    for (let q = p + 1; q < n; q++) rest -= rows[p][q] * x[q];
    x[p] = rest / rows[p][p];
  }
  return x;
}
