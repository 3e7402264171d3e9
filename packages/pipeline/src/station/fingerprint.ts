/** What each modality measured in each region, side by side. */
import type { Measure } from "@quintet/core";
import type { FingerprintRow } from "@quintet/view";

/** Measures that say how much there is of something in a region; what is a comparison already stays out. */
const shown: readonly RegExp[] = [
  /^grey-volume$/,
  /^bold-(change:|alff$)/,
  /^suvr$/,
  /^(bpnd|bp|vt|ki|k2a|dvr)$/i,
  /^relative-perfusion$/,
  /^hbo-amplitude, (?!.*scalp)/,
  /^(delta|alpha)-relative-power$/,
];

/**
 * One row a region and side, in the order of the measures. Each value comes with what makes it comparable: z where the
 * run had norms, and always its share of this person's own mean over all regions of the measure,
 *
 *   percentOfMean = 100 v / mean_r(v_r),   asymmetry = 100 (v - o) / ((v + o) / 2), o the other side's value
 *
 * The share is no norm: it shows a shape, not whether it is healthy. It is left out where the values change sign.
 */
export function fingerprint(measures: readonly Measure[]): readonly FingerprintRow[] {
  const used = measures.filter(
    ({ measure, value, region }) =>
      Number.isFinite(value) && region !== "brain" && shown.some((rule) => rule.test(measure)),
  );
  // Channels over a region and the region itself carry the same name: a region has a side or is on the midline.
  const placed = used.filter(({ side }) => side !== undefined);
  const keyOf = ({ modality, measure }: Measure): string => `${modality} ${measure}`;
  const groups = groupsOf(placed, keyOf);
  type Draft = Omit<FingerprintRow, "cells"> & { readonly cells: FingerprintRow["cells"][number][] };
  const rows = new Map<string, Draft>();
  for (const one of placed) {
    const { region, side, modality, measure, value, unit, z } = one;
    const group = groups.get(keyOf(one)) ?? [];
    const mean = group.reduce((sum, { value: v }) => sum + v, 0) / group.length;
    const even = group.every(({ value: v }) => v >= 0) && mean > 0;
    const other =
      side === "midline"
        ? undefined
        : group.find((two) => two.region === region && two.side !== side && two.side !== "midline")?.value;
    const half = other === undefined ? 0 : (value + other) / 2;
    const key = `${region} ${side}`;
    const row = rows.get(key) ?? { region, ...(side ? { side } : {}), cells: [] };
    rows.set(key, row);
    if (row.cells.some((cell) => cell.modality === modality && cell.measure === measure)) continue;
    row.cells.push({
      modality,
      measure,
      value,
      unit,
      ...(z === undefined ? {} : { z }),
      ...(even ? { percentOfMean: (100 * value) / mean } : {}),
      ...(even && other !== undefined && half > 0 ? { asymmetry: (100 * (value - other)) / half } : {}),
    });
  }
  return [...rows.values()];
}

function groupsOf<T>(list: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const one of list) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return groups;
}
