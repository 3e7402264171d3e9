import { type Channel, DataError, type Montage, type Recording, type Side } from "@quintet/core";
import { median, summarise } from "@quintet/kernels";
import { channelPosition, channelSide, type HomologousPair, homologousPairs } from "../correct/electrode-name.ts";
import { clinicalBands, windowPowers } from "./band-power.ts";
import { fewestPairs, pairOutliers } from "./pair-outliers.ts";
import { sharpTransients } from "./sharp-transients.ts";
import { type ChannelSpectrum, commonWindows, type WelchWindows, welch } from "./welch.ts";

/** A channel that stands out against the same place of the other side. */
export interface FocalFinding {
  readonly channel: string;
  readonly side: Side;
  readonly kind: "slowing" | "sharp-transients";
  /** Side difference in standard deviations of the differences of pairs that do not stand out. */
  readonly score: number;
  /** Chance that any pairs stand out as far when none differs. */
  readonly familywise: number;
  /** Delta power over the homologous channel's, or transients per minute more than there. */
  readonly effect: number;
  /** Of ln effect (slowing) or of effect (transients). */
  readonly standardError: number;
  /** ln of delta power over the median of the nearest channels'; undefined without positions. */
  readonly neighbourContrast: number | undefined;
  readonly note: string;
}

export interface FocalSlowing {
  /** Strongest first; empty: no finding. */
  readonly findings: readonly FocalFinding[];
  /** Homologous pairs compared. */
  readonly pairs: number;
  /** Welch windows per channel. */
  readonly windows: number;
  /** What could not be looked at, in words. */
  readonly notes: readonly string[];
}

export interface FocalOptions {
  /** Chance of any finding of each kind when there is none; default 0.025, together at most 0.05. */
  readonly alpha?: number;
  /** Least ratio of delta power to the other side; default 1.5. */
  readonly leastRatio?: number;
  /** Least excess of transients per minute; default 1. */
  readonly leastRate?: number;
  readonly welch?: WelchWindows;
}

/** Differences of log power below this are no spread worth naming: two well-placed electrodes differ by 10 %. */
const leastSpread = Math.log(1.1);
/** Spread of a difference of square roots of two Poisson counts: sqrt(1/4 + 1/4). */
const rootSpread = Math.SQRT1_2;
const neighbours = 4;

/**
 * Focal slowing and focal sharp transients: channels that stand out against the mirrored place.
 *
 *   d_j = mean_w [ ln (P_delta / P_beta)_left(w) - ln (P_delta / P_beta)_right(w) ]    (slowing, 2 s windows)
 *   d_j = sqrt(n_left + 3/8) - sqrt(n_right + 3/8)                                     (transients, `sharpTransients`)
 *
 * each pair's difference judged against the spread of all pairs' (`pairOutliers`), family-wise error rate `alpha` per
 * kind. The ratio to beta (1 to 4 over 13 to 30 Hz) cancels what makes one side larger in all bands: skull, electrodes,
 * the place of a gyrus; alpha is left out, being lopsided in health. Slowing must be at least `leastRatio` both in that
 * ratio and in delta power itself, so that muscle on the other side does not count. Foci on both sides alike and in the midline are not seen.
 * Research use: it lateralises; it does not diagnose.
 *
 * @param montage positions for neighbours, and for pairs when the names are not of the 10-20 family
 * @throws DataError `no-channels`, `segment-too-short`, `bad-band`
 */
export function focalSlowing(recording: Recording, montage?: Montage, options: FocalOptions = {}): FocalSlowing {
  const { alpha = 0.025, leastRatio = 1.5, leastRate = 1 } = options;
  const spectra = welch(recording, { rejectAbove: 5, ...options.welch });
  const channels = spectra.map(({ channel }) => channel);
  const pairs = homologousPairs(channels, montage);
  const windows = Math.min(...spectra.map((spectrum) => spectrum.windows.length));
  if (pairs.length < fewestPairs) {
    const note = `${pairs.length} left-right pairs of channels: fewer than ${fewestPairs} cannot tell what stands out`;
    return { findings: [], pairs: pairs.length, windows, notes: [note] };
  }
  const contrast = neighbourContrasts(spectra, montage);
  const slow = slowingFindings(spectra, pairs, { alpha, leastRatio });
  const sharp = transientFindings(recording, channels, pairs, { alpha, leastRate });
  const place = (finding: Found): FocalFinding => {
    const { index, ...rest } = finding;
    const channel = channels[index] as Channel;
    return {
      channel: channel.name,
      side: channelSide(channel, montage) ?? "midline",
      neighbourContrast: contrast[index],
      ...rest,
    };
  };
  const findings = [...slow, ...sharp.findings].map(place).sort((a, b) => b.score - a.score);
  return { findings, pairs: pairs.length, windows, notes: sharp.notes };
}

