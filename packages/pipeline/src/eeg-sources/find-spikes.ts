/** Interictal discharges of a recording: events, kinds, averages. */
import { sampleCount } from "@quintet/core";
import { writeEventsTsv, writeTsv } from "@quintet/io";
import { loadKernels } from "@quintet/kernels/node";
import { clusterSpikes, detectSpikes, type SpikeCluster, type SpikeDetection } from "@quintet/modalities/eeg";
import { ResultFiles, researchUse } from "../pet-quantify/pet-image.ts";
import { type PreparedEeg, type ReadEegOptions, readEeg, withoutEnding } from "./read-eeg.ts";

export interface FindSpikesOptions extends ReadEegOptions {
  /** k of the envelope's threshold; default 3.65. */
  readonly threshold?: number;
  readonly onProgress?: (share: number, note: string) => void;
}

export interface FoundSpikes {
  readonly minutes: number;
  readonly spikes: number;
  readonly perMinute: number;
  readonly bad: readonly string[];
  readonly kinds: readonly {
    readonly spikes: number;
    readonly channel: string;
    /** uV at the peak. */
    readonly amplitude: number;
    /** ms before the peak. */
    readonly halfRise: number;
    readonly channels: readonly string[];
  }[];
  readonly files: readonly string[];
  readonly note: string;
}

export interface SpikesOfRecording {
  readonly spikes: readonly SpikeDetection[];
  readonly clusters: readonly SpikeCluster[];
  readonly minutes: number;
}

/** Detection on the unfiltered channels (the detector has its own band), kinds and averages in the band. */
export function spikesOf({ plain, filtered }: PreparedEeg, threshold?: number): SpikesOfRecording {
  const spikes = detectSpikes(plain, threshold === undefined ? {} : { threshold });
  const clusters = spikes.length === 0 ? [] : clusterSpikes(filtered, spikes);
  const seconds = plain.groups.reduce(
    (sum, group) => sum + group.segments.reduce((s, segment) => s + sampleCount(group, segment), 0) / group.rate,
    0,
  );
  return { spikes, clusters, minutes: seconds / 60 };
}

/**
 * Writes desc-spikes_events.tsv (onset, channel, score, kind), desc-spikes_kinds.tsv (averages, uV) and desc-spikes.json.
 *
 * @throws DataError those of `readEeg`, `detectSpikes` and `clusterSpikes`
 */
export async function findSpikes(path: string, out: string, options: FindSpikesOptions = {}): Promise<FoundSpikes> {
  const { onProgress: progress = () => {} } = options;
  await loadKernels();
  progress(0.05, "read and filter");
  const eeg = await readEeg(path, options);
  progress(0.4, "envelopes");
  const { spikes, clusters, minutes } = spikesOf(eeg, options.threshold);
  progress(0.9, "write");
  const kindOf = new Map(clusters.flatMap(({ members }, k) => members.map((index) => [index, k + 1] as const)));
  const list = spikes.map(({ time, channel, score }, i) => {
    const kind = kindOf.get(i);
    return {
      onset: time,
      duration: 0,
      type: kind === undefined ? "spike" : `spike-${kind}`,
      value: Number(score.toFixed(3)),
      channels: [channel],
    };
  });
  const files = new ResultFiles(out, withoutEnding(path));
  await files.text("desc-spikes_events.tsv", writeEventsTsv({ clock: eeg.plain.clock, list }));
  const rows = clusters.flatMap(({ average: { channels, times, mean } }, k) =>
    [...times].map((t, i) => [
      k + 1,
      Number(t.toFixed(6)),
      ...channels.map((_, c) => Number((1e6 * (mean[c * times.length + i] as number)).toFixed(4))),
    ]),
  );
  const channels = clusters[0]?.average.channels.map(({ name }) => name) ?? [];
  await files.text("desc-spikes_kinds.tsv", writeTsv(["kind", "time", ...channels], rows));
  const kinds = clusters.map(({ members, channel, amplitude, halfRise }) => ({
    spikes: members.length,
    channel,
    amplitude: Number((1e6 * amplitude).toFixed(2)),
    halfRise: Math.round(1000 * halfRise),
    channels: [...new Set(members.flatMap((i) => spikes[i]?.channels ?? []))],
  }));
  const told = {
    minutes: Number(minutes.toFixed(3)),
    spikes: spikes.length,
    perMinute: Number((spikes.length / minutes).toFixed(3)),
    bad: eeg.bad,
    kinds,
  };
  await files.json("desc-spikes", {
    ...told,
    method:
      "envelope of 10-60 Hz over k (mode + median) of its log-normal background (Janca et al. 2015); kinds by correlation of maps at the peak",
  });
  progress(1, "done");
  return { ...told, files: files.written, note: researchUse };
}
