import { apply, DataError, frameData, invert, type Surface, type Volume } from "@quintet/core";
import { sampler } from "../resample/sample.ts";
import { vertexNormals } from "./vertex-normals.ts";

export interface SurfaceSampling {
  readonly interpolation?: "linear" | "nearest" | "cubic";
  /** Depths along the outward normal (mm) whose mean is taken; default [0], the surface itself. */
  readonly depths?: readonly number[];
}

/**
 * An image at the vertices of a surface: [frame][vertex], the mean over depths d of I(x + d n). NaN where every depth
 * lies outside the image.
 *
 * @throws DataError `space-mismatch` when image and surface name different spaces, `singular-affine`
 */
export function sampleOnSurface(volume: Volume, surface: Surface, options: SurfaceSampling = {}): Float32Array {
  const { interpolation = "linear", depths = [0] } = options;
  if (volume.space !== surface.space) {
    throw new DataError("space-mismatch", "image and surface must lie in one space", {
      expected: surface.space,
      found: volume.space,
    });
  }
  const toVoxel = invert(volume.affine);
  const normals = vertexNormals(surface);
  const count = surface.vertices.length / 3;
  const out = new Float32Array(count * volume.frames.length);
  for (let t = 0; t < volume.frames.length; t++) {
    const at = sampler(frameData(volume, t), volume.shape, interpolation, Number.NaN);
    for (let v = 0; v < count; v++) {
      let [sum, n] = [0, 0];
      for (const depth of depths) {
        const point = [0, 1, 2].map((k) => surface.vertices[3 * v + k] + depth * normals[3 * v + k]);
        const value = at(...apply(toVoxel, point as [number, number, number]));
        if (Number.isNaN(value)) continue;
        sum += value;
        n++;
      }
      out[t * count + v] = sum / n;
    }
  }
  return out;
}
