/**
 * Several images at a time as cubic splines: on a compiled kernel that threads share where there is one, else one after the
 * other in plain TypeScript. An image is one thread's work from its smoothing to its sums, so that what comes out does not
 * depend on how many threads there are.
 */
import type { Affine } from "@quintet/core";
import { gaussianTaps } from "../gauss/gauss.ref.ts";
import { smoothGaussian } from "../gauss/gauss.ts";
import { Crew, crewThreads } from "../pool/crew.ts";
import { sharedModules } from "../wasm/wasm.ts";
import { plainImage, type SplinePoints, sumsLength } from "./spline-image.ts";

type Shape = readonly [nx: number, ny: number, nz: number];

export interface SplineImages {
  /** How many images there is room for. */
  readonly slots: number;
  /** Makes each frame an image, smoothed by `sigma` voxels: its spline passes through every sample of what that gives. */
  load(frames: readonly Float32Array[]): void;
  /**
   * @param which images to measure
   * @param maps per image: point -> voxel of the image
   * @returns per entry of `which` the sums over the points
   */
  accumulate(which: readonly number[], maps: readonly Affine[]): readonly Float64Array[];
  /** @param maps one per loaded image: target voxel -> voxel of the image. The images themselves are gone afterwards. */
  resample(maps: readonly Affine[], target: Shape, outside: number, outs: readonly Float32Array[]): void;
  /** Ends the threads. */
  close(): void;
}

export interface SplineImagesOptions {
  readonly points: SplinePoints;
  /** Voxels; none leaves the frames as they are. */
  readonly sigma?: Shape;
  /** Voxels of the largest target that `resample` will be asked for. */
  readonly room?: number;
  /** How many frames the whole series has. */
  readonly frames: number;
}

/** So many images are held at once, unless they would fill more than this many bytes. */
const mostSlots = 8;
const mostBytes = 2 ** 30;
/** Threads cost 50 ms to start: series of fewer voxels stay on one. */
const worthThreads = 2e6;

export function splineImages(shape: Shape, options: SplineImagesOptions): SplineImages {
  const n = shape[0] * shape[1] * shape[2];
  const slots = Math.max(1, Math.min(mostSlots, options.frames, Math.floor(mostBytes / (8 * n))));
  return sharedModules().some(([name]) => name === "motion")
    ? crewImages(shape, slots, options)
    : plainImages(shape, slots, options);
}

const [mapBytes, sumBytes] = [144, 8 * sumsLength];

/** Fields of the plan as motion.as.ts reads them. */
function crewImages(
  shape: Shape,
  slots: number,
  { points: { places, basis, margin, ramp }, sigma, room = 0, frames }: SplineImagesOptions,
): SplineImages {
  const n = shape[0] * shape[1] * shape[2];
  const crew = new Crew(n * frames > worthThreads ? Math.min(crewThreads(), slots) : 1);
  const taps = sigma?.map(gaussianTaps) ?? [];
  const longest = Math.max(0, ...taps.map((t) => t.length));
  const lines = (bytes: number): number => 64 * Math.ceil(bytes / 64);
  const imageBytes = lines(4 * Math.max(n, room));
  const paddedBytes = lines(4 * (shape[0] + 3) * (shape[1] + 3) * (shape[2] + 3) + 16);
  const workBytes = lines(taps.length > 0 ? 4 * (n + shape[0] + 2 * longest) : 0);
  const weightBytes = 4 * longest;
  const plan = crew.room(128);
  const images = crew.room(slots * imageBytes);
  const padded = crew.room(slots * paddedBytes);
  const maps = crew.room(slots * mapBytes);
  const sums = crew.room(slots * sumBytes);
  const placesAt = crew.room(places.byteLength);
  const basisAt = crew.room(basis.byteLength);
  const work = crew.room(crew.threads * workBytes);
  const weights = crew.room(3 * weightBytes);
  const active = crew.room(4 * slots);
  crew.floats(placesAt, places.length).set(places);
  crew.floats(basisAt, basis.length).set(basis);
  for (const [axis, own] of taps.entries()) crew.floats(weights + axis * weightBytes, own.length).set(own);
  const edges = [...margin, ...ramp];
  for (let k = 0; k < slots; k++) new Float64Array(crew.buffer, maps + k * mapBytes + 96, 6).set(edges);
  const fields = new Uint32Array(crew.buffer, plan, 24);
  fields.set([...shape, ...[0, 1, 2].map((axis) => taps[axis]?.length ?? 0), images, imageBytes, padded, paddedBytes]);
  fields.set([maps, sums, placesAt, basisAt, places.length / 3, work, workBytes, weights, weightBytes, active], 10);
  const [target, outsideAt] = [20, plan + 92];
  const put = (slot: number, map: Affine): void =>
    new Float64Array(crew.buffer, maps + slot * mapBytes, 12).set(map.subarray(0, 12));
  return {
    slots,
    load(given) {
      for (const [slot, frame] of given.entries()) crew.floats(images + slot * imageBytes, n).set(frame);
      crew.run("motion.prepare", given.length, plan);
    },
    accumulate(which, mapsOf) {
      for (const [k, slot] of which.entries()) put(slot, mapsOf[k] as Affine);
      new Int32Array(crew.buffer, active, which.length).set(which);
      crew.run("motion.measure", which.length, plan);
      return which.map((slot) => new Float64Array(crew.buffer, sums + slot * sumBytes, sumsLength));
    },
    resample(mapsOf, to, outside, outs) {
      for (const [slot, map] of mapsOf.entries()) put(slot, map);
      fields.set(to, target);
      crew.floats(outsideAt, 1)[0] = outside;
      crew.run("motion.move", mapsOf.length, plan);
      for (const [slot, out] of outs.entries()) out.set(crew.floats(images + slot * imageBytes, out.length));
    },
    close: () => crew.close(),
  };
}

function plainImages(shape: Shape, slots: number, { points, sigma }: SplineImagesOptions): SplineImages {
  const images = Array.from({ length: slots }, () => plainImage(shape, points));
  return {
    slots,
    load(frames) {
      for (const [k, frame] of frames.entries())
        images[k]?.load(sigma === undefined ? frame : smoothGaussian(frame, shape, sigma));
    },
    accumulate: (which, maps) =>
      which.map((slot, k) => (images[slot] as (typeof images)[number]).accumulate(maps[k] as Affine)),
    resample(maps, target, outside, outs) {
      for (const [k, map] of maps.entries()) images[k]?.resample(map, target, outside, outs[k] as Float32Array);
    },
    close() {},
  };
}
