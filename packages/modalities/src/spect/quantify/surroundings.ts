import type { LabelVolume } from "@quintet/core";
import type { DatRegions } from "./dat-regions.ts";

/** Striatal regions, and as two more what is left of the large volumes round them and of the brain; 0 is everything else. */
export function withSurroundings(
  labels: LabelVolume,
  { large, brain }: Pick<DatRegions, "large" | "brain">,
): LabelVolume {
  const round = Math.max(...labels.names.keys()) + 1;
  return {
    ...labels,
    names: new Map([...labels.names, [round, "surroundings"], [round + 1, "brain"]]),
    data: Uint8Array.from(labels.data, (label, v) => {
      if (label) return label;
      if (large.left.data[v] || large.right.data[v]) return round;
      return brain?.data[v] ? round + 1 : 0;
    }),
  };
}
