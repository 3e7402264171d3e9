/** What the reader has set: everything that undo takes back and a saved layout brings again. Plain data. */
import type { Point } from "@quintet/core";
import type { ColourMapName, LayoutName, Scene, SceneSurface, SceneVolume, SideConvention } from "@quintet/view";
import { traceStart } from "./study-time.ts";

export interface LayerState {
  readonly visible: boolean;
  readonly opacity: number;
  readonly range: readonly [number, number];
  readonly threshold: readonly [number, number] | null;
  /** Share of the range over which alpha rises below the threshold. */
  readonly ramp: number;
  readonly colourMap: ColourMapName;
  readonly contour: boolean;
  /** Only where it is steep, over what lies below: how well two images lie on each other. */
  readonly edges: boolean;
  /** Opacity is multiplied by the volume's confidence map. */
  readonly modulate: boolean;
  /** Which of the volume's units it is shown in; range and threshold are in that one. */
  readonly unit: number;
}

export type Blend = "over" | "swipe" | "checks";
export type PanelName =
  | "readout"
  | "layers"
  | "measures"
  | "registration"
  | "plots"
  | "quality"
  | "runs"
  | "report"
  | "live";

export interface TraceState {
  /** Seconds shown. */
  readonly seconds: number;
  /** Shown value per row height is divided by this. */
  readonly gain: number;
  readonly montage: string;
  readonly derived: string;
  /** Hz; 0 is off. */
  readonly highpass: number;
  readonly lowpass: number;
  readonly notch: number;
  readonly negativeUp: boolean;
}

export interface ViewState {
  readonly position: Point;
  /** s on the study clock. */
  readonly time: number;
  readonly convention: SideConvention;
  readonly noseLeft: boolean;
  readonly crosshair: boolean;
  readonly layers: Readonly<Record<string, LayerState>>;
  /** The layer that keys and the swipe act on. */
  readonly current: string;
  readonly blend: Blend;
  readonly swipe: number;
  readonly zoom: number;
  readonly pan: Point;
  readonly layout: LayoutName;
  readonly maximised: string | null;
  readonly yaw: number;
  readonly pitch: number;
  readonly zoom3d: number;
  readonly planes3d: boolean;
  readonly sensors: boolean;
  readonly sources: boolean;
  /** Opacity of surfaces by id; 0 is hidden. */
  readonly surfaces: Readonly<Record<string, number>>;
  readonly paintSurfaces: boolean;
  /** Surfaces that are shown are outlined on the cuts. */
  readonly outlines: boolean;
  readonly panel: PanelName;
  /** The region drawn about the crosshair: mm, and share of its maximum (0: all of it). */
  readonly sphere: { readonly radius: number; readonly share: number };
  /** Curves are of the voxel at the crosshair or of the sphere about it. */
  readonly curveOver: "voxel" | "sphere";
  readonly recording: string;
  /** Left end of the traces, s on the study clock (own clock for a recording without a link). */
  readonly from: number;
  readonly traces: Readonly<Record<string, TraceState>>;
  /** Highlighted channel, "RECORDING CHANNEL", or none. */
  readonly channel: string | null;
  /** Volumes with frames show the one at the time cursor. */
  readonly nudges: Readonly<Record<string, readonly number[]>>;
}

/** Surfaces whose name says scalp or skull let the brain be seen through them. */
const outer = /scalp|skin|skull|head/i;

export function layerStateOf(volume: SceneVolume): LayerState {
  return {
    visible: volume.visible,
    opacity: volume.opacity,
    range: volume.range,
    threshold: volume.threshold === undefined ? null : [volume.threshold, Number.MAX_VALUE],
    ramp: 0.1,
    colourMap: volume.colourMap,
    contour: false,
    edges: false,
    modulate: volume.confidence !== undefined,
    unit: 0,
  };
}

/** Unit a volume is shown in, and what a stored value is multiplied by for it. */
export function unitOf(volume: SceneVolume, layer: LayerState | undefined): { unit: string; scale: number } {
  return volume.units?.[layer?.unit ?? 0] ?? { unit: volume.unit, scale: volume.scale };
}

