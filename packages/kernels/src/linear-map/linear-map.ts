/**
 * Linear models with two columns in every voxel of an image: MA1 and MRTM2, Logan's and Patlak's plots (linear-map.ref.ts has the
 * equations). Voxels are independent and each is summed in the reference's order, so that the result is the reference's to the bit
 * on any number of threads.
 */
import { standingCrew } from "../pool/standing-crew.ts";
import { checkLinearMap, type LinearMap, type LinearMapModel, linearMapReference } from "./linear-map.ref.ts";

/** Voxels of a chunk, and chunks that are brought in together. */
const [chunkVoxels, mostChunks] = [1024, 64];
const kinds = ["regression", "plot", "fixed"] as const;
/** First, second, and three of their covariance. */
const columns = 5;

/**
 * @param data [frame][voxel]
 * @returns NaN where the columns of a voxel are alike, or a plot has too few frames above 0
 * @throws DataError `shape-mismatch`, `too-few-samples`
 */
export function linearMap(model: LinearMapModel, data: Float32Array, voxels: number): LinearMap {
  checkLinearMap(model, data, voxels);
  const found = compiled(model, data, voxels);
  if (!found) return linearMapReference(model, data, voxels);
  const column = (k: number): Float64Array => found.subarray(k * voxels, (k + 1) * voxels);
  return { first: column(0), second: column(1), variances: [column(2), column(3), column(4)] };
}

function compiled(
  { kind, time, weights, first, second }: LinearMapModel,
  data: Float32Array,
  voxels: number,
): Float64Array | undefined {
  const frames = time.length;
  const size = Math.min(chunkVoxels, 4 * Math.ceil(voxels / 4));
  const chunks = Math.ceil(voxels / size);
  const together = Math.min(chunks, mostChunks);
  const planBytes = 64 + 64 * Math.ceil((32 * frames) / 64);
  const dataBytes = 64 * Math.ceil((4 * frames * size * together) / 64);
  const standing = standingCrew("linear-map", planBytes + dataBytes + 8 * columns * size * together);
  if (!standing) return undefined;
  const { crew, at } = standing;
  const [planAt, dataAt, outAt] = [at + 64, at + planBytes, at + planBytes + dataBytes];
  const { buffer } = crew;
  const plan = new Float64Array(buffer, planAt, 4 * frames);
  for (let t = 0; t < frames; t++) {
    const half = ((time[t] as number) - (t === 0 ? 0 : (time[t - 1] as number))) / 2;
    plan.set([half, weights[t] as number, first[t] as number, second?.[t] ?? 0], 4 * t);
  }
  new Uint32Array(buffer, at, 6).set([kinds.indexOf(kind), frames, size, planAt, dataAt, outAt]);
  const input = new Float32Array(buffer, dataAt, frames * size * together);
  const output = new Float64Array(buffer, outAt, columns * size * together);
  const result = new Float64Array(columns * voxels);
  for (let from = 0; from < chunks; from += together) {
    const now = Math.min(together, chunks - from);
    for (let c = 0; c < now; c++) {
      const begin = (from + c) * size;
      const n = Math.min(size, voxels - begin);
      const own = input.subarray(c * frames * size, (c + 1) * frames * size);
      if (n < size) own.fill(0);
      for (let t = 0; t < frames; t++) own.set(data.subarray(t * voxels + begin, t * voxels + begin + n), t * size);
    }
    crew.run("linear-map.block", now, at);
    for (let c = 0; c < now; c++) {
      const begin = (from + c) * size;
      const n = Math.min(size, voxels - begin);
      for (let k = 0; k < columns; k++) {
        const own = (c * columns + k) * size;
        result.set(output.subarray(own, own + n), k * voxels + begin);
      }
    }
  }
  return result;
}
