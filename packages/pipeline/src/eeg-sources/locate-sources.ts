/** Where in the brain spikes or evoked potentials come from: a recording and its head to an image, a dipole, and weights from a map. */
import { DataError, type Events, type Point, type Recording, type Volume } from "@quintet/core";
import { readVolume } from "@quintet/io/node";
import { cutEpochs } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import {
  type DipoleFit,
  dipoleAt,
  type Evoked,
  epochAverage,
  estimateSources,
  mapWeights,
  restCovariance,
  type SourceEstimate,
  sourceData,
  sourceVolume,
  weighSources,
} from "@quintet/modalities/eeg";
import { ResultFiles, researchUse } from "../pet-quantify/pet-image.ts";
import { cortexFiles, cortexOfFiles } from "./cortex-of-files.ts";
import { spikesOf } from "./find-spikes.ts";
import { type HeadOfFilesOptions, headOfFiles } from "./head-of-files.ts";
import { type PreparedEeg, type ReadEegOptions, readEeg, withoutEnding } from "./read-eeg.ts";

/** mm between sources on the cortex. */
const cortexSpacing = 6;

export const sourceMethods = ["sloreta", "eloreta", "dspm", "minimum-norm", "lcmv"] as const;

export interface LocateSourcesOptions extends ReadEegOptions, HeadOfFilesOptions {
  /** Average of these events; without it, of the largest kind of spikes. */
  readonly event?: string;
  readonly method?: (typeof sourceMethods)[number];
  /** s from the event or the spike's peak; default the spike's half rise, or the largest global field power after the event. */
  readonly at?: number;
  /** Image of PET, SPECT, BOLD or DOT in the head's world. */
  readonly map?: string;
  readonly towards?: "high" | "low";
  readonly threshold?: number;
  readonly snr?: number;
  /** What leads the names of the cortex's surfaces: besides the volume, sources on it with moments across it. */
  readonly cortex?: string;
  readonly onProgress?: (share: number, note: string) => void;
}

export interface LocatedSources {
  readonly of: string;
  readonly epochs: number;
  readonly channels: number;
  readonly bad: readonly string[];
  readonly head: string;
  readonly space: string;
  readonly sources: number;
  /** s from the event or the peak. */
  readonly time: number;
  readonly method: string;
  readonly peak: { readonly place: Point; readonly value: number; readonly unit: string };
  readonly dipole: {
    readonly position: Point;
    /** nA m */
    readonly moment: Point;
    readonly goodness: number;
    /** Half axes of the 95 % ellipsoid, mm, and its volume, mL. */
    readonly axes: readonly number[];
    readonly volume: number;
    readonly chiSquared: number;
    readonly freedom: number;
  };
  readonly cortex?: { readonly sources: number; readonly place: Point; readonly value: number };
  readonly map?: {
    readonly logBayesFactor: number;
    readonly without: Point;
    readonly with: Point;
    readonly shares: { readonly noise: number; readonly everywhere: number; readonly map: number };
  };
  readonly files: readonly string[];
  readonly note: string;
}

/**
 * Writes desc-METHOD_sources.nii.gz (amplitudes at the time), with a cortex desc-METHOD_hemi-{L,R}_sources.shape.gii, with a map also desc-without_ and desc-with_sources.nii.gz, and
 * desc-sources.json.
 *
 * @throws DataError `no-spikes`, `no-events`, `no-positions`, and those of `readEeg`, `headOfFiles` and the wing
 */
