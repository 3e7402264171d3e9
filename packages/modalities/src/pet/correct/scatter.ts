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
import { fwhmPerSigma, imageGrid, type ScatterScene, singleScatter, type TofBins } from "@quintet/kernels";
import { sinogramLines } from "../forward/lines-of-response.ts";
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
  /** Edge of the blocks paths are walked through, mm; default 4: wider ones blur the body's border, and grazing paths with it. */
  readonly voxel?: number;
  /** Distance of the points that scatter, mm; default 16. */
  readonly points?: number;
}

/** Attenuation of a block below which it is left out, 1/mm: a hundredth of water. */
const thin = 0.0001;

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

/** The same between a few detectors only, to be carried to any lines. @param tof of the lines; none without it @throws as scatterEstimate */
export function coarseScatter(
  activity: Volume,
  map: AttenuationMap,
  layout: SinogramLayout,
  { window, detectors = 48, rings = 6, voxel = 4, points = 16 }: ScatterOptions,
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
  const { at, strengths } = scatterPoints(map, coarse);
  const scene: ScatterScene = {
    shape: paths.shape,
    size: paths.size,
    origin: paths.origin,
    activity: paths.data,
    attenuation: blockMeans(map, map.data, fine).data.map((mu) => mu / 10),
    efficiency: windowEfficiency(window),
    points: at,
    strengths,
  };
  const scanner = coarseScanner(layout, detectors, rings);
  return { scanner, table: singleScatter(scene, scanner, tof), bins: tof?.bins ?? 1 };
}

/**
 * A point for each block of the map: at the centre of gravity of what attenuates in it, with all its strength (mu V, mm2). A block at
 * the body's surface scatters from where the body is in it, not from its own middle, which may lie outside: with points 16 mm
 * apart the tails, which grazing paths make, would come out 4 % too low.
 */
function scatterPoints(
  map: AttenuationMap,
  steps: readonly [number, number, number],
): { readonly at: Float64Array; readonly strengths: Float64Array } {
  const [nx, ny] = map.shape;
  const { size, origin } = imageGrid(map);
  const mean = blockMeans(map, map.data, steps);
  const moments = [0, 1, 2].map((c) => {
    const index = (v: number): number => [v % nx, Math.floor(v / nx) % ny, Math.floor(v / nx / ny)][c] as number;
    return blockMeans(
      map,
      map.data.map((mu, v) => mu * index(v)),
      steps,
    ).data;
  });
  const block = mean.size[0] * mean.size[1] * mean.size[2];
  // 1/cm to 1/mm
  const wanted = [...mean.data.keys()].filter((v) => (mean.data[v] as number) / 10 > thin);
  return {
    at: Float64Array.from(
      wanted.flatMap((v) =>
        moments.map((m, c) => {
          return (origin[c] as number) + ((size[c] as number) * (m[v] as number)) / (mean.data[v] as number);
        }),
      ),
    ),
    strengths: Float64Array.from(wanted, (v) => ((mean.data[v] as number) / 10) * block),
  };
}

/**
 * Probability that a photon of an energy is counted, as a share of one of 511 keV.
 * @throws DataError `bad-window`
 */
export function windowEfficiency({ low, high, resolution }: EnergyWindow): (energy: number) => number {
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
