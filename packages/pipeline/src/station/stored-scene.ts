/** What a run leaves for the workstation beside its results: how each image is shown, where sensors lie, what is linked. */
import type { LabelVolume, Modality, Point, QcFinding, Seconds, StudyFile, TimeMap, Volume } from "@quintet/core";
import type { ColourMapName, Layer, ReportModel, SceneSensor, SceneVolume, StationPlots } from "@quintet/view";
import type { WingOutcome } from "../recipes/five/outcome.ts";
import { largest, percentiles } from "./scale.ts";
import { storedPlots } from "./stored-plots.ts";

/** sub-XX_scene.json. Paths are relative to the derivatives folder, sources to the study. */
export interface StoredScene {
  readonly format: "quintet-scene";
  readonly version: 1;
  readonly layers: readonly StoredLayer[];
  /** Scale and labels of every published image, so that nothing is decoded to draw up the scene. */
  readonly images: Readonly<Record<string, StoredImage>>;
  /** Scale of each raw image that was registered, in the unit inside. */
  readonly rawRanges: Readonly<Record<string, readonly [number, number]>>;
  readonly surfaces: readonly StoredSurface[];
  readonly sensors: readonly SceneSensor[];
  /** The cortex under a pair of optodes, by the channel's name. */
  readonly pairs: Readonly<Record<string, Point>>;
  readonly badChannels: Readonly<Partial<Record<Modality, readonly string[]>>>;
  readonly tracks: readonly StoredTrack[];
  /** The raw file that each registration places, by the registration's name. */
  readonly registered: Readonly<Record<string, string>>;
  readonly qc: readonly QcFinding[];
  readonly plots: Omit<StationPlots, "fingerprint">;
  readonly start?: Point;
}

export interface StoredImage {
  readonly range: readonly [number, number];
  readonly type: SceneVolume["type"];
  readonly labels?: Readonly<Record<number, string>>;
}

export interface StoredSurface {
  readonly path: string;
  readonly name: string;
  readonly colour: string;
}

export interface StoredLayer {
  readonly path: string;
  readonly modality: Modality;
  readonly name: string;
  readonly unit: string;
  readonly scale: number;
  readonly range: readonly [number, number];
  readonly threshold?: number;
  readonly colourMap: ColourMapName;
  readonly opacity?: number;
  readonly note: string;
  readonly registrationError?: number;
  readonly insideBrain: boolean;
  /** World mm of the file -> world mm of the anatomy, row-major 4x4; identity when absent. */
  readonly toAnatomy?: readonly number[];
  /** Name of the registration that is in it. */
  readonly registration?: string;
  /** Id of the stream it was measured by: pet, spect, ictal, bold. */
  readonly stream: string;
}

export interface StoredTrack {
  /** pet, spect, ictal, eeg, fnirs, bold: as in sub-XX_clock.json. */
  readonly id: string;
  /** Path of the raw file in the study. */
  readonly source: string;
  readonly modality: Modality;
  readonly name: string;
  readonly map?: TimeMap;
  readonly blocks: readonly { readonly start: Seconds; readonly duration: Seconds; readonly label?: string }[];
  readonly instants: readonly { readonly time: Seconds; readonly label: string }[];
}

export interface SceneSources {
  readonly model: ReportModel;
  readonly outcomes: readonly WingOutcome[];
  /** Stream ids of the model's tracks, in their order. */
  readonly streams: readonly string[];
  /** Raw file by stream id. */
  readonly used: Readonly<Record<string, StudyFile>>;
  /** Raw file by registration name. */
  readonly registered: Readonly<Record<string, string>>;
  readonly surfaces: readonly StoredSurface[];
  readonly subject: string;
}

