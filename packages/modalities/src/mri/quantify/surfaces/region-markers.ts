import { DataError, type LabelVolume } from "@quintet/core";
import { brainParts } from "./brain-parts.ts";
import type { BrainMarkers } from "./template-markers.ts";

/** FreeSurferColorLUT; the right label of each pair beside the left one. */
const pairs: readonly (readonly [left: number, right: number])[] = [
  [2, 41],
  [3, 42],
  [19, 55],
  [20, 56],
  [25, 57],
  [78, 79],
  [81, 82],
];
/** Ventricles, choroid plexus, deep nuclei, hippocampus, amygdala, ventral diencephalon, vessel. */
const deepPairs: readonly (readonly [left: number, right: number])[] = [
  [4, 43],
  [5, 44],
  [9, 48],
  [10, 49],
  [11, 50],
  [12, 51],
  [13, 52],
  [17, 53],
  [18, 54],
  [26, 58],
  [27, 59],
  [28, 60],
  [30, 62],
  [31, 63],
];
const thirdVentricle = 14;
/** Fourth ventricle, brainstem, cerebellum. */
const belowLabels = [15, 16, 7, 8, 46, 47] as const;

const known: ReadonlyMap<number, number> = new Map([
  ...[...pairs, ...deepPairs].flatMap(([l, r]) => [[l, brainParts.left] as const, [r, brainParts.right] as const]),
  ...belowLabels.map((label) => [label, brainParts.below] as const),
]);
const deepLabels: ReadonlySet<number> = new Set([...deepPairs.flat(), thirdVentricle]);

/** 1000 to 4999: cortex and white matter of aparc and wmparc; 5001 and 5002 white matter without a gyrus. */
function partOf(label: number): number {
  if (label >= 1000 && label < 5000) return Math.floor(label / 1000) % 2 === 1 ? brainParts.left : brainParts.right;
  if (label === 5001 || label === 5002) return label === 5001 ? brainParts.left : brainParts.right;
  return known.get(label) ?? 0;
}

/**
 * What the labels of FreeSurfer, FastSurfer or SynthSeg say: left, right and below by name, nothing where they name no side
 * (callosum, third ventricle, lesions), and ventricles and deep nuclei as the depth of the hemispheres.
 *
 * @throws DataError `unknown-label` when the labels name neither side of a cerebrum
 */
export function regionMarkers(regions: LabelVolume): BrainMarkers {
  const markers = Uint8Array.from(regions.data, partOf);
  if (!markers.includes(brainParts.left) || !markers.includes(brainParts.right))
    throw new DataError("unknown-label", "these labels name no left and right cerebrum", {
      expected: "aseg, aparc+aseg, wmparc or SynthSeg",
      found: [...new Set(regions.data)].slice(0, 8).join(", "),
    });
  const deep = Uint8Array.from(regions.data, (label) => (deepLabels.has(label) ? 1 : 0));
  return { markers, deep, ventricles: deep };
}
