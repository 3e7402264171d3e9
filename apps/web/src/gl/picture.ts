/** What the stage is asked to draw: plain data, made from the view's state; the same data draws the same pixels. */
import type { Point } from "@quintet/core";
import type { LayerLook, Pane, SideConvention } from "@quintet/view";
import type { DrawnArrow } from "./arrows.ts";

export interface DrawnLayer {
  /** Volume id; its frame was given to the stage before. */
  readonly id: string;
  readonly frame: number;
  readonly look: LayerLook;
  /** Shown value = voxel value * unitScale. */
  readonly unitScale: number;
  readonly kind: "value" | "contour" | "edges" | "labels";
  /** Volume id of a confidence map, 0 ... 1. */
  readonly confidence?: string;
  readonly part: "all" | "swipe" | "checks";
  /** Row-major 4x4, world mm: a nudge not yet used by a run. */
  readonly nudge?: readonly number[];
}

export interface DrawnSurface {
  readonly id: string;
  readonly colour: string;
  readonly opacity: number;
  /** Layers are painted on it, sampled below its surface. */
  readonly painted: boolean;
  /** A blown up copy: sensors have no place about it. */
  readonly inflated: boolean;
  /** Where it meets a cut a line is drawn. */
  readonly outline: boolean;
}

export interface DrawnDot {
  readonly position: Point;
  readonly colour: string;
  /** CSS pixels. */
  readonly size: number;
  /** 0 is not seen, 1 hides what is behind it; 1 when absent. */
  readonly clear?: number;
}

export interface StagePicture {
  readonly panes: readonly Pane[];
  /** CSS pixels of the canvas, and device pixels per CSS pixel. */
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
  readonly position: Point;
  readonly centre: Point;
  /** mm per CSS pixel at zoom 1 for a pane of 1 px: a pane of side s shows `side` mm. */
  readonly side: number;
  readonly zoom: number;
  readonly pan: Point;
  readonly convention: SideConvention;
  readonly noseLeft: boolean;
  readonly layers: readonly DrawnLayer[];
  readonly swipe: number;
  readonly yaw: number;
  readonly pitch: number;
  readonly zoom3d: number;
  readonly surfaces: readonly DrawnSurface[];
  readonly dots: readonly DrawnDot[];
  readonly arrows: readonly DrawnArrow[];
  /** The three cuts stand in the 3D pane. */
  readonly planes3d: boolean;
}
