import type { Sinogram, SinogramLayout } from "@quintet/core";
import { detectorsPerRing, ringCount, sinogramSize } from "@quintet/core";
import { type Random, seededRandom } from "@quintet/kernels";
import {
  type AcquisitionTerms,
  attenuationFactors,
  normalisationOf,
  normalised,
  pairsOfBins,
  randomsFromSingles,
  type ScatterOptions,
  scatterEstimate,
  sinogramProjector,
} from "@quintet/modalities/pet";
import type { PetPhantom } from "./phantoms.ts";

export interface ScanRequest {
  readonly seed: number;
  /** Unscattered true coincidences expected in all; or `scale` instead. */
  readonly trues?: number;
  /** What the phantom's activity is multiplied by. */
  readonly scale?: number;
  /** Randoms expected as a share of the trues; default 0. */
  readonly randoms?: number;
  /** Standard deviation of the detectors' efficiencies about 1; default 0: all alike. */
  readonly efficiencySpread?: number;
  /** The efficiencies themselves, where another scan's are to be used. */
  readonly efficiencies?: Float64Array;
  /** How scatter is computed, or the phantom's own of an activity as it is, before n (scatterEstimate); absent: none. */
  readonly scatter?: ScatterOptions | Sinogram;
}

/** Counts with everything that made them. */
export interface SimulatedScan {
  readonly prompts: Sinogram;
  /** Counts of the delayed window, without time of flight. */
  readonly delayeds?: Sinogram;
  /** The terms the prompts were drawn with. */
  readonly truth: AcquisitionTerms;
  readonly efficiencies: Float64Array;
  /** What the phantom's activity was multiplied by: image values to be found. */
  readonly scale: number;
  /** Unscattered true coincidences that were expected. */
  readonly trues: number;
}

/** What is expected of a phantom of activity as it is, before counts are drawn. */
export interface ExpectedScan {
  readonly layout: SinogramLayout;
  readonly normalisation: Sinogram;
  readonly attenuation: Sinogram;
  readonly efficiencies: Float64Array;
  /** n a (A x), and its sum. */
  readonly trues: Float32Array;
  readonly total: number;
  /** n times the scatter of that activity. */
  readonly scatter?: Sinogram;
}

/**
 * The mean of the counts from the PET wing's own model, each term as the wing computes it.
 *
 * @param phantom on a grid of its own, finer than the one that is reconstructed on
 */
export function expectedScan(
  { activity, attenuation }: PetPhantom,
  layout: SinogramLayout,
  request: Pick<ScanRequest, "seed" | "efficiencySpread" | "efficiencies" | "scatter">,
): ExpectedScan {
  const random = seededRandom(request.seed);
  const detectors = detectorsPerRing(layout.scanner) * ringCount(layout.scanner);
  const spread = request.efficiencySpread ?? 0;
  const efficiencies =
    request.efficiencies ?? Float64Array.from({ length: detectors }, () => 1 + spread * random.normal());
  const normalisation = layout.arc
    ? pairsOfBins(layout)
    : normalisationOf(layout, { efficiencies, radial: new Float64Array(layout.bins).fill(1) });
  const factors = attenuationFactors(attenuation, layout);
  const projector = sinogramProjector(layout, activity);
  const trues = projector.forward(activity.data).slice();
  projector.close();
  const planes = normalisation.data.length / layout.views / layout.bins;
  const tof = layout.timeOfFlight?.bins ?? 1;
  let total = 0;
  for (let i = 0; i < trues.length; i++) {
    const flat = Math.floor(i / planes / tof) * planes + (i % planes);
    trues[i] = (trues[i] as number) * (normalisation.data[flat] as number) * (factors.data[flat] as number);
    total += trues[i] as number;
  }
  const { scatter: how } = request;
  const estimate = how && ("layout" in how ? how : scatterEstimate(activity, attenuation, layout, how));
  const scatter = estimate && normalised(estimate, normalisation);
  return {
    layout,
    normalisation,
    attenuation: factors,
    efficiencies,
    trues,
    total,
    ...(scatter ? { scatter } : {}),
  };
}

/**
 * Counts drawn from the PET wing's own model, y ~ Poisson(n a (A x) + r + s): detectors' efficiencies drawn, randoms of singles
 * that follow them, scatter of the true activity.
 *
 * @param phantom on a grid of its own, finer than the one that is reconstructed on
 */
export function simulateScan(phantom: PetPhantom, layout: SinogramLayout, request: ScanRequest): SimulatedScan {
  const expected = expectedScan(phantom, layout, request);
  const { trues, scale = (trues ?? 0) / expected.total } = request;
  return drawScan(expected, { ...request, scale });
}

/** Counts of an expected scan whose activity is multiplied by `scale`. */
export function drawScan(
  { layout, normalisation, attenuation, efficiencies, trues, total, scatter }: ExpectedScan,
  { seed, scale, randoms: share = 0 }: Pick<ScanRequest, "seed" | "randoms"> & { readonly scale: number },
): SimulatedScan {
  const random = seededRandom(seed).fork("counts");
  const planes = normalisation.data.length / layout.views / layout.bins;
  const tof = layout.timeOfFlight?.bins ?? 1;
  const scattered = scatter && { layout, data: scatter.data.map((s) => s * scale) };
  const accidental =
    share > 0
      ? scaled(randomsFromSingles(layout, efficiencies, { window: 1, duration: 1 }), share * scale * total)
      : undefined;
  const data = new Float32Array(sinogramSize(layout));
  for (let i = 0; i < data.length; i++) {
    const flat = Math.floor(i / planes / tof) * planes + (i % planes);
    const expected =
      scale * (trues[i] as number) +
      (scattered?.data[i] ?? 0) +
      (accidental ? (accidental.data[flat] as number) / tof : 0);
    data[i] = random.poisson(expected);
  }
  return {
    prompts: { layout, data },
    ...(accidental ? { delayeds: drawn(accidental, random.fork("delayed")) } : {}),
    truth: { normalisation, attenuation, randoms: accidental ?? "none", scatter: scattered ?? "none" },
    efficiencies,
    scale,
    trues: scale * total,
  };
}

function scaled({ layout, data }: Sinogram, total: number): Sinogram {
  const sum = data.reduce((a, b) => a + b, 0);
  return { layout, data: data.map((value) => (value * total) / sum) };
}

function drawn({ layout, data }: Sinogram, random: Random): Sinogram {
  return { layout, data: data.map((value) => random.poisson(value)) };
}
