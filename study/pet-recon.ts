/**
 * Reconstruction of made scans, over seeds: a uniform cylinder with Poisson noise, scatter, randoms, attenuation and uneven
 * detectors (mean of its middle), and a phantom with hot and cold spheres (recovery coefficients by algorithm).
 *
 *   npm run study -- pet-recon [--seeds 5] [--phantoms uniform,spheres] [--algorithms "osem 4 x 12,kernel EM"]
 *
 * The truth's scatter is computed with more detectors, shorter paths and denser points than the correction's; the phantom is
 * drawn on a grid of half the voxel. One JSON line a seed and case; then one for each phantom and algorithm over the seeds: the mean
 * of the middle with its standard error and 95 % interval (Student's t), and how many seeds lie within 1 % of the truth, with
 * Wilson's 95 % interval of that share.
 */
import { parseArgs } from "node:util";
import type { PetScanner, SinogramLayout, Volume } from "../packages/core/src/index.ts";
import { type ReconstructionOptions, studentTwoSided } from "../packages/kernels/src/index.ts";
import { loadKernels } from "../packages/kernels/src/pool/node.ts";
import {
  fanCountsOf,
  type Reconstruction,
  randomsFromDelayeds,
  reconstruct,
} from "../packages/modalities/src/pet/index.ts";
import { centredGrid, type PhantomSphere, petPhantom, simulateScan } from "../packages/twin/src/index.ts";

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
const cylinder = { radius: 90, height: 86 };
/** Diameters as the NEMA image-quality phantom's, hot 4 : 1, two cold; middle slice, 50 mm from the axis. */
const spheres: readonly PhantomSphere[] = [13, 17, 22, 28, 28, 37].map((diameter, i) => ({
  centre: [50 * Math.cos((i * Math.PI) / 3), 50 * Math.sin((i * Math.PI) / 3), 0],
  radius: diameter / 2,
  contrast: i < 4 ? 4 : 0,
}));
const cases: readonly (ReconstructionOptions & { readonly name: string })[] = [
  { name: "mlem 40", algorithm: "mlem", iterations: 40, subsets: 1 },
  { name: "osem 4 x 12", algorithm: "osem", iterations: 4, subsets: 12 },
  { name: "bsrem, no prior", algorithm: "bsrem", iterations: 10, subsets: 12, strength: 0 },
  { name: "bsrem, relative difference", algorithm: "bsrem", iterations: 10, subsets: 12, strength: 0.05 },
  { name: "bsrem, Bowsher", algorithm: "bsrem", iterations: 10, subsets: 12, strength: 0.05 },
  { name: "kernel EM", algorithm: "kernel-em", iterations: 4, subsets: 12 },
];

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: "string", default: "3" },
      phantoms: { type: "string", default: "uniform,spheres" },
      algorithms: { type: "string", default: cases.map(({ name }) => name).join(",") },
    },
  });
  await loadKernels();
  const wanted = values.algorithms.split(",");
  const middles = new Map<string, number[]>();
  for (let seed = 1; seed <= Number(values.seeds); seed++) {
    for (const phantom of (["uniform", "spheres"] as const).filter((name) =>
      values.phantoms.split(",").includes(name),
    )) {
      const inside = phantom === "spheres" ? spheres : [];
      const scan = simulateScan(petPhantom(fine, { ...cylinder, spheres: inside }), layout, {
        seed,
        trues: 2e7,
        randoms: 0.4,
        efficiencySpread: 0.1,
        scatter: { window, detectors: 48, rings: 8, voxel: 6, points: 12 },
      });
      const { randoms } = randomsFromDelayeds(layout, fanCountsOf(scan.delayeds as NonNullable<typeof scan.delayeds>));
      const { attenuation, activity } = petPhantom(grid, { ...cylinder, spheres: inside });
      const chosen = phantom === "uniform" ? cases.slice(1, 2) : cases.filter(({ name }) => wanted.includes(name));
      for (const { name, ...options } of chosen) {
        const guided = name.includes("Bowsher") || options.algorithm === "kernel-em";
        const started = performance.now();
        const result = run(
          scan.prompts,
          { normalisation: scan.truth.normalisation, attenuation, randoms, scatter: { window } },
          {
            ...options,
            ...(guided ? { anatomy: activity } : {}),
          },
        );
        const background = within(result.image, (x, y, z) => Math.hypot(x, y) < 25 && Math.abs(z) < 30);
        const key = `${phantom}, ${name}`;
        middles.set(key, [...(middles.get(key) ?? []), background.mean / scan.scale]);
        const scatterFound = result.totals.scatter / sum((scan.truth.scatter as { data: Float32Array }).data);
        console.log(
          JSON.stringify({
            study: "pet-recon",
            phantom,
            seed,
            algorithm: name,
            middle: round(background.mean / scan.scale),
            noise: round(background.deviation / background.mean),
            ...(phantom === "spheres"
              ? { recovery: inside.map((sphere) => recovery(result.image, sphere, scan.scale)) }
              : {}),
            scatterFraction: round(result.totals.scatter / (result.totals.prompts - result.totals.randoms)),
            scatterFound: round(scatterFound),
            tails: result.tails?.overall,
            seconds: round((performance.now() - started) / 1000),
          }),
        );
      }
    }
  }
  for (const [name, values] of middles) console.log(JSON.stringify(summary(name, values)));
}

/** Over seeds. */
function summary(name: string, values: readonly number[]): object {
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const deviation = Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / Math.max(1, n - 1));
  const error = deviation / Math.sqrt(n);
  const reach = n > 1 ? studentBound(n - 1) * error : Number.NaN;
  const near = values.filter((v) => Math.abs(v - 1) < 0.01).length;
  // Wilson 1927, J Am Stat Assoc 22:209.
  const z2 = 1.959964 ** 2;
  const middle = (near / n + z2 / (2 * n)) / (1 + z2 / n);
  const half = Math.sqrt(z2 * ((near / n) * (1 - near / n) + z2 / (4 * n))) / Math.sqrt(n) / (1 + z2 / n);
  return {
    study: "pet-recon",
    over: name,
    seeds: n,
    middle: round(mean),
    standardError: round(error),
    interval: [round(mean - reach), round(mean + reach)],
    withinOnePercent: near,
    shareInterval: [round(middle - half), round(middle + half)],
  };
}

/** |t| that 5 % lie beyond. */
function studentBound(freedom: number): number {
  let [low, high] = [0, 100];
  while (high - low > 1e-6) {
    const middle = (low + high) / 2;
    if (studentTwoSided(middle, freedom) > 0.05) low = middle;
    else high = middle;
  }
  return low;
}

function run(
  ...given: [...(Parameters<typeof reconstruct> extends [infer P, unknown, infer T, infer O] ? [P, T, O] : never)]
): Reconstruction {
  const steps = reconstruct(given[0], grid, given[1], given[2]);
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
