/** Dopamine transporter scans of a phantom head whose binding ratios are known. */
import { apply, type Grid, identityAffine, invert, type Transform, type Volume } from "@quintet/core";
import { resample } from "@quintet/kernels";
import { type DatRegions, datBinding, datRegions, striatalVolumes } from "@quintet/modalities/spect";
import { type PhantomHead, regionLabel } from "@quintet/twin";
import {
  brainCamera,
  brainOf,
  brainSpect,
  headAttenuation,
  localResolution,
  maskAbove,
  posed,
  type ScanSettings,
  scanGrid,
} from "./spect-scan.ts";

/** True SBR of caudate and putamen of each side. */
export interface StriatalRatios {
  readonly left: readonly [caudate: number, putamen: number];
  readonly right: readonly [caudate: number, putamen: number];
}

/** Activity 1 in the brain (in its white matter as said), 0.4 in other soft tissue, 1 + SBR in the nuclei. */
export function striatalActivity(head: PhantomHead, { left, right }: StriatalRatios, white = 1): Float32Array {
  const ratio = new Map<number, number>([
    [regionLabel("caudate", "left"), left[0]],
    [regionLabel("putamen", "left"), left[1]],
    [regionLabel("caudate", "right"), right[0]],
    [regionLabel("putamen", "right"), right[1]],
  ]);
  const { soft, fat, csf, white: share } = head.fractions;
  return brainOf(head).map(
    (brain, v) =>
      brain * (1 + (ratio.get(head.regions.data[v] as number) ?? 0)) +
      (white - 1) * (share[v] as number) +
      0.4 * ((soft[v] as number) + (fat[v] as number)) +
      (csf[v] as number),
  );
}

export interface MeasuredRatio {
  readonly region: string;
  readonly side: string;
  readonly measure: string;
  readonly value: number;
}

export type Reference = "occipital" | "whole-brain";

/** Reconstructed further and smoothed less than a perfusion scan: small structures side by side. */
export const datSpect: ScanSettings = { ...brainSpect, iterations: 16, filter: 5 };

export interface DatCamera {
  /** Counts expected of each bin, for `counts` in all; white matter as full as grey or as said. */
  expected(ratios: StriatalRatios, counts: number, white?: number): Float32Array;
  /** The filtered image of projections, on the head's grid. */
  reconstruct(projections: Float32Array): Volume;
  /** Full width at half maximum in caudate and putamen, mean of both and of three axes, mm. */
  resolution(ratios: StriatalRatios): number;
  close(): void;
}

/**
 * A camera of 4-mm bins before a head of 2-mm voxels: projected in 2-mm voxels and bins, whose counts are added by fours, so that what is
 * projected is not made of the reconstruction's own voxels. Heads resampled to 4 mm before they are projected had nuclei with 5 % too
 * much or too little activity, as they lay to the voxels.
 */
export function datCamera(head: PhantomHead): DatCamera {
  const { edge, matrix, slices, views } = datSpect;
  const finer: ScanSettings = { ...datSpect, edge: edge / 2, matrix: 2 * matrix, slices: 2 * slices };
  const [grid, fineGrid] = [scanGrid(datSpect, head.grid.space), scanGrid(finer, head.grid.space)];
  const here: Transform = { from: grid.space, to: grid.space, matrix: identityAffine() };
  const onFine = (map: Float32Array): Float32Array => resample(volumeOf(head, map), fineGrid, identityAffine()).data;
  const mu = headAttenuation(head);
  const source = brainCamera(finer, fineGrid, onFine(mu));
  const camera = brainCamera(datSpect, grid, posed(head, mu, grid, here));
  return {
    expected(ratios, counts, white) {
      const fine = source.expected(onFine(striatalActivity(head, ratios, white)), counts);
      const out = new Float32Array(views * slices * matrix);
      for (let i = 0; i < fine.length; i++) {
        const [column, row] = [i % (2 * matrix), Math.floor(i / (2 * matrix))];
        const bin = (row >> 1) * matrix + (column >> 1);
        out[bin] = (out[bin] as number) + (fine[i] as number);
      }
      return out;
    },
    reconstruct: (projections) => resample(camera.reconstruct(projections), head.grid, identityAffine()),
    resolution(ratios) {
      const activity = posed(head, striatalActivity(head, ratios), grid, here);
      const widths = (["caudate", "putamen"] as const).flatMap((name) =>
        localResolution(camera, activity, middleVoxel(head, regionLabel(name, "left"), grid)),
      );
      return widths.reduce((sum, width) => sum + width / widths.length, 0);
    },
    close() {
      source.close();
      camera.close();
    },
  };
}

function volumeOf(head: PhantomHead, data: Float32Array): Volume<"1"> {
  return { ...head.grid, unit: "1", clock: "none", frames: [{ start: 0, duration: 0 }], data };
}

/** Voxel of the grid nearest to the middle of a region. */
function middleVoxel(head: PhantomHead, label: number, grid: Grid): [number, number, number] {
  const [nx, ny] = head.grid.shape;
  const sum = [0, 0, 0];
  let n = 0;
  for (const [v, own] of head.regions.data.entries()) {
    if (own !== label) continue;
    for (const [k, i] of [v % nx, Math.floor(v / nx) % ny, Math.floor(v / (nx * ny))].entries())
      sum[k] = (sum[k] as number) + i;
    n++;
  }
  const world = apply(head.grid.affine, sum.map((i) => i / n) as [number, number, number]);
  return apply(invert(grid.affine), world).map(Math.round) as [number, number, number];
}

/** Regions of a head on the grid they were drawn on; its brain with its fluid, as brain masks of a T1 have it. */
export function striatalRegions(head: PhantomHead): DatRegions {
  const { csf } = head.fractions;
  const whole = brainOf(head).map((brain, v) => brain + (csf[v] as number));
  return datRegions(head.regions, maskAbove(whole, head.grid));
}

/**
 * What datBinding makes of one image with either reference.
 *
 * @param fwhm for spill-over; absent: without that correction
 */
export function measuredRatios(
  regions: DatRegions,
  image: Volume,
  fwhm: number | undefined,
): Readonly<Record<Reference, readonly MeasuredRatio[]>> {
  const striatum = striatalVolumes(regions);
  const by = (reference: Reference): readonly MeasuredRatio[] =>
    datBinding(image, regions, { reference, striatum, ...(fwhm === undefined ? {} : { fwhm, spillOver: true }) }).map(
      ({ region, side = "midline", measure, value }) => ({ region, side, measure, value }),
    );
  return { occipital: by("occipital"), "whole-brain": by("whole-brain") };
}
