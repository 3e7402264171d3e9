/**
 * How well a T1 is brought to a template, one JSON line per case:
 *
 *   npm run study -- template [--case ch2|sample|someone|phantom|harm] [--resolution 1|2] [--method ours|bspline|affine]
 *
 * Overlap of grey and white matter (Dice), local correlation, least Jacobian, inverse consistency, seconds, peak memory;
 * for made heads, whose regions and points are known: overlap of regions and distances of points carried both ways.
 * `bspline` is elastix from the same affine. Peak memory is the process's: run one case at a time for its own figure.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import {
  apply,
  DataError,
  type Grid,
  identityAffine,
  invert,
  type LabelVolume,
  type Mask,
  type Point,
  type Volume,
} from "@quintet/core";
import {
  labelsToSubject,
  labelsToTemplate,
  pointsToSubject,
  pointsToTemplate,
  registerToTemplate,
  resampleToTemplate,
  type TemplateRegistration,
} from "@quintet/fusion/register";
import { readLabels, readVolume } from "@quintet/io/node";
import { seededRandom } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { brainMask, correctBias, tissueSegmentation } from "@quintet/modalities/mri";
import { type PhantomHead, phantomHead, regions, t1wImage } from "@quintet/twin";
import { type AffineStage, alignAffine } from "../packages/fusion/src/register/affine-stage.ts";
import { gridPoints, inverseConsistency } from "../packages/fusion/src/register/warp-quality.ts";
import { bsplineToTemplate } from "../packages/fusion/test/bspline-yardstick.ts";
import { dice, localCorrelation, regionDice } from "../packages/fusion/test/overlap.ts";
import { dataFolder } from "../testing/real-data.ts";

type Method = "ours" | "bspline" | "affine";
type Result = Pick<TemplateRegistration, "warp" | "inverse" | "leastJacobian">;
interface Head {
  readonly t1: Volume;
  readonly mask: Mask;
}

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { case: { type: "string" }, resolution: { type: "string" }, method: { type: "string" } },
  });
  await loadKernels();
  const resolutions = values.resolution ? [Number(values.resolution) as 1 | 2] : ([2, 1] as const);
  const methods = values.method ? [values.method as Method] : (["ours", "bspline", "affine"] as const);
  for (const [name, run] of Object.entries(cases)) {
    if (values.case !== undefined && values.case !== name) continue;
    for (const resolution of resolutions) {
      for (const method of methods) {
        await run(method, resolution).catch((error: unknown) => {
          if (!(error instanceof DataError)) throw error;
          print({ case: name, skipped: error.message });
        });
      }
    }
  }
}

type Case = (method: Method, resolution: 1 | 2) => Promise<void>;

const cases: Readonly<Record<string, Case>> = {
  async ch2(method, resolution) {
    const t1 = await readVolume(join(dataFolder, "mri/mricron/ch2.nii.gz"));
    await tissueCase("ch2", ownTissue(t1), method, resolution);
  },
  async someone(method, resolution) {
    const t1 = await readVolume(join(dataFolder, "mri/nibabel/someones_anatomy.nii.gz"));
    await tissueCase("someone", ownTissue(t1), method, resolution);
  },
  /** FreeSurfer's brain and labels of MNE's sample subject: tissue that is not ours. */
  async sample(method, resolution) {
    const folder = join(dataFolder, "multimodal/mne_sample");
    const t1 = { ...(await readVolume(join(folder, "brain.mgz"))), space: "subject" };
    const { data } = await readLabels(join(folder, "aseg.mgz"));
    // codes of FreeSurferColorLUT.txt: cortex, cerebellar cortex, deep nuclei; then white matter
    const grey = new Set([3, 42, 8, 47, 10, 11, 12, 13, 17, 18, 26, 49, 50, 51, 52, 53, 54, 58]);
    const white = new Set([2, 41, 7, 46, 16, 28, 60, 77, 251, 252, 253, 254, 255]);
    const share = (codes: ReadonlySet<number>): Volume => ({
      ...t1,
      data: Float32Array.from(data, (v) => (codes.has(v) ? 1 : 0)),
    });
    const head = { t1, mask: brainMask(t1), grey: share(grey), white: share(white) };
    await tissueCase("sample", head, method, resolution);
  },
  async phantom(method, resolution) {
    const template = phantomHead({ seed: 1, variation: 0, resolution: madeVoxel, space: "template" });
    const image = t1wImage(template, seededRandom(1), { bias: 0, noise: 0.005 });
    const still = { t1: image, mask: brainMask(image) };
    for (const seed of [3, 4, 5]) await phantomCase(seed, template, still, method, resolution);
  },
  /** The same head after harm: how far do points move that the harm did not touch? */
  async harm(method, resolution) {
    if (method !== "ours") return;
    const t1 = { ...(await readVolume(join(dataFolder, "mri/mricron/ch2.nii.gz"))), space: "subject" };
    const template = await mni();
    const { mask } = ownTissue(t1);
    const clean = await registerToTemplate(t1, template.t1, { mask, templateMask: template.mask, resolution });
    for (const { name, image, far } of harms(t1)) {
      const found = await registerToTemplate(image, template.t1, {
        mask: name === "lesion" ? mask : brainMask(image),
        templateMask: template.mask,
        resolution,
      });
      const points = gridPoints(mask, 6, (voxel) => mask.data[voxel] !== 0).filter(far);
      const [before, after] = [clean, found].map((r) => pointsToTemplate(points, r)) as unknown as [Point[], Point[]];
      const { leastJacobian, inverseConsistency: inverse, converged, note } = found;
      const moved = spread(points.map((_, i) => distance(before[i] as Point, after[i] as Point)));
      print({ case: "harm", name, resolution, moved, leastJacobian, inverse, converged, note });
    }
  },
};

