import { gzipSync } from "node:zlib";
import { writeNifti } from "@quintet/io";
import type { Step } from "../../engine/step.ts";
import type { KeptImage } from "./outcome.ts";

export interface PackedImage {
  /** Relative to the derivatives folder. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** What the label image's numbers mean, as BIDS dseg.tsv. */
  readonly names?: string;
}

/** Packs the images of one wing as NIfTI for the derivatives. */
export const keepImages: Step<
  { outcome: { readonly images: readonly KeptImage[] } },
  { subject: string },
  readonly PackedImage[]
> = {
  name: "keep-images",
  version: 1,
  title: "Pack images",
  run: ({ outcome }, { subject }) =>
    outcome.images.map(({ suffix, datatype, volume }) => {
      const path = `sub-${subject}/${datatype}/sub-${subject}_${suffix}.nii.gz`;
      const bytes = gzipSync(writeNifti(volume), { level: 4 });
      if (!("names" in volume)) return { path, bytes };
      const rows = [...volume.names].map(([index, name]) => `${index}\t${name}`);
      return { path, bytes, names: `${["index\tname", ...rows].join("\n")}\n` };
    }),
};
