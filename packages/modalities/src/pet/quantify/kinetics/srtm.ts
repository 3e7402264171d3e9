import { sampleCurve } from "@quintet/kernels";
import type { KineticFit } from "./estimate.ts";
import { checkReference, type KineticData } from "./kinetic-data.ts";
import { responsesTo } from "./responses.ts";
import { fitModel } from "./separable-model.ts";

/**
 * Simplified reference tissue model.
 *
 *   C(t) = R1 Cr(t) + (k2 - R1 k2a) Cr(t) (x) exp(-k2a t),   k2a = k2 / (1 + BPND)
 *
 * Linear in (R1, k2 - R1 k2a): a search over k2a alone, exact for a reference curve that is linear between its points.
 * k2' = k2 / R1 is the rate at which the reference region clears.
 *
 * @throws DataError `frame-mismatch`, `not-positive`
 * @see Lammertsma & Hume, NeuroImage 1996;4:153-8; Gunn et al., NeuroImage 1997;6:279-87 (from the literature, not re-checked)
 */
export function srtm(data: KineticData, reference: KineticData): KineticFit {
  checkReference(data, reference);
  const { samples } = data;
  const own = { value: sampleCurve(reference.curve, samples) };
  const response = responsesTo(reference.curve, samples);
  return fitModel({
    model: "srtm",
    data,
    rates: 1,
    columns: ([k2a = 1]) => [own, { ...response(k2a), rate: 0 }],
    refuse: ([r1 = 0, phi = 0, k2a = 1]) =>
      r1 > 0 && phi + r1 * k2a > 0 ? undefined : "the best fit has a negative delivery or clearance",
    wanted: [
      { name: "BPND", unit: "1", of: ([r1 = 0, phi = 0, k2a = 1]) => r1 + phi / k2a - 1, against: (bp) => bp + 1 },
      { name: "R1", unit: "1", of: ([r1 = 0]) => r1 },
      { name: "k2", unit: "1/min", of: ([r1 = 0, phi = 0, k2a = 1]) => phi + r1 * k2a },
      { name: "k2a", unit: "1/min", of: ([, , k2a = 1]) => k2a },
      { name: "k2'", unit: "1/min", of: ([r1 = 0, phi = 0, k2a = 1]) => phi / r1 + k2a },
    ],
  });
}
