/**
 * Names of the labels in aseg, aparc+aseg, wmparc and SynthSeg volumes, as FreeSurferColorLUT.txt gives them (checked
 * against the copy in MNE-Python 1.13.2).
 */

/** Labels of the left side; the right one is the second number. */
const paired: readonly (readonly [left: number, right: number, name: string])[] = [
  [2, 41, "Cerebral-White-Matter"],
  [3, 42, "Cerebral-Cortex"],
  [4, 43, "Lateral-Ventricle"],
  [5, 44, "Inf-Lat-Vent"],
  [6, 45, "Cerebellum-Exterior"],
  [7, 46, "Cerebellum-White-Matter"],
  [8, 47, "Cerebellum-Cortex"],
  [9, 48, "Thalamus"],
  [10, 49, "Thalamus-Proper"],
  [11, 50, "Caudate"],
  [12, 51, "Putamen"],
  [13, 52, "Pallidum"],
  [17, 53, "Hippocampus"],
  [18, 54, "Amygdala"],
  [19, 55, "Insula"],
  [20, 56, "Operculum"],
  [25, 57, "Lesion"],
  [26, 58, "Accumbens-area"],
  [27, 59, "Substancia-Nigra"],
  [28, 60, "VentralDC"],
  [30, 62, "vessel"],
  [31, 63, "choroid-plexus"],
  [78, 79, "WM-hypointensities"],
  [81, 82, "non-WM-hypointensities"],
  [5001, 5002, "UnsegmentedWhiteMatter"],
];

const midline: readonly (readonly [number, string])[] = [
  [14, "3rd-Ventricle"],
  [15, "4th-Ventricle"],
  [16, "Brain-Stem"],
  [24, "CSF"],
  [72, "5th-Ventricle"],
  [77, "WM-hypointensities"],
  [80, "non-WM-hypointensities"],
  [85, "Optic-Chiasm"],
  [250, "Fornix"],
  [251, "CC_Posterior"],
  [252, "CC_Mid_Posterior"],
  [253, "CC_Central"],
  [254, "CC_Mid_Anterior"],
  [255, "CC_Anterior"],
];

/** Desikan-Killiany (aparc): cortex of the left is 1000 + place, of the right 2000; white matter below it 3000 and 4000. */
const cortex: readonly string[] = [
  "unknown",
  "bankssts",
  "caudalanteriorcingulate",
  "caudalmiddlefrontal",
  "corpuscallosum",
  "cuneus",
  "entorhinal",
  "fusiform",
  "inferiorparietal",
  "inferiortemporal",
  "isthmuscingulate",
  "lateraloccipital",
  "lateralorbitofrontal",
  "lingual",
  "medialorbitofrontal",
  "middletemporal",
  "parahippocampal",
  "paracentral",
  "parsopercularis",
  "parsorbitalis",
  "parstriangularis",
  "pericalcarine",
  "postcentral",
  "posteriorcingulate",
  "precentral",
  "precuneus",
  "rostralanteriorcingulate",
  "rostralmiddlefrontal",
  "superiorfrontal",
  "superiorparietal",
  "superiortemporal",
  "supramarginal",
  "frontalpole",
  "temporalpole",
  "transversetemporal",
  "insula",
];

/** Names by label, background left out. */
export const freeSurferRegionNames: ReadonlyMap<number, string> = new Map([
  ...paired.flatMap(([left, right, name]): [number, string][] => [
    [left, `Left-${name}`],
    [right, `Right-${name}`],
  ]),
  ...midline,
  ...cortex.flatMap((name, place): [number, string][] => [
    [1000 + place, `ctx-lh-${name}`],
    [2000 + place, `ctx-rh-${name}`],
    [3000 + place, `wm-lh-${name}`],
    [4000 + place, `wm-rh-${name}`],
  ]),
]);
