/** Channel values as rows of the measure table: one per channel, and one per region as the mean of the channels over it. */
import type { Measure, Modality } from "@quintet/core";
import { type RegionName, regionName } from "@quintet/fusion/fuse";
import type { ChannelRow } from "@quintet/kernels";

/**
 * Region rows are means over the channels whose cortex lies in the region; their SE takes channels as independent, which
 * neighbours are not, so it is a lower bound and the method says so.
 *
 * @param labelOf region label under a channel, undefined where none is known
 */
export function channelMeasures(
  rows: readonly ChannelRow[],
  labelOf: (channel: string) => string | undefined,
  modality: Modality,
  source: string,
): readonly Measure[] {
  const labels = new Map(
    [...new Set(rows.map(({ channel }) => channel))].map((name) => [name, labelOf(name)] as const),
  );
  const own = rows.map(({ channel, ...rest }): Measure => {
    const label = labels.get(channel);
    const method = label === undefined ? rest.method : `${rest.method}; over ${label}`;
    return { ...rest, region: channel, method, modality, sources: [source] };
  });
  const groups = new Map<string, { readonly place: RegionName; readonly members: ChannelRow[] }>();
  for (const row of rows) {
    const label = labels.get(row.channel);
    if (label === undefined || !Number.isFinite(row.value)) continue;
    const key = `${label}\n${row.measure}\n${row.unit}`;
    const group = groups.get(key) ?? { place: regionName(label), members: [] };
    group.members.push(row);
    groups.set(key, group);
  }
  const regional = [...groups.values()].map(({ place, members }): Measure => {
    const [first] = members as [ChannelRow];
    const k = members.length;
    const squares = members.reduce((sum, { standardError = Number.NaN }) => sum + standardError ** 2, 0);
    const standardError = Math.sqrt(squares) / k;
    return {
      ...place,
      modality,
      measure: first.measure,
      value: members.reduce((sum, { value }) => sum + value, 0) / k,
      unit: first.unit,
      ...(Number.isFinite(standardError) ? { standardError } : {}),
      n: k,
      method: `mean of ${members.map(({ channel }) => channel).join(", ")}; SE as if they were independent. ${first.method}`,
      sources: [source],
    };
  });
  return [...regional, ...own];
}
