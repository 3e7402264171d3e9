import { DataError } from "./data-error.ts";
import type { KiloelectronVolts, VoxelUnit } from "./units.ts";
import type { Volume } from "./volume.ts";

/**
 * A mu-map: the linear attenuation coefficient of photons of **one** energy, in 1/cm.
 * At another energy each tissue changes by a factor of its own, so a map is never scaled as a whole.
 */
export interface AttenuationMap extends Volume<"1/cm"> {
  /** Photon energy the map holds for. */
  readonly energy: KiloelectronVolts;
}

export interface AttenuationCheck {
  /** The energy that is needed; a map of another one is refused. */
  readonly energy?: KiloelectronVolts;
  /** `"hardware"` (coil, cap, optodes, table) may be empty and as thin as foam; default `"head"`. */
  readonly content?: "head" | "hardware";
  /** Named in every error. */
  readonly file?: string;
}

/** Energies closer than this are one: 140.5 keV of Tc-99m is written as 140. */
const sameEnergy = 1;
/**
 * Largest coefficient (1/cm) that head, coil or cap reach, from an energy (keV) on. Dense cortical bone has about 0.29
 * at 140 keV and 0.17 at 511 keV; what is above is metal, another unit or another energy.
 */
const most: readonly (readonly [from: KiloelectronVolts, limit: number])[] = [
  [450, 0.25],
  [130, 0.4],
];
const highest: KiloelectronVolts = 1000;
/** Rounding and interpolation below zero, 1/cm. */
const belowZero = -0.005;
/** Soft tissue has 0.09 to 0.16 per cm between 140 and 600 keV, so 0.009 to 0.016 per mm. */
const perMillimetre = 0.03;

/** Largest coefficient a map of this energy may hold, 1/cm. @throws DataError `bad-energy` */
export function attenuationLimit(energy: KiloelectronVolts, file?: string): number {
  const row = most.find(([from]) => energy >= from);
  if (!row || !(energy <= highest)) {
    throw new DataError("bad-energy", "the photon energy of an attenuation map in keV", {
      ...(file === undefined ? {} : { file }),
      expected: `${most.at(-1)?.[0]} to ${highest} keV`,
      found: `${energy}`,
    });
  }
  return row[1];
}

/**
 * The map itself, once it is known to be one that an emission image can be corrected with: coefficients in 1/cm of the
 * energy that is needed, within what a head holds. A map that is not is refused with the way to make it one.
 *
 * @param map any volume that claims to be a mu-map
 * @throws DataError `hounsfield-units` (convert the CT), `wrong-unit`, `bad-energy`, `wrong-energy`, `not-finite`,
 *   `negative-attenuation`, `per-millimetre` (names the factor 10), `attenuation-out-of-range`, `empty-map`
 */
export function checkAttenuationMap(
  map: Volume<VoxelUnit> & { readonly energy: KiloelectronVolts },
  { energy, content = "head", file }: AttenuationCheck = {},
): AttenuationMap {
  const where = file === undefined ? {} : { file };
  const refuse = (code: string, message: string, expected: string, found: string): DataError =>
    new DataError(code, message, { ...where, expected, found });
  const { lowest, largest, finite } = extremes(map.data);
  if (lowest < -50 || largest > 10) {
    const how = "these are CT numbers: convert the CT to attenuation at the photon energy first (bilinear)";
    throw refuse("hounsfield-units", how, "coefficients in 1/cm", `${lowest} to ${largest}, as in HU`);
  }
  if (map.unit !== "1/cm") {
    throw refuse("wrong-unit", "an attenuation map holds linear attenuation coefficients", "1/cm", map.unit);
  }
  const limit = attenuationLimit(map.energy, file);
  if (energy !== undefined && !(Math.abs(energy - map.energy) <= sameEnergy)) {
    const how = "make the map of that energy from the tissues: each changes by a factor of its own";
    throw refuse("wrong-energy", how, `${energy} keV`, `${map.energy} keV`);
  }
  if (!finite) throw refuse("not-finite", "attenuation coefficients are numbers", "numbers", "NaN or infinity");
  if (lowest < belowZero) {
    throw refuse("negative-attenuation", "nothing attenuates less than vacuum", "0 or more", `${lowest} 1/cm`);
  }
  if (largest > limit) {
    const how = `no part of a head attenuates that much at ${map.energy} keV: another unit, another energy, or metal`;
    throw refuse("attenuation-out-of-range", how, `at most ${limit} 1/cm`, `${largest}`);
  }
  if (content === "head") {
    const bulk = medianAbove(map.data, largest / 4);
    if (!(bulk > 0)) throw refuse("empty-map", "a head attenuates", "coefficients above 0", "0 everywhere");
    if (bulk < perMillimetre) {
      const how = "these look like coefficients in 1/mm: multiply by 10 to have 1/cm";
      throw refuse("per-millimetre", how, "soft tissue at 0.09 to 0.16 1/cm", `${bulk.toPrecision(3)}`);
    }
  }
  return map as AttenuationMap;
}

function extremes(data: Float32Array): { lowest: number; largest: number; finite: boolean } {
  let [lowest, largest, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (const value of data) {
    if (value < lowest) lowest = value;
    if (value > largest) largest = value;
    sum += value;
  }
  return { lowest, largest, finite: data.length > 0 && Number.isFinite(sum) };
}

/** Median of what is above `threshold`: the bulk of a head, whatever air and bone it holds. 0 when nothing is. */
function medianAbove(data: Float32Array, threshold: number): number {
  const above = data.filter((value) => value > threshold && value > 0).sort();
  return above[above.length >> 1] ?? 0;
}
