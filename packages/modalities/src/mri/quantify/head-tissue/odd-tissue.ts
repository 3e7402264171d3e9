import {
  type Affine,
  affineOf,
  apply,
  identityAffine,
  type Mask,
  multiply,
  type Point,
  type QcFinding,
  spacing,
  toWorld,
  type Volume,
  voxelVolume,
} from "@quintet/core";
import {
  connectedComponents,
  distanceTransform,
  fwhmPerSigma,
  realign,
  resample,
  smoothGaussian,
} from "@quintet/kernels";
import { isotropicGrid } from "../working-image.ts";

/** A place in the brain that is neither as its mirrored side nor as any of the tissues. */
export interface OddCluster {
  readonly kind: "bright" | "dark";
  /** mL. */
  readonly volume: number;
  readonly side: "left" | "right" | "midline";
  /** World mm of its middle. */
  readonly centre: Point;
}

/** Edge of the grid on which the sides are compared, and the width of the smoothing before, mm. */
const coarse = 3;
const width = 6;
/** How deep a cluster lies in the brain's mask: folds and the mask's own rim differ from side to side, mm. */
const depth = 4;
/** A place that the mask leaves out counts where its other side lies deeper than this: the brain's outline differs too, mm. */
const lost = 8;
/** In units of white minus grey: how far a cluster is from its mirrored side, and from the tissues (bright: above white). */
const unlike = { dark: { mirror: 0.8, tissue: 0.5 }, bright: { mirror: 0.25, tissue: 0.1 } };
/** Smaller clusters are ventricles and sulci that differ, mL. */
const leastVolume = 2.5;

/**
 * Places in the brain that fit none of the classes and differ from the other side: findings of an image, not of a disease.
 *
 * S = G_6mm * (I brain) / G_6mm * brain on a 3-mm grid; the mirrored image is laid over the image rigidly (`realign`),
 * D = S - S(mirrored). A voxel at least 4 mm deep is dark where D < -0.8 c and S < grey - 0.5 c, bright where
 * S > white + 0.1 c and D > 0.25 c, c = white - grey; so is dark one outside the mask (S = G_6mm * I) whose other side is 8 mm
 * deep: a cavity that is open to the surface. Connected voxels of 2.5 mL and more are a cluster, largest first.
 * What is alike on both sides, or as bright as a tissue, is not found.
 *
 * @param image without its bias field
 * @param means of CSF, grey and white matter
 */
export function oddTissue(image: Volume, brain: Mask, means: readonly number[]): OddCluster[] {
  const [, grey, white] = means as [number, number, number];
  const { smooth, within, plain } = smoothBrain(image, brain);
  const { toMirror, middle } = mirrorMap(smooth, within);
  const mirrored = resample(smooth, smooth, toMirror).data;
  const contrast = white - grey;
  const inner = distanceTransform(
    within.map((w) => 1 - w),
    smooth.shape,
    [coarse, coarse, coarse],
  );
  const innerThere = resample({ ...smooth, data: inner }, smooth, toMirror).data;
  const test = (kind: OddCluster["kind"], i: number): boolean => {
    const there = mirrored[i] as number;
    const { mirror, tissue } = unlike[kind];
    if (within[i] === 0)
      return (
        kind === "dark" &&
        (innerThere[i] as number) > lost &&
        (plain[i] as number) - there < -mirror * contrast &&
        (plain[i] as number) < grey - tissue * contrast
      );
    const here = smooth.data[i] as number;
    if (!((inner[i] as number) > depth) || there === 0) return false;
    return kind === "dark"
      ? here - there < -mirror * contrast && here < grey - tissue * contrast
      : here - there > mirror * contrast && here > white + tissue * contrast;
  };
  return (["bright", "dark"] as const)
    .flatMap((kind) =>
      clustersOf(
        within.map((_, i) => (test(kind, i) ? 1 : 0)),
        smooth,
      ).map(({ volume, centre }): OddCluster => {
        const off = middle(centre);
        return { kind, volume, centre, side: Math.abs(off) < 5 ? "midline" : off < 0 ? "left" : "right" };
      }),
    )
    .sort((a, b) => b.volume - a.volume);
}

