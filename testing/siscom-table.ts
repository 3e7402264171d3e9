/** Sensitivity and false clusters of the SISCOM methods, from the records of all pairs. */
import { wilson } from "./binomial.ts";
import type { State } from "./siscom-conditions.ts";
import { type FoundCluster, type Method, methods, type PairRecord } from "./siscom-methods.ts";

/** A cluster this near to the truth is the focus, mm. */
export const reach = 15;

/** The smallest extent at which `nulls` hold at most `rate` clusters each on the average, mL. */
export function extentAt(nulls: readonly (readonly FoundCluster[])[], rate: number): number {
  const sizes = nulls
    .flat()
    .map(({ volume }) => volume)
    .sort((a, b) => b - a);
  const most = Math.floor(rate * nulls.length + 1e-9);
  const next = sizes[most];
  return next === undefined ? 0 : next + 1e-6;
}

export function isHit(clusters: readonly FoundCluster[], extent: number): boolean {
  return clusters.some(({ volume, away }) => volume >= extent && away !== undefined && away <= reach);
}

/** Extent of the largest cluster on the focus; 0 without one. */
function focusExtent(clusters: readonly FoundCluster[]): number {
  return Math.max(0, ...clusters.filter(({ away }) => away !== undefined && away <= reach).map(({ volume }) => volume));
}

/** Chance that the focus's cluster is larger than the largest of a pair without one: area under the ROC curve. */
export function areaUnder(foci: readonly number[], nulls: readonly number[]): number {
  let sum = 0;
  for (const f of foci) for (const n of nulls) sum += f > n ? 1 : f === n ? 0.5 : 0;
  return sum / (foci.length * nulls.length);
}

/** What clusters are held against each other by: mL, z of the peak, or what exceeds the threshold, summed. */
const ranks = ["extent", "peak", "mass"] as const;

/** The clusters with their rank's value in the place of the volume. */
function ranked(clusters: readonly FoundCluster[], by: (typeof ranks)[number]): FoundCluster[] {
  return clusters.map((one) => (by === "extent" ? one : { ...one, volume: one[by] }));
}

const rates = [0.1, 0.25, 0.5, 1, 2, 4];

export function siscomTable(records: readonly PairRecord[]): object[] {
  const lines: object[] = [];
  const nameOf = ({ condition: { counts, state } }: PairRecord): string => `${counts} ${state}`;
  for (const level of [...new Set(records.map(nameOf))].sort()) {
    const [counts, state] = [Number(level.split(" ")[0]), level.split(" ")[1] as State];
    const here = records.filter((one) => nameOf(one) === level);
    const nulls = here.filter(({ condition }) => condition.kind === "null");
    const foci = here.filter(({ condition }) => condition.kind === "focus");
    const misplaced = [...nulls, ...foci].map((one) => one.misplaced).sort((a, b) => a - b);
    lines.push({
      study: "spect-siscom",
      counts,
      state,
      nulls: nulls.length,
      foci: foci.length,
      misplacedMedian: misplaced[misplaced.length >> 1],
      misplacedMost: misplaced.at(-1),
    });
    for (const [method, by] of methods.flatMap((one) => ranks.map((rank) => [one, rank] as const))) {
      const listOf = ({ found }: PairRecord): FoundCluster[] => ranked(found[method] ?? [], by);
      const empty = nulls.map(listOf);
      const extent = extentAt(empty, 1);
      lines.push({
        ...head(counts, state, method),
        by,
        nullClusters: empty.flat().length / empty.length,
        limit: extent,
      });
      const cells = new Map<string, PairRecord[]>();
      for (const one of foci) {
        const { volume, increase } = one.condition.focus as NonNullable<PairRecord["condition"]["focus"]>;
        const key = `${volume} ${increase}`;
        cells.set(key, [...(cells.get(key) ?? []), one]);
      }
      for (const [key, ones] of cells) {
        const [volume, increase] = key.split(" ").map(Number);
        const clusters = ones.map(listOf);
        const hits = clusters.filter((list) => isHit(list, extent)).length;
        lines.push({
          ...head(counts, state, method),
          by,
          volume,
          increase,
          n: ones.length,
          sensitivity: hits / ones.length,
          interval: wilson(hits, ones.length),
          area: areaUnder(
            clusters.map(focusExtent),
            empty.map((list) => Math.max(0, ...list.map((one) => one.volume))),
          ),
          curve: rates.map((rate) => [
            rate,
            clusters.filter((list) => isHit(list, extentAt(empty, rate))).length / ones.length,
          ]),
        });
      }
    }
  }
  return lines;
}

function head(counts: number, state: State, method: Method): object {
  return { study: "spect-siscom", counts, state, method };
}
