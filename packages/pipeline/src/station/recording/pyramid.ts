/** The outline of a whole recording at rising coarseness, made piece by piece so that other wishes are answered between. */
import { minMax, minMaxOfPairs } from "@quintet/kernels";
import type { TreatedGroup } from "./treat.ts";

/** Samples of a pair at the finest level, and pairs that become one from level to level. */
export const finestBin = 64;
const coarser = 8;
/** Values read at once: some tens of milliseconds. */
const valuesAtOnce = 2 ** 21;

export interface Pyramid {
  readonly bytes: number;
  /** Pairs [first, end) of `bin` samples each, [channel][pair][min, max]; bin a multiple of `finestBin`. */
  pairs(segment: number, channel: number, bin: number, first: number, end: number): Float32Array;
}

interface Level {
  readonly bin: number;
  /** By segment and channel. */
  readonly pairs: readonly (readonly Float32Array[])[];
}

/** @param pause waited for between pieces */
export async function buildPyramid(group: TreatedGroup, pause: () => Promise<void>): Promise<Pyramid> {
  const count = group.channels.length;
  const piece = Math.max(finestBin, Math.floor(valuesAtOnce / Math.max(1, count) / finestBin) * finestBin);
  const finest: Float32Array[][] = [];
  for (const [s, { samples }] of group.segments.entries()) {
    const rows = group.channels.map(() => new Float32Array(2 * Math.ceil(samples / finestBin)));
    for (let first = 0; first < samples; first += piece) {
      const end = Math.min(samples, first + piece);
      const data = group.read(s, first, end);
      const n = end - first;
      rows.forEach((row, c) => {
        row.set(minMax(data.subarray(c * n, (c + 1) * n), finestBin), (2 * first) / finestBin);
      });
      await pause();
    }
    finest.push(rows);
  }
  const levels: Level[] = [{ bin: finestBin, pairs: finest }];
  for (
    let last = levels[0] as Level;
    last.pairs.some((rows) => (rows[0]?.length ?? 0) > 2048);
    last = levels.at(-1) as Level
  )
    levels.push({
      bin: last.bin * coarser,
      pairs: last.pairs.map((rows) => rows.map((row) => minMaxOfPairs(row, coarser))),
    });
  const bytes = levels.reduce(
    (sum, { pairs }) => sum + pairs.flat().reduce((inner, row) => inner + row.byteLength, 0),
    0,
  );
  return {
    bytes,
    pairs(segment, channel, bin, first, end) {
      const level = levels.findLast((one) => bin % one.bin === 0) as Level;
      const row = level.pairs[segment]?.[channel] ?? new Float32Array();
      const times = bin / level.bin;
      return minMaxOfPairs(row.subarray(2 * first * times, Math.min(row.length, 2 * end * times)), times);
    },
  };
}
