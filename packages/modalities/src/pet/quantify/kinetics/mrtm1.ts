import type { KineticFit, Wanted } from "./estimate.ts";
import { checkReference, integralAtMiddles, type KineticData } from "./kinetic-data.ts";
import { fitLinear, type StartTime } from "./linear-model.ts";

/**
 * Multilinear reference tissue model with three parameters.
 *
 *   C(t) = g1 int_0^t Cr + g2 int_0^t C + g3 Cr(t)
 *   BPND = -(g1 / g2 + 1),   R1 = g3,   k2 = g1,   k2a = -g2,   k2' = g1 / g3
 *
 * R1, k2 and k2' mean something only where the one-tissue form holds from the start (t* = 0).
 *
 * @throws DataError `frame-mismatch`, `not-positive`
 * @see Ichise et al., J Cereb Blood Flow Metab 2003;23:1096-112 (from the literature, not re-checked)
 */
export function mrtm1(data: KineticData, reference: KineticData, start: StartTime = 0): KineticFit {
  checkReference(data, reference);
  const columns = [integralAtMiddles(reference), integralAtMiddles(data), reference.values] as const;
  const fromTheStart: readonly Wanted[] = [
    { name: "R1", unit: "1", of: ([, , g3 = 0]) => g3 },
    { name: "k2", unit: "1/min", of: ([g1 = 0]) => g1 },
    { name: "k2a", unit: "1/min", of: ([, g2 = 0]) => -g2 },
  ];
  return fitLinear({
    model: "mrtm1",
    data,
    y: data.values,
    columns,
    start,
    curve: (g) =>
      data.values.map((_, i) => columns.reduce((sum, c, j) => sum + (g[j] as number) * (c[i] as number), 0)),
    wanted: [
      { name: "BPND", unit: "1", of: ([g1 = 0, g2 = 0]) => -(g1 / g2 + 1), against: (bp) => bp + 1 },
      ...(start === 0 ? fromTheStart : []),
      { name: "k2'", unit: "1/min", of: ([g1 = 0, , g3 = 0]) => g1 / g3 },
    ],
    refuse: ([g1 = 0, g2 = 0]) => (g1 > 0 && g2 < 0 ? undefined : "the best fit has a negative clearance"),
  });
}
