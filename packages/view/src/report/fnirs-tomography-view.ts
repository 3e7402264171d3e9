/** What the report shows of optical tomography. */
import type { Point } from "@quintet/core";
import type { ImageLayer } from "./model.ts";

export interface FnirsTomography {
  /** Light, tissue, linear model and regularisation in words. */
  readonly note: string;
  /** mm of path summed over the pairs, on the anatomy's world. */
  readonly sensitivity: ImageLayer;
  /** Where the cortex is seen best, RAS mm. */
  readonly best: Point;
  /** mm: what is at least as sensitive is the field of view. */
  readonly outline: number;
  readonly maps: readonly {
    readonly condition: string;
    readonly events: number;
    readonly hbo: ImageLayer;
    readonly hbr: ImageLayer;
    /** Largest HbO and the HbR there, umol/L, RAS mm. */
    readonly peak: { readonly hbo: number; readonly hbr: number; readonly place: Point };
  }[];
  /** Medians over points of the field of view, mm. */
  readonly resolution: { readonly localisation: number; readonly fwhm: number };
  /** Partial path in each tissue over the pair's distance. */
  readonly factors: readonly {
    readonly pair: string;
    readonly wavelength: number;
    readonly distance: number;
    readonly factors: Readonly<Record<string, number>>;
  }[];
}
