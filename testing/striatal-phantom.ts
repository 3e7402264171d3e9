/** Dopamine transporter scans of a phantom head whose binding ratios are known. */
import { identityAffine, type LabelVolume, type Mask, type Transform, type Volume } from "@quintet/core";
import { type Random, resample, resampleLabels } from "@quintet/kernels";
import { datBinding, datRegions, striatalVolumes } from "@quintet/modalities/spect";
import { type PhantomHead, regionLabel } from "@quintet/twin";
import { type BrainCamera, brainOf, maskAbove, poisson, posed, scanGrid } from "./spect-scan.ts";

/** True SBR of caudate and putamen of each side. */
export interface StriatalRatios {
  readonly left: readonly [caudate: number, putamen: number];
  readonly right: readonly [caudate: number, putamen: number];
}

/** Activity 1 in the brain, 0.4 in other soft tissue, 1 + SBR in the nuclei. */
export function striatalActivity(head: PhantomHead, { left, right }: StriatalRatios): Float32Array {
  const ratio = new Map<number, number>([
    [regionLabel("caudate", "left"), left[0]],
    [regionLabel("putamen", "left"), left[1]],
    [regionLabel("caudate", "right"), right[0]],
    [regionLabel("putamen", "right"), right[1]],
  ]);
  const { soft, fat, csf } = head.fractions;
  return brainOf(head).map(
    (brain, v) =>
      brain * (1 + (ratio.get(head.regions.data[v] as number) ?? 0)) +
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

/** What datBinding makes of one scan with either reference, regions known, 2-mm voxels. */
export function measuredRatios(
  head: PhantomHead,
  camera: BrainCamera,
  ratios: StriatalRatios,
  {
    counts,
    random,
  }: {
    readonly counts: number;
    /** Absent: the expectation itself. */
    readonly random?: Random;
  },
): Readonly<Record<Reference, readonly MeasuredRatio[]>> {
  const here: Transform = { from: head.grid.space, to: head.grid.space, matrix: identityAffine() };
  const expected = camera.expected(posed(head, striatalActivity(head, ratios), camera.grid, here), counts);
  const image = camera.reconstruct(random ? poisson(expected, random) : expected);
  const grid = scanGrid({ edge: 2, matrix: 96, slices: 80, centre: [0, -17, 4] }, head.grid.space);
  const fine: Volume = resample(image, grid, identityAffine());
  const labels: LabelVolume = resampleLabels(head.regions, grid, identityAffine());
  const soft: Volume<"1"> = { ...image, ...head.grid, unit: "1", data: brainOf(head) };
  const brain: Mask = maskAbove(resample(soft, grid, identityAffine()).data, grid);
  const regions = datRegions(labels, brain);
  const striatum = striatalVolumes(regions);
  const by = (reference: Reference): readonly MeasuredRatio[] =>
    datBinding(fine, regions, { reference, striatum }).map(({ region, side = "midline", measure, value }) => ({
      region,
      side,
      measure,
      value,
    }));
  return { occipital: by("occipital"), "whole-brain": by("whole-brain") };
}
