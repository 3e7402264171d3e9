import type { KineticFit } from "./estimate.ts";
import { checkReference, integralAtMiddles, type KineticData } from "./kinetic-data.ts";
import { fitLinear, ones, type StartTime } from "./linear-model.ts";
import { requireK2prime } from "./srtm2.ts";

/**
 * Logan's plot with a reference region.
 *
 *   int_0^t C / C(t) = DVR [int_0^t Cr + Cr(t) / k2'] / C(t) + b,   t >= t*,   BPND = DVR - 1
 *
 * Without k2' its term is left out, which holds where C / Cr is constant.
 *
 * @param k2prime 1/min
 * @throws DataError `frame-mismatch`, `not-positive`
 * @see Logan et al., J Cereb Blood Flow Metab 1996;16:834-40 (from the literature, not re-checked)
 */
export function referenceLogan(
  data: KineticData,
  reference: KineticData,
  { k2prime, start = "auto" }: { readonly k2prime?: number; readonly start?: StartTime } = {},
): KineticFit {
  checkReference(data, reference);
  if (k2prime !== undefined) requireK2prime(k2prime);
  const { values } = data;
  const area = integralAtMiddles(data);
  const referenceArea = integralAtMiddles(reference).map(
    (a, i) => a + (k2prime === undefined ? 0 : (reference.values[i] as number) / k2prime),
  );
  const over = (v: Float64Array): Float64Array =>
    v.map((x, i) => ((values[i] as number) > 0 ? x / (values[i] as number) : Number.NaN));
  return fitLinear({
    model: "reference-logan",
    data,
    y: over(area),
    columns: [over(referenceArea), ones(data)],
    start,
    curve: ([dvr = 0, b = 1]) => area.map((a, i) => (a - dvr * (referenceArea[i] as number)) / b),
    line: {
      xLabel: k2prime === undefined ? "∫Cr / C (min)" : "(∫Cr + Cr / k2′) / C (min)",
      yLabel: "∫C / C (min)",
    },
    wanted: [
      { name: "BPND", unit: "1", of: ([dvr = 0]) => dvr - 1, against: (bp) => bp + 1 },
      { name: "DVR", unit: "1", of: ([dvr = 0]) => dvr },
    ],
    refuse: ([dvr = 0]) => (dvr > 0 ? undefined : "the line falls: there is no distribution volume ratio"),
    flags: k2prime === undefined ? ["k2' not given: its term is left out"] : [],
  });
}