const madeVoxel = 1.25;

async function mni(): Promise<Head & { readonly grey: Volume; readonly white: Volume }> {
  const [t1, grey, white] = (await Promise.all(
    ["t1", "gm", "wm"].map(async (name) => {
      const file = join(dataFolder, `mri/mni152_09a/mni_icbm152_${name}_tal_nlin_sym_09a_converted.nii.gz`);
      return { ...(await readVolume(file)), space: "template" };
    }),
  )) as [Volume, Volume, Volume];
  const mask: Mask = { ...t1, data: Uint8Array.from(t1.data, (v) => (v > 0 ? 1 : 0)) };
  return { t1, mask, grey, white };
}

interface Tissue extends Head {
  readonly grey: Volume;
  readonly white: Volume;
}

function ownTissue(image: Volume): Tissue {
  const t1 = { ...image, space: "subject" };
  const mask = brainMask(t1);
  const { probabilities } = tissueSegmentation(correctBias(t1, mask).corrected, mask);
  return { t1, mask, grey: probabilities.grey, white: probabilities.white };
}

async function tissueCase(name: string, head: Tissue, method: Method, resolution: 1 | 2): Promise<void> {
  const template = await mni();
  const { found, seconds } = await registered(head, template, method, resolution);
  const there = (image: Volume): Volume => resampleToTemplate(image, template.t1, found as TemplateRegistration);
  const brain = { ...head.t1, data: head.t1.data.map((v, i) => (head.mask.data[i] === 0 ? 0 : v)) };
  print({
    case: name,
    method,
    resolution,
    grey: dice(there(head.grey).data, 0.5, template.grey.data, 0.5 * largest(template.grey.data)),
    white: dice(there(head.white).data, 0.5, template.white.data, 0.5 * largest(template.white.data)),
    correlation: localCorrelation(there(brain).data, template.t1.data, template.t1.shape, template.mask.data),
    ...described(found, template.mask, seconds),
  });
}

async function phantomCase(
  seed: number,
  template: PhantomHead,
  still: Head,
  method: Method,
  resolution: 1 | 2,
): Promise<void> {
  const person = phantomHead({ seed, resolution: madeVoxel, space: "subject" });
  const t1 = t1wImage(person, seededRandom(seed), { bias: 0.15, noise: 0.03 });
  const { found, seconds } = await registered({ t1, mask: brainMask(t1) }, still, method, resolution);
  const both = found as TemplateRegistration;
  const inTemplate = labelsToTemplate(person.regions, template.grid, both);
  const inSubject = labelsToSubject(template.regions, person.grid, both);
  const points = gridPoints(still.mask, 10, (voxel) => still.mask.data[voxel] !== 0);
  const carriedPoints = pointsToSubject(points, both);
  const fiducials = (head: PhantomHead): readonly Point[] => head.fiducials.sensors.map((s) => s.position as Point);
  const carriedFiducials = pointsToSubject(fiducials(template), both);
  const tissue = (name: "grey" | "white"): number => {
    const there = resampleToTemplate({ ...t1, data: person.fractions[name] }, template.grid, both);
    return dice(there.data, 0.5, template.fractions[name], 0.5);
  };
  print({
    case: `phantom ${seed}`,
    method,
    resolution,
    grey: tissue("grey"),
    white: tissue("white"),
    toTemplate: lobesAndNuclei(inTemplate, template.regions),
    toSubject: lobesAndNuclei(inSubject, person.regions),
    places: spread(points.map((p, i) => distance(carriedPoints[i] as Point, person.fromCanonical(p)))),
    fiducials: spread(carriedFiducials.map((p, i) => distance(p, fiducials(person)[i] as Point))),
    ...described(found, still.mask, seconds),
  });
}

