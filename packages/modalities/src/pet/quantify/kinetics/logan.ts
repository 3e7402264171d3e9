import type { KineticFit } from "./estimate.ts";
import type { InputFunction } from "./input-function.ts";
import type { KineticData } from "./kinetic-data.ts";
import { fitLinear, ones, type StartTime } from "./linear-model.ts";
import { plasmaIntegrals } from "./plasma-integral.ts";

/**
 * Logan's plot with plasma input.
 *
 *   int_0^t C / C(t) = V_T int_0^t C_p / C(t) + b,   t >= t*
 *
 * Noise in C stands on both sides and lowers V_T; the standard error is the regression's and does not know that.
 *
 * @param start t* in minutes
 * @throws DataError `missing-blood`, `out-of-range`
 * @see Logan et al., J Cereb Blood Flow Metab 1990;10:740-7 (from the literature, not re-checked)
 */
export function logan(
  data: KineticData,
  input: InputFunction,
  { start = "auto", bloodVolume = 0 }: { readonly start?: StartTime; readonly bloodVolume?: number } = {},
): KineticFit {
  const { tissue, tissueIntegral, plasmaIntegral, measuredOf } = plasmaIntegrals(data, input, bloodVolume);
  const over = (v: Float64Array): Float64Array =>
    v.map((x, i) => ((tissue[i] as number) > 0 ? x / (tissue[i] as number) : Number.NaN));
  return fitLinear({
    model: "logan",
    data,
    y: over(tissueIntegral),
    columns: [over(plasmaIntegral), ones(data)],
    start,
    curve: ([v = 0, b = 1]) =>
      measuredOf(tissueIntegral.map((area, i) => (area - v * (plasmaIntegral[i] as number)) / b)),
    line: { xLabel: "∫Cp / C (min)", yLabel: "∫C / C (min)" },
    wanted: [{ name: "VT", unit: "mL/cm3", of: ([v = 0]) => v }],
    refuse: ([v = 0]) => (v > 0 ? undefined : "the line falls: there is no distribution volume"),
  });
}
