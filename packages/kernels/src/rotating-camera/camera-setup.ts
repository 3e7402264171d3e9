/** A rotating gamma camera as the projector sees it: where each view samples the image, and how much each depth is blurred. */
import { DataError } from "@quintet/core";
import type { ImageGrid } from "../joseph/lines.ts";
import { varianceTaps } from "./variance-taps.ts";

/**
 * Views of a camera about the z axis. At angle a the face stands at `radius` in the direction (cos a, sin a) and looks at the axis;
 * columns rise along (sin a, -cos a), rows along +z. Column i lies at (i - (columns - 1) / 2) across + offset.
 */
export interface CameraViews {
  readonly columns: number;
  readonly rows: number;
  /** Size of a pixel, mm. */
  readonly size: readonly [across: number, along: number];
  /** Radians. */
  readonly angles: Float64Array;
  /** From the axis to the camera's face, mm. */
  readonly radii: Float64Array;
  /** How far the camera's middle lies from the axis, mm along the rising columns, in each view. Absent: 0. */
  readonly offsets?: Float64Array;
  /** Fan beam: from the face to the focal line behind the patient, mm; the line is parallel to z. Absent: parallel holes. */
  readonly focalLength?: number;
}

export interface CameraOptions {
  /** Standard deviation of collimator and detector in the object, mm, at a distance from the face, mm; must not fall. Absent: no blur. */
  readonly sigma?: (distance: number) => number;
  /** Of the photons' energy on the image's grid, 1/cm. Absent: no attenuation. */
  readonly attenuation?: Float32Array;
}

/** One layer of voxels parallel to the camera's face. */
export interface Layer {
  /** Towards the camera, mm from the axis. */
  readonly at: number;
  /** Nearer of the two levels that it is blurred with; -1: behind the face. */
  readonly level: number;
  /** Share of the farther one. */
  readonly share: number;
  /** What a pixel is wide at this depth, over its width at the face: 1 of parallel holes. */
  readonly scale: number;
}

export interface BlurStep {
  /** The level it is added to, after that one's own layers; -1: the data. */
  readonly to: number;
  /** Half of a symmetric kernel, its middle first. */
  readonly across: Float64Array;
  readonly along: Float64Array;
}

export interface CameraSetup {
  readonly views: CameraViews;
  readonly grid: ImageGrid;
  /** Layers of each view, the nearest first. */
  readonly layers: readonly (readonly Layer[])[];
  /** What takes each level to a nearer one. */
  readonly steps: readonly BlurStep[];
  /** Distances of the levels, mm. */
  readonly distances: readonly number[];
  /** Pixels around a view that blurred photons may cross and come back from. */
  readonly margin: readonly [across: number, along: number];
  /** Length of a photon's way through half a layer, mm, for each column. */
  readonly halfPath: Float64Array;
  /** Radius that is projected, mm. */
  readonly radius: number;
}

/** Least growth of the variance from level to level, pixels squared. */
const leastStep = 0.2;
/** Growth in parts of the variance: a mixture of two neighbours then has an excess kurtosis of at most 3/4 0.15^2 = 0.017. */
const relativeStep = 0.15;
/** Least variance of one blur, pixels squared: a sampled Gaussian of less has heavier tails than a Gaussian. */
const leastBlur = 1;
const mostLevels = 64;
/** Room of the compiled form beside a column. */
const mostTaps = 60;

/**
 * Levels of blur and the layers between them.
 *
 * The response's variance grows with distance. Instead of one blur a layer, whose increments of a few hundredths of a pixel squared
 * no sampled kernel can carry, there are levels whose variances lie at least a fifth of a pixel squared and 15 % apart. A layer between
 * two of them is a mixture of both with exactly its own variance. Each level is blurred to the next nearer one that differs by a
 * pixel squared or more, the nearest ones directly to the data. In the plane the rotation's linear interpolation spreads a voxel by
 * p^2 / 6 along each axis on the average over all positions; the response has that much less.
 *
 * @throws DataError `bad-camera`, `bad-response`, `grid-mismatch`
 */
