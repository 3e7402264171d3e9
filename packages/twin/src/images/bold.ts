/**
 * A BOLD run with known content: the fingers of one hand, then of the other, answered by the hand area of the other side.
 *
 *   I_t(x) = S(W_t^-1 x) (1 + sum_h a A_h(W_t^-1 x) c_h(t)) + n
 *
 * S the head in EPI contrast, A_h grey matter within 12 mm of the hand area, c_h the canonical response to the blocks with a
 * peak of 1, at the time of each slice, W_t the head's motion. The images are not distorted.
 */
import {
  type Affine,
  type Events,
  invert,
  type Point,
  rigid,
  type Transform,
  toWorld,
  type Volume,
  voxelCount,
} from "@quintet/core";
import { type Random, resample, resampleSpline, responseAt, responseFunctions } from "@quintet/kernels";
import type { TissueName } from "../head/head.ts";
import { tissueNames } from "../head/head.ts";
import type { PhantomHead } from "../head/phantom-head.ts";
import { blur } from "./noise.ts";
import { scannerGrid } from "./pose.ts";

export interface BoldTruth {
  /** Centres of the two hand areas, T1w world mm. */
  readonly handArea: { readonly left: Point; readonly right: Point };
  /** Peak of the response in grey matter, %. */
  readonly change: number;
  /** Head at the first volume -> head in each, the scanner's mm. */
  readonly motion: readonly Affine[];
}

export interface BoldRun {
  readonly image: Volume<"{arbitrary}">;
  readonly events: Events;
  readonly repetitionTime: number;
  readonly sliceTimes: readonly number[];
  readonly truth: BoldTruth;
}

export interface BoldRunOptions {
  /** T1w world -> scanner. */
  readonly pose: Transform;
  /** 64 when not given. */
  readonly volumes?: number;
  /** Blocks of either hand on the run's clock; a design of its own when not given. */
  readonly blocks?: Events["list"];
}

const clock = "bold";
/** Length and step of a run, s. */
export const boldTiming = { volumes: 64, repetitionTime: 2 } as const;
const { repetitionTime } = boldTiming;
const [task, rest, lead] = [12, 8, 8] as const;
const [change, noisePercent, radius, resolution] = [2.5, 0.8, 12, 5] as const;
/** In the order of contrast of T2*-weighted EPI: fluid bright, white matter below grey, fat suppressed. */
const signal: Readonly<Record<TissueName, number>> = {
  soft: 240,
  fat: 60,
  bone: 20,
  marrow: 80,
  csf: 980,
  grey: 760,
  white: 610,
  "deep-grey": 640,
  vitreous: 900,
};
/** The hand knob of the canonical head, mm, and the same on the right. */
const knob: Point = [-36, -20, 52];

