import { DataError, type Mask, type Volume, voxelCount } from "@quintet/core";

/**
 * Regional homogeneity: Kendall's coefficient of concordance of each voxel's course with those of its 26 neighbours.
 *
 *   W = 12 sum_t (R_t - mean R)^2 / (K^2 (n^3 - n) - K sum of (tie^3 - tie)),   R_t = sum over the K voxels of the rank at t
 *
 * 1 when all courses rise and fall together; independent courses of n values give about 1/K. Voxels at the rim use the
 * neighbours that lie in the mask, at least 9 of the 27; below that the value is 0.
 *
 * @param series band-passed and free of confounds (`cleanSeries`)
 * @throws DataError `grid-mismatch`, `too-short` (under 10 volumes)
 * @see Zang et al., NeuroImage 2004;22:394-400; Kendall & Babington Smith, Ann Math Stat 1939;10:275-87
 */
export function regionalHomogeneity(series: Volume, mask: Mask): Volume<"1"> {
  const [n, frames] = [voxelCount(series), series.frames.length];
  if (mask.data.length !== n) throw new DataError("grid-mismatch", "series and mask must lie on one grid");
  if (frames < 10)
    throw new DataError("too-short", "too few volumes to rank", { expected: ">= 10", found: `${frames}` });
  const ranks = new Float32Array(series.data.length);
  const ties = new Float64Array(n);
  const course = new Float64Array(frames);
  for (let i = 0; i < n; i++) {
    if (mask.data[i] === 0) continue;
    for (let t = 0; t < frames; t++) course[t] = series.data[t * n + i] as number;
    ties[i] = writeRanks(course, ranks, i, n);
  }
  const count = boxSum(
    new Float32Array(mask.data.length).map((_, i) => (mask.data[i] !== 0 ? 1 : 0)),
    series.shape,
  );
  const tied = boxSum(Float32Array.from(ties), series.shape);
  const [sum, squares] = [new Float64Array(n), new Float64Array(n)];
  for (let t = 0; t < frames; t++) {
    const box = boxSum(ranks.subarray(t * n, (t + 1) * n), series.shape);
    for (let i = 0; i < n; i++) {
      // About the middle rank: the squares stay small.
      const r = (box[i] as number) - ((count[i] as number) * (frames + 1)) / 2;
      sum[i] = (sum[i] as number) + r;
      squares[i] = (squares[i] as number) + r * r;
    }
  }
  const data = new Float32Array(mask.data.length).map((_, i) => {
    const m = mask.data[i] as number;
    const k = count[i] as number;
    if (m === 0 || k < 9) return 0;
    const spread = (squares[i] as number) - (sum[i] as number) ** 2 / frames;
    const most = k * k * (frames ** 3 - frames) - k * (tied[i] as number);
    return most > 0 ? (12 * spread) / most : 0;
  });
  const duration =
    (series.frames.at(-1)?.start ?? 0) + (series.frames.at(-1)?.duration ?? 0) - (series.frames[0]?.start ?? 0);
  return { ...series, unit: "1", frames: [{ start: series.frames[0]?.start ?? 0, duration }], data };
}

/** Mean ranks 1 .. n of a course into frame-major `ranks`. @returns sum of tie^3 - tie */
function writeRanks(course: Float64Array, ranks: Float32Array, voxel: number, stride: number): number {
  const order = Array.from(course.keys()).sort((a, b) => (course[a] as number) - (course[b] as number));
  let tied = 0;
  for (let from = 0; from < order.length; ) {
    let to = from + 1;
    while (to < order.length && course[order[to] as number] === course[order[from] as number]) to++;
    const rank = (from + 1 + to) / 2;
    for (let k = from; k < to; k++) ranks[(order[k] as number) * stride + voxel] = rank;
    tied += (to - from) ** 3 - (to - from);
    from = to;
  }
  return tied;
}

/** Sum over the 3 x 3 x 3 neighbourhood; outside the image is 0. */
function boxSum(data: Float32Array, [nx, ny, nz]: Volume["shape"]): Float32Array {
  let from = data;
  const strides = [1, nx, nx * ny];
  for (const [axis, n] of [nx, ny, nz].entries()) {
    const stride = strides[axis] as number;
    const out = new Float32Array(data.length);
    for (let i = 0; i < data.length; i++) {
      const at = Math.floor(i / stride) % n;
      out[i] =
        (from[i] as number) +
        (at > 0 ? (from[i - stride] as number) : 0) +
        (at < n - 1 ? (from[i + stride] as number) : 0);
    }
    from = out;
  }
  return from;
}
