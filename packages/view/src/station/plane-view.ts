/**
 * A cut through the head in a window of any size: world mm (RAS+) of each pixel, and back.
 *
 *   world(x, y) = centre' + (x - w/2) right + (y - h/2) down,   right, down: mm per pixel
 *
 * where centre' is the view's centre moved along the normal onto the cut. x and y count from the window's upper left
 * corner; pixel centres lie at halves. Sides as in slices/plane.ts: radiological shows the patient's left on the
 * viewer's right; sagittal cuts look towards the nose on the left unless `noseLeft` is false.
 */
import type { Point } from "@quintet/core";
import type { PlaneName, SideConvention } from "../slices/plane.ts";

export interface PlaneView {
  readonly plane: PlaneName;
  readonly convention: SideConvention;
  readonly noseLeft: boolean;
  /** World point in the middle of the window. */
  readonly centre: Point;
  /** Coordinate of the cut along its normal, mm. */
  readonly at: number;
  /** mm per pixel. */
  readonly scale: number;
  readonly width: number;
  readonly height: number;
}

/** World mm of the upper left corner, and world mm per pixel to the right and downwards. */
export interface PlaneFrame {
  readonly corner: Point;
  readonly right: Point;
  readonly down: Point;
}

export interface EdgeLetters {
  readonly left: string;
  readonly right: string;
  readonly top: string;
  readonly bottom: string;
}

export const planeNames: readonly PlaneName[] = ["axial", "coronal", "sagittal"];
const normals: Record<PlaneName, 0 | 1 | 2> = { axial: 2, coronal: 1, sagittal: 0 };

/** Index of the world axis a cut is perpendicular to: 0 x, 1 y, 2 z. */
export function planeNormal(plane: PlaneName): 0 | 1 | 2 {
  return normals[plane];
}

function axes(view: Pick<PlaneView, "plane" | "convention" | "noseLeft">): {
  readonly across: 0 | 1;
  readonly up: 1 | 2;
  readonly sign: 1 | -1;
} {
  const { plane, convention, noseLeft } = view;
  const mirrored = plane === "sagittal" ? noseLeft : convention === "RAD";
  return { across: plane === "sagittal" ? 1 : 0, up: plane === "axial" ? 1 : 2, sign: mirrored ? -1 : 1 };
}

export function planeFrame(view: PlaneView): PlaneFrame {
  const { across, up, sign } = axes(view);
  const right: [number, number, number] = [0, 0, 0];
  const down: [number, number, number] = [0, 0, 0];
  right[across] = sign * view.scale;
  down[up] = -view.scale;
  const corner: [number, number, number] = [...view.centre];
  corner[normals[view.plane]] = view.at;
  corner[across] -= sign * view.scale * (view.width / 2);
  corner[up] += view.scale * (view.height / 2);
  return { corner, right, down };
}

export function worldAt(view: PlaneView, x: number, y: number): [number, number, number] {
  const { corner, right, down } = planeFrame(view);
  return [0, 1, 2].map(
    (k) => (corner[k] as number) + x * (right[k] as number) + y * (down[k] as number),
  ) as unknown as [number, number, number];
}

/** Pixel under which a world point is seen, and how far it lies in front of the cut (along +normal), mm. */
export function pixelAt(view: PlaneView, point: Point): { x: number; y: number; distance: number } {
  const { across, up, sign } = axes(view);
  return {
    x: view.width / 2 + (sign * (point[across] - view.centre[across])) / view.scale,
    y: view.height / 2 - (point[up] - view.centre[up]) / view.scale,
    distance: point[normals[view.plane]] - view.at,
  };
}

/** What the viewer sees at the four edges. */
export function edgeLetters(view: Pick<PlaneView, "plane" | "convention" | "noseLeft">): EdgeLetters {
  const { sign } = axes(view);
  const [low, high] = view.plane === "sagittal" ? ["P", "A"] : ["L", "R"];
  const [top, bottom] = view.plane === "axial" ? ["A", "P"] : ["S", "I"];
  return {
    left: (sign > 0 ? low : high) as string,
    right: (sign > 0 ? high : low) as string,
    top: top as string,
    bottom: bottom as string,
  };
}
