/**
 * Reconstruction of made scans, over seeds: a uniform cylinder with Poisson noise, scatter, randoms, attenuation and uneven
 * detectors (mean of its middle), and a phantom with hot and cold spheres (recovery coefficients by algorithm).
 *
 *   npm run study -- pet-recon [--seeds 5] [--first 1] [--phantoms uniform,spheres] [--algorithms "osem 4 x 12;kernel EM"]
 *     [--from sinogram,list] [--trues 2e7] [--lines FILE]
 *
 * From a list: single events of the uniform cylinder in their order of time, by list-mode OSEM, delayed events among them.
 * --lines counts lines in that an earlier run printed (with --seeds 0 nothing else).
 *
 * The truth's scatter is computed with more detectors, shorter paths and denser points than the correction's; the phantom is
 * drawn on a grid of half the voxel. One JSON line a seed and case; then one for each phantom and algorithm over the seeds: the mean
 * of the middle with its standard error and 95 % interval (Student's t), how many seeds lie within 1 % of the truth, with
 * Wilson's 95 % interval of that share, and mean and interval of the noise and of each sphere's recovery.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { PetScanner, Sinogram, SinogramLayout, Volume } from "../packages/core/src/index.ts";
import type { ReconstructionOptions } from "../packages/kernels/src/index.ts";
import { loadKernels } from "../packages/kernels/src/pool/node.ts";
import {
  fanCountsOf,
  type Reconstruction,
  randomsFromDelayeds,
  reconstruct,
  reconstructList,
  scatterEstimate,
} from "../packages/modalities/src/pet/index.ts";
import {
  centredGrid,
  type PetPhantom,
  type PhantomSphere,
  petPhantom,
  simulateListMode,
  simulateScan,
} from "../packages/twin/src/index.ts";
import { wilson } from "../testing/binomial.ts";
import { meanInterval } from "../testing/mean-interval.ts";

const scanner: PetScanner = {
  name: "study",
  source: "made up: 192 crystals of 5 mm a ring, 16 rings of 6 mm",
  ring: { kind: "cylinder", detectors: 192, radius: 150 },
  axial: { blocks: 1, crystals: 16, pitch: 6, blockPitch: 96 },
  depth: 5,
  tilt: 0,
};
const layout: SinogramLayout = { scanner, views: 96, bins: 121, span: 1, maxRingDifference: 11 };
const fine = centredGrid([112, 112, 62], [2, 2, 1.5]);
const grid = centredGrid([56, 56, 31], [4, 4, 3]);
const window = { low: 430, high: 610, resolution: 0.12 };
/** Ends on borders of voxels of both grids, so that both hold the same body. */
const cylinder = { radius: 90, height: 87 };
/** Diameters as the NEMA image-quality phantom's, hot 4 : 1, two cold; middle slice, 50 mm from the axis. */
const spheres: readonly PhantomSphere[] = [13, 17, 22, 28, 28, 37].map((diameter, i) => ({
  centre: [50 * Math.cos((i * Math.PI) / 3), 50 * Math.sin((i * Math.PI) / 3), 0],
  radius: diameter / 2,
  contrast: i < 4 ? 4 : 0,
}));
const none: readonly PhantomSphere[] = [];
const cases: readonly (ReconstructionOptions & { readonly name: string })[] = [
  { name: "mlem 40", algorithm: "mlem", iterations: 40, subsets: 1 },
  { name: "osem 4 x 12", algorithm: "osem", iterations: 4, subsets: 12 },
  { name: "bsrem, no prior", algorithm: "bsrem", iterations: 10, subsets: 12, strength: 0 },
  { name: "bsrem, relative difference", algorithm: "bsrem", iterations: 10, subsets: 12, strength: 0.05 },
  { name: "bsrem, Bowsher", algorithm: "bsrem", iterations: 10, subsets: 12, strength: 0.05 },
  { name: "kernel EM", algorithm: "kernel-em", iterations: 4, subsets: 12 },
];

interface Line {
  readonly phantom: string;
  readonly seed: number;
  readonly algorithm: string;
  readonly middle: number;
  readonly noise: number;
  /** Of the uniform cylinder: all within 70 mm of its axis. */
  readonly wide?: number;
  readonly recovery?: readonly number[];
}

