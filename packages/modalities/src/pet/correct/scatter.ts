import {
  type AttenuationMap,
  checkAttenuationMap,
  DataError,
  type KiloelectronVolts,
  type Sinogram,
  type SinogramLayout,
  sameGrid,
  type Volume,
} from "@quintet/core";
import { fwhmPerSigma, type ScatterScene, singleScatter, type TofBins } from "@quintet/kernels";
import { sinogramLines } from "../forward/lines-of-response.ts";
import { imageGrid } from "../forward/sinogram-projector.ts";
import { annihilationEnergy } from "./attenuation-factors.ts";
import { blockMeans } from "./block-means.ts";
import { type CoarseScatter, coarseScanner, scatterOfBins } from "./coarse-scatter.ts";

/** Which photons count. */
export interface EnergyWindow {
  readonly low: KiloelectronVolts;
  readonly high: KiloelectronVolts;
  /** Full width at half maximum at 511 keV as a share of it, e.g. 0.12. */
  readonly resolution: number;
}

export interface ScatterOptions {
  readonly window: EnergyWindow;
  /** Detectors of the coarse ring, at most; default 48. */
  readonly detectors?: number;
  /** Rings of the coarse scanner, at most; default 6. */
  readonly rings?: number;
  /** Edge of the blocks paths are walked through, mm; default 8. */
  readonly voxel?: number;
  /** Distance of the points that scatter, mm; default 16. */
  readonly points?: number;
}

/** Attenuation below which nothing scatters, 1/mm: a tenth of water. */
const thin = 0.001;

/**
 * Expected single scatter in each bin, with time of flight where the layout has it, in the unit of the image's line
 * integrals: what s is before the bin's n,
 *
 *   s = n S(x, mu),   S by single scatter simulation (see singleScatter in the kernels)
 *
 * on a coarse ring of detectors and a lattice of points, then carried to the sinogram by interpolation, cubic in the angle of
 * both detectors and in z of both rings. The scale is absolute. Scatter of more than one order, and what comes from outside the
 * field of view, is not in it: `fitTails` scales for them.
 *
 * A photon of energy E is counted with the probability that a normal of mean E and FWHM resolution sqrt(511 E) falls into
 * the window.
 *
 * @param activity image as reconstructed, its border included, in scanner coordinates
 * @param map at 511 keV in 1/cm, on the activity's grid
 * @throws DataError `grid-mismatch`, `bad-window`, those of checkAttenuationMap and imageGrid
 */
export function scatterEstimate(
  activity: Volume,
  map: AttenuationMap,
  layout: SinogramLayout,
  options: ScatterOptions,
): Sinogram {
  const { rays, tof } = sinogramLines(layout);
  return { layout, data: scatterOfBins(coarseScatter(activity, map, layout, options, tof), layout, rays) };
}

/** The same between a few detectors only, to be carried to any lines. @param tof of the lines; none without it */
export function coarseScatter(
  activity: Volume,
  map: AttenuationMap,
  layout: SinogramLayout,
  { window, detectors = 48, rings = 6, voxel = 8, points = 16 }: ScatterOptions,
  tof?: TofBins,
): CoarseScatter {
  checkAttenuationMap(map, { energy: annihilationEnergy });
  if (!sameGrid(activity, map)) {
    throw new DataError("grid-mismatch", "activity and attenuation are on one grid", {
      expected: activity.shape.join(" x "),
      found: map.shape.join(" x "),
    });
  }
  const { size } = imageGrid(activity);
  const steps = (edge: number): [number, number, number] =>
    size.map((own) => Math.max(1, Math.round(edge / own))) as [number, number, number];
  const [fine, coarse] = [steps(voxel), steps(points)];
  const paths = blockMeans(activity, activity.data, fine);
  const lattice = blockMeans(map, map.data, coarse);
  const block = lattice.size[0] * lattice.size[1] * lattice.size[2];
  const at: number[] = [];
  const strengths: number[] = [];
  for (const [v, mu] of lattice.data.entries()) {
    // 1/cm to 1/mm
    if (!(mu / 10 > thin)) continue;
    const [nx, ny] = lattice.shape;
    const index = [v % nx, Math.floor(v / nx) % ny, Math.floor(v / nx / ny)];
    for (let c = 0; c < 3; c++)
      at.push((lattice.origin[c] as number) + (index[c] as number) * (lattice.size[c] as number));
    strengths.push((mu / 10) * block);
  }
  const scene: ScatterScene = {
    shape: paths.shape,
    size: paths.size,
    origin: paths.origin,
    activity: paths.data,
    attenuation: blockMeans(map, map.data, fine).data.map((mu) => mu / 10),
    efficiency: efficiencyOf(window),
    points: Float64Array.from(at),
    strengths: Float64Array.from(strengths),
  };
  const scanner = coarseScanner(layout, detectors, rings);
  return { scanner, table: singleScatter(scene, scanner, tof), bins: tof?.bins ?? 1 };
}

/** @throws DataError `bad-window` */
function efficiencyOf({ low, high, resolution }: EnergyWindow): (energy: number) => number {
  if (
    !(
      low > 0 &&
      high > low &&
      low < annihilationEnergy &&
      high > annihilationEnergy &&
      resolution > 0 &&
      resolution < 1
    )
  ) {
    throw new DataError("bad-window", "the energy window holds 511 keV; the resolution is a share of it", {
      expected: "for instance 430 to 610 keV at 0.12",
      found: `${low} to ${high} keV at ${resolution}`,
    });
  }
  const within = (energy: number): number => {
    const sigma = (resolution * Math.sqrt(annihilationEnergy * energy)) / fwhmPerSigma;
    return normalBelow((high - energy) / sigma) - normalBelow((low - energy) / sigma);
  };
  const full = within(annihilationEnergy);
  return (energy) => within(energy) / full;
}

/** Normal distribution function (Abramowitz & Stegun 7.1.26: 1.5e-7). */
function normalBelow(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const tail =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) *
    Math.exp(-x * x);
  return z > 0 ? 1 - tail / 2 : tail / 2;
}
