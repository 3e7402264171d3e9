import { DataError } from "@quintet/core";
import { wasmKernel } from "../wasm/wasm.ts";
import { gaussianTaps, reflect } from "./gauss.ref.ts";

type Shape = readonly [nx: number, ny: number, nz: number];

/** Full width at half maximum of a Gaussian of standard deviation 1: 2 sqrt(2 ln 2). */
export const fwhmPerSigma: number = 2 * Math.sqrt(2 * Math.LN2);

/**
 * Separable Gaussian smoothing.
 *
 *   out(v) = sum_k g(k_x) g(k_y) g(k_z) in(v + k),   g(k) = exp(-k^2 / 2 sigma^2) / sum,   |k| <= ceil(4 sigma)
 *
 * At the rim the image is reflected about the outer faces of its edge voxels (d c b a | a b c d | d c b a), so a
 * constant stays constant and the sum over the image is kept. sigma = 0 along an axis leaves that axis alone.
 *
 * Tolerance of the fast forms against the reference: 3e-6 of the largest value. Each of the three passes rounds to
 * float32 (6e-8) and sums up to some tens of products in float32.
 *
 * @param data [t][z][y][x], one or more frames, each smoothed alone
 * @param sigmaVoxels standard deviation along x, y, z in voxels
 * @throws DataError `shape-mismatch`, `bad-sigma`, `not-finite`
 */
export function smoothGaussian(data: Float32Array, shape: Shape, sigmaVoxels: Shape): Float32Array {
  const n = shape[0] * shape[1] * shape[2];
  if (!(n > 0) || !Number.isInteger(n) || data.length % n !== 0) {
    throw new DataError("shape-mismatch", "smoothing needs whole frames", {
      expected: `a multiple of ${shape.join(" x ")} values`,
      found: `${data.length}`,
    });
  }
  if (!sigmaVoxels.every((sigma) => sigma >= 0 && sigma <= 1000)) {
    throw new DataError("bad-sigma", "sigma is a length in voxels", {
      expected: "0 to 1000",
      found: sigmaVoxels.join(", "),
    });
  }
  refuseNonFinite(data);
  const out = new Float32Array(data.length);
  const smooth = smoothFrameWasm() ?? smoothFrame;
  const taps = sigmaVoxels.map(gaussianTaps) as [Float64Array, Float64Array, Float64Array];
  for (let start = 0; start < data.length; start += n) {
    smooth(data.subarray(start, start + n), shape, taps, out.subarray(start, start + n));
  }
  return out;
}

/** A sum is finite only if every term is (float32 values cannot overflow a float64 sum). */
function refuseNonFinite(data: Float32Array): void {
  let sum = 0;
  for (let i = 0; i < data.length; i++) sum += data[i] as number;
  if (Number.isFinite(sum)) return;
  const at = data.findIndex((value) => !Number.isFinite(value));
  throw new DataError("not-finite", "smoothing would spread this value over its neighbours", {
    expected: "finite values",
    found: `${data[at]} at index ${at}`,
  });
}

type Taps = readonly [x: Float64Array, y: Float64Array, z: Float64Array];

function smoothFrame(data: Float32Array, shape: Shape, taps: Taps, out: Float32Array): Float32Array {
  smoothAlongX(data, shape[0], taps[0], out);
  const between = out.slice();
  smoothRows(between, shape[0], shape[1], shape[2], taps[1], out);
  between.set(out);
  return smoothRows(between, shape[0] * shape[1], shape[2], 1, taps[2], out);
}

function smoothAlongX(data: Float32Array, nx: number, taps: Float64Array, out: Float32Array): Float32Array {
  const radius = (taps.length - 1) / 2;
  const line = new Float64Array(nx + 2 * radius);
  const source = Int32Array.from({ length: line.length }, (_, i) => reflect(i - radius, nx));
  for (let start = 0; start < data.length; start += nx) {
    for (let i = 0; i < line.length; i++) line[i] = data[start + (source[i] as number)] as number;
    for (let x = 0; x < nx; x++) {
      let sum = 0;
      for (let k = 0; k < taps.length; k++) sum += (taps[k] as number) * (line[x + k] as number);
      out[start + x] = sum;
    }
  }
  return out;
}

/** Whole rows of `width` values are weighted and added: `count` rows along the axis, `blocks` such stacks. */
function smoothRows(
  data: Float32Array,
  width: number,
  count: number,
  blocks: number,
  taps: Float64Array,
  out: Float32Array,
): Float32Array {
  const radius = (taps.length - 1) / 2;
  const row = new Float64Array(width);
  for (let block = 0; block < blocks; block++) {
    const base = block * count * width;
    for (let j = 0; j < count; j++) {
      row.fill(0);
      for (let k = -radius; k <= radius; k++) {
        const [weight, from] = [taps[k + radius] as number, base + reflect(j + k, count) * width];
        for (let x = 0; x < width; x++) row[x] = (row[x] as number) + weight * (data[from + x] as number);
      }
      out.set(row, base + j * width);
    }
  }
  return out;
}

type SmoothFrame = typeof smoothFrame;

/** Memory: [image a][image b][padded line][weights][row addresses], all by byte offset. */
function smoothFrameWasm(): SmoothFrame | undefined {
  const make = wasmKernel("gauss");
  if (!make) return undefined;
  return (data, shape, taps, out) => {
    const [nx, ny, nz] = shape;
    const longest = Math.max(...taps.map((t) => t.length));
    const bytes = 4 * data.length;
    const line = 2 * bytes;
    const weights = line + 4 * (nx + longest);
    const rows = weights + 4 * longest;
    const { memory, exports } = make(rows + 4 * longest);
    const a = new Float32Array(memory.buffer, 0, data.length);
    const b = new Float32Array(memory.buffer, bytes, data.length);
    a.set(data);
    const weigh = (axis: 0 | 1 | 2): number => {
      new Float32Array(memory.buffer, weights, longest).set(taps[axis]);
      return taps[axis].length;
    };
    exports.alongX?.(0, bytes, nx, ny * nz, line, weights, weigh(0));
    exports.alongRows?.(bytes, 0, nx, ny, nz, rows, weights, weigh(1));
    exports.alongRows?.(0, bytes, nx * ny, nz, 1, rows, weights, weigh(2));
    out.set(b);
    return out;
  };
}
