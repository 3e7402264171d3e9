/**
 * Brain perfusion SPECT (Tc-99m HMPAO), one injection between seizures and one during a seizure.
 *
 * Uptake is fixed within a minute or two of injection, so each image shows the flow of its own moment. Both have their
 * own pose, own count level, own physiology (a smooth field of a per cent: what two scans of one person differ by)
 * and own noise. The ictal one has the focus; outside its ball the two differ by physiology and noise only.
 *
 * Noise: relative SD of a grey voxel after reconstruction and post-filter, `noise5M` at 5 million counts, scaled as
 * counts^-1/2 (Poisson).
 */
import type { Grid, Transform, Volume } from "@quintet/core";
import { identityAffine } from "@quintet/core";
import type { Random } from "@quintet/kernels";
import { resample } from "@quintet/kernels";
import type { PhantomHead } from "../head/phantom-head.ts";
import type { Focus } from "./focus.ts";
import { addedCentre, ballWeights, changedInBall } from "./focus.ts";
import { smoothField } from "./noise.ts";
import { scannerGrid } from "./pose.ts";
import type { TracerPattern } from "./tracer.ts";
import { tracerImage, uptakeMap } from "./tracer.ts";

const pattern: TracerPattern = {
  tissue: {
    soft: 0.16,
    fat: 0.06,
    bone: 0.05,
    marrow: 0.1,
    csf: 0.04,
    grey: 1,
    white: 0.36,
    "deep-grey": 1,
    vitreous: 0.04,
  },
  region: {
    caudate: 1,
    putamen: 1.08,
    pallidum: 0.85,
    thalamus: 1.06,
    cerebellum: 1.12,
    brainstem: 0.7,
    "mesial-temporal": 0.86,
    "medial-occipital": 1.1,
    "posterior-cingulate": 1.08,
  },
  spread: 0.02,
  asymmetry: 0.01,
};

const noise5M = 0.04;

export interface HmpaoScan {
  readonly image: Volume<"{count}">;
  /** Relative flow on the head's grid before camera and noise. */
  readonly flow: Float32Array;
  readonly counts: number;
}

export interface HmpaoPair {
  readonly interictal: HmpaoScan;
  readonly ictal: HmpaoScan;
  /** Centre of mass of the flow the focus adds, mm in the head grid's world; absent without a focus. */
  readonly centre?: readonly [number, number, number];
}

export interface HmpaoOptions {
  readonly poses: { readonly ictal: Transform; readonly interictal: Transform };
  /** Point spread, mm FWHM; 9.5 when not given (LEHR collimator at brain distance). */
  readonly resolution?: number;
  /** Standard deviation of the flow's own change between the two scans; 0.01 when not given. */
  readonly physiology?: number;
}

export interface HmpaoFlows {
  /** Without physiology of the moment: rest, and with the focus. */
  readonly still: { readonly interictal: Float32Array; readonly ictal: Float32Array };
  /** As each scan's own moment had it. */
  readonly interictal: Float32Array;
  readonly ictal: Float32Array;
  /** Centre of mass of the flow the focus adds, mm in the head grid's world; absent without a focus. */
  readonly centre?: readonly [number, number, number];
}

/**
 * Relative flow of both moments on the head's grid, before any camera.
 *
 * @param physiology standard deviation of the flow's own change between the two moments
 */
export function hmpaoFlows(
  head: PhantomHead,
  focus: Focus | undefined,
  random: Random,
  physiology: number = 0.01,
): HmpaoFlows {
  const rest = uptakeMap(head, pattern, random.fork("regions"));
  const seizure = focus
    ? changedInBall(rest, ballWeights(head, focus.ball, focus.radius, focus.side), focus.increase)
    : rest;
  const varied = (name: "ictal" | "interictal", flow: Float32Array): Float32Array => {
    const coarse = scannerGrid([32, 36, 32], 8, [0, -5, 0], head.grid.space);
    return scaledByField(head, flow, coarse, smoothField(random.fork(name).fork("physiology"), coarse, 22), physiology);
  };
  return {
    still: { interictal: rest, ictal: seizure },
    interictal: varied("interictal", rest),
    ictal: varied("ictal", seizure),
    ...(focus ? { centre: addedCentre(head.grid, rest, seizure) } : {}),
  };
}

export function hmpaoPair(
  head: PhantomHead,
  focus: Focus | undefined,
  random: Random,
  options: HmpaoOptions,
): HmpaoPair {
  const { still, centre, ...moment } = hmpaoFlows(head, focus, random, options.physiology);
  const scan = (name: "ictal" | "interictal"): HmpaoScan => {
    const own = random.fork(name);
    const counts = 5e6 * (0.75 + 0.5 * own.uniform());
    const camera = {
      grid: scannerGrid([72, 80, 64], 3.4, [0, -15, 6], options.poses[name].to),
      pose: options.poses[name].matrix,
      resolution: options.resolution ?? 9.5,
      noise: noise5M * Math.sqrt(5e6 / counts),
      grain: 7.5,
      reach: 20,
    };
    const level = (55 * counts) / 5e6;
    const image = tracerImage(head, moment[name], level, "{count}", camera, own.fork("noise"));
    return { image, flow: still[name], counts };
  };
  const pair = { interictal: scan("interictal"), ictal: scan("ictal") };
  return centre ? { ...pair, centre } : pair;
}

/** flow (1 + amount * field), the coarse field interpolated trilinearly. */
function scaledByField(
  head: PhantomHead,
  flow: Float32Array,
  coarse: Grid,
  field: Float32Array,
  amount: number,
): Float32Array {
  const still = { frames: [{ start: 0, duration: 0 }], clock: coarse.space };
  const fine = resample({ ...coarse, ...still, unit: "1", data: field }, head.grid, identityAffine());
  return flow.map((f, i) => f * (1 + amount * (fine.data[i] as number)));
}
