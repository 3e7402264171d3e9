/**
 * Sublobar regions: their names, lobes, and the points (canonical mm, right side) whose nearest-point cells they are.
 * Points lie where population atlases put the centres of the gyri in MNI space, rounded; the cells are the phantom's own.
 */
export type Lobe =
  | "frontal"
  | "temporal"
  | "parietal"
  | "occipital"
  | "insular"
  | "cingulate"
  | "deep"
  | "posterior-fossa";

export interface Region {
  readonly name: string;
  readonly lobe: Lobe;
  /** Cell centres with x > 0; none for regions that have a shape of their own. */
  readonly centres: readonly (readonly [x: number, y: number, z: number])[];
}

export const regions: readonly Region[] = [
  {
    name: "frontal-pole",
    lobe: "frontal",
    centres: [
      [12, 66, 4],
      [28, 58, 4],
      [10, 62, 18],
    ],
  },
  {
    name: "superior-frontal",
    lobe: "frontal",
    centres: [
      [20, 36, 46],
      [8, 50, 32],
      [7, 6, 64],
      [18, 14, 60],
      [8, 30, 52],
    ],
  },
  {
    name: "middle-frontal",
    lobe: "frontal",
    centres: [
      [38, 34, 32],
      [42, 18, 44],
      [38, 48, 16],
      [34, 8, 56],
    ],
  },
  {
    name: "inferior-frontal",
    lobe: "frontal",
    centres: [
      [50, 14, 18],
      [50, 30, 8],
      [44, 40, -2],
    ],
  },
  {
    name: "orbitofrontal",
    lobe: "frontal",
    centres: [
      [7, 40, -17],
      [20, 44, -15],
      [34, 34, -13],
      [18, 22, -17],
      [32, 52, -8],
    ],
  },
  {
    name: "precentral",
    lobe: "frontal",
    centres: [
      [40, -8, 52],
      [53, 2, 32],
      [26, -16, 64],
      [58, 6, 18],
      [7, -20, 66],
    ],
  },
  {
    name: "postcentral",
    lobe: "parietal",
    centres: [
      [46, -23, 50],
      [58, -14, 32],
      [30, -33, 62],
      [62, -10, 18],
      [8, -37, 68],
    ],
  },
  {
    name: "superior-parietal",
    lobe: "parietal",
    centres: [
      [24, -60, 60],
      [22, -72, 48],
      [26, -50, 66],
    ],
  },
  {
    name: "inferior-parietal",
    lobe: "parietal",
    centres: [
      [46, -48, 46],
      [60, -33, 32],
      [48, -62, 34],
      [58, -46, 28],
    ],
  },
  {
    name: "precuneus",
    lobe: "parietal",
    centres: [
      [8, -57, 50],
      [8, -66, 36],
      [8, -50, 62],
    ],
  },
  {
    name: "lateral-temporal",
    lobe: "temporal",
    centres: [
      [58, -20, 2],
      [60, -36, 2],
      [54, -10, -22],
      [56, -42, -12],
      [54, -58, 8],
      [60, -24, -14],
      [56, -2, -10],
    ],
  },
  {
    name: "temporal-pole",
    lobe: "temporal",
    centres: [
      [42, 18, -22],
      [38, 14, -34],
      [50, 12, -16],
    ],
  },
  {
    name: "mesial-temporal",
    lobe: "temporal",
    centres: [
      [22, -16, -22],
      [24, -4, -22],
      [22, -30, -12],
    ],
  },
  {
    name: "basal-temporal",
    lobe: "temporal",
    centres: [
      [34, -40, -20],
      [40, -22, -34],
      [44, -50, -20],
      [32, -54, -14],
    ],
  },
  {
    name: "insula",
    lobe: "insular",
    centres: [
      [38, 8, 2],
      [38, -8, 4],
      [36, 16, -6],
    ],
  },
  {
    name: "anterior-cingulate",
    lobe: "cingulate",
    centres: [
      [6, 36, 14],
      [6, 18, 32],
      [6, 32, -3],
      [6, 4, 40],
    ],
  },
  {
    name: "posterior-cingulate",
    lobe: "cingulate",
    centres: [
      [6, -16, 41],
      [6, -32, 36],
      [6, -46, 22],
    ],
  },
  {
    name: "lateral-occipital",
    lobe: "occipital",
    centres: [
      [34, -82, 18],
      [40, -76, -6],
      [20, -86, 30],
      [28, -96, 2],
      [46, -72, 8],
    ],
  },
  {
    name: "medial-occipital",
    lobe: "occipital",
    centres: [
      [8, -80, 27],
      [8, -82, 6],
      [15, -68, -4],
      [8, -97, 2],
    ],
  },
  { name: "caudate", lobe: "deep", centres: [] },
  { name: "putamen", lobe: "deep", centres: [] },
  { name: "pallidum", lobe: "deep", centres: [] },
  { name: "thalamus", lobe: "deep", centres: [] },
  { name: "cerebellum", lobe: "posterior-fossa", centres: [] },
];

export const brainstemLabel: number = 2 * regions.length + 1;

/** Label of a region: left 2k + 1, right 2k + 2, in the order of `regions`. */
export function regionLabel(name: string, side: "left" | "right"): number {
  const index = regions.findIndex((region) => region.name === name);
  return index < 0 ? 0 : 2 * index + (side === "left" ? 1 : 2);
}

/** Name of every label: "left superior-frontal" ... "brainstem". */
export const regionNames: ReadonlyMap<number, string> = new Map([
  ...regions.flatMap(({ name }) => [
    [regionLabel(name, "left"), `left ${name}`] as const,
    [regionLabel(name, "right"), `right ${name}`] as const,
  ]),
  [brainstemLabel, "brainstem"] as const,
]);

const cells: { readonly index: Uint8Array; readonly at: Float64Array } = (() => {
  const list = regions.flatMap(({ centres }, index) => centres.map((centre) => ({ index, centre })));
  return { index: Uint8Array.from(list, (c) => c.index), at: Float64Array.from(list.flatMap((c) => c.centre)) };
})();

/** Index into `regions` of the cortical region whose centre is nearest to (|x|, y, z). */
export function corticalRegion(x: number, y: number, z: number): number {
  const { index, at } = cells;
  let best = Number.POSITIVE_INFINITY;
  let nearest = 0;
  for (let i = 0; i < index.length; i++) {
    const dx = x - (at[3 * i] as number);
    const dy = y - (at[3 * i + 1] as number);
    const dz = z - (at[3 * i + 2] as number);
    const d = dx * dx + dy * dy + dz * dz;
    if (d < best) {
      best = d;
      nearest = index[i] as number;
    }
  }
  return nearest;
}
