import type { KSpaceEncoding } from "@quintet/core";
import { removeOversampling } from "../correct/k-space/oversampling.ts";
import type { CartesianKSpace } from "../forward/coil-data.ts";
import { cartesianGrid, type KSpaceLine } from "./cartesian-grid.ts";
import { chooseMethod } from "./choose-method.ts";
import { type CoilCombination, coilImage, type PartialMethod, type ReconMethod } from "./coil-image.ts";
import { cropMiddle, interpolateFourier, pointsWithin } from "./image-grid.ts";
import { noiseBeyondImage } from "./image-quality.ts";
import { type SamplingPattern, samplingPattern } from "./sampling-pattern.ts";

export interface FrameOptions {
  readonly method: ReconMethod | "auto";
  readonly combine: CoilCombination;
  readonly partial: PartialMethod;
}

export interface FrameImage {
  /** Magnitude, [z][y][x]. */
  readonly image: Float32Array;
  readonly shape: readonly [number, number, number];
  /** mm */
  readonly spacing: readonly [number, number, number];
  readonly pattern: SamplingPattern;
  readonly averages: number;
  readonly method: ReconMethod;
  /** SD of one part of the noise, from beyond the image. */
  readonly noise?: number;
  readonly steps: readonly string[];
  readonly problems: readonly string[];
}

/** An image may have this many times the points that were measured; more is a damaged header. */
const mostInterpolation = 4;

/**
 * One slice (or slab) at one time from its lines: sorted, oversampling removed, reconstructed by the method that the
 * sampling asks for, cut to the image's field of view, on the image's matrix.
 *
 * @param calibration lines measured apart from the image, none when they are among its own
 * @throws DataError those of `cartesianGrid`, `samplingPattern`, `chooseMethod`, `coilImage`
 */
export function frameImage(
  lines: readonly KSpaceLine[],
  calibration: readonly KSpaceLine[],
  encoding: KSpaceEncoding,
  coils: number,
  options: FrameOptions,
): FrameImage {
  const { kspace, averages, fieldOfViewX } = cartesianGrid(lines, encoding, coils);
  const { encoded, image: wanted } = encoding;
  const fov = [fieldOfViewX, encoded.fieldOfView[1], encoded.fieldOfView[2]] as const;
  const [nx, ny, nz] = kspace.shape;
  const keep = [0, 1, 2].map((axis) =>
    pointsWithin(kspace.shape[axis] as number, fov[axis] as number, wanted.fieldOfView[axis] as number),
  ) as [number, number, number];
  const noise = keep[0] < nx ? noiseBeyondImage(kspace, keep[0] / nx) : undefined;
  const measured = linesOf(kspace);
  const pattern = samplingPattern(measured, ny, nz);
  // A readout that was cut short is completed on its whole length; the oversampling goes with the field of view then.
  const short = partialReadout(kspace);
  const cut = short ? kspace : withoutOversampling(kspace, keep[0]);
  const reference = calibration.length > 0 ? cartesianGrid(calibration, encoding, coils).kspace : undefined;
  const cutReference = reference && !short ? withoutOversampling(reference, keep[0]) : reference;
  const centre = reference ? samplingPattern(linesOf(reference), ny, nz).calibration : pattern.calibration;
  const chosen =
    options.method === "auto"
      ? chooseMethod(pattern, centre, coils, nz)
      : { method: options.method, because: "as asked for" };
  const learn = cutReference === undefined ? {} : { calibration: cutReference };
  const made = coilImage(cut, pattern, { ...options, method: chosen.method, ...learn });
  const inView = cropMiddle(made.image, cut.shape, keep);
  const shape = imageShape(keep, wanted.matrix);
  const problems = "problem" in chosen && chosen.problem !== undefined ? [chosen.problem] : [];
  if (shape.some((n, axis) => n !== wanted.matrix[axis]))
    problems.push(
      `the header asks for ${wanted.matrix.join(" x ")} points of ${keep.join(" x ")} measured ones: left as they are`,
    );
  if (pattern.missing > 0) problems.push(`${pattern.missing} lines of k-space are missing between measured ones`);
  return {
    image: interpolateFourier(inView, keep, shape),
    shape,
    spacing: shape.map(
      (n, axis) => ((fov[axis] as number) * (keep[axis] as number)) / (kspace.shape[axis] as number) / n,
    ) as [number, number, number],
    pattern,
    averages,
    method: chosen.method,
    ...(noise === undefined ? {} : { noise }),
    steps: [
      `method ${chosen.method}: ${chosen.because}`,
      ...(averages > 1 ? [`up to ${averages} readouts averaged on a line`] : []),
      ...(keep[0] < nx ? [`oversampling removed: ${nx} to ${keep[0]} points along read`] : []),
      ...made.steps,
    ],
    problems,
  };
}

function imageShape(
  keep: readonly [number, number, number],
  wanted: readonly [number, number, number],
): [number, number, number] {
  const sane = wanted.every((n, axis) => {
    const share = n / (keep[axis] as number);
    return share <= mostInterpolation && share >= 1 / mostInterpolation;
  });
  return sane ? [...wanted] : [...keep];
}

/** [z][y], 1 where a line has a measured sample at kx = 0. */
function linesOf({ shape: [nx, ny, nz], mask }: CartesianKSpace): Uint8Array {
  return Uint8Array.from({ length: ny * nz }, (_, line) => mask[line * nx + Math.floor(nx / 2)] as number);
}

/** Whether a measured line lacks samples at one end. */
function partialReadout({ shape: [nx], mask }: CartesianKSpace): boolean {
  for (let row = 0; row < mask.length; row += nx) {
    if (mask[row + Math.floor(nx / 2)] === 1 && (mask[row] !== 1 || mask[row + nx - 1] !== 1)) return true;
  }
  return false;
}

function withoutOversampling(kspace: CartesianKSpace, keep: number): CartesianKSpace {
  if (keep === kspace.shape[0]) return kspace;
  const lines = linesOf(kspace);
  const mask = Uint8Array.from({ length: lines.length * keep }, (_, i) => lines[Math.floor(i / keep)] as number);
  return { ...removeOversampling(kspace, keep), mask };
}
