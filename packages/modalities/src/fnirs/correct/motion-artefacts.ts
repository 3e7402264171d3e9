import { type ChannelGroup, channelData, DataError, type Hertz, type Recording, type Seconds } from "@quintet/core";
import { madToSigma, medianAbsoluteDeviation } from "@quintet/kernels";
import { opticalPairs } from "./pairs.ts";

export interface MotionOptions {
  /** A change within this time; default 0.5 s. */
  readonly within?: Seconds;
  /** Marked on both sides of a change; default 1 s. */
  readonly around?: Seconds;
  /** Standard deviations of the sample-to-sample change; default 50 (Homer3; 20 is common). */
  readonly deviations?: number;
  /** Change of optical density; default 5. */
  readonly amplitude?: number;
  /**
   * Of the change from sample to sample: its standard deviation (default, as Homer3), or 1.4826 times its median absolute deviation,
   * which the motion itself does not raise.
   */
  readonly spread?: "deviation" | "median";
}

/** [group][segment][channel][sample], 1 where a motion artefact was found; channels that are no optical density stay 0. */
export type MotionMask = readonly (readonly (readonly Uint8Array[])[])[];

/**
 * Samples with motion, pair by pair:
 *
 *   max_{k <= within} |x_{t+k} - x_t| > deviations sd(x_{t+1} - x_t)   or   > amplitude   in any wavelength of the pair,
 *
 * and `around` of each on both sides. What is found in one wavelength holds for all of its pair.
 *
 * @throws DataError `no-channels`, `not-positive`
 * @see Homer3, hmrR_MotionArtifactByChannel (defaults 0.5 s, 1 s, 50, 5); Huppert et al., Appl Opt 2009;48:D280-98
 */
export function motionArtefacts(od: Recording, options: MotionOptions = {}): MotionMask {
  const { within = 0.5, around = 1, deviations = 50, amplitude = 5, spread = "deviation" } = options;
  if (!(within > 0 && around >= 0 && deviations > 0 && amplitude > 0)) {
    throw new DataError("not-positive", "limits of motion are above 0", {
      found: `within ${within} s, around ${around} s, ${deviations} deviations, amplitude ${amplitude}`,
    });
  }
  if (!od.groups.some(({ channels }) => channels.some(({ kind }) => kind === "nirs-od")))
    throw new DataError("no-channels", "the recording has no optical density");
  return od.groups.map((group) => {
    const pairs = opticalPairs(group.channels, "nirs-od");
    return group.segments.map((segment) => {
      const n = segment.data.length / group.channels.length;
      const mask = group.channels.map(() => new Uint8Array(n));
      for (const { members } of pairs) {
        const found = new Uint8Array(n);
        for (const { index } of members)
          markChanges(channelData(group, segment, index), group.rate, { within, deviations, amplitude, spread }, found);
        const wide = widened(found, Math.round(around * group.rate));
        for (const { index } of members) mask[index]?.set(wide);
      }
      return mask;
    });
  });
}

function markChanges(
  x: Float32Array | Float64Array,
  rate: Hertz,
  { within, deviations, amplitude, spread }: Required<Omit<MotionOptions, "around">>,
  found: Uint8Array,
): void {
  const n = x.length;
  let [mean, squares] = [0, 0];
  for (let t = 1; t < n; t++) mean += ((x[t] as number) - (x[t - 1] as number)) / (n - 1);
  for (let t = 1; t < n; t++) squares += ((x[t] as number) - (x[t - 1] as number) - mean) ** 2;
  const unit =
    spread === "deviation"
      ? Math.sqrt(squares / (n - 2))
      : madToSigma *
        medianAbsoluteDeviation(
          Float64Array.from({ length: n - 1 }, (_, t) => (x[t + 1] as number) - (x[t] as number)),
        );
  const limit = Math.min(amplitude, deviations * unit);
  const reach = Math.max(1, Math.round(within * rate));
  for (let t = 0; t + 1 < n; t++) {
    for (let k = 1; k <= reach && t + k < n; k++) {
      if (Math.abs((x[t + k] as number) - (x[t] as number)) <= limit) continue;
      found[t + 1] = 1;
      break;
    }
  }
}

function widened(found: Uint8Array, by: number): Uint8Array {
  const out = new Uint8Array(found.length);
  for (let t = 0; t < found.length; t++) if (found[t]) out.fill(1, Math.max(0, t - by), t + by + 1);
  return out;
}

/** Stretches of 1 in a mask, [begin, end). */
export function stretches(mask: Uint8Array): (readonly [begin: number, end: number])[] {
  const out: (readonly [number, number])[] = [];
  for (let t = 0; t < mask.length; t++) {
    if (!mask[t]) continue;
    const begin = t;
    while (t < mask.length && mask[t]) t++;
    out.push([begin, t]);
  }
  return out;
}

/** The share of a group's samples that any channel's mask marks. */
export function maskedShare(mask: MotionMask, groups: readonly ChannelGroup[]): number {
  let [marked, all] = [0, 0];
  mask.forEach((segments, g) => {
    if (!groups[g]?.channels.some(({ kind }) => kind === "nirs-od")) return;
    for (const channels of segments) {
      const n = channels[0]?.length ?? 0;
      all += n;
      for (let t = 0; t < n; t++) if (channels.some((own) => own[t])) marked++;
    }
  });
  return all > 0 ? marked / all : 0;
}
