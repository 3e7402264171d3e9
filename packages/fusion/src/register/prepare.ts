import {
  DataError,
  frameData,
  type Grid,
  identityAffine,
  type Mask,
  sameGrid,
  spacing,
  toWorld,
  type Volume,
  voxelCount,
} from "@quintet/core";
import { fwhmPerSigma, resample, smoothGaussian } from "@quintet/kernels";

/** Plausible head images: below 20 mm of head there is nothing to hold on to, above 1 m the unit is not mm. */
const leastExtent = 20;
const mostExtent = 1000;

/**
 * One static frame (the mean over frames) that registration can work with, or the reason why not.
 *
 * @throws DataError `shape-mismatch`, `not-finite`, `constant-image`, `tiny-field-of-view`, `absurd-field-of-view`
 */
export function checkedFrame(volume: Volume, name: string): Volume {
  const n = voxelCount(volume);
  if (!(n > 0) || volume.frames.length === 0 || volume.data.length !== n * volume.frames.length) {
    throw new DataError("shape-mismatch", `the ${name} image must fill its shape`, {
      expected: `${volume.shape.join(" x ")} x ${volume.frames.length} values`,
      found: `${volume.data.length}`,
    });
  }
  refuseFieldOfView(volume, name);
  const mean = meanFrame(volume);
  let [least, most, sum] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  for (let i = 0; i < n; i++) {
    const value = mean[i] as number;
    sum += value;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  if (!Number.isFinite(sum)) {
    throw new DataError("not-finite", `the ${name} image holds values that are no numbers`, {
      expected: "finite values",
      found: `${mean.find((value) => !Number.isFinite(value))}`,
    });
  }
  if (!(most > least)) {
    throw new DataError("constant-image", `the ${name} image has nothing to align`, { found: `${least} everywhere` });
  }
  return { ...volume, frames: [volume.frames[0] as Volume["frames"][number]], data: mean };
}

function refuseFieldOfView(grid: Grid, name: string): void {
  const edges = spacing(grid);
  const extent = grid.shape.map((count, axis) => count * (edges[axis] as number)) as [number, number, number];
  const found = `${extent.map((mm) => mm.toFixed(1)).join(" x ")} mm`;
  if (!extent.every((mm) => mm >= leastExtent)) {
    throw new DataError(
      "tiny-field-of-view",
      `the ${name} image does not hold a head; are its voxel sizes in metres?`,
      {
        expected: `at least ${leastExtent} mm along each axis`,
        found,
      },
    );
  }
  if (!extent.every((mm) => mm <= mostExtent)) {
    throw new DataError("absurd-field-of-view", `the ${name} image is larger than a head; are its voxel sizes in um?`, {
      expected: `at most ${mostExtent} mm along each axis`,
      found,
    });
  }
}

function meanFrame(volume: Volume): Float32Array {
  const count = volume.frames.length;
  const mean = Float32Array.from(frameData(volume, 0));
  for (let t = 1; t < count; t++) {
    const frame = frameData(volume, t);
    for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] as number) + (frame[i] as number);
  }
  if (count > 1) for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] as number) / count;
  return mean;
}

/** The image smoothed by a Gaussian of the given full width at half maximum (mm). */
export function smoothed<V extends Volume>(volume: V, fwhm: number): V {
  if (!(fwhm > 0)) return volume;
  const sigma = spacing(volume).map((edge) => fwhm / fwhmPerSigma / edge) as [number, number, number];
  return { ...volume, data: smoothGaussian(volume.data, volume.shape, sigma) };
}

/** The same box with cubic voxels of about `edge` mm: voxel faces stay where they were. */
export function coarseGrid(grid: Grid, edge: number): Grid {
  const edges = spacing(grid);
  const shape = grid.shape.map((n, axis) => Math.max(1, Math.round((n * (edges[axis] as number)) / edge)));
  const steps = grid.shape.map((n, axis) => n / (shape[axis] as number));
  const affine = Float64Array.from(grid.affine);
  for (let row = 0; row < 3; row++) {
    let shift = 0;
    for (let axis = 0; axis < 3; axis++) {
      const column = grid.affine[row * 4 + axis] as number;
      affine[row * 4 + axis] = column * (steps[axis] as number);
      shift += column * (((steps[axis] as number) - 1) / 2);
    }
    affine[row * 4 + 3] = (grid.affine[row * 4 + 3] as number) + shift;
  }
  return { shape: shape as [number, number, number], affine, space: grid.space };
}

/** Brought to voxels of about `edge` mm, smoothed against aliasing where that is coarser than the image. */
export function atResolution(volume: Volume, edge: number): Volume {
  const edges = spacing(volume);
  if (edges.every((own) => own >= edge * 0.75)) return volume;
  const sigma = edges.map((own) => (own < edge ? Math.sqrt(edge * edge - own * own) / fwhmPerSigma / own : 0));
  const soft = { ...volume, data: smoothGaussian(volume.data, volume.shape, sigma as [number, number, number]) };
  return resample(soft, coarseGrid(volume, edge), identityAffine());
}

/**
 * What lies inside the mask, in its box with `margin` mm around; outside the mask the image's least value.
 *
 * elastix (this build) takes no mask, and a mask that only drops samples loses the organ's outline, which is most of
 * what a blurred PET or SPECT image shows: here the outline stays, with nothing but background beyond it.
 *
 * @throws DataError `grid-mismatch`, `empty-region`
 */
export function cutOut(volume: Volume, mask: Mask, margin: number): Volume {
  if (!sameGrid(volume, mask)) {
    throw new DataError("grid-mismatch", "the mask must lie on the fixed image's grid", {
      expected: `${volume.shape.join(" x ")} in ${volume.space}`,
      found: `${mask.shape.join(" x ")} in ${mask.space}`,
    });
  }
  const [nx, ny, nz] = volume.shape;
  const low = [nx, ny, nz];
  const high = [-1, -1, -1];
  let background = Number.POSITIVE_INFINITY;
  for (let i = 0; i < mask.data.length; i++) {
    background = Math.min(background, volume.data[i] as number);
    if (mask.data[i] === 0) continue;
    const place = [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))];
    for (let k = 0; k < 3; k++) {
      low[k] = Math.min(low[k] as number, place[k] as number);
      high[k] = Math.max(high[k] as number, place[k] as number);
    }
  }
  if ((high[0] as number) < 0) throw new DataError("empty-region", "the fixed mask holds no voxel");
  const edges = spacing(volume);
  const start = low.map((v, k) => Math.max(0, v - Math.ceil(margin / (edges[k] as number))));
  const end = high.map((v, k) =>
    Math.min((volume.shape[k] as number) - 1, v + Math.ceil(margin / (edges[k] as number))),
  );
  const shape = end.map((v, k) => v - (start[k] as number) + 1) as [number, number, number];
  const data = new Float32Array(shape[0] * shape[1] * shape[2]);
  let voxel = 0;
  for (let z = start[2] as number; z <= (end[2] as number); z++) {
    for (let y = start[1] as number; y <= (end[1] as number); y++) {
      for (let x = start[0] as number; x <= (end[0] as number); x++) {
        const from = x + nx * (y + ny * z);
        data[voxel++] = mask.data[from] === 0 ? background : (volume.data[from] as number);
      }
    }
  }
  const affine = Float64Array.from(volume.affine);
  const corner = toWorld(volume, start as [number, number, number]);
  for (let row = 0; row < 3; row++) affine[row * 4 + 3] = corner[row] as number;
  return { ...volume, shape, affine, data };
}
