import type { Side } from "@quintet/core";

export interface RegionName {
  readonly region: string;
  readonly side: Side;
}

/** "left superior-frontal" -> { side: "left", region: "superior-frontal" }; a name without a side is midline. */
export function regionName(label: string): RegionName {
  const [, side, rest] = /^(left|right)\s+(.+)$/.exec(label) ?? [];
  return side === undefined || rest === undefined
    ? { side: "midline", region: label }
    : { side: side as Side, region: rest };
}

export function labelOf({ region, side }: RegionName): string {
  return side === "midline" ? region : `${side} ${region}`;
}
