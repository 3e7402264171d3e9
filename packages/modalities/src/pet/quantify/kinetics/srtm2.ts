import { DataError } from "@quintet/core";
import { sampleCurve } from "@quintet/kernels";
import type { KineticFit } from "./estimate.ts";
import { checkReference, type KineticData } from "./kinetic-data.ts";
import { responsesTo } from "./responses.ts";
import { fitModel } from "./separable-model.ts";

/**
 * Simplified reference tissue model with the reference region's clearance k2' known.
 *
 *   C(t) = R1 [Cr(t) + (k2' - k2a) Cr(t) (x) exp(-k2a t)],   k2 = R1 k2',   BPND = R1 k2' / k2a - 1
 *
 * @param k2prime 1/min, the same for all regions of a person (`globalK2prime`)
 * @throws DataError `frame-mismatch`, `not-positive`
 * @see Wu & Carson, J Cereb Blood Flow Metab 2002;22:1440-52 (from the literature, not re-checked)
 */
export function srtm2(data: KineticData, reference: KineticData, k2prime: number): KineticFit {
  checkReference(data, reference);
  requireK2prime(k2prime);
  const { samples } = data;
  const own = sampleCurve(reference.curve, samples);
  const response = responsesTo(reference.curve, samples);
  return fitModel({
    model: "srtm2",
    data,
    rates: 1,
    columns: ([k2a = 1]) => {
      const { value, slope } = response(k2a);
      const gain = k2prime - k2a;
      return [
        {
          value: own.map((c, i) => c + gain * (value[i] as number)),
          slope: slope.map((s, i) => gain * s - (value[i] as number)),
          rate: 0,
        },
      ];
    },
    refuse: ([r1 = 0]) => (r1 > 0 ? undefined : "the best fit has a negative delivery"),
    wanted: [
      { name: "BPND", unit: "1", of: ([r1 = 0, k2a = 1]) => (r1 * k2prime) / k2a - 1, against: (bp) => bp + 1 },
      { name: "R1", unit: "1", of: ([r1 = 0]) => r1 },
      { name: "k2", unit: "1/min", of: ([r1 = 0]) => r1 * k2prime },
      { name: "k2a", unit: "1/min", of: ([, k2a = 1]) => k2a },
    ],
    flags: [`k2' fixed at ${k2prime.toPrecision(4)} /min; its own error is not in the errors here`],
  });
}

/** @throws DataError `not-positive` */
export function requireK2prime(k2prime: number): void {
  if (k2prime > 0 && Number.isFinite(k2prime)) return;
  throw new DataError("not-positive", "k2' is the clearance of the reference region", {
    expected: "above 0 /min",
    found: `${k2prime}`,
  });
}
