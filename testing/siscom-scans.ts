/** Both scans of a condition of the SISCOM study, reconstructed, the ictal one registered onto the interictal one. */
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
import { type Random, resample, seededRandom } from "@quintet/kernels";
import { focusInRegion, hmpaoFlows, type PhantomHead, randomPose, regionNames } from "@quintet/twin";
import type { Condition } from "./siscom-conditions.ts";
import { headOfSeed } from "./siscom-heads.ts";
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

export interface ScannedPair {
  readonly condition: Condition;
  /** On the interictal scan's grid. */
  readonly ictal: Volume<"{count}">;
  readonly interictal: Volume<"{count}">;
  /** Of the head in its interictal pose, as its anatomy tells. */
  readonly brain: Mask;
  /** Head mm -> interictal scanner mm. */
  readonly pose: Affine;
  /** RMS distance of the found from the true pose over the brain, mm. */
  readonly misplaced: number;
  /** Centre of the flow that the focus adds, head mm. */
  readonly centre?: Point;
}

/** Computes, or reads what was kept under the name. */
export type Kept = <T>(name: string, make: () => Promise<T>) => Promise<T>;

export async function scanPair(condition: Condition, kept: Kept): Promise<ScannedPair> {
  const { pair, counts, state } = condition;
  const head = phantom(condition.head);
  const random = seededRandom(pair);
  const wish = condition.focus;
  const focus = wish && focusInRegion(head, wish);
  if (wish && !focus) throw new Error(`no grey matter for a focus in ${wish.region}`);
  const poses = posesOf(head, seededRandom(condition.head));
  const { ictal: flow, interictal: rest, centre } = hmpaoFlows(head, focus, random);
  const moment = (name: string, of: Float32Array): Float32Array =>
    state === "steady" ? of : inState(head, of, random.fork(`state ${name}`));
  const suffix = state === "steady" ? "" : `-${state}`;
  const interictal = await kept(`rest-${pair}-${counts}${suffix}`, async () =>
    scanned(head, moment("interictal", rest), poses.interictal, counts, random.fork(`interictal ${counts}`)),
  );
  const ictal = scanned(
    head,
    moment("ictal", flow),
    poses.ictal,
    counts,
    random.fork(`ictal ${condition.name.replace(suffix, "")}`),
  );
  const toRest = await kept(
    `pose-${condition.head}`,
    async () => (await registerRigid(interictal, ictal)).transform.matrix,
  );
  const truth = multiply(poses.interictal.matrix, invert(poses.ictal.matrix));
  return {
    condition,
    ictal: resample(ictal, interictal, invert(toRest), { interpolation: "cubic" }),
    interictal,
    brain: maskAbove(posed(head, brainOf(head), interictal, poses.interictal), interictal),
    pose: poses.interictal.matrix,
    misplaced: distanceOf(toRest, truth, poses.ictal.matrix),
    ...(centre ? { centre } : {}),
  };
}

/** Standard deviation of a region's own flow from one scan to the next, both sides alike; chosen here. */
const changing = { most: 0.01, "medial-occipital": 0.04, "lateral-occipital": 0.04, cerebellum: 0.04 } as const;

/** The flow with each region in a state of its own: eyes, attention and drugs change some regions more than others. */
function inState(head: PhantomHead, flow: Float32Array, random: Random): Float32Array {
  const factors = new Map<number, number>();
  for (const [label, name] of regionNames) {
    const region = name.replace(/^(left|right) /, "");
    const sd = changing[region as keyof typeof changing] ?? changing.most;
    factors.set(label, 1 + sd * random.fork(region).normal());
  }
  return flow.map((f, v) => f * (factors.get(head.regions.data[v] as number) ?? 1));
}

const phantoms = new Map<number, PhantomHead>();
/** The last few heads are held. */
function phantom(seed: number): PhantomHead {
  const head = phantoms.get(seed) ?? headOfSeed(seed);
  phantoms.delete(seed);
  phantoms.set(seed, head);
  for (const oldest of phantoms.keys()) if (phantoms.size > 2) phantoms.delete(oldest);
  return head;
}

/** FWHM of the reconstruction, mm along x, y, z, at four places of a head without a focus. */
export function reconstructedResolution(
  seed: number,
): readonly { readonly place: Point; readonly fwhm: readonly number[] }[] {
  const head = phantom(seed);
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

/** Over corners of a box 120 mm wide round the brain's middle. */
function distanceOf(a: Affine, b: Affine, pose: Affine): number {
  const corners = [-60, 60].flatMap((x) => [-75, 45].flatMap((y) => [-54, 66].map((z) => apply(pose, [x, y, z]))));
  const far = (p: Point): number => {
    const [q, r] = [apply(a, p), apply(b, p)];
    return Math.hypot(q[0] - r[0], q[1] - r[1], q[2] - r[2]);
  };
  return Math.sqrt(corners.reduce((sum, p) => sum + far(p) ** 2, 0) / corners.length);
}
