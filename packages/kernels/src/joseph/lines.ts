import { DataError } from "@quintet/core";

/** Where the image of a projector lies: axis-parallel voxels; data is [z][y][x], x fastest. */
export interface ImageGrid {
  readonly shape: readonly [nx: number, ny: number, nz: number];
  /** Edges of a voxel, mm. */
  readonly size: readonly [x: number, y: number, z: number];
  /** Centre of voxel (0, 0, 0), mm. */
  readonly origin: readonly [x: number, y: number, z: number];
}

/** Time-of-flight bins along a line, in mm from its middle, positive towards end b. */
export interface TofBins {
  readonly bins: number;
  /** Width of a bin: half the difference of arrival times times the speed of light. */
  readonly width: number;
  /** Standard deviation of the position along the line. */
  readonly sigma: number;
}

/**
 * Every ray joined with every plane: line (ray, plane) runs from (xa, ya, za) to (xb, yb, zb). All lines of a scanner whose
 * rings are alike are of this form. Data is [ray][tof][plane], the plane fastest.
 */
export interface LineStack {
  /** [ray][xa, ya, xb, yb], mm. */
  readonly rays: Float64Array;
  /** [plane][za, zb], mm. */
  readonly planes: Float64Array;
  readonly tof?: TofBins;
}

/** Lines one by one, as list mode and moved heads have them. Data is one value a line. */
export interface LineList {
  /** [line][xa, ya, za, xb, yb, zb], mm. */
  readonly ends: Float32Array | Float64Array;
  readonly tof?: {
    /** Middle of each line's time-of-flight bin, mm from the middle of the line towards b. */
    readonly position: Float32Array;
    readonly width: number;
    readonly sigma: number;
  };
}

/** Standard deviations after which the time-of-flight response ends. */
export const tofReach = 3;

export function lineCount({ ends }: LineList): number {
  return ends.length / 6;
}

export function stackSize({ rays, planes, tof }: LineStack): number {
  return (rays.length / 4) * (planes.length / 2) * (tof?.bins ?? 1);
}

/** @throws DataError `bad-grid` */
export function checkGrid({ shape, size, origin }: ImageGrid): void {
  const fits =
    shape.every((n) => Number.isInteger(n) && n > 0 && n <= 4096) &&
    size.every((edge) => edge > 0 && edge < 1e4) &&
    origin.every((x) => Math.abs(x) < 1e5);
  if (!fits) {
    throw new DataError("bad-grid", "a projector's image has whole numbers of voxels with positive edges", {
      found: JSON.stringify({ shape, size, origin }),
    });
  }
}

/** @throws DataError `bad-lines` */
export function checkStack({ rays, planes, tof }: LineStack): void {
  const found =
    rays.length === 0 || rays.length % 4 !== 0
      ? `${rays.length} ray coordinates`
      : planes.length === 0 || planes.length % 2 !== 0
        ? `${planes.length} plane coordinates`
        : !planes.every(Number.isFinite)
          ? "a plane without a place"
          : undefined;
  const ray = found === undefined ? badLine(rays, 4) : undefined;
  const wrong =
    found ?? (ray === undefined ? badTof(tof) : `ray ${ray}: ${rays.slice(4 * ray, 4 * ray + 4).join(", ")}`);
  if (wrong !== undefined) refuse(wrong);
}

/** @throws DataError `bad-lines` */
export function checkList({ ends, tof }: LineList): void {
  if (ends.length === 0 || ends.length % 6 !== 0) refuse(`${ends.length} coordinates`);
  const line = badLine(ends, 6);
  if (line !== undefined) refuse(`line ${line}: ${ends.slice(6 * line, 6 * line + 6).join(", ")}`);
  if (tof === undefined) return;
  if (tof.position.length !== ends.length / 6) refuse(`${tof.position.length} TOF positions`);
  if (!tof.position.every(Number.isFinite)) refuse("a TOF position that is no number");
  const wrong = badTof({ bins: 1, ...tof });
  if (wrong !== undefined) refuse(wrong);
}

/** First line that is not finite or runs along z (dx = dy = 0). */
function badLine(ends: ArrayLike<number>, stride: 4 | 6): number | undefined {
  const second = stride / 2;
  for (let i = 0; i < ends.length; i += stride) {
    const length = Math.hypot(ends[i + second] - ends[i], ends[i + second + 1] - ends[i + 1]);
    const along = stride === 6 ? ends[i + 5] - ends[i + 2] : 0;
    if (!(length > 1e-6 && Number.isFinite(length) && Number.isFinite(along))) return i / stride;
  }
  return undefined;
}

function badTof(tof: TofBins | undefined): string | undefined {
  if (tof === undefined) return undefined;
  const fits = Number.isInteger(tof.bins) && tof.bins > 0 && tof.bins < 1e4 && tof.width > 0 && tof.sigma > 0;
  return fits && Number.isFinite(tof.width + tof.sigma) ? undefined : `TOF ${JSON.stringify(tof)}`;
}

function refuse(found: string): never {
  throw new DataError("bad-lines", "lines have finite ends that differ in x or y", { found });
}
