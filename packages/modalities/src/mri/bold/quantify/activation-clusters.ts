import { type Mask, type Point, toWorld, type Volume, voxelVolume } from "@quintet/core";
import { connectedComponents } from "@quintet/kernels";

export interface ActivationCluster {
  readonly sign: 1 | -1;
  readonly voxels: number;
  /** mL. */
  readonly volume: number;
  /** z of the strongest voxel, with its sign. */
  readonly peak: number;
  /** Signal change there, %. */
  readonly peakEffect: number;
  /** World mm. */
  readonly peakPosition: Point;
  /** Mean signal change of the cluster, %. */
  readonly meanEffect: number;
  /** Mean position weighted by |z|, world mm. */
  readonly centre: Point;
}

/** Connected voxels (18 neighbours) of one sign with |z| >= threshold inside the mask, strongest first. */
export function activationClusters(
  z: Volume<"{z}">,
  effect: Volume<"%">,
  mask: Mask,
  threshold: number,
  minimumVolume: number,
): ActivationCluster[] {
  const [nx, ny] = z.shape;
  const voxel = voxelVolume(z);
  return ([1, -1] as const)
    .flatMap((sign) => {
      const above = new Uint8Array(z.data.length).map((_, i) =>
        mask.data[i] !== 0 && sign * (z.data[i] as number) >= threshold ? 1 : 0,
      );
      const { labels, sizes } = connectedComponents(above, z.shape, 18);
      const members = sizes.map((): number[] => []);
      for (let i = 0; i < labels.length; i++) if (labels[i] !== 0) members[(labels[i] as number) - 1]?.push(i);
      return members.flatMap((own): ActivationCluster[] => {
        if (own.length * voxel < minimumVolume) return [];
        let peakAt = own[0] as number;
        const centre = [0, 0, 0];
        let [weight, sum] = [0, 0];
        const world = (i: number): Point => toWorld(z, [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))]);
        for (const i of own) {
          const value = sign * (z.data[i] as number);
          if (value > sign * (z.data[peakAt] as number)) peakAt = i;
          const at = world(i);
          for (let k = 0; k < 3; k++) centre[k] = (centre[k] as number) + value * (at[k] as number);
          weight += value;
          sum += effect.data[i] as number;
        }
        return [
          {
            sign,
            voxels: own.length,
            volume: own.length * voxel,
            peak: z.data[peakAt] as number,
            peakEffect: effect.data[peakAt] as number,
            peakPosition: world(peakAt),
            meanEffect: sum / own.length,
            centre: centre.map((c) => c / weight) as unknown as Point,
          },
        ];
      });
    })
    .sort((a, b) => Math.abs(b.peak) - Math.abs(a.peak));
}
