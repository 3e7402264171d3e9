import type { KineticFit } from "./estimate.ts";
import { checkReference, integralAtMiddles, type KineticData } from "./kinetic-data.ts";
import { fitLinear, type StartTime } from "./linear-model.ts";

/**
 * Patlak's plot with a reference region in which nothing is trapped.
 *
 *   C(t) / Cr(t) = K_ref int_0^t Cr / Cr(t) + b,   t >= t*
 *
 * Fitted as C = K_ref int Cr + b Cr with the weights of C, as `patlak` is.
 *
 * @throws DataError `frame-mismatch`, `not-positive`
 * @see Patlak & Blasberg, J Cereb Blood Flow Metab 1985;5:584-90 (from the literature, not re-checked)
 */
export function referencePatlak(data: KineticData, reference: KineticData, start: StartTime = "auto"): KineticFit {
  checkReference(data, reference);
  const area = integralAtMiddles(reference);
  return fitLinear({
    model: "reference-patlak",
    data,
    y: data.values,
    columns: [area, reference.values],
    start,
    curve: ([k = 0, b = 0]) => area.map((a, i) => k * a + b * (reference.values[i] as number)),
    line: { xLabel: "∫Cr / Cr (min)", yLabel: "C / Cr", divisor: reference.values },
    wanted: [
      { name: "Kref", unit: "1/min", of: ([k = 0]) => k },
      { name: "intercept", unit: "1", of: ([, b = 0]) => b },
    ],
  });
}
