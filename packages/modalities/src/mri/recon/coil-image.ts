import { DataError } from "@quintet/core";
import { type CartesianKSpace, type CoilData, pointsOf } from "../forward/coil-data.ts";
import { toImage, toKSpace } from "../forward/fourier.ts";
import { type CoilMaps, senseModel, sumOverCoils } from "../forward/sense-model.ts";
import { calibrationBlock } from "./calibration.ts";
import { rootSumOfSquares, walshMaps } from "./coil-combine.ts";
import { espirit } from "./espirit.ts";
import { grappa } from "./grappa.ts";
import { homodyne, type PartialAxis, partialFourier, pocs } from "./partial-fourier.ts";
import type { SamplingPattern } from "./sampling-pattern.ts";
import { cgSense, sparseSense } from "./sense.ts";

export const reconMethods = ["fft", "grappa", "sense", "espirit", "cs"] as const;
export type ReconMethod = (typeof reconMethods)[number];
export const coilCombinations = ["sos", "walsh", "espirit"] as const;
export type CoilCombination = (typeof coilCombinations)[number];
export const partialMethods = ["pocs", "homodyne", "zero"] as const;
export type PartialMethod = (typeof partialMethods)[number];

export interface CoilImageOptions {
  readonly method: ReconMethod;
  readonly combine: CoilCombination;
  readonly partial: PartialMethod;
  /** Calibration measured apart from the image. */
  readonly calibration?: CartesianKSpace;
}

export interface CoilImage {
  /** Magnitude, [z][y][x]. */
  readonly image: Float32Array;
  /** What was done, in order, and what it found. */
  readonly steps: readonly string[];
}

/** An axis counts as partially measured when less than this share of it was. */
const fullShare = 0.97;

/**
 * One image from the k-space of all coils, by the method that was asked for:
 *
 * - `fft`: what is missing stays 0;
 * - `grappa`: the missing lines of the lattice are made of their neighbours;
 * - `sense`: conjugate gradients with Walsh's sensitivities of the calibration lines;
 * - `espirit`: the same with ESPIRiT's sensitivities; `cs`: with a wavelet prior besides.
 *
 * After `fft` and `grappa` an axis measured on one side only is completed, then the coils are combined.
 *
 * @throws DataError those of the methods: `no-calibration`, `no-lattice`, `no-centre` ...
 */
export function coilImage(
  kspace: CartesianKSpace,
  pattern: SamplingPattern,
  { method, combine, partial, calibration }: CoilImageOptions,
): CoilImage {
  const learn = calibration === undefined ? {} : { learnFrom: calibration };
  const steps: string[] = [];
  if (method === "fft" || method === "grappa") {
    let full = kspace;
    if (method === "grappa") {
      const made = grappa(kspace, { acceleration: pattern.acceleration, ...learn });
      full = made.kspace;
      steps.push(
        `GRAPPA ${pattern.acceleration.join(" x ")}, calibration ${made.calibration.join(" x ")}, fit error ${percent(made.fitError)}`,
      );
    }
    const images = completed(full, pattern, partial, steps);
    const image = combined(images, full, combine, calibration);
    steps.push(`coils combined by ${combinationNames[combine]}`);
    return { image, steps };
  }
  const maps = method === "sense" ? walshOf(calibration ?? kspace, kspace) : espirit(kspace, learn);
  const model = senseModel(maps, kspace.mask);
  const found =
    method === "cs" ? sparseSense(model, kspace.data, kspace.shape, { lipschitz: 1 }) : cgSense(model, kspace.data);
  const names = { sense: "Walsh's maps", espirit: "ESPIRiT's maps", cs: "ESPIRiT's maps and a wavelet prior" };
  steps.push(
    `SENSE with ${names[method]}, ${found.iterations} iterations${found.converged ? "" : ", not yet at their end"}`,
  );
  return { image: magnitude(found.image), steps };
}

const combinationNames = { sos: "root sum of squares", walsh: "Walsh's method", espirit: "ESPIRiT's maps" };

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

