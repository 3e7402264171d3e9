import { DataError } from "@quintet/core";
import { fftN } from "@quintet/kernels";

type Shape = readonly [number, number, number];

/** Points of an axis within a smaller field of view of the same spacing. */
export function pointsWithin(points: number, encoded: number, wanted: number): number {
  return Math.max(1, Math.min(points, Math.round((points * wanted) / encoded)));
}

/**
 * The middle of a magnitude image: `keep` points along each axis, the centre at floor(n / 2) before and after.
 * @throws DataError `bad-size`
 */
export function cropMiddle(image: Float32Array, shape: Shape, keep: Shape): Float32Array {
  if (!keep.every((n, axis) => Number.isInteger(n) && n >= 1 && n <= (shape[axis] as number))) {
    throw new DataError("bad-size", "an image is cut to at most what it holds", {
      expected: `at most ${shape.join(" x ")}`,
      found: keep.join(" x "),
    });
  }
  const first = shape.map((n, axis) => Math.floor(n / 2) - Math.floor((keep[axis] as number) / 2)) as [
    number,
    number,
    number,
  ];
  const [nx, ny] = shape;
  const out = new Float32Array(keep[0] * keep[1] * keep[2]);
  let to = 0;
  for (let z = 0; z < keep[2]; z++)
    for (let y = 0; y < keep[1]; y++) {
      const at = ((z + first[2]) * ny + y + first[1]) * nx + first[0];
      out.set(image.subarray(at, at + keep[0]), to);
      to += keep[0];
    }
  return out;
}

/**
 * A magnitude image on another number of points over the same field of view: its transform cut or filled with zeros
 * (Fourier interpolation), the centre at floor(n / 2) before and after, its mean kept. What rings below 0 becomes 0.
 */
export function interpolateFourier(image: Float32Array, from: Shape, to: Shape): Float32Array {
  if (from.every((n, axis) => n === to[axis])) return image;
  const axes = [0, 1, 2].filter((axis) => (from[axis] as number) > 1 || (to[axis] as number) > 1);
  const complex = new Float32Array(2 * image.length);
  for (const [i, value] of image.entries()) complex[2 * i] = value;
  const spectrum = fftN(complex, [...from], axes, { centred: true, norm: "none" });
  const out = new Float32Array(2 * to[0] * to[1] * to[2]);
  const size = from.map((n, axis) => Math.min(n, to[axis] as number)) as [number, number, number];
  const middle = (shape: Shape): Shape =>
    [0, 1, 2].map(
      (axis) => Math.floor((shape[axis] as number) / 2) - Math.floor((size[axis] as number) / 2),
    ) as unknown as Shape;
  const [a, b] = [middle(from), middle(to)];
  for (let z = 0; z < size[2]; z++)
    for (let y = 0; y < size[1]; y++) {
      const at = 2 * (((z + a[2]) * from[1] + y + a[1]) * from[0] + a[0]);
      out.set(spectrum.subarray(at, at + 2 * size[0]), 2 * (((z + b[2]) * to[1] + y + b[1]) * to[0] + b[0]));
    }
  const back = fftN(out, [...to], axes, { centred: true, inverse: true, norm: "none" });
  return Float32Array.from({ length: out.length / 2 }, (_, i) => Math.max(0, (back[2 * i] as number) / image.length));
}
