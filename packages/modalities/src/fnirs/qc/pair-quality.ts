import { channelData, DataError, type Millimetres, type Montage, type Recording } from "@quintet/core";
import { median, summarise } from "@quintet/kernels";
import { opticalPairs, pairName, selectChannels, sourceDetectorDistance } from "../correct/pairs.ts";
import { opticalDensity } from "../recon/optical-density.ts";
import { heartRate, qcLimits } from "./qc.ts";
import { scalpCouplingIndex, windowedCoupling } from "./scalp-coupling.ts";

/** Everything that tells whether a pair sees a head. */
export interface PairQuality {
  readonly pair: string;
  readonly source: string;
  readonly detector: string;
  /** Undefined without positions, or where they are no distance of a probe (see `flags`). */
  readonly distance?: Millimetres;
  /** Scalp coupling index over the whole recording; NaN for a constant channel. */
  readonly coupling: number;
  /** Median of the windows' peak spectral powers, 1/Hz. */
  readonly power: number;
  /** Share of the 10-s windows with coupling of at least 0.75 and power of at least 0.1. */
  readonly goodWindows: number;
  /** The worst wavelength's: 100 sd / mean, %, and 20 log10(mean / sd), dB. */
  readonly variation: number;
  readonly signalToNoise: number;
  /** Beats per minute of this pair alone; undefined where no peak stands out. */
  readonly pulse?: number;
  /** What speaks against it, in words; empty for a good pair. */
  readonly flags: readonly string[];
}

/** Least of the windows' peak spectral power. */
const leastPower = 0.1;
/** A pair's own pulse may differ from the head's by this share. */
const pulseApart = 0.1;

/**
 * Quality of every pair of a light-intensity recording without dark channels: coupling and power of the pulse in windows, noise,
 * and whether its pulse is the head's. Nothing is left out here: `flags` says what a caller may want to leave out.
 *
 * @throws DataError `no-channels`, and those of scalpCouplingIndex and opticalDensity (`not-positive`)
 * @see Pollonini et al., Biomed Opt Express 2016;7:5104-19; limits of `qcLimits`
 */
export function pairQuality(light: Recording, montage?: Montage): PairQuality[] {
  const od = opticalDensity(light);
  const coupling = new Map(scalpCouplingIndex(od).map(({ pair, value }) => [pair, value]));
  const windows = new Map(windowedCoupling(od).map(({ pair, windows: own }) => [pair, own]));
  const head = heartRate(od);
  const rows = light.groups.flatMap((group) =>
    opticalPairs(group.channels, "nirs-intensity").map(({ name, source, detector, members }): PairQuality => {
      const variation = Math.max(
        ...members.map(({ index }) => {
          const all = group.segments.flatMap((segment) => [...channelData(group, segment, index)]);
          const { mean, sd } = summarise(all);
          return (100 * sd) / mean;
        }),
      );
      const own = windows.get(name) ?? [];
      const good = own.filter(({ coupling: c, power }) => c >= qcLimits.coupling && power >= leastPower).length;
      const pulse = heartRate(
        selectChannels(od, (channel) => channel.kind === "nirs-od" && pairName(channel) === name),
      );
      const beats = pulse && pulse.prominence >= qcLimits.heartPeak ? pulse.beatsPerMinute : undefined;
      const place = distanceOf(montage, source, detector);
      const quality = {
        coupling: coupling.get(name) ?? Number.NaN,
        power: median(own.map(({ power }) => power)),
        goodWindows: own.length > 0 ? good / own.length : 0,
        variation,
      };
      return {
        pair: name,
        source,
        detector,
        ...(place.distance === undefined ? {} : { distance: place.distance }),
        ...quality,
        signalToNoise: 20 * Math.log10(100 / variation),
        ...(beats === undefined ? {} : { pulse: beats }),
        flags: [...place.flags, ...flagsOf(quality, beats, head?.beatsPerMinute)],
      };
    }),
  );
  if (rows.length === 0) throw new DataError("no-channels", "the recording has no light intensity");
  return rows;
}

function distanceOf(
  montage: Montage | undefined,
  source: string,
  detector: string,
): { readonly distance?: Millimetres; readonly flags: readonly string[] } {
  if (!montage) return { flags: [] };
  try {
    return { distance: sourceDetectorDistance(montage, source, detector), flags: [] };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { flags: [error.message] };
  }
}

function flagsOf(
  { coupling, power, goodWindows, variation }: Pick<PairQuality, "coupling" | "power" | "goodWindows" | "variation">,
  pulse: number | undefined,
  head: number | undefined,
): string[] {
  return [
    ...(coupling >= qcLimits.coupling ? [] : [`scalp coupling ${coupling.toFixed(2)} below ${qcLimits.coupling}`]),
    ...(power >= leastPower ? [] : [`peak spectral power ${power.toFixed(3)} below ${leastPower}`]),
    ...(goodWindows >= 0.75 ? [] : [`${Math.round(100 * goodWindows)} % of the windows are good`]),
    ...(variation <= qcLimits.variation ? [] : [`variation ${variation.toFixed(1)} % above ${qcLimits.variation} %`]),
    ...(pulse !== undefined && head !== undefined && Math.abs(pulse / head - 1) > pulseApart
      ? [`its pulse of ${pulse.toFixed(0)} per minute is not the head's ${head.toFixed(0)}`]
      : []),
  ];
}
