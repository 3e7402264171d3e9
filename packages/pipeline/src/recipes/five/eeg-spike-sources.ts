/** Spikes of an EEG and where they come from, for the report: averages, an image on the T1, a dipole in words. */
import { DataError, type Mask, type Montage, type Point, type Recording, toVoxel } from "@quintet/core";
import { fitSphere } from "@quintet/kernels";
import {
  clusterSpikes,
  detectSpikes,
  dipoleAt,
  estimateSources,
  headShells,
  restCovariance,
  type SourceGrid,
  type SpikeCluster,
  sourceData,
  sourceVolume,
  sphereGrid,
  sphereHead,
} from "@quintet/modalities/eeg";
import type { EegView, ImageLayer } from "@quintet/view";

export interface SpikeSources {
  readonly layers: readonly ImageLayer[];
  readonly evoked: NonNullable<EegView["evoked"]>;
  /** What was found, in a sentence; empty without spikes. */
  readonly note: string;
}

/** mm between sources: finer than the spheres' own error would promise what they do not hold. */
const spacing = 8;
/** Channels drawn of an average. */
const drawn = 4;
/** Fewest spikes of a kind that are worth a source. */
const fewest = 5;

/**
 * @param plain EEG channels against their average, bad ones marked, unfiltered
 * @param clean the same within the wing's pass band
 * @param montage on this head's scalp, in the brain's space; without it averages alone
 */
export function spikeSources(
  plain: Recording,
  clean: Recording,
  montage: Montage | undefined,
  brain: Mask | undefined,
): SpikeSources {
  try {
    const spikes = detectSpikes(plain);
    const [largest] = spikes.length === 0 ? [] : clusterSpikes(clean, spikes, { fewest });
    if (!largest) return { layers: [], evoked: [], note: "" };
    const found = montage && brain && located(clean, largest, montage, brain);
    return {
      layers: found ? [found.layer] : [],
      evoked: [averageView(largest)],
      note: `${largest.members.length} spikes of one kind, largest at ${largest.channel} (${(1e6 * largest.amplitude).toFixed(0)} µV), found by their envelope and read by nobody.${found ? ` ${found.note}` : ""}`,
    };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { layers: [], evoked: [], note: `Spikes were not sought: ${error.message}.` };
  }
}

function averageView({ average, members }: SpikeCluster): NonNullable<EegView["evoked"]>[number] {
  const { channels, times, mean, standardError } = average;
  const n = times.length;
  const size = (c: number): number => mean.subarray(c * n, (c + 1) * n).reduce((a, v) => Math.max(a, Math.abs(v)), 0);
  const largest = channels
    .map((_, c) => c)
    .filter((c) => channels[c]?.status !== "bad")
    .sort((a, b) => size(b) - size(a))
    .slice(0, drawn);
  return {
    name: "spikes",
    time: times,
    trials: members.length,
    channels: largest.map((c) => ({
      name: channels[c]?.name ?? "",
      mean: mean.slice(c * n, (c + 1) * n),
      se: standardError.slice(c * n, (c + 1) * n),
    })),
  };
}

function located(
  clean: Recording,
  { average, peaks, halfRise }: SpikeCluster,
  montage: Montage,
  brain: Mask,
): { readonly layer: ImageLayer; readonly note: string } {
  const channels = average.channels.filter(({ status }) => status !== "bad").map(({ name }) => name);
  const head = sphereHead(montage, channels);
  const { centre, radius } = fitSphere(head.electrodes);
  const grid = withinBrain(sphereGrid(montage.space, centre, headShells[0].share * radius - 2, spacing), brain);
  const data = sourceData(average, head);
  const noise = restCovariance(clean, peaks, data.channels, average.n);
  const { amplitudes } = estimateSources(data, grid.places, noise, { method: "sloreta" });
  const sample = data.times.reduce(
    (best, t, i) => (Math.abs(t - halfRise) < Math.abs((data.times[best] as number) - halfRise) ? i : best),
    0,
  );
  const values = amplitudes.map((a) => a[sample] as number);
  const top = values.reduce((a, b) => Math.max(a, b));
  const dipole = dipoleAt(data, halfRise, grid.places, noise);
  const at = dipole.position.map((v) => v.toFixed(0)).join(", ");
  const axes = dipole.axes.map(({ length }) => length.toFixed(0)).join(" x ");
  const note = `Sources at the half rise, ${Math.round(-1000 * halfRise)} ms before the peak, in four spheres fitted to the electrodes; one dipole lies at ${at} mm and explains ${Math.round(100 * dipole.goodness)} % (95 % ellipsoid ${axes} mm, for noise alone: the model's own error is larger).`;
  return {
    layer: {
      kind: "image",
      id: "eeg-spike-sources",
      modality: "eeg",
      name: "Spike sources",
      unit: "1",
      range: [0, top],
      threshold: top / 2,
      colourMap: "inferno",
      volume: sourceVolume(grid, values, halfRise),
      note: `sLORETA of ${average.n} averaged spikes at their half rise, four spheres; standard deviations of the noise. ${spacing} mm between sources; neighbours are not told apart.`,
    },
    note,
  };
}

/** Places whose voxel is brain. */
function withinBrain(grid: SourceGrid, brain: Mask): SourceGrid {
  const [nx, ny, nz] = brain.shape;
  const kept = grid.places.flatMap((p: Point, i) => {
    const [x, y, z] = toVoxel(brain, p).map(Math.round) as [number, number, number];
    const inside = x >= 0 && y >= 0 && z >= 0 && x < nx && y < ny && z < nz;
    return inside && brain.data[x + nx * (y + ny * z)] ? [i] : [];
  });
  if (kept.length === 0) throw new DataError("empty-region", "no source lies in the brain");
  return {
    grid: grid.grid,
    places: kept.map((i) => grid.places[i] as Point),
    index: Int32Array.from(kept, (i) => grid.index[i] as number),
  };
}
