import { DataError, type Participant, type Volume } from "@quintet/core";
import { type Injection, suv } from "./suv.ts";

/**
 * Lean body mass, kg.
 *
 *   men  9270 W / (6680 + 216 BMI),   women  9270 W / (8780 + 244 BMI),   BMI = W / H^2
 *
 * @throws DataError `missing-weight`, `missing-height`, `missing-sex`, `implausible-weight`
 * @see Janmahasatian et al., Clin Pharmacokinet 2005;44:1051-65 (constants checked against a published calculator, not the paper)
 */
export function leanBodyMass({ weight, height, sex }: Participant): number {
  const needs = (code: string, what: string, found: unknown): DataError =>
    new DataError(code, `lean body mass needs ${what}`, { found: String(found) });
  if (weight === undefined || !(weight > 0)) throw needs("missing-weight", "the body weight in kg", weight);
  if (height === undefined || !(height > 0)) throw needs("missing-height", "the height in m", height);
  if (sex !== "F" && sex !== "M") throw needs("missing-sex", "the sex, F or M", sex);
  const index = weight / height ** 2;
  if (!(index > 8 && index < 150)) {
    throw new DataError("implausible-weight", "weight and height do not belong to one human", {
      expected: "a body mass index of 8 to 150 kg/m2",
      found: `${weight} kg, ${height} m`,
    });
  }
  return (9270 * weight) / (sex === "M" ? 6680 + 216 * index : 8780 + 244 * index);
}

/**
 * Standardised uptake value by lean body mass: SUV with the lean mass for the weight.
 *
 * @throws DataError those of `suv` and of `leanBodyMass`; `disagreement` when the injection has another weight
 */
export function sul(pet: Volume<"Bq/mL">, injection: Injection, participant: Participant): Volume<"g/mL"> {
  const lean = leanBodyMass(participant);
  const byWeight = suv(pet, injection);
  const { value, unit } = injection.weight;
  const kilograms = unit === "g" ? value / 1000 : value;
  const own = participant.weight ?? Number.NaN;
  if (unit === "kg" || unit === "g") {
    if (Math.abs(kilograms - own) > 0.5) {
      throw new DataError("disagreement", "two body weights are stated", {
        expected: `${own} kg of the person`,
        found: `${kilograms} kg of the injection`,
      });
    }
  }
  return { ...byWeight, data: byWeight.data.map((v) => (v * lean) / own) };
}
