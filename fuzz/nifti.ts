import { affineOf, type LabelVolume, type Volume } from "../packages/core/src/index.ts";
import { readNifti, readNiftiLabels } from "../packages/io/src/nifti/read.ts";
import { writeNifti } from "../packages/io/src/nifti/write.ts";
import type { FuzzTarget } from "./target.ts";

const grid = { shape: [7, 6, 5], affine: affineOf([2, 0, 0, -7, 0, 2, 0, -6, 0, 0, 2, -5]), space: "scanner" } as const;
const volume: Volume = {
  ...grid,
  unit: "{arbitrary}",
  clock: "image",
  frames: [0, 1].map((t) => ({ start: 2 * t, duration: 2 })),
  data: Float32Array.from({ length: 420 }, (_, i) => Math.sin(i) * 100),
};
const labels: LabelVolume = { ...grid, data: Uint8Array.from({ length: 210 }, (_, i) => i % 9), names: new Map() };

export const niftiTargets: readonly FuzzTarget[] = [
  {
    name: "nifti",
    fixtures: () => [
      { name: "float32.nii", bytes: writeNifti(volume) },
      { name: "big-endian.nii", bytes: writeNifti(volume, { byteOrder: "big", datatype: "int16", scaling: "fit" }) },
      { name: "version-2.nii", bytes: writeNifti(volume, { version: 2, datatype: "float64", forms: "qform" }) },
      { name: "packed.nii.gz", bytes: writeNifti(volume, { gzip: true }) },
      { name: "packed-2.nii.gz", bytes: writeNifti(volume, { gzip: true, version: 2, forms: "sform" }) },
    ],
    read: (bytes, file) => readNifti(bytes, { file }),
  },
  {
    name: "nifti-labels",
    fixtures: () => [
      { name: "labels.nii", bytes: writeNifti(labels) },
      { name: "labels.nii.gz", bytes: writeNifti(labels, { gzip: true, datatype: "int64" }) },
    ],
    read: (bytes, file) => readNiftiLabels(bytes, { file }),
  },
];
