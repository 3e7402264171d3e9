import {
  type Affine,
  apply,
  type Grid,
  invert,
  type Mask,
  type Millimetres,
  multiply,
  type Point,
  spacing,
  type Transform,
  type Volume,
} from "@quintet/core";
import { type ParameterMap, runElastix } from "./elastix.ts";
import { elastixStage, type Levels } from "./elastix-stage.ts";
import { linearTransform } from "./itk-transform.ts";
import { atResolution, checkedFrame, cutOut } from "./prepare.ts";
import { searchRigid } from "./search.ts";
import { fixedSamples, movingImage, similarity } from "./similarity.ts";

export interface RegisterRigidOptions {
  /** What the moving image shows of the fixed one, e.g. the brain for PET and SPECT; default: everything. */
  readonly fixedMask?: Mask;
  /** Seed of the random sampling; the same seed gives the same answer. Default 1. */
  readonly seed?: number;
  /** Independent fine runs, each with its own samples; their mean is the answer. Default 2, at least 2. */
  readonly runs?: number;
  /** Voxel edge (mm) the fixed image is worked at. Default 2. */
  readonly resolution?: number;
}

/** Background kept around the mask's box, mm: room for the outline of a blurred image. */
const maskMargin = 15;
const rigidLevels: Levels = { shrink: [2, 0], iterations: [150, 250], samples: 4096 };

export interface Registration {
  /** Moving world -> fixed world, RAS mm; `error` is `expectedError`. */
  readonly transform: Transform;
  /** Expected target registration error inside the head, mm. */
  readonly expectedError: Millimetres;
  /** Normalised mutual information (1 .. 2) at the answer and with the headers' own positions. */
  readonly quality: { readonly nmi: number; readonly before: number; readonly overlap: number };
  /** False when the answer should not be used unseen; `note` says why. */
  readonly converged: boolean;
  readonly note: string;
}

/**
 * Rigid registration of two images of one head, of any contrast.
 *
 * A search from many starts over normalised mutual information finds the pose within some millimetres at any rotation
 * (see search.ts); elastix then maximises Mattes' mutual information from there, `runs` times with different random
 * samples, and the mean of the runs is taken. Dynamic images are averaged over their frames first.
 *
 * Expected error: sqrt(spread^2 + floor^2): the runs' root mean square distance from their mean over the head, and a
 * tenth of the coarser image's voxel edge for what all runs share (calibrated on simulated pairs:
 * docs/science/registration.md).
 *
 * @throws DataError `shape-mismatch`, `not-finite`, `constant-image`, `tiny-field-of-view`, `absurd-field-of-view`,
 *   `grid-mismatch`, `empty-region` (mask), `singular-affine`, `registration-failed`
 * @see Klein et al., IEEE TMI 2010;29:196-205 (elastix); Mattes et al., IEEE TMI 2003;22:120-128
 */
