import { affineOf, type Surface, type Volume } from "../packages/core/src/index.ts";
import { readFreeSurferAnnot } from "../packages/io/src/freesurfer/annot.ts";
import { readFreeSurferCurv } from "../packages/io/src/freesurfer/curv.ts";
import { readFreeSurferSurface } from "../packages/io/src/freesurfer/surface.ts";
import { readGifti } from "../packages/io/src/gifti/gifti.ts";
import { readGiftiSurface } from "../packages/io/src/gifti/surface.ts";
import { writeGiftiLabels, writeGiftiSurface } from "../packages/io/src/gifti/write.ts";
import { readMgh, readMghLabels } from "../packages/io/src/mgh/read.ts";
import { writeMgh } from "../packages/io/src/mgh/write.ts";
import { byHand } from "./by-hand.ts";
import type { FuzzTarget } from "./target.ts";

const volume: Volume = {
  shape: [7, 6, 5],
  affine: affineOf([-2, 0, 0, 7, 0, 0, 2, -6, 0, -2, 0, 5]),
  space: "scanner",
  unit: "{arbitrary}",
  clock: "image",
  frames: [0, 1].map((t) => ({ start: 2 * t, duration: 2 })),
  data: Float32Array.from({ length: 420 }, (_, i) => i),
};
const labels = {
  ...volume,
  frames: [{ start: 0, duration: 0 }],
  data: Float32Array.from({ length: 210 }, (_, i) => i),
};
const octahedron: Surface = {
  space: "scanner",
  vertices: Float32Array.of(10, 0, 0, -10, 0, 0, 0, 12, 0, 0, -12, 0, 0, 0, 14, 0, 0, -14),
  faces: Uint32Array.of(0, 2, 4, 2, 1, 4, 1, 3, 4, 3, 0, 4, 2, 0, 5, 1, 2, 5, 3, 1, 5, 0, 3, 5),
};

export const surfaceTargets: readonly FuzzTarget[] = [
  {
    name: "mgh",
    fixtures: () => [
      { name: "float32.mgh", bytes: writeMgh(volume) },
      { name: "int16.mgz", bytes: writeMgh(volume, { type: "int16", gzip: true }) },
    ],
    read: (bytes, file) => readMgh(bytes, { file }),
  },
  {
    name: "mgh-labels",
    fixtures: () => [{ name: "aseg.mgz", bytes: writeMgh(labels, { type: "uint8", gzip: true }) }],
    read: (bytes, file) => readMghLabels(bytes, { file }),
  },
  {
    name: "freesurfer-surface",
    fixtures: () => [
      { name: "lh.white", bytes: byHand.triangles() },
      { name: "lh.orig", bytes: byHand.quadrangles() },
    ],
    read: (bytes, file) => readFreeSurferSurface(bytes, { file }),
  },
  {
    name: "freesurfer-curv",
    fixtures: () => [{ name: "lh.curv", bytes: byHand.curv() }],
    read: (bytes, file) => readFreeSurferCurv(bytes, { file }),
  },
  {
    name: "freesurfer-annot",
    fixtures: () => [{ name: "lh.annot", bytes: byHand.annot() }],
    read: (bytes, file) => readFreeSurferAnnot(bytes, { file }),
  },
  {
    name: "gifti",
    fixtures: () => [
      { name: "packed.surf.gii", bytes: writeGiftiSurface(octahedron) },
      { name: "ascii.surf.gii", bytes: writeGiftiSurface(octahedron, { encoding: "ASCII" }) },
      { name: "base64.surf.gii", bytes: writeGiftiSurface(octahedron, { encoding: "Base64Binary" }) },
    ],
    read: (bytes, file) => readGiftiSurface(bytes, { file }),
  },
  {
    name: "gifti-labels",
    fixtures: () => [
      {
        name: "a.label.gii",
        bytes: writeGiftiLabels({ data: Int32Array.of(1, 2), names: new Map([[1, "one"]]) }, { encoding: "ASCII" }),
      },
    ],
    read: (bytes, file) => readGifti(bytes, { file }),
  },
];
