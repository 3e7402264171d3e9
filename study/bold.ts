/**
 * The BOLD chain against the truth, one JSON line per case.
 *
 *   npm run study -- bold [motion|false-positives|false-discovery|sensitivity]
 *
 * Motion: 200 volumes drift by up to 3 mm and 3 degrees; a head by formula, the twin's head and a real EPI image
 * (../shared/data/mri/nibabel/someones_epi.nii.gz). False positives: t tests on noise alone, Wilson's interval.
 * Sensitivity: a change of 1 % in noise of 1.5 %.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Affine, affineOf, apply, identityAffine, invert, multiply, rigid, type Volume } from "@quintet/core";
import { readVolume } from "@quintet/io/node";
import {
  eventDesign,
  falseDiscoveryThreshold,
  glm,
  resampleSpline,
  responseAt,
  responseFunctions,
  seededRandom,
  smoothGaussian,
} from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { activation, estimateMotion, smoothBold, standardContrasts } from "@quintet/modalities/mri";
import { phantomHead } from "@quintet/twin";
import { boldGrid, headCentre, motionErrors, simulateBold } from "../packages/modalities/test/bold-series.ts";
import { wilson } from "../testing/binomial.ts";
import { dataFolder } from "../testing/real-data.ts";

const print = (line: object): void => console.log(JSON.stringify(line));

export async function main([which]: readonly string[]): Promise<void> {
  await loadKernels();
  if (which === undefined || which === "motion") await motion();
  if (which === undefined || which === "false-positives") falsePositives();
  if (which === undefined || which === "false-discovery") falseDiscovery();
  if (which === undefined || which === "sensitivity") sensitivity();
}

/** A slow drift to 3 mm and 3 degrees with breathing on it and two starts. */
function drift(volumes: number): Affine[] {
  return Array.from({ length: volumes }, (_, t) => {
    const [f, jump] = [t / (volumes - 1), t > volumes / 3 ? 0.5 : 0];
    const breath = 0.15 * Math.sin(0.9 * t);
    return rigid(
      [3 * f + breath, -2 * f + jump, 3 * Math.sin(2.2 * f) - jump],
      [2 * f - jump, -3 * f, 1.5 * Math.sin(3 * f) + breath],
      headCentre,
    );
  });
}

async function motion(): Promise<void> {
  const truth = drift(200);
  const report = (name: string, bold: Volume, noise: number): void => {
    const started = performance.now();
    const found = estimateMotion(bold);
    const [mm, degrees] = motionErrors(found.maps, truth, found.referenceIndex);
    print({
      study: "motion",
      head: name,
      shape: bold.shape,
      volumes: bold.frames.length,
      noisePercent: noise,
      largestErrorMm: mm,
      largestErrorDegrees: degrees,
      unsettled: found.unsettled.length,
      seconds: (performance.now() - started) / 1000,
      pass: mm <= 0.1 && degrees <= 0.1,
    });
  };
  for (const noise of [0, 1, 2]) {
    const { bold } = simulateBold({ shape: [64, 64, 36], voxel: [3.3, 3.3, 3.5], volumes: 200, motion: truth, noise });
    report("formula", bold, noise);
  }
  for (const noise of [0, 1, 2]) report("twin", twinSeries(truth, noise), noise);
  const path = join(dataFolder, "mri/nibabel/someones_epi.nii.gz");
  if (!existsSync(path)) return;
  const epi = await readVolume(path);
  for (const noise of [0, 1, 2]) report("someones_epi, 12 mm cropped", realSeries(epi, truth, noise), noise);
}

/** The twin's head in EPI contrast at 1.6 mm, blurred to 3 mm and sampled at 3.3 mm in each pose. */
function twinSeries(truth: readonly Affine[], noise: number): Volume {
  const { grid, fractions } = phantomHead({ seed: 3, resolution: 1.6 });
  const signal: Readonly<Record<string, number>> = { scalp: 45, skull: 8, csf: 130, grey: 100, white: 78 };
  const data = new Float32Array(grid.shape[0] * grid.shape[1] * grid.shape[2]);
  for (const [tissue, share] of Object.entries(fractions))
    for (let i = 0; i < data.length; i++) data[i]! += (signal[tissue] ?? 50) * share[i]!;
  const sigma = 3 / 2.3548 / 1.6;
  const still: Volume = {
    ...grid,
    space: "scanner:mri",
    unit: "{arbitrary}",
    clock: "mri",
    frames: [{ start: 0, duration: 2 }],
    data: smoothGaussian(data, grid.shape, [sigma, sigma, sigma]),
  };
  return moved(still, boldGrid([64, 64, 36], [3.3, 3.3, 3.5]), truth, noise);
}