export function cameraSetup(views: CameraViews, grid: ImageGrid, { sigma }: CameraOptions): CameraSetup {
  checkViews(views);
  checkPlace(views, grid);
  const { columns, angles, radii, size, focalLength: focal } = views;
  const voxel = grid.size[0];
  const count = Math.max(grid.shape[0], grid.shape[1]);
  const radius = (Math.min(grid.shape[0], grid.shape[1]) / 2) * voxel;
  const scaleAt = (d: number): number => (focal === undefined ? 1 : (focal - d) / focal);
  const places = Array.from({ length: count }, (_, l) => ((count - 1) / 2 - l) * voxel);
  const reached = [...radii].flatMap((r) => places.filter((s) => s <= r && Math.abs(s) <= radius).map((s) => r - s));
  const [near, far] = reached.reduce(([a, b], d) => [Math.min(a, d), Math.max(b, d)], [Infinity, 0]);
  if (reached.length === 0 || !(focal === undefined || focal > far)) {
    throw new DataError("bad-camera", "the focal line of a fan beam lies behind the image", {
      expected: `more than ${far} mm from the face`,
      found: `${focal} mm`,
    });
  }
  const distances = sigma ? levelsOf(sigma, near, far, Math.min(...size)) : [near];
  const variances = distances.map((d): readonly [number, number] => {
    const own = sigma ? sigma(d) ** 2 : 0;
    return [Math.max(0, own - voxel ** 2 / 6) / scaleAt(d) ** 2, own];
  });
  const apart = leastBlur * Math.max(...size) ** 2;
  const steps = variances.map(([across, along]): BlurStep => {
    const to = variances.findLastIndex(([a, z]) => across - a >= apart && along - z >= apart);
    const [a, z] = variances[to] ?? [0, 0];
    return { to, across: varianceTaps((across - a) / size[0] ** 2), along: varianceTaps((along - z) / size[1] ** 2) };
  });
  const longest = Math.max(...steps.flatMap(({ across, along }) => [across.length, along.length]));
  if (longest > mostTaps) {
    throw new DataError("bad-response", "the response is as wide as the view", {
      found: `${longest} pixels from its middle`,
    });
  }
  const layerAt = (r: number, at: number): Layer => {
    const d = r - at;
    const scale = scaleAt(d);
    if (!(d >= 0 && Math.abs(at) <= radius)) return { at, level: -1, share: 0, scale };
    if (!sigma || distances.length === 1) return { at, level: 0, share: 0, scale };
    let level = 0;
    while (level < distances.length - 2 && d > distances[level + 1]) level++;
    const [low, high, own] = [distances[level], distances[level + 1], d].map((x) => sigma(x) ** 2);
    return { at, level, share: Math.min(1, Math.max(0, (own - low) / (high - low))), scale };
  };
  const reach = (axis: "across" | "along"): number => {
    const total = variances.at(-1)?.[axis === "across" ? 0 : 1] ?? 0;
    return total > 0 ? Math.ceil((3.5 * Math.sqrt(total)) / size[axis === "across" ? 0 : 1]) + 1 : 0;
  };
  const fan = (i: number): number => (focal === undefined ? 0 : ((i - (columns - 1) / 2) * size[0]) / focal);
  return {
    views,
    grid,
    layers: Array.from(angles, (_, v) => places.map((at) => layerAt(radii[v], at))),
    steps,
    distances,
    margin: [reach("across"), reach("along")],
    halfPath: Float64Array.from({ length: columns }, (_, i) => (voxel / 2) * Math.hypot(1, fan(i))),
    radius,
  };
}

/** @throws DataError `bad-response` */
function levelsOf(sigma: (distance: number) => number, near: number, far: number, pixel: number): readonly number[] {
  const variance = (d: number): number => sigma(d) ** 2;
  const rises = [0, 0.25, 0.5, 0.75, 1].map((t) => sigma(near + t * (far - near)));
  if (!rises.every((s, i) => s >= 0 && Number.isFinite(s) && (i === 0 || s >= rises[i - 1]))) {
    throw new DataError("bad-response", "the response widens with distance", {
      expected: "standard deviations of 0 mm or more that do not fall",
      found: rises.map((s) => `${s}`).join(", "),
    });
  }
  const levels = [near];
  for (let d = near; variance(far) > variance(d) * (1 + 1e-9); ) {
    const wanted = variance(d) + Math.max(leastStep * pixel ** 2, relativeStep * variance(d));
    let [low, high] = [d, Math.max(2 * far, 1)];
    while (variance(high) < wanted && high < 1e6) high *= 2;
    if (variance(high) < wanted) high = far;
    for (let k = 0; k < 60 && variance(far) >= 0; k++) {
      const middle = (low + high) / 2;
      if (variance(middle) < wanted) low = middle;
      else high = middle;
    }
    d = high;
    levels.push(d);
    if (levels.length > mostLevels) {
      throw new DataError("bad-response", "the response widens too fast", { found: `${sigma(far)} mm at ${far} mm` });
    }
  }
  return levels;
}

/** @throws DataError `bad-camera` */
function checkViews({ columns, rows, size, angles, radii, offsets, focalLength }: CameraViews): void {
  const whole = [columns, rows].every((n) => Number.isInteger(n) && n > 0 && n <= 4096);
  const placed = angles.length > 0 && angles.every(Number.isFinite) && radii.length === angles.length;
  const far = radii.every((r) => r > 0 && r < Number.POSITIVE_INFINITY);
  const shifted = !offsets || (offsets.length === angles.length && offsets.every(Number.isFinite));
  const sized = size.every((s) => s > 0 && s < 1e3) && (focalLength === undefined || focalLength > 0);
  if (whole && placed && far && shifted && sized) return;
  throw new DataError("bad-camera", "views of one size, each at its angle and radius", {
    expected: "an angle, a radius above 0 and an offset for each view, pixels of a size",
    found: `${columns} x ${rows} pixels of ${size.join(" x ")} mm, ${angles.length} angles, ${radii.length} radii`,
  });
}

/** @throws DataError `grid-mismatch` */
function checkPlace({ rows, size }: CameraViews, { shape, size: voxel, origin }: ImageGrid): void {
  const close = (a: number, b: number): boolean => Math.abs(a - b) <= 1e-6 * voxel[0];
  const middle = [0, 1, 2].every((k) => close(origin[k], (-(shape[k] - 1) / 2) * voxel[k]));
  if (shape[2] === rows && close(voxel[2], size[1]) && close(voxel[0], voxel[1]) && middle) return;
  throw new DataError(
    "grid-mismatch",
    "an image of a camera has one slice a row, square voxels and the axis in its middle",
    {
      expected: `${rows} slices of ${size[1]} mm about 0`,
      found: `${shape.join(" x ")} voxels of ${voxel.join(" x ")} mm from ${origin.join(", ")}`,
    },
  );
}
