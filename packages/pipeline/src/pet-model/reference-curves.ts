/** The reference region of an image's voxels: from regions of the image itself, or from a table of curves of the same scan. */
import { DataError, type Tac, type Tacs } from "@quintet/core";
import { inFile, labelsOn, type PetImage } from "../pet-quantify/pet-image.ts";
import { chosen, referenceOf } from "./kinetic-choices.ts";
import type { KineticModelName } from "./kinetic-models.ts";
import { curvesAtOneTime } from "./read-curves.ts";
import { regionalCurves } from "./regional-curves.ts";

export interface ReferenceCurves {
  readonly reference: Tac;
  /** The other regions, from which k2' can be found. */
  readonly others: readonly Tac[];
}

/** Frames of a table are often rounded to whole seconds. */
const rounding = 1;

/** @throws DataError `missing-reference`, `frame-mismatch`, `not-comparable`, `unknown-region`, and those of readers */
export async function referenceCurves(
  image: PetImage,
  {
    model,
    reference: table,
    labels,
    referenceRegion = [],
    radionuclide,
  }: {
    readonly model: KineticModelName;
    readonly reference?: string;
    readonly labels?: string;
    readonly referenceRegion?: readonly string[];
    readonly radionuclide?: string;
  },
  choices: string[],
): Promise<ReferenceCurves> {
  const file = table ?? labels;
  if (file === undefined || (table !== undefined && labels !== undefined)) {
    throw new DataError("missing-reference", `${model} needs one reference region`, {
      file: image.path,
      expected: "--reference TACS, or --labels REGIONS, with --reference-region NAME",
      found: file === undefined ? "neither" : "both",
    });
  }
  const tacs =
    table === undefined
      ? regionalCurves(image.volume, await labelsOn(image.volume, file), 1)
      : await curvesOfTable(image, table, model, radionuclide, choices);
  const [only] = tacs.regions;
  const names = referenceRegion.length === 0 && tacs.regions.length === 1 && only ? [only.name] : referenceRegion;
  return inFile(file, () => {
    const reference = referenceOf(tacs, { model, reference: names, option: "--reference-region" }, choices);
    if (!reference) throw new DataError("missing-reference", `${model} takes no reference region`);
    const parts = chosen(tacs, names);
    return { reference, others: tacs.regions.filter((tac) => !parts.includes(tac)) };
  });
}

async function curvesOfTable(
  { volume, metadata }: PetImage,
  table: string,
  model: KineticModelName,
  radionuclide: string | undefined,
  choices: string[],
): Promise<Tacs> {
  const nuclide = radionuclide === undefined ? {} : { radionuclide };
  const { tacs, facts, choices: notes } = await curvesAtOneTime(table, { model, ...nuclide });
  choices.push(...notes.map((note) => `reference: ${note}`));
  const differs = tacs.frames.findIndex(({ start, duration }, t) => {
    const own = volume.frames[t];
    return !own || Math.abs(start - own.start) > rounding || Math.abs(duration - own.duration) > rounding;
  });
  if (tacs.frames.length !== volume.frames.length || differs >= 0) {
    const words = (frame: Tacs["frames"][number] | undefined): string =>
      frame ? `${frame.start} s for ${frame.duration} s` : "none";
    throw new DataError("frame-mismatch", "the reference curve stands in the image's frames", {
      file: table,
      expected:
        differs < 0 ? `${volume.frames.length} frames` : `frame ${differs + 1}: ${words(volume.frames[differs])}`,
      found: differs < 0 ? `${tacs.frames.length}` : words(tacs.frames[differs]),
    });
  }
  if (tacs.unit !== volume.unit) throw notComparable(table, `the image's unit, ${volume.unit}`, tacs.unit);
  const [own, theirs] = [metadata.ImageDecayCorrectionTime, facts.ImageDecayCorrectionTime];
  if (typeof own === "number" && typeof theirs === "number" && own !== theirs)
    throw notComparable(table, `corrected for decay to ${own} s, as the image is`, `to ${theirs} s`);
  return { ...tacs, frames: volume.frames };
}

function notComparable(file: string, expected: string, found: string): DataError {
  return new DataError("not-comparable", "image and reference curve are one scan", { file, expected, found });
}