/** Counts, what they were multiplied by, the scatter that was drawn, and a reconstruction of them. */
interface Made {
  readonly scale: number;
  readonly scatter: number;
  readonly reconstruct: (options: ReconstructionOptions) => Reconstruction;
}

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: "string", default: "3" },
      first: { type: "string", default: "1" },
      phantoms: { type: "string", default: "uniform,spheres" },
      algorithms: { type: "string", default: cases.map(({ name }) => name).join(";") },
      from: { type: "string", default: "sinogram" },
      trues: { type: "string", default: "2e7" },
      lines: { type: "string" },
    },
  });
  await loadKernels();
  const wanted = values.algorithms.split(";");
  const given = values.lines === undefined ? [] : readFileSync(values.lines, "utf8").split("\n");
  const lines = given.filter((text) => text.includes('"seed"')).map((text) => JSON.parse(text) as Line);
  const first = Number(values.first);
  for (let seed = first; seed < first + Number(values.seeds); seed++) {
    for (const phantom of values.phantoms.split(",")) {
      for (const from of values.from.split(",")) {
        if (from === "list" && phantom !== "uniform") continue;
        const inside = phantom === "spheres" ? spheres : none;
        const made = (from === "list" ? listOf : sinogramOf)(seed, Number(values.trues), inside);
        const { activity } = petPhantom(grid, { ...cylinder, spheres: inside });
        const chosen = phantom === "uniform" ? cases.slice(1, 2) : cases.filter(({ name }) => wanted.includes(name));
        for (const { name, ...options } of chosen) {
          const guided = name.includes("Bowsher") || options.algorithm === "kernel-em";
          const started = performance.now();
          const result = made.reconstruct({ ...options, ...(guided ? { anatomy: activity } : {}) });
          const background = within(result.image, (x, y, z) => Math.hypot(x, y) < 25 && Math.abs(z) < 30);
          const inner = within(result.image, (x, y, z) => Math.hypot(x, y) < 70 && Math.abs(z) < 30);
          const line: Line = {
            phantom,
            seed,
            algorithm: from === "list" ? `list mode, ${name}` : name,
            middle: round(background.mean / made.scale),
            noise: round(background.deviation / background.mean),
            ...(phantom === "spheres"
              ? { recovery: inside.map((sphere) => recovery(result.image, sphere, made.scale)) }
              : { wide: round(inner.mean / made.scale) }),
          };
          lines.push(line);
          console.log(
            JSON.stringify({
              study: "pet-recon",
              ...line,
              scatterFraction: round(result.totals.scatter / (result.totals.prompts - result.totals.randoms)),
              scatterFound: round(result.totals.scatter / made.scatter),
              tails: result.tails?.overall,
              seconds: round((performance.now() - started) / 1000),
            }),
          );
        }
      }
    }
  }
  const names = new Set(lines.map(({ phantom, algorithm }) => `${phantom}, ${algorithm}`));
  for (const name of names) {
    const own = lines.filter(({ phantom, algorithm }) => `${phantom}, ${algorithm}` === name);
    // A run that was stopped and begun again may have printed a seed twice.
    console.log(JSON.stringify(summary(name, [...new Map(own.map((line) => [line.seed, line])).values()])));
  }
}

const drawn = { randoms: 0.4, efficiencySpread: 0.1 } as const;

/** A phantom that counts are drawn of, and its scatter, which no seed changes: within 0.1 % of one by paths through 2 mm and points 6 mm apart. */
interface Truth {
  readonly phantom: PetPhantom;
  readonly scatter: Sinogram;
}

const truths = new Map<readonly PhantomSphere[], Truth>();

function truthOf(inside: readonly PhantomSphere[]): Truth {
  const known = truths.get(inside);
  if (known) return known;
  const phantom = petPhantom(fine, { ...cylinder, spheres: inside });
  const how = { window, detectors: 48, rings: 8, voxel: 4, points: 12 };
  const truth = { phantom, scatter: scatterEstimate(phantom.activity, phantom.attenuation, layout, how) };
  truths.set(inside, truth);
  return truth;
}

