import { sampleIntegral } from "@quintet/kernels";
import { bloodEstimate, bloodRefusal, bloodTerms } from "./compartments.ts";
import type { KineticFit } from "./estimate.ts";
import type { BloodVolume, InputFunction } from "./input-function.ts";
import type { KineticData } from "./kinetic-data.ts";
import { responsesTo } from "./responses.ts";
import { fitModel } from "./separable-model.ts";

/**
 * Two tissue compartments, the second without a way back (FDG): k4 = 0.
 *
 *   C_T = C_p (x) [a + b exp(-(k2 + k3) t)],   a = K_i = K1 k3 / (k2 + k3),   b = K1 k2 / (k2 + k3)
 *
 * @throws DataError `missing-blood`, `out-of-range`
 * @see Phelps et al., Ann Neurol 1979;6:371-88 (from the literature, not re-checked)
 */
export function irreversibleTwoTissue(
  data: KineticData,
  input: InputFunction,
  bloodVolume: BloodVolume = "fit",
): KineticFit {
  const { column, ...terms } = bloodTerms(data, input, bloodVolume);
  const fitted = column.length > 0;
  const trapped = { value: sampleIntegral(input.plasma, data.samples) };
  // Parameters: (1 - vB) K_i, (1 - vB) b, vB where fitted, k2 + k3.
  const rates = (p: Float64Array): { Ki: number; K1: number; k2: number; k3: number } => {
    const share = fitted ? 1 - (p[2] as number) : 1;
    const [Ki, b, both] = [(p[0] as number) / share, (p[1] as number) / share, p[p.length - 1] as number];
    const K1 = Ki + b;
    return { Ki, K1, k2: (b * both) / K1, k3: (Ki * both) / K1 };
  };
  const response = responsesTo(input.plasma, data.samples);
  return fitModel({
    model: "2tcm-irreversible",
    data,
    ...terms,
    rates: 1,
    columns: ([both = 1]) => [trapped, { ...response(both), rate: 0 }, ...column],
    admissible: (c) => c.every((value) => value >= 0),
    refuse: (p) => {
      const { Ki, K1, k2 } = rates(p);
      return Ki > 0 && K1 > 0 && k2 > 0 ? bloodRefusal(fitted ? p[2] : undefined) : "the best fit has a negative rate";
    },
    wanted: [
      { name: "Ki", unit: "mL/cm3/min", of: (p) => rates(p).Ki },
      { name: "K1", unit: "mL/cm3/min", of: (p) => rates(p).K1 },
      { name: "k2", unit: "1/min", of: (p) => rates(p).k2 },
      { name: "k3", unit: "1/min", of: (p) => rates(p).k3 },
      ...(fitted ? [bloodEstimate(2)] : []),
    ],
  });
}