/** The layer in another of its volume's units: the same picture, its window told in that unit. */
export function inUnit(volume: SceneVolume, layer: LayerState, unit: number): Partial<LayerState> {
  const times = unitOf(volume, { ...layer, unit }).scale / unitOf(volume, layer).scale;
  const scaled = ([low, high]: readonly [number, number]): readonly [number, number] => [low * times, high * times];
  return {
    unit,
    range: scaled(layer.range),
    threshold: layer.threshold && [layer.threshold[0] * times, Math.min(Number.MAX_VALUE, layer.threshold[1] * times)],
  };
}

export const traceStateOf = (modality: string): TraceState => ({
  seconds: modality === "eeg" ? 10 : 60,
  gain: 1,
  montage: "",
  derived: modality === "fnirs" ? "hb" : "",
  highpass: modality === "eeg" ? 0.5 : 0,
  lowpass: 0,
  notch: 0,
  negativeUp: false,
});

export type SurfaceChoice = "head" | "cortex" | "inflated";

/** Opacities of surfaces as a head with clear outer ones, the cortex alone, or its blown up copies. */
export function surfacesOf(scene: Scene, choice: SurfaceChoice): Readonly<Record<string, number>> {
  const plain = (s: SceneSurface): number => (s.hidden ? 0 : outer.test(s.name) ? 0.15 : 1);
  return Object.fromEntries(
    scene.surfaces.map((s): [string, number] => {
      if (choice === "inflated") return [s.id, s.inflated ? 1 : 0];
      return [s.id, choice === "cortex" && outer.test(s.name) ? 0 : plain(s)];
    }),
  );
}

export function firstState(scene: Scene): ViewState {
  const offered = scene.volumes.filter(({ role }) => role !== "confidence");
  // A scene that asks for no layer is opened as a fusion all the same: PET over the anatomy, else the first layer.
  const overlays = offered.filter(({ role }) => role === "layer");
  const asked = overlays.some(({ visible }) => visible);
  const first = overlays.find(({ modality }) => modality === "pet") ?? overlays[0];
  const layers = offered.map((volume) => (!asked && volume === first ? { ...volume, visible: true } : volume));
  const current = layers.find(({ role, visible }) => role === "layer" && visible) ?? layers[0];
  const recording = scene.recordings.find(({ modality }) => modality === "eeg") ?? scene.recordings[0];
  return {
    position: scene.start.position,
    time: scene.start.time,
    convention: "RAD",
    noseLeft: true,
    crosshair: true,
    layers: Object.fromEntries(layers.map((volume) => [volume.id, layerStateOf(volume)])),
    current: current?.id ?? "",
    blend: "over",
    swipe: 0.5,
    zoom: 1,
    pan: [0, 0, 0],
    layout: "quad",
    maximised: null,
    yaw: 35,
    pitch: 18,
    zoom3d: 1,
    planes3d: true,
    sensors: true,
    sources: true,
    surfaces: surfacesOf(scene, "head"),
    paintSurfaces: true,
    outlines: true,
    panel: "readout",
    sphere: { radius: 10, share: 0 },
    curveOver: "voxel",
    recording: recording?.id ?? "",
    from: recording
      ? traceStart(recording, scene.start.time, traceStateOf(recording.modality).seconds)
      : scene.start.time,
    traces: Object.fromEntries(scene.recordings.map(({ id, modality }) => [id, traceStateOf(modality)])),
    channel: null,
    nudges: {},
  };
}

/**
 * A state saved for this study laid over the first one: what the scene no longer has is dropped, what is new keeps its default.
 */
export function restored(first: ViewState, saved: Partial<ViewState>): ViewState {
  const kept = <T>(
    fresh: Readonly<Record<string, T>>,
    old: Readonly<Record<string, T>> | undefined,
  ): Record<string, T> =>
    Object.fromEntries(Object.entries(fresh).map(([id, value]) => [id, { ...value, ...old?.[id] } as T]));
  const surfaces = Object.entries(first.surfaces).map(([id, value]) => [id, saved.surfaces?.[id] ?? value]);
  return {
    ...first,
    ...saved,
    layers: kept(first.layers, saved.layers),
    traces: kept(first.traces, saved.traces),
    surfaces: Object.fromEntries(surfaces),
    current: saved.current && saved.current in first.layers ? saved.current : first.current,
    recording: saved.recording && saved.recording in first.traces ? saved.recording : first.recording,
    channel: null,
    nudges: {},
  };
}