/** The brain smoothed without what surrounds it, on the coarse grid, 0 outside; and the whole image smoothed. */
function smoothBrain(image: Volume, brain: Mask): { smooth: Volume; within: Uint8Array; plain: Float32Array } {
  const sigma = spacing(image).map((mm) => width / fwhmPerSigma / mm) as unknown as Point;
  const grid = isotropicGrid(image, coarse, 1);
  const blurred = (data: Float32Array): Float32Array =>
    resample({ ...image, data: smoothGaussian(data, image.shape, sigma) }, grid, identityAffine()).data;
  const weight = blurred(Float32Array.from(brain.data));
  const sum = blurred(image.data.map((value, i) => (brain.data[i] === 0 ? 0 : value)));
  const within = Uint8Array.from(weight, (w) => (w > 0.5 ? 1 : 0));
  const data = sum.map((value, i) => (within[i] === 0 ? 0 : value / (weight[i] as number)));
  return { smooth: { ...image, ...grid, data }, within, plain: blurred(image.data) };
}

function clustersOf(mask: Uint8Array, grid: Volume): { volume: number; centre: Point }[] {
  const [nx, ny] = grid.shape;
  const { labels, sizes } = connectedComponents(mask, grid.shape, 18);
  const sums = sizes.map(() => [0, 0, 0] as [number, number, number]);
  for (let i = 0; i < labels.length; i++) {
    const own = sums[(labels[i] as number) - 1];
    if (own === undefined) continue;
    own[0] += i % nx;
    own[1] += Math.floor(i / nx) % ny;
    own[2] += Math.floor(i / (nx * ny));
  }
  return sizes.flatMap((size, k) => {
    const volume = size * voxelVolume(grid);
    const [x, y, z] = sums[k] as [number, number, number];
    return volume < leastVolume ? [] : [{ volume, centre: toWorld(grid, [x / size, y / size, z / size]) }];
  });
}

/** World mm -> world mm of the same place on the other side, and how far (mm) right of the middle a point lies. */
function mirrorMap(smooth: Volume, within: Uint8Array): { toMirror: Affine; middle: (at: Point) => number } {
  const [nx, ny] = smooth.shape;
  let [x, n] = [0, 0];
  for (let i = 0; i < within.length; i++) {
    if (within[i] === 0) continue;
    x += toWorld(smooth, [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))])[0];
    n++;
  }
  const flip = affineOf([-1, 0, 0, (2 * x) / Math.max(1, n), 0, 1, 0, 0, 0, 0, 1, 0]);
  const turned = resample(smooth, smooth, flip);
  const frame = realign(turned, smooth.data, { mask: within }).frames[0];
  const toMirror = frame === undefined ? flip : multiply(flip, frame.map);
  return { toMirror, middle: (at) => (at[0] - apply(toMirror, at)[0]) / 2 };
}

/** The finding `odd-tissue`: volume, side and place. */
export function oddTissueFinding(clusters: readonly OddCluster[]): QcFinding {
  const place = ({ kind, side, volume, centre }: OddCluster): string =>
    `${volume.toFixed(1)} mL ${kind}, ${side}, at ${centre.map((mm) => mm.toFixed(0)).join(", ")} mm`;
  const none = clusters.length === 0;
  return {
    modality: "mri",
    name: "odd-tissue",
    value: clusters.reduce((sum, { volume }) => sum + volume, 0),
    unit: "mL",
    verdict: none ? "ok" : "warn",
    note: none
      ? "no place unlike its mirrored side and unlike every tissue"
      : `unlike the mirrored side and unlike every tissue, no diagnosis: ${clusters.slice(0, 3).map(place).join("; ")}`,
  };
}