async function registered(
  { t1, mask }: Head,
  template: Head,
  method: Method,
  resolution: 1 | 2,
): Promise<{ found: Result; seconds: number }> {
  const options = { mask, templateMask: template.mask };
  const started = performance.now();
  const found =
    method === "ours"
      ? await registerToTemplate(t1, template.t1, { ...options, resolution })
      : await yardstick(t1, template.t1, await alignAffine(t1, template.t1, options), method, resolution);
  return { found, seconds: (performance.now() - started) / 1000 };
}

async function yardstick(
  t1: Volume,
  template: Volume,
  linear: AffineStage,
  method: Exclude<Method, "ours">,
  resolution: 1 | 2,
): Promise<Result> {
  if (method === "bspline") return bsplineToTemplate(t1, template, linear, resolution);
  const grid: Grid = { shape: [2, 2, 2], affine: identityAffine(), space: template.space };
  const rest = { grid, displacement: new Float32Array(24) };
  return {
    warp: { from: t1.space, to: template.space, matrix: invert(linear.toMoving), ...rest },
    inverse: { from: template.space, to: t1.space, matrix: linear.toMoving, ...rest },
    leastJacobian: 1,
  };
}

function described(found: Result, mask: Mask, seconds: number): object {
  const points = gridPoints(mask, 4, (voxel) => mask.data[voxel] !== 0);
  const some = points.filter((_, i) => i % 10 === 0);
  const both = pointsToSubject(pointsToTemplate(pointsToSubject(some, found), found), found);
  const once = pointsToSubject(some, found);
  return {
    leastJacobian: found.leastJacobian,
    inverse: inverseConsistency(found.warp, found.inverse, points),
    thereAndBack: Math.max(...both.map((p, i) => distance(p, once[i] as Point))),
    seconds,
    peakMegabytes: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}

/** Mean Dice over the deep nuclei and over all other regions. */
function lobesAndNuclei(a: LabelVolume, b: LabelVolume): { nuclei: number; regions: number } {
  const deep = new Set(regions.filter(({ lobe }) => lobe === "deep").map(({ name }) => name));
  const isDeep = (label: number): boolean => deep.has((b.names.get(label) ?? "").replace(/^(left|right) /, ""));
  const all = [...regionDice(a, b)];
  const mean = (of: readonly (readonly [number, number])[]): number => of.reduce((s, [, d]) => s + d, 0) / of.length;
  return { nuclei: mean(all.filter(([l]) => isDeep(l))), regions: mean(all.filter(([l]) => !isDeep(l))) };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

function spread(values: readonly number[]): { mean: number; p95: number; max: number } {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  return { mean: values.reduce((a, b) => a + b, 0) / Math.max(1, values.length), p95: at(0.95), max: at(1) };
}

function largest(data: ArrayLike<number>): number {
  let most = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < data.length; i++) most = Math.max(most, data[i] as number);
  return most;
}

interface Harm {
  readonly name: string;
  readonly image: Volume;
  /** Points that the harm leaves as they were. */
  readonly far: (p: Point) => boolean;
}

function harms(t1: Volume): readonly Harm[] {
  const [nx, ny] = t1.shape;
  const changed = (value: (v: number, p: Point) => number): Volume => ({
    ...t1,
    data: t1.data.map((v, i) =>
      value(v, apply(t1.affine, [i % nx, Math.floor(i / nx) % ny, Math.floor(i / (nx * ny))])),
    ),
  });
  const lesion: Point = [-32, -40, 36];
  return [
    {
      name: "lesion",
      image: changed((v, p) => (distance(p, lesion) < 16 ? 35 : v)),
      far: (p) => distance(p, lesion) > 32,
    },
    {
      name: "bias",
      image: changed((v, [x, y, z]) => v * (1 + 0.4 * Math.cos(x / 70) * Math.cos((y + 20) / 80) - 0.3 * (z / 90))),
      far: () => true,
    },
    { name: "cropped", image: changed((v, [, , z]) => (z > 45 ? 0 : v)), far: ([, , z]) => z < 25 },
  ];
}

function print(row: object): void {
  console.log(JSON.stringify(row, (_, v) => (typeof v === "number" ? Number(v.toPrecision(4)) : v)));
}
