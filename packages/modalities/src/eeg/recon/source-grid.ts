import {
  DataError,
  type Grid,
  type Millimetres,
  type Point,
  type Space,
  type Surface,
  type Volume,
} from "@quintet/core";
import { isInside, nearestOnSurface } from "@quintet/kernels";

/** Places of sources on a grid of a space. */
export interface SourceGrid {
  readonly grid: Grid;
  readonly places: readonly Point[];
  /** Voxel of each place. */
  readonly index: Int32Array;
}

/** Edge, and least distance to the surface: MNE-Python's defaults for the distance. */
const [usualSpacing, usualMargin] = [10, 5];

/**
 * Points of a cubic grid inside a surface and not too near to it: boundary elements are wrong nearer than half an edge of a triangle.
 *
 * @throws DataError `empty-region`
 */
export function sourceGrid(
  surface: Surface,
  {
    spacing = usualSpacing,
    margin = usualMargin,
  }: { readonly spacing?: Millimetres; readonly margin?: Millimetres } = {},
): SourceGrid {
  const near = nearestOnSurface(surface);
  const inside = (p: Point): boolean => near(p).distance >= margin && isInside(p, surface);
  return gridOf(surface.space, extent(surface.vertices), spacing, inside);
}

/** Points of a cubic grid inside a sphere: for heads without an MRI. @throws DataError `empty-region` */
export function sphereGrid(
  space: Space,
  centre: Point,
  radius: Millimetres,
  spacing: Millimetres = usualSpacing,
): SourceGrid {
  const box = [0, 1, 2].map((k) => [(centre[k] as number) - radius, (centre[k] as number) + radius] as const);
  return gridOf(space, box, spacing, (p) => Math.hypot(p[0] - centre[0], p[1] - centre[1], p[2] - centre[2]) <= radius);
}

function extent(vertices: Float32Array): (readonly [number, number])[] {
  return [0, 1, 2].map((k) => {
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let i = k; i < vertices.length; i += 3) {
      low = Math.min(low, vertices[i] as number);
      high = Math.max(high, vertices[i] as number);
    }
    return [low, high];
  });
}

function gridOf(
  space: Space,
  box: readonly (readonly [number, number])[],
  spacing: Millimetres,
  inside: (p: Point) => boolean,
): SourceGrid {
  const start = box.map(([low]) => Math.ceil(low / spacing) * spacing) as [number, number, number];
  const shape = box.map(([, high], k) => Math.max(1, Math.floor((high - (start[k] as number)) / spacing) + 1)) as [
    number,
    number,
    number,
  ];
  const [places, index]: [Point[], number[]] = [[], []];
  for (let z = 0; z < shape[2]; z++)
    for (let y = 0; y < shape[1]; y++)
      for (let x = 0; x < shape[0]; x++) {
        const p: Point = [start[0] + x * spacing, start[1] + y * spacing, start[2] + z * spacing];
        if (!inside(p)) continue;
        places.push(p);
        index.push(x + shape[0] * (y + shape[1] * z));
      }
  if (places.length === 0)
    throw new DataError("empty-region", "no point of the grid lies inside the head", { found: `${spacing} mm apart` });
  const affine = Float64Array.of(spacing, 0, 0, start[0], 0, spacing, 0, start[1], 0, 0, spacing, start[2], 0, 0, 0, 1);
  return { grid: { shape, affine, space }, places, index: Int32Array.from(index) };
}

/** Values of the sources as an image; 0 where there is none. */
export function sourceVolume({ grid, index }: SourceGrid, values: ArrayLike<number>, time: number): Volume<"1"> {
  const [nx, ny, nz] = grid.shape;
  const data = new Float32Array(nx * ny * nz);
  for (const [i, voxel] of index.entries()) data[voxel] = values[i] as number;
  return { ...grid, unit: "1", frames: [{ start: time, duration: 0 }], clock: "event", data };
}
