import { type Affine, apply, type Grid, type Point, rigid, spacing, type Volume } from "@quintet/core";
import { atResolution, smoothed } from "./prepare.ts";
import { fixedSamples, movingImage, similarity } from "./similarity.ts";
import { downhillSimplex } from "./simplex.ts";

/** A rigid map as three shifts (mm) and three angles (degrees) about a centre in the fixed image. */
export interface Pose {
  readonly fixedToMoving: Affine;
  readonly nmi: number;
  readonly overlap: number;
}

export interface Search {
  readonly best: Pose;
  /** NMI of the best end point that is another pose (more than 10 mm or 10 degrees away), if there was one. */
  readonly runnerUp: number | undefined;
}

const yaws = [0, 30, -30, 60, -60, 90, -90, 120, -120, 150, -150, 180];
const tilts = [0, 25, -25];
/** How many of the scored starts are followed downhill, and how many of those again at the finer step. */
const followed = 10;
const refined = 2;

/**
 * The rigid pose of highest normalised mutual information, sought from many starts.
 *
 * Starts: every yaw of 30 degrees x pitch and roll of 0, +-25 degrees, each with the two images' centres of brightness
 * laid on each other and with the headers' own positions trusted. All are scored on 8-mm samples, the best followed
 * downhill, the two best of these again on 5-mm samples. Poses that leave less than 40 % of the possible overlap
 * are marked down, since NMI is unreliable where little is compared.
 */
export function searchRigid(fixed: Volume, moving: Volume): Search {
  const centre = brightCentre(fixed);
  const target = brightCentre(moving);
  const possible = Math.min(1, boxVolume(moving) / boxVolume(fixed));
  const level = (step: number): ((pose: readonly number[]) => number) => {
    const coarse = smoothed(atResolution(fixed, step / 2), step);
    const samples = fixedSamples(coarse, step);
    const image = movingImage(smoothed(atResolution(moving, step / 2), step));
    return (pose) => {
      const { nmi, overlap } = similarity(samples, image, affineOfPose(pose, centre));
      return -nmi + Math.max(0, 0.4 * possible - overlap);
    };
  };

  const coarse = level(8);
  const shift = target.map((t, k) => t - (centre[k] as number));
  const starts = [shift, [0, 0, 0]].flatMap((t) =>
    yaws.flatMap((yaw) => tilts.flatMap((pitch) => tilts.map((roll) => [...t, pitch, roll, yaw]))),
  );
  const steps = [8, 8, 8, 8, 8, 8];
  const scored = starts.map((x) => ({ x, value: coarse(x) })).sort((a, b) => a.value - b.value);
  const ends = scored
    .slice(0, followed)
    .map(({ x }) => downhillSimplex(coarse, x, steps, { evaluations: 160, tolerance: 1e-5 }))
    .sort((a, b) => a.value - b.value);
  const fine = level(5);
  const finals = distinct(ends)
    .slice(0, refined)
    .map(({ x }) => downhillSimplex(fine, x, [2, 2, 2, 2, 2, 2], { evaluations: 100, tolerance: 1e-6 }))
    .sort((a, b) => a.value - b.value);
  const best = finals[0] as End;
  const other = distinct(finals)[1];
  return {
    best: { fixedToMoving: affineOfPose(best.x, centre), nmi: -best.value, overlap: possible },
    runnerUp: other && -other.value,
  };
}

interface End {
  readonly x: readonly number[];
  readonly value: number;
}

function affineOfPose(pose: readonly number[], centre: Point): Affine {
  const [tx, ty, tz, pitch, roll, yaw] = pose as readonly [number, number, number, number, number, number];
  return rigid([pitch, roll, yaw], [tx, ty, tz], centre);
}

/** Drops end points within 10 mm and 10 degrees of a better one. */
function distinct(ends: readonly End[]): End[] {
  const kept: End[] = [];
  for (const end of ends) {
    const near = kept.some(({ x }) => x.every((v, k) => Math.abs(v - (end.x[k] as number)) < 10));
    if (!near) kept.push(end);
  }
  return kept;
}

/** Centre of mass of the values above the mean, world mm. */
function brightCentre(volume: Volume): [number, number, number] {
  const [nx, ny] = volume.shape;
  const mean = volume.data.reduce((a, b) => a + b, 0) / volume.data.length;
  let [weight, sx, sy, sz] = [0, 0, 0, 0];
  for (let i = 0; i < volume.data.length; i++) {
    const w = (volume.data[i] as number) - mean;
    if (w <= 0) continue;
    weight += w;
    sx += w * (i % nx);
    sy += w * (Math.floor(i / nx) % ny);
    sz += w * Math.floor(i / (nx * ny));
  }
  return apply(volume.affine, [sx / weight, sy / weight, sz / weight]);
}

function boxVolume(grid: Grid): number {
  const edges = spacing(grid);
  return grid.shape.reduce((product, n, axis) => product * n * (edges[axis] as number), 1);
}
