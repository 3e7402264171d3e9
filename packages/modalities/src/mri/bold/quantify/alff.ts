import { DataError, type Hertz, type Mask, type Seconds, type Volume, voxelCount } from "@quintet/core";
import { realFft } from "@quintet/kernels";

export interface Alff {
  /** Mean amplitude of the band's frequencies, in the unit of the series. */
  readonly alff: Volume;
  /** The band's share of the amplitude at all frequencies above 0. */
  readonly falff: Volume<"1">;
  /** Frequencies in the band. */
  readonly bins: number;
}

/**
 * Amplitude of low-frequency fluctuations and its share of all.
 *
 *   a_k = 2 |X_k| / n,   ALFF = mean of a_k over low <= f_k <= high,   fALFF = sum over the band / sum over 0 < f_k <= Nyquist
 *
 * X the discrete Fourier transform of the series, f_k = k / (n TR). A sinusoid of amplitude A at one f_k of the band of m
 * frequencies gives ALFF = A / m and fALFF = 1.
 *
 * @param series without slope and confounds, not band-limited (`cleanSeries` without a band)
 * @throws DataError `grid-mismatch`, `bad-band` (no frequency in it)
 * @see Zang et al., Brain Dev 2007;29:83-91; Zou et al., J Neurosci Methods 2008;172:137-41
 */
export function alff(
  series: Volume,
  mask: Mask,
  repetitionTime: Seconds,
  band: readonly [low: Hertz, high: Hertz] = [0.01, 0.08],
): Alff {
  const [n, frames] = [voxelCount(series), series.frames.length];
  if (mask.data.length !== n) throw new DataError("grid-mismatch", "series and mask must lie on one grid");
  const frequency = (k: number): number => k / (frames * repetitionTime);
  const all = Array.from({ length: Math.floor(frames / 2) }, (_, k) => k + 1);
  const inside = new Set(all.filter((k) => frequency(k) >= band[0] - 1e-9 && frequency(k) <= band[1] + 1e-9));
  if (inside.size === 0)
    throw new DataError("bad-band", "no frequency of the series lies in the band", {
      expected: `a step of ${frequency(1)} Hz up to ${frequency(frames / 2)}`,
      found: band.join(" to "),
    });
  const [amplitude, share] = [new Float32Array(n), new Float32Array(n)];
  const course = new Float64Array(frames);
  for (let i = 0; i < n; i++) {
    if (mask.data[i] === 0) continue;
    for (let t = 0; t < frames; t++) course[t] = series.data[t * n + i] as number;
    const { re, im } = realFft(course);
    let [low, total] = [0, 0];
    for (const k of all) {
      // The bin at the Nyquist frequency has no twin.
      const twice = 2 * k === frames ? 1 : 2;
      const a = (twice * Math.hypot(re[k] as number, im[k] as number)) / frames;
      total += a;
      if (inside.has(k)) low += a;
    }
    amplitude[i] = low / inside.size;
    share[i] = total > 0 ? low / total : 0;
  }
  const frame = [{ start: series.frames[0]?.start ?? 0, duration: frames * repetitionTime }];
  return {
    alff: { ...series, frames: frame, data: amplitude },
    falff: { ...series, unit: "1", frames: frame, data: share },
    bins: inside.size,
  };
}
