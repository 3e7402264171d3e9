/** A surface with a value at each vertex, seen from a fixed side: orthographic, nearest face first. */
import type { Point, Surface } from "@quintet/core";
import { type ColourMapName, colourAt } from "../colour/colour-map.ts";
import type { Picture } from "../slices/png.ts";

/** Sides from which a brain is looked at; medial views show one hemisphere from the middle. */
export const surfaceViews = [
  "right lateral",
  "left lateral",
  "superior",
  "inferior",
  "anterior",
  "posterior",
  "right medial",
  "left medial",
] as const;
export type SurfaceView = (typeof surfaceViews)[number];

/** Of each view: towards the viewer, to the right of the picture, upwards; RAS. */
const frames: Readonly<Record<SurfaceView, readonly [Vector, Vector, Vector]>> = {
  "right lateral": [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  "left lateral": [
    [-1, 0, 0],
    [0, -1, 0],
    [0, 0, 1],
  ],
  superior: [
    [0, 0, 1],
    [1, 0, 0],
    [0, 1, 0],
  ],
  inferior: [
    [0, 0, -1],
    [-1, 0, 0],
    [0, 1, 0],
  ],
  anterior: [
    [0, 1, 0],
    [-1, 0, 0],
    [0, 0, 1],
  ],
  posterior: [
    [0, -1, 0],
    [1, 0, 0],
    [0, 0, 1],
  ],
  "right medial": [
    [-1, 0, 0],
    [0, -1, 0],
    [0, 0, 1],
  ],
  "left medial": [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
};
type Vector = readonly [number, number, number];

export interface SurfacePaint {
  /** One value a vertex; where it is not finite the surface is plain gray. */
  readonly values: Float32Array;
  readonly range: readonly [low: number, high: number];
  readonly colourMap: ColourMapName;
  /** Values between these are plain gray: what is not remarkable. */
  readonly hide?: readonly [low: number, high: number];
}

export interface SurfaceViewOptions {
  readonly view: SurfaceView;
  /** Pixels a millimetre; default 2. */
  readonly scale?: number;
  /** Sides of the picture in mm; default what the surface needs. */
  readonly extent?: readonly [width: number, height: number];
}

const plain = [176, 176, 176] as const;

/**
 * Draws surfaces as one picture (RGBA, clear where there is nothing): each pixel shows the face nearest to the viewer, its vertices'
 * values interpolated, shaded by 0.45 + 0.55 cos of the face's turn away from the viewer.
 */
export function surfacePicture(
  parts: readonly { readonly surface: Surface; readonly paint: SurfacePaint }[],
  { view, scale = 2, extent }: SurfaceViewOptions,
): Picture {
  const [towards, right, up] = frames[view];
  const bounds = boundsOf(
    parts.map(({ surface }) => surface),
    right,
    up,
  );
  const [width, height] = extent ?? [bounds.width + 4, bounds.height + 4];
  const [nx, ny] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  const depth = new Float32Array(nx * ny).fill(Number.NEGATIVE_INFINITY);
  const pixels = new Uint8Array(4 * nx * ny);
  for (const { surface, paint } of parts) {
    const points = projected(surface, [right, up, towards], {
      scale,
      left: bounds.middle[0] - nx / scale / 2,
      top: bounds.middle[1] + ny / scale / 2,
    });
    for (let f = 0; f + 2 < surface.faces.length; f += 3) {
      const corners = [surface.faces[f], surface.faces[f + 1], surface.faces[f + 2]] as [number, number, number];
      drawFace(points, corners, paint, { nx, ny, depth, pixels });
    }
  }
  return { width: nx, height: ny, channels: 4, pixels };
}

/** Where a point lies on the picture that `surfacePicture` draws of these surfaces, and how far towards the viewer, mm. */
export function onPicture(
  surfaces: readonly Surface[],
  { view, scale = 2, extent }: SurfaceViewOptions,
): (point: Point) => { readonly x: number; readonly y: number; readonly depth: number } {
  const [towards, right, up] = frames[view];
  const { width, height, middle } = boundsOf(surfaces, right, up);
  const [wide, high] = extent ?? [width + 4, height + 4];
  const [nx, ny] = [Math.max(1, Math.round(wide * scale)), Math.max(1, Math.round(high * scale))];
  const dot = (a: Vector, p: Point): number => a[0] * p[0] + a[1] * p[1] + a[2] * p[2];
  return (p) => ({
    x: nx / 2 + (dot(right, p) - middle[0]) * scale,
    y: ny / 2 - (dot(up, p) - middle[1]) * scale,
    depth: dot(towards, p),
  });
}

interface Canvas {
  readonly nx: number;
  readonly ny: number;
  readonly depth: Float32Array;
  readonly pixels: Uint8Array;
}

/** [vertex][column, row, depth]. */
function projected(
  { vertices }: Surface,
  axes: readonly [Vector, Vector, Vector],
  { scale, left, top }: { readonly scale: number; readonly left: number; readonly top: number },
): Float64Array {
  const out = new Float64Array(vertices.length);
  for (let v = 0; v < vertices.length; v += 3) {
    const along = (axis: Vector): number =>
      axis[0] * (vertices[v] as number) + axis[1] * (vertices[v + 1] as number) + axis[2] * (vertices[v + 2] as number);
    out[v] = (along(axes[0]) - left) * scale;
    out[v + 1] = (top - along(axes[1])) * scale;
    out[v + 2] = along(axes[2]) * scale;
  }
  return out;
}

function drawFace(
  points: Float64Array,
  [a, b, c]: readonly [number, number, number],
  paint: SurfacePaint,
  { nx, ny, depth, pixels }: Canvas,
): void {
  const at = (v: number, k: number): number => points[3 * v + k] as number;
  const [ax, ay, bx, by, cx, cy] = [at(a, 0), at(a, 1), at(b, 0), at(b, 1), at(c, 0), at(c, 1)];
  const area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay);
  // Rows run downwards: faces that look at the viewer run clockwise here.
  if (!(area < 0)) return;
  const shade = 0.45 + 0.55 * facing(points, a, b, c);
  const [low, high] = [
    Math.max(0, Math.ceil(Math.min(ay, by, cy) - 0.5)),
    Math.min(ny - 1, Math.floor(Math.max(ay, by, cy) - 0.5)),
  ];
  const [from, to] = [
    Math.max(0, Math.ceil(Math.min(ax, bx, cx) - 0.5)),
    Math.min(nx - 1, Math.floor(Math.max(ax, bx, cx) - 0.5)),
  ];
  const { values } = paint;
  for (let y = low; y <= high; y++) {
    for (let x = from; x <= to; x++) {
      const [px, py] = [x + 0.5, y + 0.5];
      const wa = ((bx - px) * (cy - py) - (cx - px) * (by - py)) / area;
      const wb = ((cx - px) * (ay - py) - (ax - px) * (cy - py)) / area;
      const wc = 1 - wa - wb;
      if (wa < 0 || wb < 0 || wc < 0) continue;
      const z = wa * at(a, 2) + wb * at(b, 2) + wc * at(c, 2);
      const pixel = y * nx + x;
      if (z <= (depth[pixel] as number)) continue;
      depth[pixel] = z;
      const value = wa * (values[a] as number) + wb * (values[b] as number) + wc * (values[c] as number);
      const [r, g, blue] = colourOf(value, paint);
      pixels.set([r * shade, g * shade, blue * shade, 255], 4 * pixel);
    }
  }
}

function colourOf(
  value: number,
  { range: [low, high], colourMap, hide }: SurfacePaint,
): readonly [number, number, number] {
  if (!Number.isFinite(value) || (hide && value > hide[0] && value < hide[1])) return plain;
  return colourAt(colourMap, (value - low) / (high - low));
}

/** Cosine of the face's turn away from the viewer. */
function facing(points: Float64Array, a: number, b: number, c: number): number {
  const edge = (v: number, k: number): number => (points[3 * v + k] as number) - (points[3 * a + k] as number);
  const [ux, uy, uz, vx, vy, vz] = [edge(b, 0), edge(b, 1), edge(b, 2), edge(c, 0), edge(c, 1), edge(c, 2)];
  const normal = [uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx];
  return Math.abs((normal[2] as number) / (Math.hypot(...normal) || 1));
}

function boundsOf(
  surfaces: readonly Surface[],
  right: Vector,
  up: Vector,
): { readonly width: number; readonly height: number; readonly middle: readonly [number, number] } {
  let [left, most, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const { vertices } of surfaces) {
    for (let v = 0; v < vertices.length; v += 3) {
      const along = (axis: Vector): number =>
        axis[0] * (vertices[v] as number) +
        axis[1] * (vertices[v + 1] as number) +
        axis[2] * (vertices[v + 2] as number);
      [left, most] = [Math.min(left, along(right)), Math.max(most, along(right))];
      [low, high] = [Math.min(low, along(up)), Math.max(high, along(up))];
    }
  }
  return { width: most - left, height: high - low, middle: [(left + most) / 2, (low + high) / 2] };
}
