/** The pairs of the SISCOM study: which there are, and what the methods say of each. */
import {
  type Affine,
  apply,
  identityAffine,
  invert,
  type Mask,
  multiply,
  type Point,
  type Transform,
  toVoxel,
  type Volume,
} from "@quintet/core";
import { registerRigid } from "@quintet/fusion/register";
import { type Cluster, type Random, resample, resampleWarped, seededRandom, warpMap } from "@quintet/kernels";
import {
  noiseNormalised,
  plainSiscom,
  type SiscomOptions,
  siscom,
  type TestRetestNorms,
  testRetestNorms,
} from "@quintet/modalities/spect";
import { focusInRegion, hmpaoFlows, type PhantomHead, randomPose } from "@quintet/twin";
import { headOfSeed, type StudyHead, templateBrain } from "./siscom-heads.ts";
import {
  brainCamera,
  brainOf,
  brainSpect,
  headAttenuation,
  localResolution,
  maskAbove,
  poisson,
  posed,
  scanGrid,
} from "./spect-scan.ts";

export interface Condition {
  /** Of its file. */
  readonly name: string;
  readonly kind: "normal" | "null" | "focus";
  readonly head: number;
  /** Of physiology, tracer and the interictal scan: alike for all conditions of one place. */
  readonly pair: number;
  /** Millions a scan. */
  readonly counts: number;
  readonly focus?: {
    readonly region: string;
    readonly cell: number;
    readonly side: "left" | "right";
    readonly volume: number;
    readonly increase: number;
  };
}

export interface FoundCluster {
  readonly volume: number;
  readonly peak: number;
  /** mm from the centre of the flow that the focus adds; its nearer of peak and middle. */
  readonly away?: number;
}

export const methods = ["plain", "plain, 12 mm", "improved", "against normals"] as const;
export type Method = (typeof methods)[number];

export interface PairRecord {
  readonly condition: Condition;
  /** RMS distance of the found from the true pose over the brain, mm. */
  readonly misplaced: number;
  readonly found: Partial<Record<Method, readonly FoundCluster[]>>;
  /** In the template, motion taken out. */
  readonly difference: Volume<"1">;
}

/** Region, cell centre: ten places, each on both sides. */
const places: readonly (readonly [string, number])[] = [
  ["superior-frontal", 0],
  ["middle-frontal", 1],
  ["inferior-frontal", 0],
  ["orbitofrontal", 1],
  ["precentral", 1],
  ["inferior-parietal", 0],
  ["lateral-temporal", 0],
  ["temporal-pole", 0],
  ["mesial-temporal", 0],
  ["lateral-occipital", 0],
];

/** Heads whose pairs are the normals', of pairs without and of pairs with a focus: nobody is two of them. */
const people = { normals: 11, nulls: [1011, 1012], foci: [1013, 1014] } as const;

/** In the order of need: normals, pairs without a focus, foci by cell. Each head lies in one pair of poses of its own. */
export function conditionsOf(of: {
  readonly counts: readonly number[];
  readonly nulls: number;
  readonly normals: number;
  readonly sites: number;
}): Condition[] {
  const out: Condition[] = [];
  for (const counts of of.counts) {
    for (let k = 0; k < of.normals; k++) {
      const head = 1000 + (k % people.normals);
      out.push({ name: `normal-${k}-${counts}`, kind: "normal", head, pair: 1000 + k, counts });
    }
    for (let k = 0; k < of.nulls; k++) {
      const head = people.nulls[k % 2] as number;
      out.push({ name: `null-${k}-${counts}`, kind: "null", head, pair: 2000 + k, counts });
    }
    for (const [volume, increase] of cellsAt(counts))
      for (const [site, [region, cell]] of places.slice(0, of.sites).entries())
        for (const side of ["left", "right"] as const)
          out.push({
            name: `focus-${site}-${side}-${volume}-${increase}-${counts}`,
            kind: "focus",
            head: people.foci[site % 2] as number,
            pair: 3000 + 2 * site + (side === "left" ? 0 : 1),
            counts,
            focus: { region, cell, side, volume, increase },
          });
  }
  return out;
}

/** All nine at 5 million counts, the middle row and column at others. */
function cellsAt(counts: number): readonly (readonly [number, number])[] {
  const all = [4, 2, 8].flatMap((volume) => [0.5, 0.3, 1].map((increase) => [volume, increase] as const));
  return counts === 5 ? all : all.filter(([volume]) => volume === 4);
}

interface Tools {
  readonly headOf: (seed: number) => Promise<StudyHead>;
  readonly kept: <T>(name: string, make: () => Promise<T>) => Promise<T>;
}

