import { type Grid, identityAffine, type Millimetres, type Volume } from "@quintet/core";
import {
  closing,
  distanceTransform,
  fillHoles,
  largestComponent,
  resample,
  sampler,
  smoothGaussian,
} from "@quintet/kernels";
import { isotropicGrid } from "../working-image.ts";
import { cutTo, maskBox } from "./mask-box.ts";
import type { Sampled } from "./star-surface.ts";

export interface BodyOptions {
  /** Hollows narrower than twice this are filled, mm. */
  readonly closed: Millimetres;
  /** Standard deviation of the smoothing of the distance, mm. */
  readonly smoothing: Millimetres;
}

/** Edge of the voxels worked in. */
const step: Millimetres = 2;
/** What is kept around the body beyond the radius of the closing, mm. */
const room: Millimetres = 12;

export interface Body extends Sampled {
  /** 1 inside. */
  readonly mask: Uint8Array;
}

/**
 * A body's smooth signed distance (mm, negative inside) on a 2-mm grid along the world axes:
 *
 *   phi = G_s * (d(x, body) - d(x, outside)),   body = largest piece, closed, holes filled
 *
 * @param share how much of each voxel of `grid` belongs to the body, 0 to 1
 * @throws DataError `empty-region`
 */
export function bodyDistance(share: Float32Array, grid: Grid, { closed, smoothing }: BodyOptions): Body {
  const still = { unit: "1" as const, frames: [{ start: 0, duration: 0 }], clock: "none" };
  const whole = isotropicGrid(grid, step, 1);
  const coarse = resample<Volume<"1">>({ ...grid, ...still, data: share }, whole, identityAffine()).data;
  const piece = largestComponent(
    new Uint8Array(coarse.length).map((_, i) => ((coarse[i] as number) >= 0.5 ? 1 : 0)),
    whole.shape,
    6,
  );
  // Beyond the grid too, so that closing does not feel the image's border.
  const work = maskBox({ ...whole, data: piece }, Math.ceil((closed + room) / step));
  const data = cutTo(piece, whole, work);
  const shut = closed > 0 ? closing(data, work.shape, closed / step) : data;
  const mask = fillHoles(shut, work.shape);
  const edges = [step, step, step] as const;
  const outside = distanceTransform(mask, work.shape, edges);
  const inside = distanceTransform(
    mask.map((m) => (m === 0 ? 1 : 0)),
    work.shape,
    edges,
  );
  // The rim lies halfway between the last voxel inside and the first outside.
  const signed = outside.map((d, i) => (d > 0 ? d - step / 2 : step / 2 - (inside[i] as number)));
  const sigma = smoothing / step;
  const phi = sigma > 0 ? smoothGaussian(signed, work.shape, [sigma, sigma, sigma]) : signed;
  return { grid: work, mask, at: sampler(phi, work.shape, "linear", 1000) };
}
