/**
 * From a head to a tracer image: a value per tissue and region on the head's grid, then pose, point spread and noise.
 */
import type { Affine, Grid, Volume, VoxelUnit } from "@quintet/core";
import { invert } from "@quintet/core";
import type { Random } from "@quintet/kernels";
import { resample } from "@quintet/kernels";
import type { TissueName } from "../head/head.ts";
import { tissueNames } from "../head/head.ts";
import type { PhantomHead } from "../head/phantom-head.ts";
import { brainstemLabel, regionLabel, regions } from "../head/regions.ts";
import { blur, smoothField } from "./noise.ts";

export interface TracerPattern {
  /** Uptake of each tissue relative to cortical grey matter. */
  readonly tissue: Readonly<Record<TissueName, number>>;
  /** Factor on grey and deep grey matter in named regions. */
  readonly region: Readonly<Record<string, number>>;
  /** Standard deviation of each region's own factor, common to both sides, and of the half-difference of sides. */
  readonly spread: number;
  readonly asymmetry: number;
}

/** Uptake relative to cortical grey matter on the head's grid, with seeded regional differences. */
export function uptakeMap(head: PhantomHead, pattern: TracerPattern, random: Random): Float32Array {
  const factor = new Float32Array(256).fill(1);
  for (const { name } of regions) {
    const [common, half] = [pattern.spread * random.normal(), pattern.asymmetry * random.normal()];
    const base = pattern.region[name] ?? 1;
    factor[regionLabel(name, "left")] = base * (1 + common + half);
    factor[regionLabel(name, "right")] = base * (1 + common - half);
  }
  factor[brainstemLabel] = pattern.region.brainstem ?? 1;
  const out = new Float32Array(head.tissue.data.length);
  for (const name of tissueNames) {
    const [map, value] = [head.fractions[name], pattern.tissue[name]];
    const grey = name === "grey" || name === "deep-grey";
    for (let i = 0; i < out.length; i++) {
      const share = map[i] as number;
      if (share === 0) continue;
      out[i] = (out[i] as number) + share * value * (grey ? (factor[head.regions.data[i] as number] as number) : 1);
    }
  }
  return out;
}

export interface TracerCamera {
  readonly grid: Grid;
  /** Subject's T1w world -> scanner world. */
  readonly pose: Affine;
  /** Point spread, mm FWHM. */
  readonly resolution: number;
  /** Noise's standard deviation where the image equals `scale`, relative, and its correlation length, mm FWHM. */
  readonly noise: number;
  readonly grain: number;
  /** Noise follows the activity averaged over this distance, mm FWHM: what shares the voxel's lines of sight. */
  readonly reach: number;
}

/**
 * The reconstructed image of a map: resample, blur by the point spread, add noise whose variance follows the signal.
 *
 *   I = P * (scale m),   out = max(0, I + noise sqrt(scale (G * I)) g)
 *
 * with g a unit Gaussian field of FWHM `grain` and G a Gaussian of FWHM `reach`: counts of a line of sight are noisy as
 * Poisson, and reconstruction spreads and correlates that noise.
 */
export function tracerImage<U extends VoxelUnit>(
  head: PhantomHead,
  map: Float32Array,
  scale: number,
  unit: U,
  camera: TracerCamera,
  random: Random,
): Volume<U> {
  const source: Volume<U> = {
    ...head.grid,
    unit,
    frames: [{ start: 0, duration: 0 }],
    clock: camera.grid.space,
    data: map,
  };
  const still = resample(source, camera.grid, invert(camera.pose));
  const blurred = blur(still.data, camera.grid, camera.resolution);
  const around = blur(blurred, camera.grid, camera.reach);
  const field = smoothField(random, camera.grid, camera.grain);
  const data = blurred.map((value, i) => {
    const sigma = camera.noise * Math.sqrt(Math.max(0, around[i] as number));
    return scale * Math.max(0, value + sigma * (field[i] as number));
  });
  return { ...still, data };
}
