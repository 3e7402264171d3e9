/** Spikes of an EEG and where they come from, for the report: averages, an image on the T1 and on the cortex, a dipole. */
import { DataError, type Mask, type Montage, type Point, type Recording, toVoxel } from "@quintet/core";
import { cutEpochs, fitSphere, type NoiseCovariance } from "@quintet/kernels";
import {
  clusterSpikes,
  cortexSources,
  detectSpikes,
  dipoleAt,
  estimateSources,
  headShells,
  overCortex,
  restCovariance,
  type SourceData,
  type SourceGrid,
  type SpikeCluster,
  sourceData,
  sourceVolume,
  sphereGrid,
  sphereHead,
} from "@quintet/modalities/eeg";
import type { EegSources, EegView, ImageLayer } from "@quintet/view";
import type { HeadCortex } from "../head/outcome.ts";
import { averageCurves, largestChannel, mapAt, singleTrials } from "./eeg-averages.ts";

export interface SpikeSources {
  readonly layers: readonly ImageLayer[];
  readonly evoked: NonNullable<EegView["evoked"]>;
  readonly sources?: EegSources;
  /** What was found, in a sentence; empty without spikes. */
  readonly note: string;
}

const layerId = "eeg-spike-sources";
/** mm between sources: finer than the spheres' own error would promise what they do not hold. */
const spacing = 8;
/** mm between sources on the cortex. */
const cortexSpacing = 7;
/** Fewest spikes of a kind that are worth a source. */
const fewest = 5;

/**
 * @param plain EEG channels against their average, bad ones marked, unfiltered
 * @param clean the same within the wing's pass band
 * @param montage on this head's scalp, in the brain's space; without it averages alone
 * @param cortices of both sides, where they could be made
 */
export function spikeSources(
  plain: Recording,
  clean: Recording,
  montage: Montage | undefined,
  brain: Mask | undefined,
  cortices: readonly HeadCortex[] = [],
): SpikeSources {
  try {
    const spikes = detectSpikes(plain);
    const [largest] = spikes.length === 0 ? [] : clusterSpikes(clean, spikes, { fewest });
    if (!largest) return { layers: [], evoked: [], note: "" };
    const found = montage && brain && located(clean, largest, montage, brain, cortices);
    return {
      layers: found ? [found.layer] : [],
      evoked: [averageView(clean, largest)],
      ...(found ? { sources: found.sources } : {}),
      note: `${largest.members.length} spikes of one kind, largest at ${largest.channel} (${signed(1e6 * largest.amplitude)} µV), found by their envelope and read by nobody.`,
    };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    return { layers: [], evoked: [], note: `Spikes were not sought: ${error.message}.` };
  }
}

/** s around the peaks that single spikes are shown over. */
const shown = [-0.3, 0.5] as const;

function averageView(
  clean: Recording,
  { average, peaks, halfRise }: SpikeCluster,
): NonNullable<EegView["evoked"]>[number] {
  const events = { clock: clean.clock, list: peaks.map((onset) => ({ onset, duration: 0, type: "spike" })) };
  const epochs = cutEpochs(clean, events, ({ kind }) => kind === "eeg", { window: shown, baseline: [-0.3, -0.1] });
  const at = (time: number): number => nearest(average.times, time);
  return {
    name: "spikes",
    ...averageCurves(average),
    single: singleTrials(epochs, epochs.data, largestChannel(average)),
    maps: [
      mapAt(average, at(halfRise), `half rise, −${Math.round(-1000 * halfRise)} ms`),
      mapAt(average, at(0), "peak, 0 ms"),
    ],
  };
}

const signed = (value: number): string => value.toFixed(0).replace("-", "−");

function nearest(times: Float64Array, time: number): number {
  return times.reduce((best, t, i) => (Math.abs(t - time) < Math.abs((times[best] as number) - time) ? i : best), 0);
}

