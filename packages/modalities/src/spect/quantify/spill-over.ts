import type { LabelVolume, Mask, Measure, Millimetres, Volume } from "@quintet/core";
import { regionSpill, sideOf, transferMatrix } from "@quintet/kernels";
import type { DatRegions } from "./dat-regions.ts";
import { referenceLevel } from "./reference-level.ts";

/**
 * Specific binding ratio of regions without what they give to each other and to their surroundings:
 *
 *   m = W T,   w_ji = mean over region j of (PSF (x) 1_i),   SBR = T / C_ref - 1
 *   se(T_j)^2 = sum_i (W^-1)_ji^2 (m_i c)^2 / n_i,   c = sd_ref / C_ref, n_i independent samples (as in sbr)
 *
 * The regions are those of the striata, the rest of the large volumes round them, the rest of the brain where it is known, and everything
 * else; each is taken to be evenly filled, the point spread to be a Gaussian, alike everywhere. A reconstruction by iteration is neither quite, so that a calibration by a
 * phantom stays in place; but its line no longer hangs on how full the neighbours are.
 *
 * @param labels striatal regions on the image's grid
 * @param around large volumes round the striata, and the brain
 * @param fwhm of the reconstructed image in the striatum
 * @throws DataError `grid-mismatch`, `empty-region`, `not-positive`, `bad-sigma`, `ill-conditioned`
 * @see Rousset et al., J Nucl Med 1998;39:904-11 (from the literature, not re-checked)
 */
export function sbrWithoutSpill(
  image: Volume,
  labels: LabelVolume,
  { large, brain }: Pick<DatRegions, "large" | "brain">,
  reference: Mask,
  { fwhm, sources = [] }: { readonly fwhm: Millimetres; readonly sources?: readonly string[] },
): Measure[] {
  const { mean: ground, noise, samples, own } = referenceLevel(image, reference, fwhm);
  const round = Math.max(...labels.names.keys()) + 1;
  const parts: LabelVolume = {
    ...labels,
    names: new Map([...labels.names, [round, "surroundings"], [round + 1, "brain"]]),
    data: Uint8Array.from(labels.data, (label, v) => {
      if (label) return label;
      if (large.left.data[v] || large.right.data[v]) return round;
      return brain?.data[v] ? round + 1 : 0;
    }),
  };
  const spill = regionSpill(parts, fwhm);
  const { regions } = transferMatrix(image, parts, spill);
  const errorOf = (j: number): number =>
    Math.hypot(
      ...regions.map(
        ({ measured, voxels }, i) =>
          ((spill.inverse[j * regions.length + i] as number) * measured * noise) / Math.sqrt(samples(voxels)),
      ),
    );
  return regions
    .map((region, j) => ({ ...region, error: errorOf(j) }))
    .filter(({ label }) => labels.names.has(label))
    .map(({ name, corrected, error, voxels }): Measure => {
      const { side, base } = sideOf(name);
      return {
        region: base,
        side,
        modality: "spect",
        measure: "sbr",
        value: corrected / ground - 1,
        unit: "1",
        standardError: Math.hypot(error, (corrected * noise) / Math.sqrt(own)) / ground,
        n: voxels,
        method: `SBR = (T - C_ref) / C_ref, T without spill-over at ${fwhm} mm FWHM (geometric transfer matrix, Rousset 1998)`,
        sources,
      };
    });
}

/**
 * The whole putamen of each side from its halves, by their voxels. Its standard error leaves out that what one half is given too much
 * the other has too little: an upper bound.
 */
export function putamenOf(halves: readonly Measure[]): Measure[] {
  return (["left", "right"] as const).flatMap((side) => {
    const own = halves.filter((row) => row.side === side && /^(anterior|posterior) putamen$/.test(row.region));
    const [first] = own;
    const n = own.reduce((sum, row) => sum + (row.n ?? 0), 0);
    if (!first || n === 0) return [];
    const share = (row: Measure): number => (row.n ?? 0) / n;
    return [
      {
        ...first,
        region: "putamen",
        value: own.reduce((sum, row) => sum + share(row) * row.value, 0),
        standardError: Math.hypot(...own.map((row) => share(row) * (row.standardError ?? 0))),
        n,
      },
    ];
  });
}
