import type { KiloelectronVolts } from "@quintet/core";
import { linearAttenuation } from "@quintet/kernels";
import { type HeadTissue, headTissues } from "../head-tissue/head-tissues.ts";

/** Volume shares of what a tissue is made of, with densities (g/cm3) where they are not the material's own. */
type Mixture = readonly (readonly [
  share: number,
  material: Parameters<typeof linearAttenuation>[0],
  density?: number,
])[];

/**
 * Skull bone of 1.61 g/cm3 on the whole (ICRU Report 46, cranium; from the literature, not re-checked): the plates and
 * the bars of the diploe are cortical bone (1.92), the rest marrow that attenuates as soft tissue (1.06), so
 *
 *   share = (1.61 - 1.06) / (1.92 - 1.06) = 0.64
 */
export const corticalShare: number = (1.61 - 1.06) / (1.92 - 1.06);

const mixtures: Readonly<Record<HeadTissue, Mixture>> = {
  scalp: [[1, "soft-tissue"]],
  skull: [
    [corticalShare, "cortical-bone"],
    [1 - corticalShare, "soft-tissue"],
  ],
  // CSF: 1.007 g/cm3 (from the literature, not re-checked), else water.
  csf: [[1, "water", 1.007]],
  grey: [[1, "brain"]],
  white: [[1, "brain"]],
};

/**
 * Linear attenuation coefficient of each tissue of the five-tissue head in 1/cm, by label; air is 0.
 *
 *   mu = sum_m share_m rho_m (mu/rho)_m(E)
 *
 * @throws DataError `bad-energy`
 */
export function headAttenuation(energy: KiloelectronVolts): Float64Array {
  const mu = new Float64Array(Object.keys(headTissues).length);
  for (const [tissue, mixture] of Object.entries(mixtures) as [HeadTissue, Mixture][]) {
    const label = headTissues[tissue];
    for (const [share, material, density] of mixture) {
      mu[label] = (mu[label] as number) + share * linearAttenuation(material, energy, density);
    }
  }
  return mu;
}
