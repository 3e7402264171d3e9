/** What the reader has set: everything that undo takes back and a saved layout brings again. Plain data. */
import type { Point } from "@quintet/core";
import type { ColourMapName, LayoutName, Scene, SceneVolume, SideConvention } from "@quintet/view";
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
  /** Opacity is multiplied by the volume's confidence map. */
  readonly modulate: boolean;
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
  /** Opacity of surfaces by id; 0 is hidden. */
  readonly surfaces: Readonly<Record<string, number>>;
  readonly paintSurfaces: boolean;
  readonly panel: PanelName;
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
    modulate: volume.confidence !== undefined,
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
    surfaces: Object.fromEntries(scene.surfaces.map(({ id, name }) => [id, outer.test(name) ? 0.15 : 1])),
    paintSurfaces: true,
    panel: "readout",
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
