import { DataError } from "@quintet/core";
import { fftPlan } from "./fft.ts";
import { type FftOptions, fftScale } from "./fft-options.ts";
import { radicesOf } from "./fft-plan.ts";
import { transformAxesWasm } from "./fft-wasm.ts";

/**
 * Discrete Fourier transform of complex data along any of its axes, of any lengths, in float32.
 *
 *   X[k] = scale sum_t x[t] exp(-+ 2 pi i (k - c)(t - c) / n),   c = 0, or floor(n / 2) if `centred`
 *
 * along each axis of `axes` in turn. The centred form is fftshift(fft(ifftshift(x))): the zero frequency and the image
 * centre both lie at index floor(n / 2), also for odd n, and the inverse of a centred transform is the centred inverse.
 *
 * Tolerance against the float64 sum: 1e-6 in relative l2. Every stage of a fast transform rounds to float32 (6e-8, of
 * random sign) and there are at most some tens of stages; the twiddle factors are rounded once from float64.
 *
 * Compiled for lengths whose prime factors are at most 31; the rest of the axes, and all of them where nothing is
 * compiled, go line by line through the float64 transform of fft.ts.
 *
 * @param data interleaved re, im; C order with shape[0] = x fastest; untouched unless it is also `out`
 * @param shape points along each axis, x first; data holds 2 times their product
 * @param axes indices into `shape`, each at most once
 * @param out where to write, of data's length; may be `data` itself
 * @throws DataError `shape-mismatch`, `bad-axis`
 */
export function fftN(
  data: Float32Array,
  shape: readonly number[],
  axes: readonly number[],
  options: FftOptions = {},
  out: Float32Array = new Float32Array(data.length),
): Float32Array {
  refuseBadShape(data, shape, axes, out);
  const fast = transformAxesWasm();
  const smooth = axes.filter((axis) => fast && radicesOf(shape[axis]));
  if (fast && smooth.length > 0) fast(data, shape, smooth, options, out);
  else if (out !== data) out.set(data);
  for (const axis of axes) if (!smooth.includes(axis)) alongAxis(out, shape, axis, options);
  return out;
}

function refuseBadShape(
  data: Float32Array,
  shape: readonly number[],
  axes: readonly number[],
  out: Float32Array,
): void {
  const points = shape.reduce((a, b) => a * b, 1);
  if (!shape.every((n) => Number.isInteger(n) && n > 0) || data.length !== 2 * points || out.length !== data.length) {
    throw new DataError("shape-mismatch", "a complex array holds two values a point", {
      expected: `2 x ${shape.join(" x ")}`,
      found: `${data.length} values, room for ${out.length}`,
    });
  }
  if (
    !axes.every((axis, i) => Number.isInteger(axis) && axis >= 0 && axis < shape.length && axes.indexOf(axis) === i)
  ) {
    throw new DataError("bad-axis", "the axes are indices into the shape, each at most once", {
      expected: `0 to ${shape.length - 1}`,
      found: axes.join(", "),
    });
  }
}

/** One axis, line by line in float64, in place. */
function alongAxis(data: Float32Array, shape: readonly number[], axis: number, options: FftOptions): void {
  const n = shape[axis];
  const stride = shape.slice(0, axis).reduce((a, b) => a * b, 1);
  const origin = options.centred ? Math.floor(n / 2) : 0;
  const scale = fftScale(n, options);
  // With the parts swapped before and after, the forward transform is the inverse one.
  const [re, im] = options.inverse ? [1, 0] : [0, 1];
  const plan = fftPlan(n);
  const [line, result] = [new Float64Array(2 * n), new Float64Array(2 * n)];
  for (let first = 0; first < data.length / 2; first++) {
    if (Math.floor(first / stride) % n !== 0) continue;
    for (let t = 0; t < n; t++) {
      const at = 2 * (first + ((t + origin) % n) * stride);
      line[2 * t + re] = data[at];
      line[2 * t + im] = data[at + 1];
    }
    plan.forward(result, line);
    for (let k = 0; k < n; k++) {
      const at = 2 * (first + ((k + origin) % n) * stride);
      data[at] = scale * result[2 * k + re];
      data[at + 1] = scale * result[2 * k + im];
    }
  }
}
