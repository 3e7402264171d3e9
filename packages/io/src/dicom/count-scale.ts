/** Philips' counts (Units CNTS): the scanner's own factors that make activity or SUV of them. */
import { DataError } from "@quintet/core";
import type { DicomDataset } from "./tags.ts";
import { numbersOf, privateElement } from "./values.ts";

export const philips = "Philips PET Private Group";

/** Factors by which the counts of each time frame (rescaled) become values in `unit`. */
export interface CountScale {
  readonly unit: "Bq/mL" | "g/mL";
  readonly factors: readonly number[];
  /** What Philips calls the factor, with its tag. */
  readonly name: string;
}

export interface CountScales {
  readonly activity?: CountScale;
  readonly suv?: CountScale;
}

const tags = {
  suv: [0x00, "g/mL", "Philips SUV scale factor (7053,xx00)"],
  activity: [0x09, "Bq/mL", "Philips activity concentration scale factor (7053,xx09)"],
} as const;

/**
 * The factors that the frames of a series of counts state; one of 0 means none, one that only some frames have is refused.
 *
 * @param images one dataset for each time frame
 * @throws DataError `unknown-unit` (neither), `disagreement` (frames with and without)
 */
export function countScales(images: readonly DicomDataset[]): CountScales {
  const scaleOf = (kind: keyof typeof tags): CountScale | undefined => {
    const [element, unit, name] = tags[kind];
    const factors = images.map((image) => scaleFactor(image, element));
    const without = factors.indexOf(undefined);
    if (factors.every((factor) => factor === undefined)) return undefined;
    if (without >= 0) {
      throw new DataError("disagreement", `only some frames have the ${name}`, {
        file: images[without]?.file ?? "series",
        expected: "the factor in every image",
        found: "none in this one",
      });
    }
    return { unit, factors: factors as number[], name };
  };
  const [activity, suv] = [scaleOf("activity"), scaleOf("suv")];
  if (activity === undefined && suv === undefined) {
    throw new DataError("unknown-unit", "counts become activity or SUV only by the scanner's own factor", {
      file: images[0]?.file ?? "series",
      expected: `(7053,xx00) or (7053,xx09) of ${philips}`,
      found: "neither",
    });
  }
  return { ...(activity ? { activity } : {}), ...(suv ? { suv } : {}) };
}

/** Both factors of one image as text, to hold the images of one frame against each other. */
export function scaleFactors(image: DicomDataset): string {
  return `${scaleFactor(image, 0x00) ?? "none"} and ${scaleFactor(image, 0x09) ?? "none"}`;
}

function scaleFactor(image: DicomDataset, element: number): number | undefined {
  const [value] = numbersOf(image, privateElement(image, 0x7053, philips, element), "DS");
  return value !== undefined && value > 0 ? value : undefined;
}
