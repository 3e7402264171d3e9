import { bloodEstimate, bloodRefusal, bloodTerms } from "./compartments.ts";
import type { KineticFit } from "./estimate.ts";
import type { BloodVolume, InputFunction } from "./input-function.ts";
import type { KineticData } from "./kinetic-data.ts";
import { responsesTo } from "./responses.ts";
import { fitModel } from "./separable-model.ts";

/**
 * Two tissue compartments, reversible.
 *
 *   dC_1/dt = K1 C_p - (k2 + k3) C_1 + k4 C_2,   dC_2/dt = k3 C_1 - k4 C_2
 *   C_T = C_p (x) [a1 exp(-theta1 t) + a2 exp(-theta2 t)],   V_T = K1/k2 (1 + k3/k4) = a1/theta1 + a2/theta2
 *
 * Fitted as the sum of two exponentials with a1, a2 >= 0 and theta1 < theta2; back from there
 *
 *   K1 = a1 + a2,   k2 = (a1 theta1 + a2 theta2) / K1,   k4 = theta1 theta2 / k2,   k3 = theta1 + theta2 - k2 - k4.
 *
 * V_T needs no single rate to be determined, and often stands where k3 and k4 do not.
 *
 * @throws DataError `missing-blood`, `out-of-range`
 * @see Mintun et al., Ann Neurol 1984;15:217-27; Innis et al., J Cereb Blood Flow Metab 2007;27:1533-9 (from the literature, not re-checked)
 */
export function twoTissue(data: KineticData, input: InputFunction, bloodVolume: BloodVolume = "fit"): KineticFit {
  const { column, ...terms } = bloodTerms(data, input, bloodVolume);
  const fitted = column.length > 0;
  // Parameters: (1 - vB) a1, (1 - vB) a2, vB where fitted, theta1, theta2.
  const rates = (p: Float64Array): { K1: number; k2: number; k3: number; k4: number; VT: number } => {
    const share = fitted ? 1 - (p[2] as number) : 1;
    const [a1, a2] = [(p[0] as number) / share, (p[1] as number) / share];
    const [t1, t2] = [p[p.length - 2] as number, p[p.length - 1] as number];
    const K1 = a1 + a2;
    const k2 = (a1 * t1 + a2 * t2) / K1;
    const k4 = (t1 * t2) / k2;
    return { K1, k2, k3: t1 + t2 - k2 - k4, k4, VT: a1 / t1 + a2 / t2 };
  };
  const response = responsesTo(input.plasma, data.samples);
  return fitModel({
    model: "2tcm",
    data,
    ...terms,
    rates: 2,
    columns: ([slow = 1, fast = 2]) => [{ ...response(slow), rate: 0 }, { ...response(fast), rate: 1 }, ...column],
    admissible: (c) => c.every((value) => value >= 0),
    refuse: (p) => {
      const { K1, k2, k3, k4 } = rates(p);
      if (!(K1 > 0 && k2 > 0 && k3 >= 0 && k4 > 0)) return "the best fit has a negative rate";
      return bloodRefusal(fitted ? p[2] : undefined);
    },
    wanted: [
      { name: "VT", unit: "mL/cm3", of: (p) => rates(p).VT },
      { name: "K1", unit: "mL/cm3/min", of: (p) => rates(p).K1 },
      { name: "k2", unit: "1/min", of: (p) => rates(p).k2 },
      { name: "k3", unit: "1/min", of: (p) => rates(p).k3 },
      { name: "k4", unit: "1/min", of: (p) => rates(p).k4 },
      ...(fitted ? [bloodEstimate(2)] : []),
    ],
  });
}
