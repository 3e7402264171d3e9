import { bloodEstimate, bloodRefusal, bloodTerms } from "./compartments.ts";
import type { KineticFit } from "./estimate.ts";
import type { BloodVolume, InputFunction } from "./input-function.ts";
import type { KineticData } from "./kinetic-data.ts";
import { responsesTo } from "./responses.ts";
import { fitModel } from "./separable-model.ts";

/**
 * One tissue compartment.
 *
 *   dC_T/dt = K1 C_p - k2 C_T,   C_T = K1 C_p (x) exp(-k2 t),   V_T = K1 / k2,   C_PET = (1 - vB) C_T + vB C_B
 *
 * @throws DataError `missing-blood`, `out-of-range`
 * @see Kety, Pharmacol Rev 1951;3:1-41 (from the literature, not re-checked)
 */
export function oneTissue(data: KineticData, input: InputFunction, bloodVolume: BloodVolume = "fit"): KineticFit {
  const { column, ...terms } = bloodTerms(data, input, bloodVolume);
  const fitted = column.length > 0;
  // Parameters: (1 - vB) K1, vB where fitted, k2.
  const k1 = (p: Float64Array): number => (p[0] as number) / (fitted ? 1 - (p[1] as number) : 1);
  const k2 = (p: Float64Array): number => p[p.length - 1] as number;
  const response = responsesTo(input.plasma, data.samples);
  return fitModel({
    model: "1tcm",
    data,
    ...terms,
    rates: 1,
    columns: ([rate = 1]) => [{ ...response(rate), rate: 0 }, ...column],
    admissible: (c) => c.every((value) => value >= 0),
    refuse: (p) => (k1(p) > 0 ? bloodRefusal(fitted ? p[1] : undefined) : "the best fit has a negative K1"),
    wanted: [
      { name: "VT", unit: "mL/cm3", of: (p) => k1(p) / k2(p) },
      { name: "K1", unit: "mL/cm3/min", of: k1 },
      { name: "k2", unit: "1/min", of: k2 },
      ...(fitted ? [bloodEstimate(1)] : []),
    ],
  });
}