function sinogramOf(seed: number, trues: number, inside: readonly PhantomSphere[]): Made {
  const { phantom, scatter } = truthOf(inside);
  const scan = simulateScan(phantom, layout, { seed, trues, scatter, ...drawn });
  const { randoms } = randomsFromDelayeds(layout, fanCountsOf(scan.delayeds as NonNullable<typeof scan.delayeds>));
  const { attenuation } = petPhantom(grid, { ...cylinder, spheres: inside });
  const terms = { normalisation: scan.truth.normalisation, attenuation, randoms, scatter: { window } };
  return {
    scale: scan.scale,
    scatter: sum((scan.truth.scatter as { data: Float32Array }).data),
    reconstruct: (options) => runToEnd(reconstruct(scan.prompts, grid, terms, options)),
  };
}

function listOf(seed: number, trues: number, inside: readonly PhantomSphere[]): Made {
  const { phantom, scatter } = truthOf(inside);
  const { events, spans, scalePerSecond } = simulateListMode(phantom, layout, [{ duration: 600 }], {
    seed,
    trues,
    scatter,
    ...drawn,
  });
  const truth = (spans[0] as (typeof spans)[number]).truth;
  const { attenuation } = petPhantom(grid, { ...cylinder, spheres: inside });
  const terms = {
    normalisation: truth.normalisation,
    attenuation,
    randoms: "delayeds",
    scatter: { window },
  } as const;
  return {
    scale: scalePerSecond * 600,
    scatter: sum((truth.scatter as { data: Float32Array }).data),
    reconstruct: (options) => runToEnd(reconstructList(events, layout, grid, terms, options)),
  };
}

/** Over seeds. */
function summary(name: string, lines: readonly Line[]): object {
  const middles = lines.map(({ middle }) => middle);
  const near = middles.filter((v) => Math.abs(v - 1) < 0.01).length;
  const recoveries = lines.flatMap(({ recovery = [] }) => [recovery]);
  const told = (values: readonly number[]): object => {
    const { mean, error, interval } = meanInterval(values);
    return { mean: round(mean), standardError: round(error), interval: interval.map(round) };
  };
  return {
    study: "pet-recon",
    over: name,
    seeds: lines.length,
    middle: told(middles),
    withinOnePercent: near,
    shareInterval: wilson(near, lines.length).map(round),
    ...(lines[0]?.wide === undefined ? {} : { wide: told(lines.map(({ wide }) => wide ?? Number.NaN)) }),
    noise: told(lines.map(({ noise }) => noise)),
    ...(recoveries.some((all) => all.length > 0)
      ? { recovery: (recoveries[0] ?? []).map((_, i) => told(recoveries.map((all) => all[i] as number))) }
      : {}),
  };
}

function runToEnd<Result>(steps: Generator<unknown, Result>): Result {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

/** Hot: (mean / background - 1) / (contrast - 1); cold: 1 - mean / background. 1 is all of it. */
function recovery(image: Volume, { centre: c, radius, contrast }: PhantomSphere, scale: number): number {
  const { mean } = within(image, (x, y, z) => Math.hypot(x - c[0], y - c[1], z - c[2]) <= radius);
  return round((mean / scale - 1) / (contrast - 1));
}

function within(
  image: Volume,
  inside: (x: number, y: number, z: number) => boolean,
): { mean: number; deviation: number } {
  const [nx, ny] = image.shape;
  const found = image.data.filter((_, v) => {
    const at = [v % nx, Math.floor(v / nx) % ny, Math.floor(v / nx / ny)].map(
      (i, c) => (image.affine[5 * c] as number) * i + (image.affine[4 * c + 3] as number),
    ) as [number, number, number];
    return inside(...at);
  });
  const mean = sum(found) / found.length;
  return { mean, deviation: Math.sqrt(found.reduce((s, v) => s + (v - mean) ** 2, 0) / found.length) };
}

const sum = (values: Float32Array): number => values.reduce((a, b) => a + b, 0);
const round = (value: number): number => Number(value.toPrecision(4));