/** Only images that are published are shown: a layer is found again by the volume it shares with one of them. */
export function storedScene(sources: SceneSources): StoredScene {
  const { model, outcomes, registered, surfaces, subject } = sources;
  const layers = outcomes.flatMap((outcome) =>
    [...outcome.layers, ...tomographyLayers(outcome)].flatMap((layer): readonly StoredLayer[] => {
      const image = layer.kind === "image" && outcome.images.find(({ volume }) => volume === layer.volume);
      if (layer.kind !== "image" || !image) return [];
      const { modality, name, unit, scale = 1, range, threshold, colourMap, opacity, note, registrationError } = layer;
      const check =
        outcome.registrations.find(({ expectedError }) => expectedError === registrationError) ??
        outcome.registrations[0];
      return [
        {
          path: imagePath(subject, image.datatype, image.suffix),
          modality,
          name,
          unit,
          scale,
          range,
          colourMap,
          note,
          insideBrain: layer.insideBrain ?? false,
          stream: streamOf(layer.id),
          ...(threshold === undefined ? {} : { threshold }),
          ...(opacity === undefined ? {} : { opacity }),
          ...(registrationError === undefined ? {} : { registrationError }),
          ...(layer.toAnatomy ? { toAnatomy: [...layer.toAnatomy] } : {}),
          ...(registrationError === undefined || !check ? {} : { registration: check.name }),
        },
      ];
    }),
  );
  const images = outcomes.flatMap((outcome) =>
    outcome.images.map(
      ({ datatype, suffix, volume }) => [imagePath(subject, datatype, suffix), storedImage(volume)] as const,
    ),
  );
  const rawRanges = model.registrations.flatMap(({ name, volume }) => {
    const source = registered[name];
    return source === undefined ? [] : [[source, percentiles(volume.data)] as const];
  });
  const start = model.crosshair?.position;
  return {
    format: "quintet-scene",
    version: 1,
    layers,
    images: Object.fromEntries(images),
    rawRanges: Object.fromEntries(rawRanges),
    surfaces,
    sensors: sensorsOf(model),
    pairs: Object.fromEntries(
      model.layers.flatMap((layer) =>
        layer.kind === "sensors" && layer.modality === "fnirs"
          ? layer.points.flatMap(({ name, cortex }) => (cortex ? [[name, cortex]] : []))
          : [],
      ),
    ),
    badChannels: {
      ...(model.eeg ? { eeg: model.eeg.badChannels } : {}),
      ...(model.fnirs
        ? { fnirs: model.fnirs.channels.flatMap(({ name, status }) => (status === "bad" ? [name] : [])) }
        : {}),
    },
    tracks: tracksOf(sources.model, sources),
    registered,
    qc: model.qc,
    plots: storedPlots(model),
    ...(start ? { start } : {}),
  };
}

/** Shown in the report's own section, not among its fused layers. */
function tomographyLayers({ fnirs }: WingOutcome): readonly Layer[] {
  const { maps = [], sensitivity } = fnirs?.tomography ?? {};
  return [...maps.flatMap(({ hbo, hbr }) => [hbo, hbr]), ...(sensitivity ? [sensitivity] : [])];
}

function imagePath(subject: string, datatype: string, suffix: string): string {
  return `sub-${subject}/${datatype}/sub-${subject}_${suffix}.nii.gz`;
}

/** As decode.ts will find it in the file. */
function storedImage(volume: Volume | LabelVolume): StoredImage {
  if (!("names" in volume)) return { range: percentiles(volume.data), type: "float32" };
  const top = largest(volume.data);
  return { range: [0, top], type: top < 256 ? "uint8" : "uint16", labels: Object.fromEntries(volume.names) };
}

/** The first word of a layer's id is the wing's; SISCOM is dated by its ictal scan. */
function streamOf(id: string): string {
  const [word = ""] = id.split("-");
  return word === "siscom" ? "ictal" : word;
}

function sensorsOf({ eeg, fnirs, layers }: ReportModel): readonly SceneSensor[] {
  const cortex = new Map(
    layers.flatMap((layer) =>
      layer.kind === "sensors" && layer.modality === "eeg"
        ? layer.points.flatMap((point) => (point.cortex ? [[point.name, point.cortex] as const] : []))
        : [],
    ),
  );
  const kinds = new Set(["electrode", "source", "detector"]);
  const of = (modality: "eeg" | "fnirs", bad: readonly string[]): readonly SceneSensor[] =>
    ((modality === "eeg" ? eeg : fnirs)?.sensors ?? []).flatMap(({ name, kind, position }) => {
      if (!position || !kinds.has(kind)) return [];
      const under = modality === "eeg" ? cortex.get(name) : undefined;
      return [
        {
          name,
          modality,
          kind: kind as SceneSensor["kind"],
          position,
          ...(under ? { cortex: under } : {}),
          ...(bad.includes(name) ? { bad: true } : {}),
        },
      ];
    });
  return [...of("eeg", eeg?.badChannels ?? []), ...of("fnirs", [])];
}

function tracksOf({ clock }: ReportModel, { streams, used }: SceneSources): readonly StoredTrack[] {
  return (clock?.tracks ?? []).flatMap(({ modality, name, map, blocks, instants }, k) => {
    const id = streams[k] as string;
    const source = used[id]?.path;
    return source === undefined ? [] : [{ id, source, modality, name, blocks, instants, ...(map ? { map } : {}) }];
  });
}
