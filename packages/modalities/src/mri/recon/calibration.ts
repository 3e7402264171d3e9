import { DataError } from "@quintet/core";
import type { CartesianKSpace, CoilData } from "../forward/coil-data.ts";

/**
 * The fully sampled block round the centre of k-space that coil sensitivities and GRAPPA weights are learnt from: grown
 * from the zero frequency one line at a time along each axis in turn while every point is measured, to `most` points.
 *
 * @returns a block whose own zero frequency is at floor(n / 2), for an odd or even n alike
 * @throws DataError `no-calibration` when it is smaller than `least` along an axis longer than one point
 */
export function calibrationBlock(kspace: CartesianKSpace, most: number, least: number): CoilData {
  const { shape, mask } = kspace;
  const [nx, ny] = shape;
  const centre = shape.map((n) => Math.floor(n / 2));
  const low = [...centre];
  const high = centre.map((c) => c + 1);
  const measured = (from: readonly number[], to: readonly number[]): boolean => {
    for (let z = from[2] as number; z < (to[2] as number); z++)
      for (let y = from[1] as number; y < (to[1] as number); y++)
        for (let x = from[0] as number; x < (to[0] as number); x++) if (mask[(z * ny + y) * nx + x] !== 1) return false;
    return true;
  };
  const growing = shape.map((n) => n > 1);
  while (measured(low, high) && growing.includes(true)) {
    for (let axis = 0; axis < 3; axis++) {
      if (!growing[axis]) continue;
      const size = (high[axis] as number) - (low[axis] as number);
      // an even size reaches one further below, so that the centre stays at floor(size / 2)
      const down = size % 2 === 1;
      const next = down ? (low[axis] as number) - 1 : (high[axis] as number);
      const [from, to] = [[...low], [...high]];
      from[axis] = next;
      to[axis] = next + 1;
      if (
        size >= Math.min(most, shape[axis] as number) ||
        next < 0 ||
        next >= (shape[axis] as number) ||
        !measured(from, to)
      ) {
        growing[axis] = false;
      } else if (down) low[axis] = next;
      else high[axis] = next + 1;
    }
  }
  const size = high.map((h, axis) => h - (low[axis] as number)) as [number, number, number];
  if (!measured(low, high) || size.some((n, axis) => n < least && n < (shape[axis] as number))) {
    throw new DataError("no-calibration", "the centre of k-space must be fully sampled to learn the coils from it", {
      expected: `at least ${least} points along each axis`,
      found: measured(low, high) ? size.join(" x ") : "no point at the zero frequency",
    });
  }
  return crop(kspace, low, size);
}

function crop({ coils, shape, data }: CoilData, low: readonly number[], size: [number, number, number]): CoilData {
  const [nx, ny, nz] = shape;
  const out = new Float32Array(2 * coils * size[0] * size[1] * size[2]);
  let to = 0;
  for (let c = 0; c < coils; c++)
    for (let z = 0; z < size[2]; z++)
      for (let y = 0; y < size[1]; y++) {
        const at = 2 * (((c * nz + z + (low[2] as number)) * ny + y + (low[1] as number)) * nx + (low[0] as number));
        out.set(data.subarray(at, at + 2 * size[0]), to);
        to += 2 * size[0];
      }
  return { coils, shape: size, data: out };
}
