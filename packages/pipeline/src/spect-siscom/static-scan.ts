/** One SPECT image as it is subtracted: its frames' mean, with what tells it from another. */
import { createHash } from "node:crypto";
import { DataError, type Metadata, type Volume } from "@quintet/core";
import { withSidecar } from "@quintet/io";
import { readVolume } from "@quintet/io/node";
import { meanOverWindow } from "@quintet/modalities/pet";
import { refuseEmptyFrames } from "./check-pair.ts";

/** @throws DataError those of readVolume and withSidecar, `zero-counts` */
export async function readStatic(file: string, space: string, metadata: Metadata): Promise<Volume> {
  const volume = withSidecar(await readVolume(file, { space, clock: space, nonFinite: "background" }), metadata, file);
  refuseEmptyFrames(volume, file);
  return meanOverWindow(volume);
}

/**
 * Whatever the files are called and however they are packed: a scan less itself leaves interpolation alone, which makes clusters
 * that chance would not.
 *
 * @throws DataError `same-image` where two hold the same numbers (SHA-256 of the voxels)
 */
export function refuseSameImage(images: readonly { readonly file: string; readonly volume: Volume }[]): void {
  const known = new Map<string, string>();
  for (const { file, volume } of images) {
    const { buffer, byteOffset, byteLength } = volume.data;
    const content = createHash("sha256")
      .update(new Uint8Array(buffer, byteOffset, byteLength))
      .digest("hex");
    const other = known.get(content);
    if (other !== undefined)
      throw new DataError("same-image", "ictal, interictal and T1 are three images", {
        file,
        expected: `other voxels than those of ${other}`,
        found: `the same, SHA-256 ${content.slice(0, 12)}`,
      });
    known.set(content, file);
  }
}