export function boldRun(head: PhantomHead, random: Random, options: BoldRunOptions): BoldRun {
  const { pose, volumes = boldTiming.volumes } = options;
  const grid = scannerGrid([40, 50, 34], 4.5, [0, -15, 6], pose.to);
  const slices = grid.shape[2];
  // Odd slices first, then even, upwards.
  const order = [...Array(slices).keys()].sort((a, b) => (b % 2) - (a % 2) || a - b);
  const sliceTimes = Array.from({ length: slices }, (_, z) => (repetitionTime * order.indexOf(z)) / slices);
  const list = options.blocks ?? ownDesign(volumes);
  const handArea = {
    left: head.fromCanonical(knob),
    right: head.fromCanonical([-knob[0], knob[1], knob[2]]),
  };
  const still = epiContrast(head);
  const answering = (side: "left" | "right"): Float32Array => {
    const share = ball(head, handArea[side]);
    return still.map((s, i) => s * (share[i] as number) * (head.fractions.grey[i] as number));
  };
  const toHead = invert(pose.matrix);
  const onGrid = (data: Float32Array): Volume<"1"> => {
    const frames = [{ start: 0, duration: 0 }];
    const fine = { ...head.grid, unit: "1" as const, frames, clock, data: blur(data, head.grid, resolution) };
    return resample(fine, grid, toHead);
  };
  const [base, left, right] = [onGrid(still), onGrid(answering("left")), onGrid(answering("right"))];
  const motion = headMotion(random.fork("motion"), volumes);
  const noise = random.fork("noise");
  const n = voxelCount(grid);
  const plane = grid.shape[0] * grid.shape[1];
  const data = new Float32Array(n * volumes);
  // The left hand area answers the right hand.
  const course = { left: courseOf(list, "right-hand"), right: courseOf(list, "left-hand") };
  for (const [t, map] of motion.entries()) {
    const back = invert(map);
    const [s, l, r] = [base, left, right].map((image) => resampleSpline(image, grid, back).data) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    for (let z = 0; z < slices; z++) {
      const at = t * repetitionTime + (sliceTimes[z] as number);
      const [cl, cr] = [(change / 100) * course.left(at), (change / 100) * course.right(at)];
      for (let i = z * plane; i < (z + 1) * plane; i++) {
        const value = (s[i] as number) + cl * (l[i] as number) + cr * (r[i] as number);
        data[t * n + i] = Math.abs(value + (noisePercent / 100) * signal.grey * noise.normal());
      }
    }
  }
  const frames = motion.map((_, t) => ({ start: t * repetitionTime, duration: repetitionTime }));
  return {
    image: { ...grid, unit: "{arbitrary}", clock, frames, data },
    events: { clock, list },
    repetitionTime,
    sliceTimes,
    truth: { handArea, change, motion },
  };
}

function ownDesign(volumes: number): Events["list"] {
  return Array.from({ length: Math.floor((volumes * repetitionTime - lead) / (task + rest)) }, (_, k) => ({
    onset: lead + k * (task + rest),
    duration: task,
    type: k % 2 === 0 ? "right-hand" : "left-hand",
  }));
}

function epiContrast({ fractions, tissue }: PhantomHead): Float32Array {
  const out = new Float32Array(tissue.data.length);
  for (const name of tissueNames) {
    const [map, value] = [fractions[name], signal[name]];
    for (let i = 0; i < out.length; i++) out[i] = (out[i] as number) + value * (map[i] as number);
  }
  return out;
}

/** 1 within the radius of a place, 0 elsewhere. */
function ball({ grid }: PhantomHead, centre: Point): Uint8Array {
  const [nx, ny, nz] = grid.shape;
  const inside = new Uint8Array(nx * ny * nz);
  for (let i = 0; i < inside.length; i++) {
    const at = toWorld(grid, [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))]);
    if (Math.hypot(at[0] - centre[0], at[1] - centre[1], at[2] - centre[2]) <= radius) inside[i] = 1;
  }
  return inside;
}

function courseOf(list: Events["list"], type: string): (t: number) => number {
  const [response] = responseFunctions("none");
  if (!response) return () => 0;
  const own = list.filter((event) => event.type === type);
  const block = own[0]?.duration ?? task;
  let peak = 0;
  for (let t = 0; t < block + 32; t += 0.1) peak = Math.max(peak, responseAt(response, t, block));
  return (t) => own.reduce((sum, { onset, duration }) => sum + responseAt(response, t - onset, duration), 0) / peak;
}

/** A slow nod and sinking of the head to 0.6 degrees and 0.7 mm, breathing, and one start. */
function headMotion(random: Random, volumes: number): Affine[] {
  const start = Math.round(volumes * (0.4 + 0.2 * random.uniform()));
  const [nod, sink, jump]: [number, number, number] = [
    0.4 + 0.2 * random.uniform(),
    0.5 + 0.2 * random.uniform(),
    0.7 + 0.2 * random.uniform(),
  ];
  return Array.from({ length: volumes }, (_, t) => {
    const f = t / volumes;
    const started = t > start ? 1 : 0;
    return rigid([nod * f, 0, 0.3 * started], [0, 0.04 * Math.sin(1.9 * t), -sink * f - jump * started], [0, -15, 6]);
  });
}