export async function simulateCondition(condition: Condition, { headOf, kept }: Tools): Promise<PairRecord> {
  const { kind, pair, counts } = condition;
  const head = phantom(condition.head);
  const random = seededRandom(pair);
  const wish = condition.focus;
  const focus = wish && focusInRegion(head, wish);
  if (wish && !focus) throw new Error(`no grey matter for a focus in ${wish.region}`);
  const poses = posesOf(head, seededRandom(condition.head));
  const { ictal: flow, interictal: rest, centre } = hmpaoFlows(head, focus, random);
  const interictal = await kept(`rest-${pair}-${counts}`, async () =>
    scanned(head, rest, poses.interictal, counts, random.fork(`interictal ${counts}`)),
  );
  const ictal = scanned(head, flow, poses.ictal, counts, random.fork(`ictal ${condition.name}`));
  const mask = maskAbove(posed(head, brainOf(head), interictal, poses.interictal), interictal);
  const toRest = await kept(
    `pose-${condition.head}`,
    async () => (await registerRigid(interictal, ictal)).transform.matrix,
  );
  const moved = resample(ictal, interictal, invert(toRest), { interpolation: "cubic" });
  const truth = multiply(poses.interictal.matrix, invert(poses.ictal.matrix));
  const misplaced = distanceOf(toRest, truth, poses.ictal.matrix);
  const back = invert(poses.interictal.matrix);
  const run = (options: SiscomOptions): ReturnType<typeof siscom> => siscom(moved, interictal, mask, options);
  const improved = run({ spread: "mad" });
  const { fromTemplate } = await headOf(condition.head);
  const inHead = resample(improved.difference, coarse(head), poses.interictal.matrix);
  template ??= templateBrain();
  const brain = template;
  const difference = resampleWarped(inHead, brain, fromTemplate);
  if (kind === "normal") return { condition, misplaced, found: {}, difference };
  const away = (map: (p: Point) => Point, clusters: readonly Cluster[]): FoundCluster[] =>
    clusters.map(({ volume, peak, centre: middle, peakPosition }) => ({
      volume,
      peak,
      ...(centre ? { away: Math.min(...[middle, peakPosition].map((p) => distance(map(p), centre))) } : {}),
    }));
  const own = (p: Point): Point => apply(back, p);
  const norms = await kept(`norms-${counts}`, () => normsOf(condition, { headOf, kept }, brain));
  return {
    condition,
    misplaced,
    difference,
    found: {
      plain: away(own, run(plainSiscom).search.above),
      improved: away(own, improved.search.above),
      "plain, 12 mm": away(own, run({ ...plainSiscom, smoothingFwhm: 12 }).search.above),
      "against normals": away(warpMap(fromTemplate), noiseNormalised(difference, norms).search.above),
    },
  };
}

let template: Mask | undefined;
let lastHead: { readonly seed: number; readonly head: PhantomHead } | undefined;
function phantom(seed: number): PhantomHead {
  if (lastHead?.seed !== seed) lastHead = { seed, head: headOfSeed(seed) };
  return lastHead.head;
}

async function normsOf(condition: Condition, tools: Tools, brain: Mask): Promise<TestRetestNorms> {
  const all = conditionsOf({ counts: [condition.counts], nulls: 0, normals: 15, sites: 0 });
  const differences: Volume<"1">[] = [];
  for (const normal of all) {
    const { difference } = await tools.kept(normal.name, () => simulateCondition(normal, tools));
    differences.push(difference);
  }
  return testRetestNorms(differences, brain);
}

/** FWHM of the reconstruction, mm along x, y, z, at four places of a head without a focus. */
export function reconstructedResolution(): readonly { readonly place: Point; readonly fwhm: readonly number[] }[] {
  const head = phantom(people.nulls[0]);
  const grid = scanGrid(brainSpect, head.grid.space);
  const here: Transform = { from: grid.space, to: grid.space, matrix: identityAffine() };
  const camera = brainCamera(brainSpect, grid, posed(head, headAttenuation(head), grid, here));
  const activity = posed(head, hmpaoFlows(head, undefined, seededRandom(1)).interictal, grid, here);
  const places = [
    [0, -15, 6],
    [-44, -40, 40],
    [50, -10, -10],
    [0, 45, 20],
  ] as const;
  try {
    return places.map((place) => {
      const voxel = toVoxel(grid, place).map(Math.round) as [number, number, number];
      return { place, fwhm: localResolution(camera, activity, voxel) };
    });
  } finally {
    camera.close();
  }
}

/** The interictal pose, and the ictal one up to 20 mm and 20 degrees from it. */
function posesOf(head: PhantomHead, random: Random): { readonly ictal: Pose; readonly interictal: Pose } {
  const { space } = head.grid;
  const first = randomPose(random.fork("lying"), space, "scanner", { degrees: 8, millimetres: 6 }, [0, -15, 6]);
  const then = randomPose(random.fork("moved"), "scanner", "scanner", { degrees: 20, millimetres: 20 }, [0, -15, 6]);
  return { interictal: first, ictal: { ...first, matrix: multiply(then.matrix, first.matrix) } };
}
type Pose = ReturnType<typeof randomPose>;

function scanned(head: PhantomHead, flow: Float32Array, pose: Pose, counts: number, random: Random): Volume<"{count}"> {
  const grid = scanGrid(brainSpect, pose.to);
  const camera = brainCamera(brainSpect, grid, posed(head, headAttenuation(head), grid, pose));
  try {
    const total = counts * 1e6 * (0.8 + 0.45 * random.uniform());
    return camera.reconstruct(poisson(camera.expected(posed(head, flow, grid, pose), total), random));
  } finally {
    camera.close();
  }
}

/** The head's own world in voxels of 4 mm. */
function coarse({ grid }: PhantomHead): ReturnType<typeof scanGrid> {
  return scanGrid({ edge: 4, matrix: 64, slices: 52, centre: [0, -10, 0] }, grid.space);
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/** Over corners of a box 120 mm wide round the brain's middle. */
function distanceOf(a: Affine, b: Affine, pose: Affine): number {
  const corners = [-60, 60].flatMap((x) => [-75, 45].flatMap((y) => [-54, 66].map((z) => apply(pose, [x, y, z]))));
  return Math.sqrt(corners.reduce((sum, p) => sum + distance(apply(a, p), apply(b, p)) ** 2, 0) / corners.length);
}
