import { DataError, type KSpaceEncoding } from "@quintet/core";
import { densityCompensation, nufft } from "@quintet/kernels";
import { toKSpace } from "../forward/fourier.ts";
import { nonCartesianSenseModel } from "../forward/sense-model.ts";
import { rootSumOfSquares } from "./coil-combine.ts";
import { magnitude } from "./coil-image.ts";
import { espirit } from "./espirit.ts";
import type { FrameImage, FrameOptions } from "./frame-image.ts";
import { cropMiddle, pointsWithin } from "./image-grid.ts";
import type { PreparedLine } from "./readout-lines.ts";
import { cgSense, sparseSense } from "./sense.ts";

/**
 * One slice at one time from lines along any trajectory: gridding with density compensation and root sum of squares
 * (`fft`, and `auto`), or with ESPIRiT's maps of the gridded centre by conjugate gradients (`sense`, `espirit`) or a
 * wavelet prior (`cs`).
 *
 * @throws DataError `no-trajectory`, `bad-option` (grappa), and those of `nufft`, `espirit`, `sparseSense`
 */
export function offGridImage(
  lines: readonly PreparedLine[],
  encoding: KSpaceEncoding,
  coils: number,
  options: FrameOptions,
): FrameImage {
  const method = options.method === "auto" ? "fft" : options.method;
  if (method === "grappa") throw new DataError("bad-option", "GRAPPA needs lines on a grid; choose sense or cs");
  const { matrix, fieldOfView } = encoding.encoded;
  const shape = [matrix[0], matrix[1], matrix[2]] as const;
  const axes = shape.filter((n) => n > 1).length;
  const { positions, data } = gathered(lines, axes, coils);
  const transform = nufft(
    shape.filter((n) => n > 1),
    positions,
    { norm: "ortho" },
  );
  const { weights } = densityCompensation(transform);
  const points = shape[0] * shape[1] * shape[2];
  const samples = positions.length / axes;
  const images = new Float32Array(2 * coils * points);
  for (let c = 0; c < coils; c++) {
    const own = data.slice(2 * c * samples, 2 * (c + 1) * samples);
    for (let i = 0; i < own.length; i++) own[i] = (own[i] as number) * (weights[i >> 1] as number);
    images.set(transform.adjoint(own), 2 * c * points);
  }
  const coilImages = { coils, shape, data: images };
  const steps = [`${lines.length} readouts off the grid, ${samples} samples gridded with density compensation`];
  let whole = rootSumOfSquares(coilImages);
  if (method !== "fft") {
    const maps = espirit({ ...toKSpace(coilImages), mask: new Uint8Array(points).fill(1) });
    const half = Float64Array.from(weights, Math.sqrt);
    const model = nonCartesianSenseModel(maps, positions, half);
    const weighted = data.map((v, i) => v * (half[(i >> 1) % samples] as number));
    const fit = method === "cs" ? sparseSense(model, weighted, shape) : cgSense(model, weighted);
    whole = magnitude(fit.image);
    steps.push(
      `SENSE with ESPIRiT's maps${method === "cs" ? " and a wavelet prior" : ""}, ${fit.iterations} iterations`,
    );
  }
  const keep = [0, 1, 2].map((axis) =>
    pointsWithin(shape[axis] as number, fieldOfView[axis] as number, encoding.image.fieldOfView[axis] as number),
  ) as [number, number, number];
  return {
    image: cropMiddle(whole, shape, keep),
    shape: keep,
    spacing: shape.map((n, axis) => (fieldOfView[axis] as number) / n) as [number, number, number],
    pattern: {
      acceleration: [1, 1],
      regular: true,
      calibration: [shape[1], shape[2]],
      measured: lines.length,
      missing: 0,
      range: [
        [0, shape[1]],
        [0, shape[2]],
      ],
    },
    averages: 1,
    method,
    steps,
    problems: [],
  };
}

/** Positions [sample][axis] in cycles per voxel and samples [coil][sample] of all lines. */
function gathered(
  lines: readonly PreparedLine[],
  axes: number,
  coils: number,
): { positions: Float64Array; data: Float32Array } {
  const kept = lines.reduce((sum, { range }) => sum + range[1] - range[0], 0);
  const positions = new Float64Array(axes * kept);
  const data = new Float32Array(2 * coils * kept);
  let at = 0;
  for (const { readout, range, samples, data: own } of lines) {
    const path = readout.trajectory;
    if (path === undefined || path.axes < axes) {
      throw new DataError("no-trajectory", "lines off the grid carry where they were measured", {
        expected: `${axes} numbers a sample`,
        found: path === undefined ? "none" : `${path.axes}`,
      });
    }
    for (let i = range[0]; i < range[1]; i++, at++) {
      for (let axis = 0; axis < axes; axis++) positions[at * axes + axis] = path.data[i * path.axes + axis] as number;
      for (let c = 0; c < coils; c++) {
        data[2 * (c * kept + at)] = own[2 * (c * samples + i)] as number;
        data[2 * (c * kept + at) + 1] = own[2 * (c * samples + i) + 1] as number;
      }
    }
  }
  return { positions, data };
}