function located(
  clean: Recording,
  { average, peaks, halfRise }: SpikeCluster,
  montage: Montage,
  brain: Mask,
  cortices: readonly HeadCortex[],
): { readonly layer: ImageLayer; readonly sources: EegSources } {
  const channels = average.channels.filter(({ status }) => status !== "bad").map(({ name }) => name);
  const head = sphereHead(montage, channels);
  const { centre, radius } = fitSphere(head.electrodes);
  const grid = withinBrain(sphereGrid(montage.space, centre, headShells[0].share * radius - 2, spacing), brain);
  const data = sourceData(average, head);
  const noise = restCovariance(clean, peaks, data.channels, average.n);
  const { amplitudes } = estimateSources(data, grid.places, noise, { method: "sloreta" });
  const sample = nearest(data.times, halfRise);
  const values = amplitudes.map((a) => a[sample] as number);
  const top = values.reduce((a, b) => Math.max(a, b));
  const largest = grid.places[values.indexOf(top)] as Point;
  const dipole = dipoleAt(data, halfRise, grid.places, noise);
  const point = (p: Point): string => p.map(signed).join(", ");
  const axes = dipole.axes.map(({ length }) => length);
  const note = `Sources at the half rise, ${Math.round(-1000 * halfRise)} ms before the peak, in four spheres fitted to the electrodes (sLORETA). One dipole lies at ${point(dipole.position)} mm and explains ${Math.round(100 * dipole.goodness)} % (95 % ellipsoid ${axes.map((a) => a.toFixed(0)).join(" x ")} mm, for noise alone: the model's own error is larger).`;
  const inner = headShells[0].share * radius - 2;
  const cortex = cortexView(cortices, data, noise, {
    sample,
    inside: (p) => Math.hypot(p[0] - centre[0], p[1] - centre[1], p[2] - centre[2]) <= inner,
  });
  return {
    layer: {
      kind: "image",
      id: layerId,
      modality: "eeg",
      name: "Spike sources",
      unit: "1",
      range: [0, top],
      threshold: top / 2,
      colourMap: "inferno",
      volume: sourceVolume(grid, values, halfRise),
      insideBrain: true,
      note: `sLORETA of ${average.n} averaged spikes at their half rise, four spheres; standard deviations of the noise. ${spacing} mm between sources; neighbours are not told apart.`,
    },
    sources: {
      note,
      time: halfRise,
      layer: layerId,
      largest,
      dipole: { position: dipole.position, goodness: dipole.goodness, axes },
      ...(cortex ? { cortex } : {}),
    },
  };
}

/** The same average on the cortex, moments across it with a fifth of their variance along it (MNE-Python's loose orientation). */
function cortexView(
  cortices: readonly HeadCortex[],
  data: SourceData,
  noise: NoiseCovariance,
  { sample, inside }: { readonly sample: number; readonly inside: (place: Point) => boolean },
): EegSources["cortex"] {
  const sides = cortices.flatMap(({ side, made }) => {
    if (!made) return [];
    try {
      return [{ side, on: cortexSources(made.surface, made.normals, { spacing: cortexSpacing, inside }) }];
    } catch (error) {
      if (error instanceof DataError) return [];
      throw error;
    }
  });
  if (sides.length === 0) return undefined;
  const places = sides.flatMap(({ on }) => on.places);
  const { amplitudes } = estimateSources(data, places, noise, {
    method: "sloreta",
    normals: sides.flatMap(({ on }) => on.normals),
  });
  const values = amplitudes.map((a) => a[sample] as number);
  const top = values.reduce((a, b) => Math.max(a, b));
  const [x, y, z] = places[values.indexOf(top)] as Point;
  let from = 0;
  const parts = sides.map(({ side, on }) => {
    const own = values.slice(from, from + on.places.length);
    from += on.places.length;
    return {
      name: side === "left" ? ("L" as const) : ("R" as const),
      surface: on.surface,
      values: overCortex(on, own),
    };
  });
  return {
    parts,
    unit: "standard deviations of the noise",
    range: [0, top],
    threshold: top / 2,
    note: `sLORETA at ${places.length} places of the mid-grey cortex, ${cortexSpacing} mm apart, moments across it (loose 0.2); largest at ${[x, y, z].map(signed).join(", ")} mm. Smoothed between the places.`,
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
