/** What the methods of the SISCOM study say of a pair. */
import { type Affine, apply, invert, type Mask, type Point, type Volume } from "@quintet/core";
import { type Cluster, resample, resampleWarped, warpMap } from "@quintet/kernels";
import {
  comparedInTemplate,
  noiseNormalised,
  plainSiscom,
  type Siscom,
  type SiscomOptions,
  siscom,
  type TestRetestNorms,
  testRetestNorms,
} from "@quintet/modalities/spect";
import type { Condition } from "./siscom-conditions.ts";
import { type StudyHead, templateBrain } from "./siscom-heads.ts";
import type { ScannedPair } from "./siscom-scans.ts";
import { scanGrid } from "./spect-scan.ts";

export interface FoundCluster {
  readonly volume: number;
  readonly peak: number;
  /** What exceeds the threshold, summed over the cluster, mL. */
  readonly mass: number;
  /** mm from the centre of the flow that the focus adds; its nearer of peak and middle. */
  readonly away?: number;
}

/** The published form as it is and smoothed as the statistic is, each with clusters above z = 2 and above 3.09; the others. */
export const methods = [
  "plain",
  "plain, z 3.09",
  "plain, 12 mm",
  "plain, 12 mm, z 3.09",
  "improved",
  "against normals, z 2",
  "against normals",
] as const;
export type Method = (typeof methods)[number];

export interface PairRecord {
  readonly condition: Condition;
  readonly misplaced: number;
  readonly found: Partial<Record<Method, readonly FoundCluster[]>>;
}

const published: Partial<Record<Method, SiscomOptions>> = {
  plain: plainSiscom,
  "plain, z 3.09": { ...plainSiscom, z: 3.09 },
  "plain, 12 mm": { ...plainSiscom, smoothingFwhm: 12 },
  "plain, 12 mm, z 3.09": { ...plainSiscom, smoothingFwhm: 12, z: 3.09 },
};

export function found(pair: ScannedPair, head: StudyHead, norms: TestRetestNorms): PairRecord {
  const { condition, ictal, interictal, brain, misplaced, centre, pose } = pair;
  const toHead = invert(pose);
  const away = (map: (p: Point) => Point, clusters: readonly Cluster[], threshold: number): FoundCluster[] =>
    clusters.map(({ volume, peak, mean, centre: middle, peakPosition }) => ({
      volume,
      peak,
      mass: (mean - threshold) * volume,
      ...(centre ? { away: Math.min(...[middle, peakPosition].map((p) => distance(map(p), centre))) } : {}),
    }));
  const improved = siscom(ictal, interictal, brain, { spread: "mad" });
  const difference = inTemplate(improved, pose, head);
  const against = (threshold: number): FoundCluster[] =>
    away(warpMap(head.fromTemplate), noiseNormalised(difference, norms, { threshold }).search.above, threshold);
  const own = ({ search }: Siscom, threshold = 2): FoundCluster[] =>
    away((p) => apply(toHead, p), search.above, threshold);
  const results = Object.entries(published).map(([method, options]) => [
    method,
    own(siscom(ictal, interictal, brain, options), options.z),
  ]);
  return {
    condition,
    misplaced,
    found: {
      ...(Object.fromEntries(results) as PairRecord["found"]),
      improved: own(improved),
      "against normals": against(3.09),
      "against normals, z 2": against(2),
    },
  };
}

/** Motion taken out, smoothed, in the template. */
export function differenceOf({ ictal, interictal, brain, pose }: ScannedPair, head: StudyHead): Volume<"1"> {
  return inTemplate(siscom(ictal, interictal, brain, { spread: "mad" }), pose, head);
}

/** By way of the head's own world, as a patient's by way of the T1. */
function inTemplate({ difference, compared }: Siscom, pose: Affine, { fromTemplate }: StudyHead): Volume<"1"> {
  const head = scanGrid({ edge: 4, matrix: 64, slices: 52, centre: [0, -10, 0] }, fromTemplate.to);
  return comparedInTemplate(difference, compared, (map) =>
    resampleWarped(resample(map, head, pose, { interpolation: "cubic" }), canonicalBrain(), fromTemplate),
  );
}

export function normsOf(differences: readonly Volume<"1">[]): TestRetestNorms {
  return testRetestNorms(differences, canonicalBrain());
}

let template: Mask | undefined;
function canonicalBrain(): Mask {
  template ??= templateBrain();
  return template;
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}