/** A real image moved, then cropped so that no volume needs what was not measured. */
function realSeries(epi: Volume, truth: readonly Affine[], noise: number): Volume {
  const middle = apply(epi.affine, [(epi.shape[0] - 1) / 2, (epi.shape[1] - 1) / 2, (epi.shape[2] - 1) / 2]);
  const centred = identityAffine();
  for (let k = 0; k < 3; k++) centred[4 * k + 3] = headCentre[k]! - middle[k]!;
  const still: Volume = { ...epi, space: "scanner:mri", affine: multiply(centred, epi.affine) };
  const crop = affineOf([1, 0, 0, 4, 0, 1, 0, 4, 0, 0, 1, 4]);
  const shape = [epi.shape[0] - 8, epi.shape[1] - 8, epi.shape[2] - 8] as const;
  return moved(still, { shape, affine: multiply(still.affine, crop), space: "scanner:mri" }, truth, noise);
}

function moved(
  still: Volume,
  target: Pick<Volume, "shape" | "affine" | "space">,
  truth: readonly Affine[],
  noise: number,
): Volume {
  const n = target.shape[0] * target.shape[1] * target.shape[2];
  const data = new Float32Array(n * truth.length);
  const random = seededRandom(17);
  for (const [t, map] of truth.entries()) {
    const frame = resampleSpline(still, target, invert(map)).data;
    for (let i = 0; i < n; i++) data[t * n + i] = frame[i]! + noise * random.normal();
  }
  const frames = truth.map((_, t) => ({ start: 2 * t, duration: 2 }));
  return { ...still, ...target, frames, data };
}

const volumes = 200;
const tr = 2;
const times = Array.from({ length: volumes }, (_, t) => tr * t + tr / 2);
const blocks = {
  clock: "mri",
  list: Array.from({ length: 10 }, (_, k) => ({ onset: 10 + 40 * k, duration: 20, type: "task" })),
};
const seededEvents = (): typeof blocks => {
  const random = seededRandom(31);
  return {
    clock: "mri",
    list: Array.from({ length: 40 }, (_, k) => ({
      onset: 6 + 9.5 * k + 3 * random.uniform(),
      duration: 0,
      type: "task",
    })),
  };
};

function falsePositives(): void {
  const random = seededRandom(5);
  const confounds = Array.from({ length: 6 }, (_, k) => {
    let level = 0;
    const values = Float64Array.from({ length: volumes }, () => (level = 0.95 * level + random.normal()));
    return { name: `motion${k}`, values };
  });
  const voxels = 20000;
  const shape = [20, 25, 40] as const;
  const grid = { shape, affine: affineOf([3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 3, 0]), space: "scanner:mri" };
  const mask = new Uint8Array(voxels).fill(1);
  for (const [design, events] of [
    ["blocks of 20 s", blocks],
    ["events", seededEvents()],
  ] as const) {
    const { rows, names } = eventDesign(events, { sampleTimes: times, clock: "mri", repetitionTime: tr, confounds });
    const contrast = { name: "task", rows: [names.map((name) => (name === "task" ? 1 : 0))] };
    for (const rho of [0, 0.3, 0.5]) {
      const data = new Float32Array(voxels * volumes);
      const state = new Float64Array(voxels);
      for (let t = 0; t < volumes; t++)
        for (let i = 0; i < voxels; i++) {
          state[i] = t === 0 ? random.normal() / Math.sqrt(1 - rho * rho) : rho * state[i]! + random.normal();
          data[t * voxels + i] = 100 + state[i]!;
        }
      for (const [noise, rhoFwhm] of [
        ["ols", 0],
        ["ar1-pooled", 0],
        ["ar1", 8],
        ["ar1", 0],
      ] as const) {
        const started = performance.now();
        const { p } = glm(data, grid, mask, rows, [contrast], { noise, rhoFwhm }).contrasts[0]!;
        for (const alpha of [0.05, 0.001]) {
          const hits = p.filter((value) => value < alpha).length;
          const interval = wilson(hits, voxels);
          print({
            study: "false-positives",
            design,
            rho,
            noise: noise === "ar1" ? `ar1, smoothed by ${rhoFwhm} mm` : noise,
            alpha,
            rate: hits / voxels,
            interval95: interval,
            nominalInside: alpha >= interval[0] && alpha <= interval[1],
            seconds: (performance.now() - started) / 1000,
          });
        }
      }
    }
  }
}

