/** Simulated ictal and interictal SPECT of one brain-shaped ellipsoid, with the truth. */
import type { Mask, Point, Volume } from "@quintet/core";
import { affineOf, rigid } from "@quintet/core";
import { fwhmPerSigma, resample, seededRandom, smoothGaussian } from "@quintet/kernels";

export interface Pair {
  readonly ictal: Volume<"{count}">;
  readonly interictal: Volume<"{count}">;
  readonly brain: Mask;
  readonly focus?: { readonly centre: Point; readonly volume: number; readonly increase: number };
}

export interface PairOptions {
  readonly focus: boolean;
  /** SD of each image's noise relative to mean uptake. */
  readonly noise: number;
  /** Noise variance in proportion to uptake instead of uniform. */
  readonly countLike?: boolean;
  /** The ictal image is moved by this much along each axis, mm: what registration left over. */
  readonly misregistration?: number;
  readonly voxel?: number;
  /** mL and relative increase; drawn from 2-8 mL and 0.3-0.8 without them. */
  readonly volume?: number;
  readonly increase?: number;
}

const radii: Point = [62, 80, 66]; // mm: 1371 mL
const fwhm = 10;

export function simulatedPair(seed: number, options: PairOptions): Pair {
  const { noise, voxel = 4, countLike = false, misregistration = 0 } = options;
  const random = seededRandom(seed);
  const half = radii.map((r) => Math.ceil((r + 12) / voxel)) as [number, number, number];
  const shape = half.map((h) => 2 * h + 1) as [number, number, number];
  const [hx, hy, hz] = half.map((h) => -h * voxel) as [number, number, number];
  const affine = affineOf([voxel, 0, 0, hx, 0, voxel, 0, hy, 0, 0, voxel, hz]);
  const grid = { shape, affine, space: "simulated" };
  const depth = (p: Point): number => Math.hypot(p[0] / radii[0], p[1] / radii[1], p[2] / radii[2]);
  const each = (f: (p: Point) => number): Float32Array => {
    const out = new Float32Array(shape[0] * shape[1] * shape[2]);
    let i = 0;
    for (let z = 0; z < shape[2]; z++)
      for (let y = 0; y < shape[1]; y++)
        for (let x = 0; x < shape[0]; x++) out[i++] = f([hx + x * voxel, hy + y * voxel, hz + z * voxel]);
    return out;
  };
  const sigma = fwhm / fwhmPerSigma / voxel;
  const blur = (data: Float32Array): Float32Array => smoothGaussian(data, shape, [sigma, sigma, sigma]);
  const brain: Mask = { ...grid, data: Uint8Array.from(each((p) => (depth(p) < 1 ? 1 : 0))) };
  const uptake = each((p) => (depth(p) > 1 ? 0 : depth(p) > 0.78 ? 1.3 : 0.7));
  const focus = options.focus ? drawFocus(random, depth, options) : undefined;
  const radius = focus ? Math.cbrt((3000 * focus.volume) / (4 * Math.PI)) : 0;
  const hot = each((p) => {
    const near = focus && Math.hypot(p[0] - focus.centre[0], p[1] - focus.centre[1], p[2] - focus.centre[2]) < radius;
    return depth(p) > 1 ? 0 : near ? focus.increase * 1.3 : 0;
  });
  const still = blur(uptake);
  const ictalMean = blur(uptake.map((u, i) => u + (hot[i] as number)));
  const image = (mean: Float32Array, scale: number): Volume<"{count}"> => {
    const white = blur(mean.map(() => random.normal()));
    const sd = Math.sqrt(white.reduce((sum, x) => sum + x * x, 0) / white.length);
    const data = mean.map((m, i) => {
      const local = countLike ? Math.sqrt(Math.max(0, m)) : 1;
      return scale * (m + (noise * local * (white[i] as number)) / sd);
    });
    return { ...grid, unit: "{count}", frames: [{ start: 0, duration: 0 }], clock: "simulated", data };
  };
  const shift = rigid([0, 0, 0], [misregistration, misregistration, misregistration]);
  const ictal = image(ictalMean, 87);
  return {
    ictal: misregistration === 0 ? ictal : resample(ictal, grid, shift, { interpolation: "cubic" }),
    interictal: image(still, 64),
    brain,
    ...(focus ? { focus } : {}),
  };
}

function drawFocus(
  random: ReturnType<typeof seededRandom>,
  depth: (p: Point) => number,
  { volume = 2 + 6 * random.uniform(), increase = 0.3 + 0.5 * random.uniform() }: PairOptions,
): NonNullable<Pair["focus"]> {
  for (;;) {
    const centre = radii.map((r) => r * (2 * random.uniform() - 1)) as [number, number, number];
    if (depth(centre) < 0.9 && depth(centre) > 0.7) return { centre, volume, increase };
  }
}
