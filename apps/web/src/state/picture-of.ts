/** View state + scene -> what the stage draws. */
import type { Point } from "@quintet/core";
import { affineOf, apply } from "@quintet/core";
import type { LayerLook, LayoutName, Pane, Scene, SceneVolume } from "@quintet/view";
import { frameAt, layoutPanes } from "@quintet/view";
import { arrowsOf } from "../gl/arrows.ts";
import type { DrawnDot, DrawnLayer, StagePicture } from "../gl/picture.ts";
import type { LayerState, ViewState } from "./view-state.ts";
import { unitOf } from "./view-state.ts";

export interface CanvasSize {
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
}

/** Anatomy first, then layers, labels on top; `confidence` volumes are no layers. At most six are drawn. */
export function stackOrder(scene: Scene): readonly SceneVolume[] {
  const rank = { anatomy: 0, layer: 1, labels: 2, confidence: 3 } as const;
  return scene.volumes.filter(({ role }) => role !== "confidence").toSorted((a, b) => rank[a.role] - rank[b.role]);
}

export function lookOf({ colourMap, range, threshold, ramp, opacity }: LayerState): LayerLook {
  return { colourMap, range, ramp, opacity, ...(threshold ? { threshold } : {}) };
}

export function frameOf(volume: SceneVolume, time: number): { readonly index: number; readonly inside: boolean } {
  if (volume.frames.length === 0) return { index: 0, inside: false };
  return frameAt(volume.frames, time);
}

/** The cube all images lie in: middle and edge of the anatomy's box, mm. */
export function fieldOf(scene: Scene): { readonly centre: Point; readonly side: number } {
  const first = stackOrder(scene)[0];
  if (!first) return { centre: scene.start.position, side: 220 };
  const affine = affineOf(first.affine);
  const [low, high] = [
    [1e9, 1e9, 1e9],
    [-1e9, -1e9, -1e9],
  ];
  for (let corner = 0; corner < 8; corner++) {
    const voxel = [0, 1, 2].map((k) =>
      (corner >> k) & 1 ? (first.shape[k] as number) - 0.5 : -0.5,
    ) as unknown as Point;
    for (const [k, v] of apply(affine, voxel).entries()) {
      low[k] = Math.min(low[k] as number, v);
      high[k] = Math.max(high[k] as number, v);
    }
  }
  const centre = [0, 1, 2].map((k) => ((low[k] as number) + (high[k] as number)) / 2) as unknown as Point;
  return { centre, side: Math.max(...[0, 1, 2].map((k) => (high[k] as number) - (low[k] as number))) };
}

const mostLayers = 6;

export function shownVolumes(scene: Scene, state: ViewState): readonly SceneVolume[] {
  return stackOrder(scene)
    .filter(({ id }) => state.layers[id]?.visible)
    .slice(0, mostLayers);
}

export function panesOf(scene: Scene, state: ViewState, size: CanvasSize): readonly Pane[] {
  const layers = shownVolumes(scene, state)
    .slice(1)
    .map(({ id }) => id);
  const layout: LayoutName = state.layout;
  return layoutPanes(layout, {
    width: size.width,
    height: size.height,
    maximised: state.maximised ?? undefined,
    layers,
  });
}

export interface PictureOptions {
  /** The frame to show of a volume: the wanted one when it is here, else the last that was. */
  readonly frame: (volume: SceneVolume) => number;
  /** The current layer is hidden while this key is held. */
  readonly blink: boolean;
  readonly dots: readonly DrawnDot[];
  readonly field: { readonly centre: Point; readonly side: number };
}

export function pictureOf(scene: Scene, state: ViewState, size: CanvasSize, options: PictureOptions): StagePicture {
  const layers = shownVolumes(scene, state).flatMap((volume, i): DrawnLayer[] => {
    const layer = state.layers[volume.id] as LayerState;
    const current = volume.id === state.current;
    if (current && options.blink) return [];
    const parted = current && state.blend !== "over" && i > 0;
    const nudge = volume.registration === undefined ? undefined : state.nudges[volume.registration];
    const look = lookOf(layer);
    return [
      {
        id: volume.id,
        frame: options.frame(volume),
        look: volume.role === "anatomy" ? { ...look, ramp: 0 } : parted ? { ...look, opacity: 1 } : look,
        unitScale: volume.role === "labels" ? 1 : unitOf(volume, layer).scale,
        kind: volume.role === "labels" ? "labels" : layer.edges ? "edges" : layer.contour ? "contour" : "value",
        part: parted ? (state.blend === "swipe" ? "swipe" : "checks") : "all",
        ...(layer.modulate && volume.confidence ? { confidence: volume.confidence } : {}),
        ...(nudge ? { nudge } : {}),
      },
    ];
  });
  return {
    panes: panesOf(scene, state, size),
    ...size,
    position: state.position,
    centre: options.field.centre,
    side: options.field.side,
    zoom: state.zoom,
    pan: state.pan,
    convention: state.convention,
    noseLeft: state.noseLeft,
    layers,
    swipe: state.swipe,
    yaw: state.yaw,
    pitch: state.pitch,
    zoom3d: state.zoom3d,
    surfaces: scene.surfaces.flatMap(({ id, colour, inflated }) => {
      const opacity = state.surfaces[id] ?? 0;
      const painted = state.paintSurfaces && opacity >= 1;
      const isInflated = inflated !== undefined;
      const outline = state.outlines && !isInflated;
      return opacity > 0 ? [{ id, colour, opacity, painted, outline, inflated: isInflated }] : [];
    }),
    dots: options.dots,
    arrows: state.sources ? arrowsOf(scene.sources) : [],
    planes3d: state.planes3d,
  };
}
