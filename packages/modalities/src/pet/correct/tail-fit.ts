import { DataError, type Sinogram, sinogramPlanes } from "@quintet/core";
import { type AcquisitionTerms, checkTerms } from "../forward/acquisition-model.ts";

export interface TailFit {
  /** s: n S times its plane's scale, counts. */
  readonly scatter: Sinogram;
  /** Of each plane. */
  readonly scales: Float64Array;
  /** Bins outside the head that the scales rest on. */
  readonly bins: number;
  /** Scale over all planes and its standard error from the counts. */
  readonly overall: { readonly value: number; readonly error: number };
}

/**
 * Scales estimated scatter to the counts of lines that miss the head: what is there beyond randoms is scatter,
 *
 *   alpha = sum_tail (y - r) / sum_tail n S
 *
 * over the whole sinogram, and a plane's own by the same sums over it and its neighbours within `reach` planes of its
 * segment, drawn towards the overall scale by as much as its counts are few:
 *
 *   alpha_p = (sum (y - r) + w alpha sum n S) / ((1 + w) sum n S),   w = 1000 counts / sum n S in those planes
 *
 * (the weight is chosen here). A tail is a bin whose attenuation factor is at least `outside`.
 *
 * @param estimate S of scatterEstimate, before n
 * @throws DataError `no-tails` (the head fills the field of view), those of checkTerms
 */
export function fitTails(
  prompts: Sinogram,
  estimate: Sinogram,
  terms: Omit<AcquisitionTerms, "scatter">,
  { outside = 0.99, reach = 4 }: { readonly outside?: number; readonly reach?: number } = {},
): TailFit {
  const scatter = normalised(estimate, terms.normalisation);
  checkTerms(prompts, { ...terms, scatter });
  const { layout } = prompts;
  const about = sinogramPlanes(layout);
  const planes = about.length;
  const tof = layout.timeOfFlight?.bins ?? 1;
  const { attenuation, randoms } = terms;
  if (attenuation === "none") {
    throw new DataError("no-tails", "which lines miss the head is known from the attenuation only", {
      expected: "attenuation factors",
      found: "none",
    });
  }
  const [excess, modelled, noise] = [new Float64Array(planes), new Float64Array(planes), new Float64Array(planes)];
  const timed = randoms !== "none" && randoms.data.length === prompts.data.length;
  let bins = 0;
  for (let i = 0; i < prompts.data.length; i++) {
    const plane = i % planes;
    const flat = Math.floor(i / planes / tof) * planes + plane;
    if (!((attenuation.data[flat] as number) >= outside)) continue;
    const s = scatter.data[i] as number;
    if (!(s > 0)) continue;
    const r = randoms === "none" ? 0 : timed ? (randoms.data[i] as number) : (randoms.data[flat] as number) / tof;
    bins++;
    excess[plane] = (excess[plane] as number) + (prompts.data[i] as number) - r;
    modelled[plane] = (modelled[plane] as number) + s;
    noise[plane] = (noise[plane] as number) + (prompts.data[i] as number);
  }
  const total = (values: Float64Array): number => values.reduce((sum, v) => sum + v, 0);
  const below = total(modelled);
  if (!(below > 0)) {
    throw new DataError("no-tails", "no line of response misses the head, so scatter cannot be scaled", {
      expected: `bins with an attenuation factor of at least ${outside} and some scatter`,
      found: `${bins}`,
    });
  }
  const value = Math.max(0, total(excess) / below);
  const scales = new Float64Array(planes);
  for (let p = 0; p < planes; p++) {
    let [top, bottom] = [0, 0];
    for (let q = Math.max(0, p - reach); q <= Math.min(planes - 1, p + reach); q++) {
      if (about[q]?.segment !== about[p]?.segment) continue;
      top += excess[q] as number;
      bottom += modelled[q] as number;
    }
    // w bottom = 1000 counts
    scales[p] = Math.max(0, (top + 1000 * value) / (bottom + 1000));
  }
  const data = scatter.data.map((s, i) => s * (scales[i % planes] as number));
  return {
    scatter: { layout, data },
    scales,
    bins,
    overall: { value, error: Math.sqrt(total(noise)) / below },
  };
}

/** n S: estimated scatter as counts. */
export function normalised(estimate: Sinogram, normalisation: AcquisitionTerms["normalisation"]): Sinogram {
  if (normalisation === "none") return estimate;
  const planes = sinogramPlanes(estimate.layout).length;
  const tof = estimate.layout.timeOfFlight?.bins ?? 1;
  const data = estimate.data.map(
    (s, i) => s * (normalisation.data[Math.floor(i / planes / tof) * planes + (i % planes)] as number),
  );
  return { layout: estimate.layout, data };
}
