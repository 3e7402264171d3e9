/**
 * The epileptogenic focus: a ball of brain in one lobe and side, of drawn volume and blood-flow increase.
 *
 *   flow(p) -> flow(p) (1 + increase w(p)),   w = share of the voxel inside the ball, 0 on the other side
 *
 * The radius is the one at which the brain tissue (grey, white, deep grey) inside the ball has the drawn volume.
 * The centre of a focus is the centre of mass of the flow that it adds.
 */
import type { Grid, Point } from "@quintet/core";
import { spacing, toWorld, voxelVolume } from "@quintet/core";
import type { Random } from "@quintet/kernels";
import type { PhantomHead } from "../head/phantom-head.ts";
import { regionLabel, regionNames, regions } from "../head/regions.ts";
import { coverage } from "../head/shapes.ts";

export type FocalLobe = "frontal" | "temporal" | "parietal" | "occipital";
export const focalLobes: readonly FocalLobe[] = ["frontal", "temporal", "parietal", "occipital"];

export interface FocusRequest {
  readonly side?: "left" | "right";
  readonly lobe?: FocalLobe;
  /** mL of brain; 2 to 8 when drawn. */
  readonly volume?: number;
  /** Relative ictal increase; 0.3 to 0.8 when drawn. */
  readonly increase?: number;
}

export interface Focus {
  readonly side: "left" | "right";
  readonly lobe: FocalLobe;
  /** Region of the ball's centre and of most of its grey matter, without side. */
  readonly region: string;
  /** Centre of the ball, mm in the head grid's world. */
  readonly ball: Point;
  readonly radius: number;
  /** mL of brain tissue inside. */
  readonly volume: number;
  readonly increase: number;
}

/** Share of each voxel inside the ball of `radius` round `centre`, on the focus's side only. */
export function ballWeights(head: PhantomHead, centre: Point, radius: number, side: "left" | "right"): BallWeights {
  const { grid } = head;
  const [nx, ny, nz] = grid.shape;
  const edge = spacing(grid);
  const voxel = grid.affine;
  const middle = [0, 1, 2].map((k) => ((centre[k] as number) - (voxel[4 * k + 3] as number)) / (edge[k] as number));
  const reach = edge.map((e) => radius / e + 1);
  const range = (axis: number, n: number): [number, number] => [
    Math.max(0, Math.ceil((middle[axis] as number) - (reach[axis] as number))),
    Math.min(n - 1, Math.floor((middle[axis] as number) + (reach[axis] as number))),
  ];
  const [[i0, i1], [j0, j1], [k0, k1]] = [range(0, nx), range(1, ny), range(2, nz)];
  const index: number[] = [];
  const weight: number[] = [];
  for (let k = k0; k <= k1; k++) {
    for (let j = j0; j <= j1; j++) {
      for (let i = i0; i <= i1; i++) {
        const p = toWorld(grid, [i, j, k]);
        const share = coverage(Math.hypot(p[0] - centre[0], p[1] - centre[1], p[2] - centre[2]) - radius, edge[0]);
        if (!(share > 0) || head.toCanonical(p)[0] < 0 !== (side === "left")) continue;
        index.push((k * ny + j) * nx + i);
        weight.push(share);
      }
    }
  }
  return { index: Int32Array.from(index), weight: Float32Array.from(weight) };
}

export interface BallWeights {
  readonly index: Int32Array;
  readonly weight: Float32Array;
}

/** Brain tissue (mL) under the weights. */
function brainVolume(head: PhantomHead, { index, weight }: BallWeights): number {
  const { grey, white } = head.fractions;
  const deep = head.fractions["deep-grey"];
  let sum = 0;
  index.forEach((at, n) => {
    sum += (weight[n] as number) * ((grey[at] as number) + (white[at] as number) + (deep[at] as number));
  });
  return sum * voxelVolume(head.grid);
}

