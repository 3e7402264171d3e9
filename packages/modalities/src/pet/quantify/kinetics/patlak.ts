import type { KineticFit } from "./estimate.ts";
import type { InputFunction } from "./input-function.ts";
import type { KineticData } from "./kinetic-data.ts";
import { fitLinear, type StartTime } from "./linear-model.ts";
import { plasmaIntegrals } from "./plasma-integral.ts";

/**
 * Patlak's plot for a tracer that is trapped.
 *
 *   C(t) / C_p(t) = K_i int_0^t C_p / C_p(t) + V,   t >= t*
 *
 * Fitted as C = K_i int C_p + V C_p with the weights of C: the variance of C / C_p is that of C over C_p^2.
 *
 * @throws DataError `missing-blood`, `out-of-range`
 * @see Patlak et al., J Cereb Blood Flow Metab 1983;3:1-7 (from the literature, not re-checked)
 */
export function patlak(
  data: KineticData,
  input: InputFunction,
  { start = "auto", bloodVolume = 0 }: { readonly start?: StartTime; readonly bloodVolume?: number } = {},
): KineticFit {
  const { tissue, plasma, plasmaIntegral, measuredOf } = plasmaIntegrals(data, input, bloodVolume);
  return fitLinear({
    model: "patlak",
    data,
    y: tissue,
    columns: [plasmaIntegral, plasma],
    start,
    curve: ([ki = 0, v = 0]) => measuredOf(plasmaIntegral.map((area, i) => ki * area + v * (plasma[i] as number))),
    line: { xLabel: "∫Cp / Cp (min)", yLabel: "C / Cp", divisor: plasma },
    wanted: [
      { name: "Ki", unit: "mL/cm3/min", of: ([ki = 0]) => ki },
      { name: "V", unit: "mL/cm3", of: ([, v = 0]) => v },
    ],
  });
}
