import type { Hertz, Seconds } from "@quintet/core";
import { meanDensity, median, periodograms } from "@quintet/kernels";

/** Power of a signal at the multiples of the slices' (or volumes') frequency, and between those of the volumes. */
export interface HarmonicPower {
  /** Sum over the multiples, signal's unit squared. */
  readonly atHarmonics: number;
  /** What their surroundings would have in the same bins. */
  readonly around: number;
  /** 8 to 12 Hz, away from every multiple of the volumes' frequency, density. */
  readonly alphaBetween: number;
}

/** Volumes in a window: eight bins from one multiple of 1/TR to the next, of which a Hann line fills three. */
const volumesPerWindow = 8;
const beside = 1;
const highest: Hertz = 250;

/**
 * @param signal while the scanner runs
 * @param slices excitations per volume; 1 looks at every multiple of 1/TR
 * @returns undefined when the signal is shorter than eight volumes
 */
export function harmonicPower(
  signal: ArrayLike<number>,
  rate: Hertz,
  repetition: Seconds,
  slices: number,
): HarmonicPower | undefined {
  const length = Math.round(volumesPerWindow * repetition * rate);
  if (signal.length < length) return undefined;
  const overlap = length >> 1;
  const { frequencies, densities } = periodograms(signal, rate, { length, overlap, window: "hann" });
  const density = meanDensity(densities);
  const width = frequencies[1] as number;
  const [spacing, top] = [volumesPerWindow * slices, Math.min(highest, 0.45 * rate)];
  const onComb = (bin: number): boolean => {
    const off = bin % volumesPerWindow;
    return off <= beside || off >= volumesPerWindow - beside;
  };
  let [atHarmonics, around] = [0, 0];
  for (let bin = spacing; (frequencies[bin] ?? Number.POSITIVE_INFINITY) < top; bin += spacing) {
    const near: number[] = [];
    for (let k = bin - 2 * volumesPerWindow; k <= bin + 2 * volumesPerWindow; k++)
      if (!onComb(k)) near.push(density[k] as number);
    for (let k = bin - beside; k <= bin + beside; k++) atHarmonics += width * (density[k] as number);
    around += (2 * beside + 1) * width * median(near);
  }
  const alpha: number[] = [];
  density.forEach((p, bin) => {
    const f = frequencies[bin] as number;
    if (f >= 8 && f <= 12 && !onComb(bin)) alpha.push(p);
  });
  return { atHarmonics, around, alphaBetween: alpha.reduce((a, b) => a + b, 0) / alpha.length };
}
