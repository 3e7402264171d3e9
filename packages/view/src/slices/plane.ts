/**
 * Where the pixels of a cut through the head lie in world mm (RAS+), and which way the viewer looks.
 *
 * Radiological (RAD): axial seen from the feet, coronal from the front, so the viewer's right is the patient's LEFT.
 * Neurological (NEURO): the viewer's right is the patient's right. Sagittal cuts do not change with it: the nose
 * is on the viewer's left unless `noseLeft` is false. Anterior is up in axial, superior is up in the others.
 */
import type { Point } from "@quintet/core";

export type PlaneName = "axial" | "coronal" | "sagittal";
export type SideConvention = "RAD" | "NEURO";

/** A cube of world around the head. */
export interface FieldOfView {
  readonly centre: Point;
  /** Edge length, mm. */
  readonly side: number;
}

export interface SlicePlane {
  readonly plane: PlaneName;
  readonly convention: SideConvention;
  /** Coordinate of the cut along its normal, mm. */
  readonly at: number;
  /** World mm of the middle of the top left pixel. */
  readonly origin: Point;
  /** World mm per pixel to the right and downwards. */
  readonly right: Point;
  readonly down: Point;
  /** Pixels per row and per column. */
  readonly size: number;
  /** mm. */
  readonly pixel: number;
  /** Letters at the edges as the viewer sees them. */
  readonly marks: { readonly left: string; readonly right: string; readonly top: string; readonly bottom: string };
}

export interface PlaneOptions {
  readonly pixel: number;
  readonly convention?: SideConvention;
  readonly noseLeft?: boolean;
}

const normalOf: Record<PlaneName, 0 | 1 | 2> = { axial: 2, coronal: 1, sagittal: 0 };
export const axisName: Record<PlaneName, "x" | "y" | "z"> = { axial: "z", coronal: "y", sagittal: "x" };

/** The cut through `through` (RAS mm), as wide as the field of view. */
export function slicePlane(plane: PlaneName, through: Point, view: FieldOfView, options: PlaneOptions): SlicePlane {
  const { pixel, convention = "RAD", noseLeft = true } = options;
  const size = Math.max(1, Math.round(view.side / pixel));
  const toRight = plane === "sagittal" ? (noseLeft ? -1 : 1) : convention === "RAD" ? -1 : 1;
  const across = plane === "sagittal" ? 1 : 0;
  const up = plane === "axial" ? 1 : 2;
  const vector = (axis: number, step: number): Point =>
    [0, 1, 2].map((k) => (k === axis ? step : 0)) as unknown as Point;
  const half = ((size - 1) / 2) * pixel;
  const origin: [number, number, number] = [...through];
  origin[across] = (view.centre[across] as number) - toRight * half;
  origin[up] = (view.centre[up] as number) + half;
  const ends = plane === "sagittal" ? ["P", "A"] : ["L", "R"];
  return {
    plane,
    convention,
    at: through[normalOf[plane]],
    origin,
    right: vector(across, toRight * pixel),
    down: vector(up, -pixel),
    size,
    pixel,
    marks: {
      left: (toRight < 0 ? ends[1] : ends[0]) as string,
      right: (toRight < 0 ? ends[0] : ends[1]) as string,
      top: plane === "axial" ? "A" : "S",
      bottom: plane === "axial" ? "P" : "I",
    },
  };
}

/** Column and row (fractional) under which a world point is seen, and its distance in front of the cut, mm. */
export function onPlane(slice: SlicePlane, point: Point): { column: number; row: number; distance: number } {
  const from = point.map((c, k) => c - (slice.origin[k] as number));
  const along = (v: Point): number => from.reduce((sum, c, k) => sum + c * (v[k] as number), 0) / slice.pixel ** 2;
  const normal = normalOf[slice.plane];
  return { column: along(slice.right), row: along(slice.down), distance: point[normal] - slice.at };
}
