/**
 * FDG PET of the head, static, 45 min after injection, 10 min.
 *
 * Activity concentration is stored decay-corrected to the start of the scan (Bq/mL), so that
 *   SUV = C W / (A0 exp(-ln2 dt / T)),   dt = scan start - injection
 * gives `greySuv` in cortical grey matter before the point spread. Grey to white is 3.5 to 1, grey to cerebellar grey
 * 1 to 0.8; these and the other ratios are of the order FDG brain images show (from the literature, not re-checked).
 */
import type { Transform, Volume } from "@quintet/core";
import { halfLives } from "@quintet/core";
import type { Random } from "@quintet/kernels";
import type { PhantomHead } from "../head/phantom-head.ts";
import type { Focus } from "./focus.ts";
import { ballWeights, changedInBall } from "./focus.ts";
import { scannerGrid } from "./pose.ts";
import type { TracerPattern } from "./tracer.ts";
import { tracerImage, uptakeMap } from "./tracer.ts";

const pattern: TracerPattern = {
  tissue: {
    soft: 0.14,
    fat: 0.05,
    bone: 0.04,
    marrow: 0.16,
    csf: 0.05,
    grey: 1,
    white: 1 / 3.5,
    "deep-grey": 1,
    vitreous: 0.05,
  },
  region: {
    caudate: 1.05,
    putamen: 1.12,
    pallidum: 0.75,
    thalamus: 0.98,
    cerebellum: 0.8,
    brainstem: 0.6,
    "mesial-temporal": 0.72,
    "temporal-pole": 0.85,
    "basal-temporal": 0.9,
    "posterior-cingulate": 1.15,
    precuneus: 1.08,
    "medial-occipital": 1.08,
  },
  spread: 0.02,
  asymmetry: 0.01,
};

export interface FdgScan {
  readonly image: Volume<"Bq/mL">;
  /** Uptake relative to cortical grey matter on the head's grid, before camera and noise. */
  readonly uptake: Float32Array;
  /** Relative change in the hypometabolic ball; 0 without a focus. */
  readonly change: number;
  readonly dose: number;
  /** Injection to start of scan, s. */
  readonly delay: number;
  readonly duration: number;
}

export interface FdgOptions {
  readonly pose: Transform;
  readonly weight: number;
  /** Point spread, mm FWHM; 5.5 when not given. */
  readonly resolution?: number;
  /** Relative standard deviation of a grey voxel; 0.06 when not given. */
  readonly noise?: number;
}

const greySuv = 7.5;

export function fdgScan(head: PhantomHead, focus: Focus | undefined, random: Random, options: FdgOptions): FdgScan {
  const [dose, delay, duration] = [185e6, 2700, 600];
  const normal = uptakeMap(head, pattern, random.fork("regions"));
  const change = focus ? -(0.15 + 0.15 * random.uniform()) : 0;
  const uptake = focus
    ? changedInBall(normal, ballWeights(head, focus.ball, 1.6 * focus.radius, focus.side), change)
    : normal;
  const perSuv = (dose * 2 ** (-delay / halfLives.F18)) / (options.weight * 1000);
  const grid = scannerGrid([128, 128, 104], 2, [0, -15, 6], options.pose.to);
  const camera = {
    grid,
    pose: options.pose.matrix,
    resolution: options.resolution ?? 5.5,
    noise: options.noise ?? 0.06,
    grain: 4.5,
    reach: 12,
  };
  const image = tracerImage(head, uptake, greySuv * perSuv, "Bq/mL", camera, random.fork("noise"));
  return { image: { ...image, frames: [{ start: 0, duration }] }, uptake, change, dose, delay, duration };
}
