/** From light to haemoglobin, one way for the run and for whoever looks at the courses. */
import type { Montage, Participant, Recording } from "@quintet/core";
import {
  bandpass,
  beerLambert,
  darkChannels,
  opticalDensity,
  pairName,
  scalpCouplingIndex,
  selectChannels,
  withoutPairs,
} from "@quintet/modalities/fnirs";

/** Pairs below are left out: the two wavelengths do not share the heart beat (Pollonini et al. 2014 use 0.75). */
export const leastCoupling = 0.5;
/** Hz. */
export const passband = { low: 0.01, high: 0.2 } as const;

export interface OpticalCourses {
  /** Intensity channels of the recording. */
  readonly all: Recording;
  /** Those without zero or negative light. */
  readonly light: Recording;
  readonly dark: ReadonlySet<string>;
  readonly od: Recording;
  /** Scalp coupling index by pair. */
  readonly coupling: ReadonlyMap<string, number>;
  readonly loose: ReadonlySet<string>;
}

/** @throws DataError those of opticalDensity */
export function opticalCourses(recording: Recording): OpticalCourses {
  const all = selectChannels(recording, ({ kind }) => kind === "nirs-intensity");
  const dark = new Set(darkChannels(all).map(({ channel }) => pairName(channel)));
  const light = withoutPairs(all, dark);
  const od = opticalDensity(light);
  const coupling = new Map(scalpCouplingIndex(od).map(({ pair, value }) => [pair, value]));
  const loose = new Set([...coupling].filter(([, value]) => value < leastCoupling).map(([pair]) => pair));
  return { all, light, dark, od, coupling, loose };
}

/** HbO and HbR, mol/L, from optical density: band-pass, modified Beer-Lambert law. @throws DataError those of beerLambert */
export function haemoglobin(od: Recording, montage: Montage, { age }: Pick<Participant, "age">): Recording {
  const pathlength = age === undefined ? { ppf: 6 } : { age };
  return beerLambert(bandpass(od, passband), montage, { table: "prahl", pathlength });
}

export function pathlengthNote({ age }: Pick<Participant, "age">): string {
  return age === undefined
    ? "partial pathlength factor 6 (no age given)"
    : `differential pathlength by age ${age} (Scholkmann & Wolf 2013)`;
}
