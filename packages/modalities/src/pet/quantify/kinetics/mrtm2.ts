import type { KineticFit, Wanted } from "./estimate.ts";
import { checkReference, integralAtMiddles, type KineticData } from "./kinetic-data.ts";
import { fitLinear, type StartTime } from "./linear-model.ts";
import { requireK2prime } from "./srtm2.ts";

/**
 * Multilinear reference tissue model with k2' known.
 *
 *   C(t) = g1 [int_0^t Cr + Cr(t) / k2'] + g2 int_0^t C
 *   BPND = -(g1 / g2 + 1),   R1 = g1 / k2',   k2 = g1,   k2a = -g2
 *
 * @param k2prime 1/min
 * @throws DataError `frame-mismatch`, `not-positive`
 * @see Ichise et al., J Cereb Blood Flow Metab 2003;23:1096-112 (from the literature, not re-checked)
 */
export function mrtm2(data: KineticData, reference: KineticData, k2prime: number, start: StartTime = 0): KineticFit {
  checkReference(data, reference);
  requireK2prime(k2prime);
  const area = integralAtMiddles(reference);
  const columns = [area.map((a, i) => a + (reference.values[i] as number) / k2prime), integralAtMiddles(data)] as const;
  const delivery: readonly Wanted[] = start === 0 ? [{ name: "R1", unit: "1", of: ([g1 = 0]) => g1 / k2prime }] : [];
  return fitLinear({
    model: "mrtm2",
    data,
    y: data.values,
    columns,
    start,
    curve: (g) =>
      data.values.map((_, i) => columns.reduce((sum, c, j) => sum + (g[j] as number) * (c[i] as number), 0)),
    wanted: [
      { name: "BPND", unit: "1", of: ([g1 = 0, g2 = 0]) => -(g1 / g2 + 1), against: (bp) => bp + 1 },
      ...delivery,
      { name: "k2a", unit: "1/min", of: ([, g2 = 0]) => -g2 },
    ],
    refuse: ([g1 = 0, g2 = 0]) => (g1 > 0 && g2 < 0 ? undefined : "the best fit has a negative clearance"),
    flags: [`k2' fixed at ${k2prime.toPrecision(4)} /min; its own error is not in the errors here`],
  });
}
