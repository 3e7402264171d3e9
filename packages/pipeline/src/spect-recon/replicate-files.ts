/** Replicates of a scan as one image beside it, bound to it by its hash. */
import { createHash } from "node:crypto";
import { basename } from "node:path";
import { DataError, spacing, type Volume, voxelCount } from "@quintet/core";
import { writeNifti } from "@quintet/io";
import { readVolume, sha256File, writeFileAtomic } from "@quintet/io/node";
import { fwhmPerSigma, smoothGaussian } from "@quintet/kernels";
import { readSideFile } from "../pet-quantify/pet-image.ts";
import { version } from "../version.ts";

export function replicatesPath(image: string): string {
  return image.replace(/(\.nii(\.gz)?)$/i, "_replicates$1");
}

/** An image filtered by a Gaussian, mm FWHM; as it is without one. */
export function smoothed<V extends Volume>(image: V, fwhm: number | undefined): V {
  if (fwhm === undefined) return image;
  const sigma = spacing(image).map((mm) => fwhm / fwhmPerSigma / mm) as [number, number, number];
  return { ...image, data: smoothGaussian(image.data, image.shape, sigma) };
}

/** Counts that scatter by more or less than this share of what Poisson counts do are told of: chosen here. */
const plausible = [0.7, 1.5] as const;

export function noteOn(dispersion: number | undefined): readonly string[] {
  if (dispersion === undefined || (dispersion > plausible[0] && dispersion < plausible[1])) return [];
  const why =
    dispersion < 1
      ? "counts that were smoothed or averaged? Replicates then spread too much"
      : "counts that were scaled, or terms of the model that do not fit them? Replicates of scaled counts spread too little";
  return [
    `counts scatter about the image's expectation by ${dispersion.toFixed(2)} times what Poisson counts do: ${why}`,
  ];
}

/** @param bytes of the image's file, which the replicates are of */
export async function writeReplicates(
  out: string,
  bytes: Uint8Array,
  image: Volume,
  replicates: readonly Float32Array[],
  { filter, seed = 1 }: { readonly filter?: number; readonly seed?: number },
): Promise<void> {
  const n = voxelCount(image);
  const data = new Float32Array(n * replicates.length);
  for (const [k, one] of replicates.entries()) data.set(smoothed({ ...image, data: one }, filter).data, k * n);
  const frames = replicates.map((_, k) => ({ start: k, duration: 1 }));
  const path = replicatesPath(out);
  await writeFileAtomic(path, writeNifti({ ...image, frames, data }, { gzip: /\.gz$/i.test(out) }));
  const side = {
    Description: "Replicates of a scan, one a frame: Poisson counts about what its image makes the camera expect",
    ReplicatesOf: { file: basename(out), sha256: createHash("sha256").update(bytes).digest("hex") },
    Seed: seed,
    GeneratedBy: [{ Name: "quintet spect recon", Version: version }],
    note: "Research use only: not a medical device.",
  };
  await writeFileAtomic(path.replace(/\.nii(\.gz)?$/i, ".json"), `${JSON.stringify(side, null, 1)}\n`);
}

/**
 * Replicates of an image, one after the other.
 *
 * @throws DataError `other-image` (of another file, or nothing tells of which), `grid-mismatch`, those of readVolume
 */
export async function readReplicates(path: string, imagePath: string, image: Volume): Promise<Iterable<Volume>> {
  const { ReplicatesOf: of } = await readSideFile(path);
  const { file = "nothing told", sha256 } = (of ?? {}) as { readonly file?: string; readonly sha256?: string };
  if (sha256 !== (await sha256File(imagePath)))
    throw new DataError("other-image", "replicates are those of the image that is measured, as its JSON tells", {
      file: path,
      expected: basename(imagePath),
      found: file === basename(imagePath) ? `${file} with other content` : file,
    });
  const all = await readVolume(path, { space: image.space, clock: image.clock });
  const n = voxelCount(image);
  if (image.shape.some((length, k) => length !== all.shape[k]))
    throw new DataError("grid-mismatch", "replicates lie on the image's grid", {
      file: path,
      expected: image.shape.join(" x "),
      found: all.shape.join(" x "),
    });
  return {
    *[Symbol.iterator]() {
      for (const k of all.frames.keys()) yield { ...image, data: all.data.subarray(k * n, (k + 1) * n) };
    },
  };
}
