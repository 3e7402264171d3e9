import type { Recording } from "@quintet/core";

/** The EEG channels alone, in float64, each by its electrode's name; groups without any go. */
export function onlyEeg(recording: Recording): Recording {
  const groups = recording.groups.flatMap((group) => {
    const kept = group.channels.flatMap((channel, i) => (channel.kind === "eeg" ? [i] : []));
    if (kept.length === 0) return [];
    const segments = group.segments.map(({ start, data: all }) => {
      const n = all.length / group.channels.length;
      const data = new Float64Array(kept.length * n);
      for (const [row, i] of kept.entries()) data.set(all.subarray(i * n, (i + 1) * n), row * n);
      return { start, data };
    });
    const channels = kept.map((i) => group.channels[i] as (typeof group.channels)[number]);
    return [{ rate: group.rate, channels: channels.map((c) => ({ ...c, name: c.sensors[0] ?? c.name })), segments }];
  });
  return { ...recording, groups };
}
