/** Files decoded into the bytes that the page draws. Runs in a worker thread. */
import { DataError } from "@quintet/core";
import { withSidecar } from "@quintet/io";
import { readLabels, readSurface, readVolume } from "@quintet/io/node";
import type { DecodedImage, DecodedSurface, StationJob } from "./job.ts";
import { largest, percentiles } from "./scale.ts";

/**
 * @throws DataError those of the readers; `too-many-labels` for labels beyond uint16
 */
export async function decode(job: StationJob): Promise<DecodedImage | DecodedSurface> {
  if (job.kind === "surface") {
    const { vertices, faces } = await readSurface(job.path);
    const bytes = new Uint8Array(vertices.byteLength + faces.byteLength);
    bytes.set(bytesOf(vertices));
    bytes.set(bytesOf(faces), vertices.byteLength);
    return { bytes, vertexCount: vertices.length / 3, faceCount: faces.length / 3 };
  }
  if (job.kind === "labels") {
    const { data, shape, affine, space, names } = await readLabels(job.path);
    if (data instanceof Int32Array)
      throw new DataError("too-many-labels", "labels beyond 65535 are not shown", { file: job.path });
    return {
      type: data instanceof Uint8Array ? "uint8" : "uint16",
      bytes: bytesOf(data),
      shape,
      affine: [...affine],
      space,
      frames: [{ start: 0, duration: 0 }],
      unit: "label",
      range: [0, largest(data)],
      labels: Object.fromEntries(names),
    };
  }
  const read = await readVolume(job.path, { nonFinite: "background" });
  const { data, shape, affine, space, frames, unit } = job.metadata ? withSidecar(read, job.metadata, job.path) : read;
  return {
    type: "float32",
    bytes: bytesOf(data),
    shape,
    affine: [...affine],
    space,
    frames,
    unit,
    range: percentiles(data),
  };
}

const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength) as Uint8Array;
