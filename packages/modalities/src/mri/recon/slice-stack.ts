import { type Affine, affineOf, DataError, type Point, type Readout } from "@quintet/core";

/** Slices of one orientation, in the order of their places along their normal. */
export interface SliceStack {
  /** Slice counters, from the first to the last voxel along z. */
  readonly slices: readonly number[];
  /** Voxel index -> world mm of the whole image. */
  readonly affine: Affine;
  /** Whether the file tells where the slices lie. */
  readonly placed: boolean;
}

export interface SliceGrid {
  /** Of one slice or slab. */
  readonly shape: readonly [nx: number, ny: number, nz: number];
  /** mm */
  readonly spacing: readonly [number, number, number];
}

/** Cosine from which two directions count as one: 0.8 degrees. */
const alike = 0.9999;
/** Slice distances may differ by this share: what rounding to 0.01 mm does to thin slices. */
const evenness = 0.02;

/**
 * Where an image lies: voxel floor(n / 2) along read, phase and partition is at the position the readouts tell, the axes run
 * along their directions; slices follow each other along their normal at the distance of their positions.
 *
 *   A = [dx read, dy phase, dz slice, p - A (floor(nx / 2), floor(ny / 2), floor(nz / 2))]
 *
 * Slices of several orientations make several stacks. Without directions the axes are R, A, S with the centre at 0.
 *
 * @param first a readout of each slice counter
 * @throws DataError `irregular-slices`, `bad-directions`
 */
export function sliceStacks(first: ReadonlyMap<number, Readout>, { shape, spacing }: SliceGrid): readonly SliceStack[] {
  const groups: { directions: Readout["directions"]; slices: [number, Readout][] }[] = [];
  for (const [slice, readout] of [...first].sort(([a], [b]) => a - b)) {
    const same = groups.find(({ directions }) =>
      directions.every((d, i) => together(d, readout.directions[i] as Point)),
    );
    if (same) same.slices.push([slice, readout]);
    else groups.push({ directions: readout.directions, slices: [[slice, readout]] });
  }
  return groups.map(({ directions, slices }) => {
    const placed = directions.every((d) => Math.hypot(...d) > 0);
    return placed
      ? placedStack(directions, slices, shape, spacing)
      : { slices: slices.map(([slice]) => slice), affine: unplaced(shape, spacing, slices.length), placed };
  });
}

function together(a: Point, b: Point): boolean {
  return (Math.hypot(...a) === 0 && Math.hypot(...b) === 0) || dot(a, b) > alike;
}

function dot(a: Point, b: Point): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function placedStack(
  [read, phase, normal]: Readout["directions"],
  slices: readonly [number, Readout][],
  shape: SliceGrid["shape"],
  spacing: SliceGrid["spacing"],
): SliceStack {
  const square = [dot(read, phase), dot(read, normal), dot(phase, normal)];
  const unit = [read, phase, normal].map((d) => Math.hypot(...d) - 1);
  if ([...square, ...unit].some((off) => Math.abs(off) > 1e-2)) {
    throw new DataError("bad-directions", "read, phase and slice directions are at right angles and of length 1", {
      found: [read, phase, normal].map((d) => d.map((v) => v.toFixed(3)).join(" ")).join(", "),
    });
  }
  const along = [...slices].sort(([, a], [, b]) => dot(a.position, normal) - dot(b.position, normal));
  const places = along.map(([, { position }]) => dot(position, normal));
  const gaps = places.slice(1).map((at, i) => at - (places[i] as number));
  const step = gaps.length > 0 ? gaps.reduce((a, b) => a + b, 0) / gaps.length : spacing[2];
  const ragged = gaps.some((gap) => Math.abs(gap - step) > evenness * step);
  const slipped = along.some(
    ([, { position }]) => sideways(position, (along[0] as [number, Readout])[1].position, normal) > 0.1,
  );
  if (!(step > 1e-3) || ragged || slipped) {
    throw new DataError("irregular-slices", "slices of one image lie at even distances along their normal", {
      expected: `steps of ${step.toFixed(2)} mm`,
      found: slipped ? "slices beside each other" : gaps.map((gap) => gap.toFixed(2)).join(", "),
    });
  }
  const [dx, dy] = spacing;
  const columns = [scaled(read, dx), scaled(phase, dy), scaled(normal, step)] as const;
  const centre = [Math.floor(shape[0] / 2), Math.floor(shape[1] / 2), slices.length > 1 ? 0 : Math.floor(shape[2] / 2)];
  const [, { position }] = along[0] as [number, Readout];
  const origin = position.map(
    (at, axis) => at - columns.reduce((sum, column, i) => sum + (column[axis] as number) * (centre[i] as number), 0),
  );
  const rows = [0, 1, 2].flatMap((axis) => [
    ...columns.map((column) => column[axis] as number),
    origin[axis] as number,
  ]);
  return { slices: along.map(([slice]) => slice), affine: affineOf(rows), placed: true };
}

function scaled([x, y, z]: Point, by: number): Point {
  return [x * by, y * by, z * by];
}

/** Distance of two points at right angles to the normal, mm. */
function sideways(a: Point, b: Point, normal: Point): number {
  const d: Point = [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
  const h = dot(d, normal);
  return Math.sqrt(Math.max(0, dot(d, d) - h * h));
}

function unplaced([nx, ny, nz]: SliceGrid["shape"], [dx, dy, dz]: SliceGrid["spacing"], slices: number): Affine {
  const n = slices > 1 ? slices : nz;
  return affineOf([
    dx,
    0,
    0,
    -dx * Math.floor(nx / 2),
    0,
    dy,
    0,
    -dy * Math.floor(ny / 2),
    0,
    0,
    dz,
    -dz * Math.floor(n / 2),
  ]);
}
