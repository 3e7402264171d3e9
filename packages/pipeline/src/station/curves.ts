/** An image's course over its frames, at a point or over a region. */
import { apply, DataError, invert, type Point } from "@quintet/core";
import type { HandRegion, SceneVolume, StationCurve } from "@quintet/view";
import { regionVoxels } from "@quintet/view";
import type { DecodedImage } from "./job.ts";

/** An image as it is shown, with its voxels. */
export interface ShownImage {
  readonly volume: SceneVolume;
  readonly image: DecodedImage;
}

/**
 * The voxel nearest to a point of the anatomy, over all frames, in the shown unit.
 *
 * @throws DataError `outside-image`
 */
export function pointCurve({ volume, image }: ShownImage, position: Point): StationCurve {
  const [x, y, z] = apply(invert(Float64Array.from(volume.affine)), position).map(Math.round) as [
    number,
    number,
    number,
  ];
  const [nx, ny, nz] = volume.shape;
  if (!(x >= 0 && y >= 0 && z >= 0 && x < nx && y < ny && z < nz))
    throw new DataError("outside-image", "the point lies outside the image", {
      found: position.map((v) => v.toFixed(1)).join(", "),
    });
  return curveOf(
    { volume, image },
    [x + nx * (y + ny * z)],
    `${volume.name} at ${position.map((v) => v.toFixed(0)).join(", ")} mm`,
  );
}

/**
 * The mean over a sphere, over all frames, in the shown unit; with a share, over the part that hangs together at that
 * share of the maximum of the frame in which the sphere holds most. A sphere smaller than a voxel takes the nearest.
 *
 * @throws DataError `outside-image`
 */
export function sphereCurve(shown: ShownImage, region: HandRegion): StationCurve {
  const { volume, image } = shown;
  const values = valuesOf(image);
  const perFrame = volume.shape[0] * volume.shape[1] * volume.shape[2];
  const frame = (t: number): ArrayLike<number> => values.subarray(t * perFrame, (t + 1) * perFrame);
  const affine = Float64Array.from(volume.affine);
  const whole = regionVoxels(frame(0), volume.shape, affine, { centre: region.centre, radius: region.radius });
  if (whole.length === 0)
    throw new DataError("outside-image", "no voxel of the image lies in the sphere", {
      found: region.centre.map((v) => v.toFixed(1)).join(", "),
    });
  // What is uptake is told best where there is most of it.
  const sums = volume.frames.map((_, t) => whole.reduce((sum, i) => sum + (frame(t)[i] as number), 0));
  const fullest = sums.indexOf(Math.max(...sums));
  const voxels =
    region.share === undefined ? whole : regionVoxels(frame(Math.max(0, fullest)), volume.shape, affine, region);
  const at = region.centre.map((v) => v.toFixed(0)).join(", ");
  return curveOf(shown, voxels, `${volume.name}, ${region.radius} mm about ${at} mm`);
}

/**
 * The mean over the voxels whose middle lies in a region, over all frames, in the shown unit.
 *
 * @param labels image of regions; a voxel belongs to the label nearest to its middle
 * @throws DataError `no-such-region`, `empty-region`
 */
export function regionCurve(shown: ShownImage, labels: ShownImage, region: string): StationCurve {
  const number = Object.entries(labels.volume.labels ?? {}).find(([, name]) => name === region)?.[0];
  if (number === undefined)
    throw new DataError("no-such-region", "the atlas has no such region", {
      found: JSON.stringify(region.slice(0, 80)),
    });
  const [nx, ny, nz] = shown.volume.shape;
  const [mx, my, mz] = labels.volume.shape;
  const map = invert(Float64Array.from(labels.volume.affine));
  const affine = Float64Array.from(shown.volume.affine);
  const stored = valuesOf(labels.image);
  const voxels: number[] = [];
  for (let z = 0, i = 0; z < nz; z++)
    for (let y = 0; y < ny; y++)
      for (let x = 0; x < nx; x++, i++) {
        const [a, b, c] = apply(map, apply(affine, [x, y, z])).map(Math.round) as [number, number, number];
        const inside = a >= 0 && b >= 0 && c >= 0 && a < mx && b < my && c < mz;
        if (inside && stored[a + mx * (b + my * c)] === Number(number)) voxels.push(i);
      }
  if (voxels.length === 0)
    throw new DataError("empty-region", "no voxel of this image lies in the region", { found: region });
  return curveOf(shown, voxels, region);
}

function curveOf({ volume, image }: ShownImage, voxels: readonly number[], name: string): StationCurve {
  const values = valuesOf(image);
  const [nx, ny, nz] = volume.shape;
  const perFrame = nx * ny * nz;
  return {
    name,
    unit: volume.unit,
    times: volume.frames.map(({ start, duration }) => start + duration / 2),
    durations: volume.frames.map(({ duration }) => duration),
    values: volume.frames.map((_, t) => {
      let sum = 0;
      for (const voxel of voxels) sum += values[t * perFrame + voxel] as number;
      return (sum / voxels.length) * volume.scale;
    }),
    voxels: voxels.length,
  };
}

function valuesOf({ type, bytes }: DecodedImage): Float32Array | Uint8Array | Uint16Array {
  const { buffer, byteOffset, byteLength } = bytes;
  if (type === "uint8") return bytes;
  return type === "uint16"
    ? new Uint16Array(buffer, byteOffset, byteLength / 2)
    : new Float32Array(buffer, byteOffset, byteLength / 4);
}
