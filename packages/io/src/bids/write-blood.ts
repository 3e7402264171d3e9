/** Blood of a PET scan as rows of blood.tsv with its side file: what readBloodTsv reads. */
import type { Blood, BloodCurve, Metadata } from "@quintet/core";
import { type Cell, writeTsv } from "./tsv.ts";

const columnsOf = [
  ["whole_blood_radioactivity", "wholeBlood"],
  ["plasma_radioactivity", "plasma"],
  ["metabolite_parent_fraction", "parentFraction"],
] as const;

/**
 * Table and side file: seconds from TimeZero, activity in Bq/mL, n/a where a curve has no sample. What only a person knows
 * (MetaboliteMethod, whether recovery was corrected for) is the caller's, and wins.
 */
export function writeBloodTsv(
  blood: Blood,
  given: Metadata = {},
): { readonly tsv: string; readonly metadata: Metadata } {
  const present = columnsOf.flatMap(([column, key]) => {
    const curve = blood[key];
    return curve === undefined ? [] : [{ column, curve, at: valuesAt(curve) }];
  });
  const times = [...new Set(present.flatMap(({ curve }) => [...curve.time]))].sort((a, b) => a - b);
  const rows = times.map((time): Cell[] => [time, ...present.map(({ at }) => at.get(time))]);
  const units = present.map(({ column, curve }): [string, Metadata] => [
    column,
    { Units: curve.unit === "1" ? "arbitrary" : "Bq/mL" },
  ]);
  return {
    tsv: writeTsv(["time", ...present.map(({ column }) => column)], rows),
    metadata: {
      PlasmaAvail: blood.plasma !== undefined,
      MetaboliteAvail: blood.parentFraction !== undefined,
      WholeBloodAvail: blood.wholeBlood !== undefined,
      DispersionCorrected: false,
      ...given,
      time: { Units: "s" },
      ...Object.fromEntries(units),
    },
  };
}

function valuesAt({ time, value }: BloodCurve): ReadonlyMap<number, number> {
  return new Map(Array.from(time, (at, i) => [at, value[i] as number]));
}
