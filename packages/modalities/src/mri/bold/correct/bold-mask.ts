import { DataError, frameData, type Mask, type Volume, voxelCount } from "@quintet/core";
import { closing, dilate, erode, fillHoles, largestComponent, median } from "@quintet/kernels";

/** The mean of all frames, float64 sums. */
export function meanFrame<V extends Volume>(bold: V): V {
  const n = voxelCount(bold);
  const sum = new Float64Array(n);
  for (let t = 0; t < bold.frames.length; t++) {
    const frame = frameData(bold, t);
    for (let i = 0; i < n; i++) sum[i] = (sum[i] as number) + (frame[i] as number);
  }
  const [first, last] = [bold.frames[0], bold.frames.at(-1)];
  const start = first?.start ?? 0;
  const duration = (last?.start ?? 0) + (last?.duration ?? 0) - start;
  return {
    ...bold,
    frames: [{ start, duration }],
    data: new Float32Array(sum.length).map((_, i) => (sum[i] as number) / bold.frames.length),
  };
}

/**
 * Where an EPI image shows tissue: what lies above the clip level c, the value that is half the median of all above it.
 *
 *   c = median(I : I >= c) / 2      (fixed point, from the mean of the positive values on)
 *
 * The largest piece after one voxel has been taken off and put back, closed by two voxels, holes filled.
 *
 * @throws DataError `not-finite`, `no-head` (below 500 voxels or more than 97 % of the image)
 * @see Cox, Comput Biomed Res 1996;29:162-73 (the clip level of AFNI's automask)
 */
export function boldMask(image: Volume): Mask {
  const mean = image.frames.length === 1 ? image : meanFrame(image);
  const { data, shape } = mean;
  if (!data.every(Number.isFinite))
    throw new DataError("not-finite", "the mean image holds values that are no numbers");
  const positive = data.filter((v) => v > 0);
  let clip = positive.reduce((sum, v) => sum + v, 0) / Math.max(1, positive.length);
  for (let round = 0; round < 100; round++) {
    const next = median(positive.filter((v) => v >= clip)) / 2;
    if (!(Math.abs(next - clip) > 1e-4 * clip)) break;
    clip = next;
  }
  const bright = new Uint8Array(data.length).map((_, i) => ((data[i] as number) > clip ? 1 : 0));
  const core = largestComponent(erode(bright, shape, 1), shape, 6);
  const grown = dilate(core, shape, 1.5).map((inside, i) => (inside !== 0 && bright[i] !== 0 ? 1 : 0));
  const filled = fillHoles(closing(Uint8Array.from(grown), shape, 2), shape);
  const count = filled.reduce((n, m) => n + m, 0);
  if (count < 500 || count > 0.97 * filled.length) {
    throw new DataError("no-head", "no head stands out from the background", {
      expected: "500 voxels to 97 % of the image",
      found: `${count} of ${filled.length}`,
    });
  }
  return { shape, affine: image.affine, space: image.space, data: filled };
}