export async function locateSources(path: string, out: string, options: LocateSourcesOptions): Promise<LocatedSources> {
  const { method = "sloreta", onProgress: progress = () => {} } = options;
  await loadKernels();
  progress(0.05, "read and filter");
  const eeg = await readEeg(path, options);
  if (!eeg.montage)
    throw new DataError("no-positions", "sources need the places of the electrodes", {
      file: path,
      expected: "--electrodes FILE",
    });
  const channels = eeg.filtered.groups.flatMap((group) => group.channels.map(({ name }) => name));
  progress(0.25, "head");
  const space = await headOfFiles(eeg.montage, channels, options);
  progress(0.5, "average");
  const { evoked, peaks, label } = averageOf(eeg, options, path);
  const data = sourceData(evoked, space.head);
  const noise = restCovariance(eeg.filtered, peaks, data.channels, evoked.n);
  const time = options.at ?? timeOf(evoked, label.startsWith("spike"));
  progress(0.6, "sources");
  const { grid } = space;
  const about = options.snr === undefined ? {} : { snr: options.snr };
  const estimate = estimateSources(data, grid.places, noise, {
    method,
    ...about,
    ...(method === "lcmv" ? { covariance: epochCovariance(eeg.filtered, peaks, data.channels) } : {}),
  });
  progress(0.8, "dipole");
  const fit = dipoleAt(data, time, grid.places, noise);
  const files = new ResultFiles(out, withoutEnding(path));
  const sample = nearestSample(data.times, time);
  const write = (name: string, found: SourceEstimate): Promise<string> =>
    files.image(
      `desc-${name}_sources`,
      sourceVolume(
        grid,
        found.amplitudes.map((a) => scaled(found, a[sample] as number)),
        time,
      ),
      {
        Description: `${found.method} amplitude at ${time.toFixed(3)} s`,
        SourceUnits: found.unit === "A m" ? "nA m" : "standard deviations of the noise",
      },
    );
  await write(method, estimate);
  let onCortex: LocatedSources["cortex"];
  if (options.cortex !== undefined) {
    progress(0.85, "cortex");
    const cortex = await cortexOfFiles(options.cortex, space, cortexSpacing);
    const found = estimateSources(data, cortex.places, noise, {
      method,
      ...about,
      normals: cortex.normals,
      ...(method === "lcmv" ? { covariance: epochCovariance(eeg.filtered, peaks, data.channels) } : {}),
    });
    const values = found.amplitudes.map((a) => scaled(found, a[sample] as number));
    for (const { name, bytes } of cortexFiles(cortex, values))
      await files.bytes(`desc-${method}_${name}_sources.shape.gii`, bytes);
    const most = largestAt(found, sample);
    onCortex = { sources: values.length, place: cortex.places[most] as Point, value: values[most] as number };
  }
  let map: LocatedSources["map"];
  if (options.map !== undefined) {
    progress(0.9, "weights from the map");
    const image: Volume = await readVolume(options.map, { space: space.head.space, clock: "map" });
    const weights = mapWeights(image, grid.places, {
      ...(options.towards === undefined ? {} : { towards: options.towards }),
      ...(options.threshold === undefined ? {} : { threshold: options.threshold }),
    });
    const weighed = weighSources(data, grid.places, noise, weights, {
      method: method === "sloreta" || method === "minimum-norm" ? method : "dspm",
    });
    await write("without", weighed.without);
    await write("with", weighed.with);
    const peak = (found: SourceEstimate): Point => grid.places[largestAt(found, sample)] as Point;
    map = {
      logBayesFactor: weighed.logBayesFactor,
      without: peak(weighed.without),
      with: peak(weighed.with),
      shares: weighed.shares,
    };
  }
  const top = largestAt(estimate, sample);
  const told = {
    of: label,
    epochs: evoked.n,
    channels: data.channels.length,
    bad: eeg.bad,
    head: space.note,
    space: space.head.space,
    sources: grid.places.length,
    time,
    method,
    peak: {
      place: grid.places[top] as Point,
      value: scaled(estimate, estimate.amplitudes[top]?.[sample] as number),
      unit: estimate.unit === "A m" ? "nA m" : "1",
    },
    dipole: dipoleRow(fit),
    ...(onCortex ? { cortex: onCortex } : {}),
    ...(map ? { map } : {}),
  };
  await files.json("desc-sources", told);
  progress(1, "done");
  return { ...told, files: files.written, note: researchUse };
}