export function magnitude(complex: Float32Array): Float32Array {
  return Float32Array.from({ length: complex.length / 2 }, (_, i) =>
    Math.hypot(complex[2 * i] as number, complex[2 * i + 1] as number),
  );
}

/** Coil images with each axis that was measured on one side only completed. */
function completed(
  kspace: CartesianKSpace,
  pattern: SamplingPattern,
  partial: PartialMethod,
  steps: string[],
): CoilData {
  let now = kspace;
  const names = ["read", "phase", "partition"];
  // What GRAPPA filled in stands for measured lines; a lattice that ends a step early is no partial Fourier.
  const slack = [1, ...pattern.acceleration];
  for (const axis of [0, 1, 2] as const) {
    if (kspace.shape[axis] < 4) continue;
    const { range, fraction } = partialFourier(now, axis);
    const short = kspace.shape[axis] - (range[1] - range[0]);
    if (fraction >= fullShare || short < (slack[axis] as number)) continue;
    steps.push(`${percent(fraction)} measured along ${names[axis]}: ${partial === "zero" ? "zero-filled" : partial}`);
    if (partial === "zero") continue;
    const images = { ...now, data: partial === "pocs" ? pocs(now, axis) : homodyne(now, axis) };
    now = { ...toKSpace(images), mask: filledAlong(now, axis) };
  }
  return toImage(now);
}

/** The mask with every line along the axis that holds a measured point counted as whole. */
function filledAlong({ shape, mask }: CartesianKSpace, axis: PartialAxis): Uint8Array {
  const n = shape[axis];
  const stride = shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const out = mask.slice();
  for (let i = 0; i < mask.length; i++) {
    if (mask[i] !== 1) continue;
    const first = i - (Math.floor(i / stride) % n) * stride;
    for (let k = 0; k < n; k++) out[first + k * stride] = 1;
  }
  return out;
}

function combined(
  images: CoilData,
  kspace: CartesianKSpace,
  combine: CoilCombination,
  calibration: CartesianKSpace | undefined,
): Float32Array {
  if (combine === "sos" || images.coils === 1) return rootSumOfSquares(images);
  const maps =
    combine === "walsh"
      ? walshMaps(images)
      : espirit(kspace, calibration === undefined ? {} : { learnFrom: calibration });
  return magnitude(sumOverCoils(maps, images.data));
}

/** Walsh's sensitivities of the calibration lines alone, tapered so that their edge does not ring, on the image's grid. */
function walshOf(from: CartesianKSpace, { coils, shape }: CartesianKSpace): CoilMaps {
  const block = calibrationBlock(from, 32, 8);
  const [nx, ny, nz] = shape;
  const low = new Float32Array(2 * coils * pointsOf(shape));
  const first = shape.map((n, axis) => Math.floor(n / 2) - Math.floor((block.shape[axis] as number) / 2));
  if (first.some((at) => at < 0)) {
    throw new DataError("shape-mismatch", "the calibration lies on the image's grid", {
      expected: `at most ${shape.join(" x ")}`,
      found: block.shape.join(" x "),
    });
  }
  const hann = (i: number, n: number): number =>
    n === 1 ? 1 : 0.5 + 0.5 * Math.cos((2 * Math.PI * (i - Math.floor(n / 2))) / (n + 1));
  const [bx, by, bz] = block.shape;
  for (let c = 0; c < coils; c++)
    for (let z = 0; z < bz; z++)
      for (let y = 0; y < by; y++)
        for (let x = 0; x < bx; x++) {
          const weight = hann(x, bx) * hann(y, by) * hann(z, bz);
          const at = 2 * (((c * bz + z) * by + y) * bx + x);
          const [px, py, pz] = [x + (first[0] as number), y + (first[1] as number), z + (first[2] as number)];
          const to = 2 * (((c * nz + pz) * ny + py) * nx + px);
          low[to] = weight * (block.data[at] as number);
          low[to + 1] = weight * (block.data[at + 1] as number);
        }
  return walshMaps(toImage({ coils, shape, data: low }));
}