export async function registerRigid(
  fixed: Volume,
  moving: Volume,
  { fixedMask, seed = 1, runs = 2, resolution = 2 }: RegisterRigidOptions = {},
): Promise<Registration> {
  const mobile = checkedFrame(moving, "moving");
  const whole = checkedFrame(fixed, "fixed");
  const still = fixedMask === undefined ? whole : cutOut(whole, fixedMask, maskMargin);
  const search = searchRigid(still, mobile);
  const there = invert(search.best.fixedToMoving);
  const target = atResolution(still, resolution);
  const source = atResolution(mobile, resolution);
  const started = { ...source, affine: multiply(there, source.affine) };
  const found: Affine[] = [];
  for (let run = 0; run < Math.max(2, runs); run++) {
    const { maps } = await runElastix(target, started, [elastixStage("EulerTransform", seed + run, rigidLevels)]);
    found.push(multiply(search.best.fixedToMoving, linearTransform(maps[0] as ParameterMap)));
  }
  const points = headPoints(fixed);
  const mean = meanRigid(found, headCentre(points));
  const spread = rootMeanSquare(found.map((map) => distance(map, mean, points)));
  const edge = Math.max(...spacing(fixed), ...spacing(moving));
  const expectedError = Math.hypot(spread, edge / 10);

  const samples = fixedSamples(target, 4);
  const image = movingImage(source);
  const after = similarity(samples, image, mean);
  const before = similarity(samples, image, Float64Array.of(1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1));
  const travelled = distance(mean, search.best.fixedToMoving, points);
  const doubts = [
    search.runnerUp !== undefined && search.best.nmi - 1 < 1.05 * (search.runnerUp - 1)
      ? "another pose fits almost as well"
      : "",
    travelled > 15 ? `the fine runs left the searched pose by ${travelled.toFixed(1)} mm` : "",
    spread > 2 ? `repeated runs differ by ${spread.toFixed(1)} mm` : "",
    after.nmi + 0.002 < before.nmi && before.overlap > 0.9 * after.overlap
      ? "the headers' own positions fit better"
      : "",
  ].filter(Boolean);
  return {
    transform: { from: moving.space, to: fixed.space, matrix: invert(mean), error: expectedError },
    expectedError,
    quality: { nmi: after.nmi, before: before.nmi, overlap: after.overlap },
    converged: doubts.length === 0,
    note: doubts.length === 0 ? "" : `Look at it before use: ${doubts.join("; ")}.`,
  };
}

/** 27 points of an ellipsoid that fills the middle 140 mm of the fixed image (or less of a smaller one). */
function headPoints(fixed: Grid): Point[] {
  const centre = apply(fixed.affine, fixed.shape.map((n) => (n - 1) / 2) as unknown as Point);
  const reach = fixed.shape.map((n, axis) => Math.min(60, (n * (spacing(fixed)[axis] as number)) / 2));
  const least = Math.min(...reach);
  const offsets = [-1, 0, 1].flatMap((z) => [-1, 0, 1].flatMap((y) => [-1, 0, 1].map((x) => [x, y, z] as const)));
  return offsets.map(([x, y, z]) => {
    const scale = least / Math.max(1, Math.hypot(x, y, z));
    return [centre[0] + x * scale, centre[1] + y * scale, centre[2] + z * scale];
  });
}

function headCentre(points: readonly Point[]): Point {
  return [0, 1, 2].map((k) => points.reduce((sum, p) => sum + (p[k] as number), 0) / points.length) as unknown as Point;
}

/** Root mean square distance of two maps over points. */
function distance(a: Affine, b: Affine, points: readonly Point[]): number {
  return rootMeanSquare(
    points.map((p) => {
      const [pa, pb] = [apply(a, p), apply(b, p)];
      return Math.hypot(pa[0] - pb[0], pa[1] - pb[1], pa[2] - pb[2]);
    }),
  );
}

function rootMeanSquare(values: readonly number[]): number {
  return Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
}

/**
 * The rigid map nearest to the mean of rigid maps that differ little: rotations averaged and made orthonormal again
 * by Newton's iteration for the polar factor, images of `centre` averaged.
 */
export function meanRigid(maps: readonly Affine[], centre: Point): Affine {
  const mean = maps.reduce((sum, m) => sum.map((v, i) => v + (m[i] as number) / maps.length), new Float64Array(16));
  const image = apply(mean, centre);
  for (let k = 0; k < 3; k++) mean[k * 4 + 3] = 0;
  let rotation: Affine = mean;
  for (let step = 0; step < 20; step++) {
    const other = invert(rotation);
    const next = Float64Array.from(rotation);
    for (let r = 0; r < 3; r++) {
      for (let c = 0; c < 3; c++) {
        next[r * 4 + c] = ((rotation[r * 4 + c] as number) + (other[c * 4 + r] as number)) / 2;
      }
    }
    rotation = next;
  }
  const moved = apply(rotation, centre);
  for (let k = 0; k < 3; k++) rotation[k * 4 + 3] = (image[k] as number) - (moved[k] as number);
  return rotation;
}
