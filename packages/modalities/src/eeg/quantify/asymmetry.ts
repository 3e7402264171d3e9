import { DataError, type Montage, type Recording } from "@quintet/core";
import { type ChannelRow, normalTwoSided, summarise } from "@quintet/kernels";
import { homologousPairs } from "../correct/electrode-name.ts";
import { type Bands, clinicalBands, windowPowers } from "./band-power.ts";
import { type ChannelSpectrum, commonWindows, type WelchWindows, welch } from "./welch.ts";

/** Right against left of one pair of channels in one band. */
export interface BandAsymmetry {
  readonly left: string;
  readonly right: string;
  readonly band: string;
  /** Mean over windows of ln P(right) - ln P(left): above 0 when the right side has more power. */
  readonly value: number;
  readonly standardError: number;
  /** value / standardError: whether this recording's asymmetry is real, not whether it is abnormal. */
  readonly z: number;
  /** Two-sided, normal; not corrected for the number of pairs and bands. */
  readonly p: number;
  readonly n: number;
}

/**
 * Left-right asymmetry of band power over homologous channels, window by window,
 *
 *   A = mean_w [ ln P_right(w) - ln P_left(w) ],   SE = sd_w / sqrt n,   z = A / SE
 *
 * Windows are 2 s and do not overlap.
 *
 * @param montage needed only when channel names are not of the 10-20 family
 * @throws DataError `no-pairs`, `no-channels`, `segment-too-short`, `bad-band`
 */
export function bandAsymmetry(
  recording: Recording,
  bands: Bands = clinicalBands,
  montage?: Montage,
  options: WelchWindows = {},
): BandAsymmetry[] {
  const spectra = welch(recording, options);
  const pairs = homologousPairs(
    spectra.map(({ channel }) => channel),
    montage,
  );
  if (pairs.length === 0) throw new DataError("no-pairs", "no two good channels lie over mirrored places");
  return pairs.flatMap((pair) => {
    const [left, right] = commonWindows(spectra[pair.left] as ChannelSpectrum, spectra[pair.right] as ChannelSpectrum);
    return Object.entries(bands).map(([band, edges]): BandAsymmetry => {
      const [l, r] = [windowPowers(left, edges), windowPowers(right, edges)];
      const logs = r.map((power, w) => Math.log(power / (l[w] as number)));
      const { mean, standardError, n } = summarise(logs);
      const z = mean / standardError;
      const names = { left: left.channel.name, right: right.channel.name };
      return { ...names, band, value: mean, standardError, z, p: normalTwoSided(z), n };
    });
  });
}

export function asymmetryRows(asymmetries: readonly BandAsymmetry[]): ChannelRow[] {
  return asymmetries.map(({ left, right, band, value, standardError, n }) => ({
    channel: `${left}/${right}`,
    measure: `${band}-asymmetry`,
    value,
    unit: "1",
    standardError,
    n,
    method: "mean over windows of ln P(right) - ln P(left)",
  }));
}