/** Draws a focus in grey matter. Places whose ball lies in several regions or largely outside the brain are drawn again. */
export function drawFocus(head: PhantomHead, random: Random, request: FocusRequest): Focus {
  const side = request.side ?? (random.uniform() < 0.5 ? "left" : "right");
  const lobe = request.lobe ?? (focalLobes[random.integer(focalLobes.length)] as FocalLobe);
  const volume = request.volume ?? 2 + 6 * random.uniform();
  const increase = request.increase ?? 0.3 + 0.5 * random.uniform();
  const wanted = new Set(regions.filter((r) => r.lobe === lobe).map((r) => regionLabel(r.name, side)));
  const candidates: number[] = [];
  head.regions.data.forEach((label, at) => {
    if (wanted.has(label) && (head.fractions.grey[at] as number) > 0.7) candidates.push(at);
  });
  let best: { focus: Focus; fit: number } | undefined;
  for (let tries = 0; tries < 60 && !(best && best.fit > 0.6); tries++) {
    const at = candidates[random.integer(candidates.length)] as number;
    const ball = worldOf(head.grid, at);
    const label = head.regions.data[at] as number;
    const radius = radiusFor(head, ball, side, volume);
    const weights = ballWeights(head, ball, radius, side);
    const focus: Focus = {
      side,
      lobe,
      region: (regionNames.get(label) ?? "").replace(`${side} `, ""),
      ball,
      radius,
      volume: brainVolume(head, weights),
      increase,
    };
    const filled = volume / ((4 / 3) * Math.PI * (radius / 10) ** 3);
    const fit = greyShare(head, weights, label) * Math.min(1, filled / 0.5);
    if (!best || fit > best.fit) best = { focus, fit };
  }
  return (best as { focus: Focus }).focus;
}

/**
 * A focus in one region: its ball lies round the grey matter nearest to where the canonical head has the region's cell centre.
 *
 * @param cell which of the region's cell centres
 */
export function focusInRegion(
  head: PhantomHead,
  { region, side, cell = 0, volume, increase }: RegionalFocus,
): Focus | undefined {
  const found = regions.find(({ name }) => name === region);
  const lobe = focalLobes.find((name) => name === found?.lobe);
  const centre = found?.centres[cell];
  if (lobe === undefined || centre === undefined) return undefined;
  const wanted = head.fromCanonical([side === "left" ? -centre[0] : centre[0], centre[1], centre[2]]);
  const label = regionLabel(region, side);
  let [at, least] = [-1, Number.POSITIVE_INFINITY];
  head.regions.data.forEach((own, v) => {
    if (own !== label || !((head.fractions.grey[v] as number) > 0.7)) return;
    const p = worldOf(head.grid, v);
    const away = Math.hypot(p[0] - wanted[0], p[1] - wanted[1], p[2] - wanted[2]);
    if (away < least) [at, least] = [v, away];
  });
  if (at < 0) return undefined;
  const ball = worldOf(head.grid, at);
  const radius = radiusFor(head, ball, side, volume);
  const inside = brainVolume(head, ballWeights(head, ball, radius, side));
  return { side, lobe, region, ball, radius, volume: inside, increase };
}

export interface RegionalFocus {
  readonly region: string;
  readonly side: "left" | "right";
  readonly cell?: number;
  /** mL of brain. */
  readonly volume: number;
  readonly increase: number;
}

function worldOf(grid: Grid, at: number): [number, number, number] {
  const [nx, ny] = grid.shape;
  return toWorld(grid, [at % nx, Math.floor(at / nx) % ny, Math.floor(at / (nx * ny))]);
}

function radiusFor(head: PhantomHead, centre: Point, side: "left" | "right", volume: number): number {
  let [low, high] = [4, 30];
  for (let pass = 0; pass < 14; pass++) {
    const middle = (low + high) / 2;
    if (brainVolume(head, ballWeights(head, centre, middle, side)) < volume) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** Of the grey matter under the weights, the share that bears `label`. */
function greyShare(head: PhantomHead, { index, weight }: BallWeights, label: number): number {
  let [inside, all] = [0, 1e-9];
  index.forEach((at, n) => {
    const grey = (weight[n] as number) * (head.fractions.grey[at] as number);
    all += grey;
    if (head.regions.data[at] === label) inside += grey;
  });
  return inside / all;
}

/** The map with the values under the ball times 1 + `change`; `map` is not changed. */
export function changedInBall(map: Float32Array, { index, weight }: BallWeights, change: number): Float32Array {
  const out = map.slice();
  index.forEach((at, n) => {
    out[at] = (out[at] as number) * (1 + change * (weight[n] as number));
  });
  return out;
}

/** Centre of mass (world mm) of what `after` has more than `before`, and how much that is. */
export function addedCentre(grid: Grid, before: Float32Array, after: Float32Array): [number, number, number] {
  let [sum, x, y, z] = [0, 0, 0, 0];
  after.forEach((value, at) => {
    const added = value - (before[at] as number);
    if (!(added > 0)) return;
    const p = worldOf(grid, at);
    sum += added;
    x += added * p[0];
    y += added * p[1];
    z += added * p[2];
  });
  return [x / sum, y / sum, z / sum];
}
