/** Clusters with their places: T1, template, region. */
import type { LabelVolume, Point, Volume } from "@quintet/core";
import { regionAt } from "@quintet/fusion/fuse";
import { pointsToSubject, pointsToTemplate } from "@quintet/fusion/register";
import type { Cluster } from "@quintet/kernels";
import { shareAtPeak, siscomAlpha } from "@quintet/modalities/spect";
import type { NormalisedHead } from "../recipes/head/outcome.ts";

export interface FoundCluster {
  readonly sign: 1 | -1;
  readonly volumeMl: number;
  readonly peakZ: number;
  /** Peak, mm of the T1 and of the template. */
  readonly t1: Point;
  readonly template: Point;
  /** Middle of the hump that holds the peak, mm of the T1. */
  readonly centreT1: Point;
  readonly region?: string;
  /** Chance of such a peak anywhere in the brain. */
  readonly p: number;
  readonly extentP: number;
  /** Share of the settings that the peak is hyperperfused in; of findings alone, since peaks of noise outlive a change of setting too. */
  readonly agreement?: number;
}

/** mm within which a region names a peak: half a gyrus. */
const nearby = 5;

/** @param from the space that the clusters were found in */
export function locateClusters(
  clusters: readonly Cluster[],
  { toTemplate, fromTemplate, regions }: NormalisedHead,
  { from, share }: { readonly from: "t1" | "template"; readonly share?: Volume<"1"> },
): FoundCluster[] {
  const carrier = { warp: toTemplate, inverse: fromTemplate };
  const peaks = clusters.map(({ peakPosition }) => peakPosition);
  const centres = clusters.map(({ centre }) => centre);
  const t1 = from === "t1" ? peaks : pointsToSubject(peaks, carrier);
  const centreT1 = from === "t1" ? centres : pointsToSubject(centres, carrier);
  const template = from === "t1" ? pointsToTemplate(peaks, carrier) : peaks;
  return clusters.map((cluster, k) => {
    const at = t1[k] as Point;
    const region = regions && regionAt(at, nearby, regions as LabelVolume);
    return {
      sign: cluster.sign,
      volumeMl: cluster.volume,
      peakZ: cluster.peak,
      t1: at,
      template: template[k] as Point,
      centreT1: centreT1[k] as Point,
      ...(region === undefined ? {} : { region }),
      p: cluster.p,
      extentP: cluster.extentP,
      ...(share === undefined || cluster.sign < 0 || cluster.p > siscomAlpha
        ? {}
        : { agreement: shareAtPeak({ peakPosition: at }, share) }),
    };
  });
}
