/** What of a recording's averages goes into a source estimate: good channels with a place, against their own average. */
import { type Channel, DataError } from "@quintet/core";
import type { SourceHead } from "./source-head.ts";

/** Maps over time: an `Evoked`, or any like it. */
export interface ChannelMaps {
  readonly channels: readonly Channel[];
  /** s */
  readonly times: Float64Array;
  /** [channel][time], V. */
  readonly mean: Float64Array;
}

export interface SourceData {
  readonly channels: readonly string[];
  readonly times: Float64Array;
  /** [channel][time], V, against the channels' average. */
  readonly rows: readonly Float64Array[];
  /** Lead field of the same channels against the same reference. */
  readonly leadField: SourceHead["leadField"];
}

/**
 * @throws DataError `duplicate-name`, `too-few-channels` (fewer than eight good channels with a place), `not-finite`
 */
export function sourceData(maps: ChannelMaps, head: SourceHead): SourceData {
  const n = maps.times.length;
  const names = maps.channels.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined)
    throw new DataError("duplicate-name", "each channel has a name of its own", { found: `${twice} more than once` });
  const kept = maps.channels.flatMap(({ name, kind, status }, row) => {
    const at = head.channels.indexOf(name);
    return kind === "eeg" && status !== "bad" && at >= 0 ? [{ name, row, at }] : [];
  });
  if (kept.length < 8)
    throw new DataError("too-few-channels", "sources need good channels with a place", {
      expected: "8 at least",
      found: `${kept.length} of ${maps.channels.length}`,
    });
  const rows = kept.map(({ row }) => maps.mean.slice(row * n, (row + 1) * n));
  const lost = kept.find((_, i) => !(rows[i] as Float64Array).every(Number.isFinite));
  if (lost)
    throw new DataError("not-finite", `channel ${lost.name} holds a value that is no number`, {
      found: "NaN or infinity",
    });
  return {
    channels: kept.map(({ name }) => name),
    times: maps.times,
    rows: centred(rows),
    leadField: (places) => {
      const all = head.leadField(places);
      return centred(kept.map(({ at }) => all[at] as Float64Array));
    },
  };
}

/** Each column less its mean over the rows. */
export function centred(rows: readonly Float64Array[]): Float64Array[] {
  const mean = new Float64Array(rows[0]?.length ?? 0);
  for (const row of rows)
    for (let k = 0; k < mean.length; k++) mean[k] = (mean[k] as number) + (row[k] as number) / rows.length;
  return rows.map((row) => row.map((v, k) => v - (mean[k] as number)));
}
