import { channelData, DataError, type Recording, type Seconds } from "@quintet/core";
import { butterworthRecording, median } from "@quintet/kernels";

/** Sherafati's band, Hz, and order of the filter. */
const [low, high, order] = [0.01, 0.5, 4];

export interface GlobalVariance {
  /** Time of each value on the recording's clock, s. */
  readonly times: readonly Seconds[];
  /** Root mean square over channels of the change from the sample before, {od}; 0 at the first of a segment. */
  readonly values: Float64Array;
  readonly threshold: number;
  /** Share of the values above the threshold. */
  readonly motion: number;
}

/**
 * Global variance of the temporal derivatives of the optical density: one course that tells when the whole cap moves,
 *
 *   g_t = sqrt( mean over channels of (x_t - x_{t-1})^2 ),   x band-passed 0.01 to 0.5 Hz
 *
 * The threshold is the mode plus `deviations` standard deviations of what lies below it (the quiet side of the distribution). How many is
 * a choice: 3 to 10 are in use, and 10 (cedalion's) is the default.
 *
 * @throws DataError `no-channels`, `not-positive`, `one-recording` (more than one rate), `segment-too-short`
 * @see Sherafati et al., Hum Brain Mapp 2020;41:4093-112
 */
export function globalVariance(od: Recording, deviations = 10): GlobalVariance {
  if (!(deviations > 0)) throw new DataError("not-positive", "deviations above the mode", { found: `${deviations}` });
  const groups = od.groups.filter(({ channels }) => channels.some(({ kind }) => kind === "nirs-od"));
  const [first, ...more] = groups;
  if (!first) throw new DataError("no-channels", "the recording has no optical density");
  if (more.length > 0)
    throw new DataError("one-recording", "one course of motion needs one rate", { found: `${groups.length} groups` });
  const band = { low, ...(high < first.rate / 2 ? { high } : {}), lowOrder: order, highOrder: order };
  const [group] = butterworthRecording({ ...od, groups: [first] }, band, ({ kind }) => kind === "nirs-od").groups as [
    typeof first,
  ];
  const optical = group.channels.flatMap(({ kind, status }, c) => (kind === "nirs-od" && status !== "bad" ? [c] : []));
  if (optical.length === 0) throw new DataError("no-channels", "every channel is marked bad");
  const times: Seconds[] = [];
  const parts = group.segments.map((segment) => {
    const n = segment.data.length / group.channels.length;
    const squares = new Float64Array(n);
    for (const c of optical) {
      const x = channelData(group, segment, c);
      for (let t = 1; t < n; t++) squares[t] = (squares[t] as number) + ((x[t] as number) - (x[t - 1] as number)) ** 2;
    }
    for (let t = 0; t < n; t++) times.push(segment.start + t / group.rate);
    return squares.map((s) => Math.sqrt(s / optical.length));
  });
  const values = Float64Array.from(parts.flatMap((part) => [...part]));
  const threshold = aboveMode(
    parts.flatMap((part) => [...part.subarray(1)]),
    deviations,
  );
  let above = 0;
  for (const v of values) if (v > threshold) above++;
  return { times, values, threshold, motion: above / values.length };
}

/** Mode by the shortest half (again and again), plus deviations of what lies below it. */
function aboveMode(values: readonly number[], deviations: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  let [from, to] = [0, sorted.length];
  while (to - from > 10) {
    const half = Math.ceil((to - from) / 2);
    let best = from;
    for (let i = from; i + half <= to; i++) {
      if (
        (sorted[i + half - 1] as number) - (sorted[i] as number) <
        (sorted[best + half - 1] as number) - (sorted[best] as number)
      )
        best = i;
    }
    [from, to] = [best, best + half];
  }
  const mode = median(sorted.slice(from, to));
  const below = sorted.filter((v) => v <= mode);
  const spread = Math.sqrt(below.reduce((sum, v) => sum + (v - mode) ** 2, 0) / Math.max(1, below.length));
  return mode + deviations * spread;
}
