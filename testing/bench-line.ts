/** How a benchmark times and prints: interleaved runs, medians, one JSON line per result. */
export interface BenchLine {
  readonly bench: string;
  readonly case: string;
  /** Median of ours. */
  readonly ours: number;
  readonly unit: string;
  /** Median of the peer, null when none was found. */
  readonly peer: number | null;
  readonly peer_name: string | null;
  /** How many times better ours is; null without a peer. */
  readonly ratio: number | null;
  /** Largest difference of the outputs, as `case` says; null when there is nothing to compare. */
  readonly error: number | null;
  readonly threads: number;
  /** Where the peer used another number of threads or processes than ours. */
  readonly peer_threads?: number;
}

export function printLine(line: BenchLine): void {
  console.log(JSON.stringify(line));
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2;
}

/** Milliseconds of each contender, runs interleaved so that a slow minute of the machine hits all of them. */
export async function interleaved(contenders: readonly (() => unknown)[], runs = 5): Promise<readonly number[]> {
  const times = contenders.map(() => [] as number[]);
  for (let run = -1; run < runs; run++) {
    for (const [i, contender] of contenders.entries()) {
      const start = performance.now();
      await contender();
      if (run >= 0) (times[i] as number[]).push(performance.now() - start);
    }
  }
  return times.map(median);
}
