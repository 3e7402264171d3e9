/**
 * In which units an image of PET can be shown besides its own: activity, SUV where dose and weight are stated, SUVR where
 * the run has measured its reference region. All three are the same image times a number:
 *
 *   SUV = C W / (A_0 exp(-lambda (T_image - T_0)))   (suv.ts of the wing),   SUVR = SUV / SUV_reference
 *
 * SUV_reference is SUV over SUVR of any region, both of which the run has measured in the same image.
 */
import { DataError, type Measure, type Metadata, type Participant, type Volume } from "@quintet/core";
import { injectionFrom, suv } from "@quintet/modalities/pet";
import type { SceneVolume } from "@quintet/view";

type Unit = NonNullable<SceneVolume["units"]>[number];

/** SUV (g/mL) of 1 Bq/mL of an image with this side file, and the formula in words; undefined where something is missing. */
export function suvFactor(
  metadata: Metadata,
  participant: Participant,
): { readonly factor: number; readonly formula: string } | undefined {
  try {
    const injection = injectionFrom(metadata, participant);
    const one: Volume<"Bq/mL"> = {
      unit: "Bq/mL",
      shape: [1, 1, 1],
      affine: Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1),
      space: "one voxel",
      frames: [{ start: 0, duration: 0 }],
      clock: "image",
      data: Float32Array.of(1),
    };
    const factor = suv(one, injection).data[0] as number;
    const { weight, activity, activityTime, decayReference, radionuclide } = injection;
    const formula =
      `SUV = C · ${weight.value} ${weight.unit} / ${activity.value} ${activity.unit} of ${radionuclide}, ` +
      `decayed for ${Number((decayReference - activityTime).toFixed(0))} s to the time that the image is corrected to`;
    return { factor, formula };
  } catch (error) {
    if (error instanceof DataError) return undefined;
    throw error;
  }
}

/** SUV of the reference region: the median over regions of SUV over SUVR; undefined where either was not measured. */
export function referenceSuv(measures: readonly Measure[]): number | undefined {
  const of = (name: string): ReadonlyMap<string, number> =>
    new Map(
      measures
        .filter(({ modality, measure, value }) => modality === "pet" && measure === name && value > 0)
        .map(({ region, side, value }) => [`${region} ${side ?? ""}`, value]),
    );
  const [suvs, ratios] = [of("suv"), of("suvr")];
  const found = [...suvs].flatMap(([region, value]) => {
    const ratio = ratios.get(region);
    return ratio === undefined ? [] : [value / ratio];
  });
  return found.sort((a, b) => a - b)[Math.floor(found.length / 2)];
}

/**
 * @param own the image's own unit as shown: "kBq/mL" or "SUVR"; any other has no others
 * @returns every unit it can be shown in, its own first; none when there is only that
 */
export function petUnits(
  own: Pick<SceneVolume, "unit" | "scale">,
  factor: ReturnType<typeof suvFactor>,
  reference: number | undefined,
): readonly Unit[] {
  const isActivity = own.unit === "kBq/mL";
  if (!(isActivity || own.unit === "SUVR")) return [];
  // Stored value -> SUV.
  const toSuv = isActivity ? factor?.factor : reference === undefined ? undefined : own.scale * reference;
  const all: readonly (Unit | undefined)[] = [
    toSuv === undefined
      ? undefined
      : {
          unit: "SUV",
          scale: toSuv,
          formula: isActivity ? (factor?.formula ?? "") : `SUV = SUVR · ${reference?.toPrecision(4)}, the reference's`,
        },
    isActivity && toSuv !== undefined && reference !== undefined
      ? { unit: "SUVR", scale: toSuv / reference, formula: `SUVR = SUV / ${reference.toPrecision(4)}, the reference's` }
      : undefined,
    !isActivity && toSuv !== undefined && factor
      ? { unit: "kBq/mL", scale: (1e-3 * toSuv) / factor.factor, formula: "activity, corrected for decay" }
      : undefined,
  ];
  const others = all.filter((unit) => unit !== undefined);
  return others.length === 0
    ? []
    : [{ ...own, formula: isActivity ? "activity, as measured" : "uptake over the reference region's" }, ...others];
}