const scaled = ({ unit }: SourceEstimate, value: number): number => (unit === "A m" ? 1e9 * value : value);

function dipoleRow({
  position,
  moment,
  goodness,
  axes,
  volume,
  chiSquared,
  freedom,
}: DipoleFit): LocatedSources["dipole"] {
  const nano = moment.map((q) => 1e9 * q) as unknown as Point;
  return { position, moment: nano, goodness, axes: axes.map(({ length }) => length), volume, chiSquared, freedom };
}

function nearestSample(times: Float64Array, time: number): number {
  return times.reduce((best, t, i) => (Math.abs(t - time) < Math.abs((times[best] as number) - time) ? i : best), 0);
}

function largestAt({ amplitudes }: SourceEstimate, sample: number): number {
  return amplitudes.reduce(
    (best, a, i) => ((a[sample] as number) > (amplitudes[best]?.[sample] as number) ? i : best),
    0,
  );
}

interface Averaged {
  readonly evoked: Evoked;
  readonly peaks: readonly number[];
  readonly label: string;
}

function averageOf(eeg: PreparedEeg, { event }: LocateSourcesOptions, path: string): Averaged {
  if (event !== undefined) {
    const evoked = epochAverage(eeg.filtered, eeg.events, { type: event });
    const peaks = eeg.events.list.filter(({ type }) => type === event).map(({ onset }) => onset);
    return { evoked, peaks, label: event };
  }
  const { clusters, spikes } = spikesOf(eeg);
  const [largest] = clusters;
  if (!largest)
    throw new DataError("no-spikes", "no kind of spikes was found three times", {
      file: path,
      expected: "spikes, or --event TYPE",
      found: `${spikes.length} single discharges`,
    });
  return {
    evoked: largest.average,
    peaks: largest.peaks,
    label: `spikes, most at ${largest.channel}`,
  };
}

function stretches(
  recording: Recording,
  peaks: readonly number[],
  window: readonly [number, number],
  baseline: readonly [number, number],
  channels: readonly string[],
): Float64Array[] {
  const events: Events = {
    clock: recording.clock,
    list: peaks.map((onset) => ({ onset, duration: 0, type: "epoch" })),
  };
  const epochs = cutEpochs(recording, events, ({ name }) => channels.includes(name), { window, baseline });
  const n = epochs.times.length;
  return channels.map((name) => {
    const row = epochs.channels.findIndex((channel) => channel.name === name);
    const out = new Float64Array(n * epochs.data.length);
    for (const [k, epoch] of epochs.data.entries()) out.set(epoch.subarray(row * n, (row + 1) * n), k * n);
    return out;
  });
}

/** Of the single epochs, -0.1 to 0.2 s: what the beamformer adapts to. */
function epochCovariance(recording: Recording, peaks: readonly number[], channels: readonly string[]): Float64Array[] {
  const rows = stretches(recording, peaks, [-0.3, 0.2], [-0.3, -0.1], channels);
  return rows.map((a) => Float64Array.from(rows, (b) => a.reduce((s, v, t) => s + v * (b[t] as number), 0) / a.length));
}

/** The half rise of a spike, the largest global field power after an event. */
function timeOf({ times, mean, channels }: Evoked, spike: boolean): number {
  const power = times.map((_, t) =>
    channels.reduce((s, { status }, c) => s + (status === "bad" ? 0 : (mean[c * times.length + t] as number) ** 2), 0),
  );
  const zero = times.findIndex((t) => t >= -1e-9);
  if (!spike)
    return times[power.reduce((best, v, t) => (t >= zero && v > (power[best] as number) ? t : best), zero)] as number;
  let half = zero;
  // A quarter of the power is half of the field.
  while (half > 0 && (power[half - 1] as number) > (power[zero] as number) / 4) half--;
  return times[half] as number;
}
