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
  /** Unscattered true coincidences expected in all. */
  readonly trues: number;
  /** Randoms expected as a share of the trues; default 0. */
  readonly randoms?: number;
  /** Standard deviation of the detectors' efficiencies about 1; default 0: all alike. */
  readonly efficiencySpread?: number;
  /** How scatter is computed; absent: none. */
  readonly scatter?: ScatterOptions;
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
}

/**
 * Counts drawn from the PET wing's own model, y ~ Poisson(n a (A x) + r + s), each term as the wing computes it: detectors'
 * efficiencies drawn, randoms of singles that follow them, scatter of the true activity.
 *
 * @param phantom on a grid of its own, finer than the one that is reconstructed on
 */
export function simulateScan(
  { activity, attenuation }: PetPhantom,
  layout: SinogramLayout,
  { seed, trues, randoms: randomShare = 0, efficiencySpread = 0, scatter: scatterOptions }: ScanRequest,
): SimulatedScan {
  const random = seededRandom(seed);
  const detectors = detectorsPerRing(layout.scanner) * ringCount(layout.scanner);
  const efficiencies = Float64Array.from({ length: detectors }, () => 1 + efficiencySpread * random.normal());
  const normalisation = layout.arc
    ? pairsOfBins(layout)
    : normalisationOf(layout, { efficiencies, radial: new Float64Array(layout.bins).fill(1) });
  const factors = attenuationFactors(attenuation, layout);
  const projector = sinogramProjector(layout, activity);
  const mean = projector.forward(activity.data).slice();
  projector.close();
  const planes = normalisation.data.length / layout.views / layout.bins;
  const tof = layout.timeOfFlight?.bins ?? 1;
  let total = 0;
  for (let i = 0; i < mean.length; i++) {
    const flat = Math.floor(i / planes / tof) * planes + (i % planes);
    mean[i] = (mean[i] as number) * (normalisation.data[flat] as number) * (factors.data[flat] as number);
    total += mean[i] as number;
  }
  const scale = trues / total;
  const scattered =
    scatterOptions &&
    normalised(
      scatterEstimate({ ...activity, data: activity.data.map((x) => x * scale) }, attenuation, layout, scatterOptions),
      normalisation,
    );
  const accidental =
    randomShare > 0
      ? scaled(randomsFromSingles(layout, efficiencies, { window: 1, duration: 1 }), randomShare * trues)
      : undefined;
  const data = new Float32Array(sinogramSize(layout));
  for (let i = 0; i < data.length; i++) {
    const flat = Math.floor(i / planes / tof) * planes + (i % planes);
    const expected =
      scale * (mean[i] as number) +
      (scattered?.data[i] ?? 0) +
      (accidental ? (accidental.data[flat] as number) / tof : 0);
    data[i] = random.poisson(expected);
  }
  return {
    prompts: { layout, data },
    ...(accidental ? { delayeds: drawn(accidental, random.fork("delayed")) } : {}),
    truth: {
      normalisation,
      attenuation: factors,
      randoms: accidental ?? "none",
      scatter: scattered ?? "none",
    },
    efficiencies,
    scale,
  };
}

function scaled({ layout, data }: Sinogram, total: number): Sinogram {
  const sum = data.reduce((a, b) => a + b, 0);
  return { layout, data: data.map((value) => (value * total) / sum) };
}

function drawn({ layout, data }: Sinogram, random: Random): Sinogram {
  return { layout, data: data.map((value) => random.poisson(value)) };
}
