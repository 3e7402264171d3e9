import type { Evidence, LabelVolume, Modality, Point } from "@quintet/core";
import { regionAt, regionName } from "@quintet/fusion/fuse";
import type { Cluster } from "@quintet/kernels";

export interface ClusterMeaning {
  readonly modality: Modality;
  readonly kind: string;
  /** Centre in subject:T1w mm. */
  readonly position: Point;
  /** FWHM of the map, mm. */
  readonly resolution: number;
  readonly registrationError: number;
  readonly regions: LabelVolume | undefined;
  readonly note: string;
}

/**
 * A cluster as evidence. One sigma of its position per axis:
 *
 *   s^2 = (FWHM / (2.355 |z|))^2 + e^2 / 3 + (extent / 4)^2
 *
 * the noise of a peak's place (localisation precision of a blurred source, Thompson et al., Biophys J 2002;82:2775),
 * the registration error spread over three axes, and a quarter of the radius of the cluster, since a centre of mass of a
 * cut-off cluster need not be the focus's.
 */
export function clusterEvidence(cluster: Cluster, meaning: ClusterMeaning): Evidence {
  const { modality, kind, position, resolution, registrationError, regions, note } = meaning;
  const extent = Math.cbrt((3 * cluster.volume * 1000) / (4 * Math.PI));
  const positionError = Math.max(
    2,
    Math.hypot(resolution / (2.355 * Math.abs(cluster.peak)), registrationError / Math.sqrt(3), extent / 4),
  );
  const label = regions && regionAt(position, positionError, regions);
  const named =
    label === undefined
      ? { region: "unlabelled", side: position[0] < 0 ? ("left" as const) : ("right" as const) }
      : regionName(label);
  return {
    modality,
    kind,
    ...named,
    position,
    space: "subject:T1w",
    positionError,
    volume: cluster.volume,
    score: cluster.peak,
    scoreName: "peak z",
    chance: cluster.p,
    note,
  };
}
