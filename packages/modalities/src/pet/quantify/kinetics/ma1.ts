import type { KineticFit } from "./estimate.ts";
import type { InputFunction } from "./input-function.ts";
import type { KineticData } from "./kinetic-data.ts";
import { fitLinear, type StartTime } from "./linear-model.ts";
import { plasmaIntegrals } from "./plasma-integral.ts";

/**
 * Multilinear analysis 1: Logan's equation solved for C, so that the noise of C(t) stands on one side.
 *
 *   C(t) = g1 int_0^t C_p + g2 int_0^t C,   V_T = -g1 / g2,   t >= t*
 *
 * @throws DataError `missing-blood`, `out-of-range`
 * @see Ichise et al., J Cereb Blood Flow Metab 2002;22:1271-81 (from the literature, not re-checked)
 */
export function ma1(
  data: KineticData,
  input: InputFunction,
  { start = "auto", bloodVolume = 0 }: { readonly start?: StartTime; readonly bloodVolume?: number } = {},
): KineticFit {
  const { tissue, tissueIntegral, plasmaIntegral, measuredOf } = plasmaIntegrals(data, input, bloodVolume);
  return fitLinear({
    model: "ma1",
    data,
    y: tissue,
    columns: [plasmaIntegral, tissueIntegral],
    start,
    curve: ([g1 = 0, g2 = 0]) =>
      measuredOf(plasmaIntegral.map((area, i) => g1 * area + g2 * (tissueIntegral[i] as number))),
    wanted: [{ name: "VT", unit: "mL/cm3", of: ([g1 = 0, g2 = 0]) => -g1 / g2 }],
    refuse: ([g1 = 0, g2 = 0]) => (g1 > 0 && g2 < 0 ? undefined : "the best fit has no positive distribution volume"),
  });
}