/**
 * How often noise alone has any voxel significant at a false discovery rate of 5 %: 5 % of images where the voxels are
 * independent, as here (Simes' equality). An ordinary fit of the same numbers stands beside the default model: with white
 * noise its t test is exact, so what both show belongs to the numbers drawn. `tails`: voxels below p over those expected.
 */
function falseDiscovery(): void {
  const events = eventDesign(blocks, { sampleTimes: times, clock: "mri", repetitionTime: tr });
  const [images, shape] = [2000, [10, 10, 20] as const];
  const voxels = shape[0] * shape[1] * shape[2];
  const grid = { shape, affine: affineOf([3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 3, 0]), space: "scanner:mri" };
  const mask = new Uint8Array(voxels).fill(1);
  const task = { name: "task", rows: [events.names.map((name) => (name === "task" ? 1 : 0))] };
  const levels = [0.05, 1e-3, 1e-4, 1e-5];
  const random = seededRandom(77);
  const models = (["ar1", "ols"] as const).map((noise) => ({ noise, hits: 0, early: 0, below: levels.map(() => 0) }));
  for (let image = 0; image < images; image++) {
    const data = Float32Array.from({ length: voxels * volumes }, () => 100 + random.normal());
    for (const model of models) {
      const { p } = glm(data, grid, mask, events.rows, [task], { noise: model.noise }).contrasts[0]!;
      if (falseDiscoveryThreshold(p, 0.05) > 0) {
        model.hits++;
        if (image < 200) model.early++;
      }
      for (const [k, level] of levels.entries())
        model.below[k]! += p.reduce((n, value) => n + (value < level ? 1 : 0), 0);
    }
  }
  for (const { noise, hits, early, below } of models)
    print({
      study: "false-discovery",
      noise,
      images,
      voxels,
      q: 0.05,
      imagesWithAny: hits,
      interval95: wilson(hits, images),
      ofTheFirst200: early,
      tails: Object.fromEntries(levels.map((level, k) => [level, below[k]! / (images * voxels * level)])),
    });
}

function sensitivity(): void {
  const [response] = responseFunctions("none");
  const centre = [-30, -35, 25] as const;
  const radius = 12;
  for (const [name, events] of [
    ["blocks of 20 s", blocks],
    ["events", seededEvents()],
  ] as const) {
    const duration = events.list[0]!.duration;
    const peak = Math.max(...Array.from({ length: 600 }, (_, k) => responseAt(response!, k / 10, duration)));
    const course = (t: number): number =>
      events.list.reduce((sum, e) => sum + responseAt(response!, t - e.onset, e.duration), 0) / peak;
    const { bold, brain, active } = simulateBold({
      shape: [64, 64, 36],
      voxel: [3, 3, 3.5],
      volumes,
      repetitionTime: tr,
      noise: 1.5,
      rho: 0.3,
      drift: 1,
      active: { centre, radius, course },
    });
    const design = eventDesign(events, { sampleTimes: times, clock: "mri", repetitionTime: tr });
    const inside = [...active.data.keys()].filter((i) => active.data[i] && brain.data[i]);
    for (const fwhm of [0, 6]) {
      const started = performance.now();
      const found = activation(smoothBold(bold, fwhm), brain, design, standardContrasts(design));
      const map = found.maps[0]!;
      const limit = map.threshold ?? Number.POSITIVE_INFINITY;
      const hit = inside.filter((i) => map.z.data[i]! >= limit).length;
      const far = [...brain.data.keys()].filter((i) => brain.data[i] && !nearby(bold, i, centre, radius + fwhm + 3));
      const falseHits = far.filter((i) => Math.abs(map.z.data[i]!) >= limit).length;
      const top = map.clusters[0];
      print({
        study: "sensitivity",
        design: name,
        peakPercent: 1,
        noisePercent: 1.5,
        rho: 0.3,
        fwhm,
        regionMl: (inside.length * 31.5) / 1000,
        sensitivity: hit / inside.length,
        falseVoxelsFarAway: falseHits / Math.max(1, hit + falseHits),
        clusterOffMm: top ? Math.hypot(...top.centre.map((c, k) => c - centre[k]!)) : null,
        meanEffectPercent: inside.reduce((s, i) => s + map.effect.data[i]!, 0) / inside.length,
        seconds: (performance.now() - started) / 1000,
      });
    }
  }
}

function nearby(grid: Volume, i: number, centre: readonly number[], mm: number): boolean {
  const [nx, ny] = grid.shape;
  const at = apply(grid.affine, [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))]);
  return Math.hypot(...at.map((c, k) => c - centre[k]!)) < mm;
}
