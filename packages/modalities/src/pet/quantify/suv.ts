import { DataError, type Quantity, type Radionuclide, type Seconds, siFactor, type Volume } from "@quintet/core";
import { decayConstant, decayFactor } from "@quintet/kernels";
import { decayCorrect } from "../correct/activity.ts";

/** What turns activity into SUV; none of it is ever guessed. All times on the image's clock. */
export interface Injection {
  readonly radionuclide: Radionuclide;
  /** Body weight, kg or g. */
  readonly weight: Quantity;
  /** Net injected activity, Bq with an SI prefix. */
  readonly activity: Quantity;
  /** The time at which `activity` was that (assay or injection). */
  readonly activityTime: Seconds;
  /** The time to which the image is decay-corrected. */
  readonly decayReference: Seconds;
}

/**
 * Standardised uptake value by body weight.
 *
 *   SUV(v) = C(v) [Bq/mL] W [g] / (A_0 [Bq] exp(-lambda (T_image - T_0)))
 *
 * with T_image the time the image is corrected to and T_0 the time of A_0: dose and image meet at one time. 1 g/mL is
 * what an even spread of the dose over the body would give (1 mL = 1 g).
 *
 * @throws DataError `missing-weight`, `missing-dose`, `missing-injection-time`, `missing-decay-reference`,
 *   `unknown-unit`, `implausible-weight`, `implausible-dose`, `unknown-radionuclide`
 * @see Boellaard et al., Eur J Nucl Med Mol Imaging 2015;42:328-54 (EANM FDG guideline 2.0)
 */
export function suv(pet: Volume<"Bq/mL">, injection: Injection): Volume<"g/mL"> {
  const { radionuclide, weight, activity, activityTime, decayReference } = injection;
  if (pet.unit !== "Bq/mL")
    throw new DataError("unknown-unit", "SUV needs activity concentration", { expected: "Bq/mL", found: pet.unit });
  requireNumber(weight?.value, "missing-weight", "SUV needs the body weight");
  requireNumber(activity?.value, "missing-dose", "SUV needs the injected activity");
  requireNumber(
    activityTime,
    "missing-injection-time",
    "SUV needs the time at which the injected activity was measured",
  );
  requireNumber(decayReference, "missing-decay-reference", "SUV needs the time to which the image is decay-corrected");
  const grams = weight.value * factorOf(weight, "g");
  const becquerel = activity.value * factorOf(activity, "Bq");
  // A new-born weighs above 0.5 kg; the heaviest people below 650 kg: outside, the unit is wrong.
  if (!(grams >= 500 && grams <= 650_000))
    throw new DataError("implausible-weight", "no human weighs that", {
      expected: "0.5 to 650 kg",
      found: `${weight.value} ${weight.unit}`,
    });
  // Human brain PET uses about 4 MBq (children) to 1 GBq (O-15 water, each): outside, the unit is wrong.
  if (!(becquerel >= 1e6 && becquerel <= 5e9))
    throw new DataError("implausible-dose", "no human brain PET uses that dose", {
      expected: "1 MBq to 5 GBq",
      found: `${activity.value} ${activity.unit}`,
    });
  const dose = becquerel * decayFactor(decayConstant(radionuclide), activityTime, decayReference);
  return { ...pet, unit: "g/mL", data: pet.data.map((a) => (a * grams) / dose) };
}

/** Decay-corrects a frame-mean image to the injection, then SUV: the common way from a raw dynamic image. */
export function suvFromUncorrected(pet: Volume<"Bq/mL">, injection: Omit<Injection, "decayReference">): Volume<"g/mL"> {
  const { radionuclide, activityTime: to } = injection;
  requireNumber(to, "missing-injection-time", "SUV needs the time at which the injected activity was measured");
  return suv(decayCorrect(pet, { radionuclide, to, state: "none" }), { ...injection, decayReference: to });
}

function requireNumber(value: number | undefined, code: string, message: string): void {
  if (value === undefined || !Number.isFinite(value)) throw new DataError(code, message, { found: String(value) });
}

function factorOf({ unit }: Quantity, base: "g" | "Bq"): number {
  const factor = siFactor(unit, base);
  if (factor === undefined)
    throw new DataError("unknown-unit", "this unit is not understood", {
      expected: `${base} with an SI prefix`,
      found: unit,
    });
  return factor;
}
