/** The resting state of a series: amplitude of slow fluctuations, local concordance, connection with a seed. */

import { DataError, type Hertz, type Mask, type Point, type Seconds, type Volume } from "@quintet/core";
import type { NamedCourse } from "@quintet/kernels";
import {
  type Alff,
  alff,
  cleanSeries,
  percentSeries,
  regionalHomogeneity,
  type SeedConnectivity,
  seedConnectivity,
  sphereSeed,
} from "@quintet/modalities/mri";

export interface RestMaps {
  readonly band: readonly [low: Hertz, high: Hertz];
  readonly mask: Mask;
  /** Amplitude in % of the voxel's mean. */
  readonly alff?: Alff;
  readonly reho?: Volume<"1">;
  readonly seed?: SeedConnectivity & { readonly centre: Point; readonly radius: number };
}

/** Zang et al. 2007; Biswal et al. 1995. */
const band = [0.01, 0.08] as const;
const seedRadius = 6;

interface RestInput {
  readonly mask: Mask;
  readonly repetitionTime: Seconds;
  readonly confounds: readonly NamedCourse[];
}

/**
 * ALFF and fALFF without a filter, ReHo inside 0.01 to 0.08 Hz, both of the series without smoothing; the seed's correlations
 * of the smoothed series inside the band. What a short or fast-moving run cannot give is left out and said.
 *
 * @param seedOnly leaves out all but the seed
 */
export function restMaps(
  preprocessed: Volume,
  smooth: Volume,
  { mask, repetitionTime, confounds }: RestInput,
  centre: Point | undefined,
  seedOnly: boolean,
  warnings: string[],
): RestMaps {
  const attempt = <T>(what: string, make: () => T): T | undefined => {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      warnings.push(`${what}: ${error.message}`);
      return undefined;
    }
  };
  const cleaning = { repetitionTime, confounds };
  const { series, mask: inside } = percentSeries(preprocessed, mask);
  const amplitude = seedOnly
    ? undefined
    : attempt("No ALFF", () => alff(cleanSeries(series, inside, cleaning).volume, inside, repetitionTime, band));
  const local = seedOnly
    ? undefined
    : attempt("No ReHo", () => regionalHomogeneity(cleanSeries(series, inside, { ...cleaning, band }).volume, inside));
  const seed =
    centre &&
    attempt("No seed connectivity", () => {
      const clean = cleanSeries(smooth, inside, { ...cleaning, band });
      const sphere = sphereSeed(inside, centre, seedRadius);
      return { ...seedConnectivity(clean.volume, inside, sphere, clean.dof), centre, radius: seedRadius };
    });
  return {
    band,
    mask: inside,
    ...(amplitude ? { alff: amplitude } : {}),
    ...(local ? { reho: local } : {}),
    ...(seed ? { seed } : {}),
  };
}