type Found = Omit<FocalFinding, "channel" | "side" | "neighbourContrast"> & { readonly index: number };

function slowingFindings(
  spectra: readonly ChannelSpectrum[],
  pairs: readonly HomologousPair[],
  { alpha, leastRatio }: { readonly alpha: number; readonly leastRatio: number },
): Found[] {
  const compared = pairs.map(({ left, right }) => {
    const both = commonWindows(spectra[left] as ChannelSpectrum, spectra[right] as ChannelSpectrum);
    const [delta, beta] = (["delta", "beta"] as const).map((band) => {
      const [l, r] = both.map((spectrum) => windowPowers(spectrum, clinicalBands[band])) as [
        Float64Array,
        Float64Array,
      ];
      return l.map((power, w) => Math.log(power / (r[w] as number)));
    }) as [Float64Array, Float64Array];
    return { relative: summarise(delta.map((d, w) => d - (beta[w] as number))), delta: summarise(delta) };
  });
  const least = Math.max(leastSpread, median(compared.map(({ relative }) => relative.standardError)));
  const scores = pairOutliers(
    compared.map(({ relative }) => relative.mean),
    least,
  );
  return scores.flatMap(({ score, familywise }, j): Found[] => {
    const { relative, delta } = compared[j] as (typeof compared)[number];
    const { left, right } = pairs[j] as HomologousPair;
    const sign = Math.sign(relative.mean);
    const enough = Math.min(sign * relative.mean, sign * delta.mean) >= Math.log(leastRatio);
    if (!(familywise < alpha) || !enough) return [];
    const ratio = Math.exp(sign * delta.mean);
    const note = `delta power ${ratio.toFixed(2)} times that of the other side over ${delta.n} windows`;
    const index = sign > 0 ? left : right;
    return [
      {
        index,
        kind: "slowing",
        score: sign * score,
        familywise,
        effect: ratio,
        standardError: delta.standardError,
        note,
      },
    ];
  });
}

function transientFindings(
  recording: Recording,
  channels: readonly Channel[],
  pairs: readonly HomologousPair[],
  { alpha, leastRate }: { readonly alpha: number; readonly leastRate: number },
): { readonly findings: Found[]; readonly notes: readonly string[] } {
  let counts: ReturnType<typeof sharpTransients>;
  try {
    counts = sharpTransients(recording);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { findings: [], notes: [`sharp transients not looked for: ${error.message}`] };
  }
  const byName = new Map(counts.map((count) => [count.channel, count]));
  const countOf = (index: number): (typeof counts)[number] =>
    byName.get((channels[index] as Channel).name) as (typeof counts)[number];
  const differences = pairs.map(
    ({ left, right }) => Math.sqrt(countOf(left).count + 3 / 8) - Math.sqrt(countOf(right).count + 3 / 8),
  );
  const findings = pairOutliers(differences, rootSpread).flatMap(({ score, familywise }, j): Found[] => {
    const { left, right } = pairs[j] as HomologousPair;
    const [index, other] = score > 0 ? [left, right] : [right, left];
    const [here, there] = [countOf(index), countOf(other)];
    const effect = here.rate - there.rate;
    if (!(familywise < alpha) || effect < leastRate) return [];
    const standardError = Math.hypot(here.standardError, there.standardError);
    const note = `${here.rate.toFixed(1)} sharp transients per minute, ${there.rate.toFixed(1)} on the other side`;
    return [{ index, kind: "sharp-transients", score: Math.abs(score), familywise, effect, standardError, note }];
  });
  return { findings, notes: [] };
}

/** ln delta power of each channel over the median of its nearest channels. */
function neighbourContrasts(spectra: readonly ChannelSpectrum[], montage?: Montage): (number | undefined)[] {
  const logs = spectra.map((spectrum) => Math.log(summarise(windowPowers(spectrum, clinicalBands.delta)).mean));
  const places = spectra.map(({ channel }) => (montage ? channelPosition(channel, montage) : undefined));
  return places.map((place, index) => {
    if (!place) return undefined;
    const near = places
      .flatMap((other, k) =>
        other && k !== index
          ? [{ k, apart: Math.hypot(other[0] - place[0], other[1] - place[1], other[2] - place[2]) }]
          : [],
      )
      .sort((a, b) => a.apart - b.apart)
      .slice(0, neighbours);
    return near.length < neighbours
      ? undefined
      : (logs[index] as number) - median(near.map(({ k }) => logs[k] as number));
  });
}
