/** The whole command on a phantom pair of 4 mm in known poses: subtracted, placed, written. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import {
  type Affine,
  affineOf,
  identityAffine,
  invert,
  type Point,
  rigid,
  toVoxel,
  type Volume,
  type Warp,
} from "@quintet/core";
import type { Registration } from "@quintet/fusion/register";
import { writeNifti } from "@quintet/io";
import { readVolume } from "@quintet/io/node";
import { fwhmPerSigma, resample, seededRandom, smoothGaussian } from "@quintet/kernels";
import { siscomAlpha } from "@quintet/modalities/spect";
import { focusInRegion, hmpaoFlows, type PhantomHead, phantomHead, t1wImage } from "@quintet/twin";
import { afterAll, expect, test } from "vitest";
import { brainOf, maskAbove } from "../../../../testing/spect-scan.ts";
import { inlineEngine } from "../engine/local.ts";
import { type AnyStep, registryOf, type StepRegistry } from "../engine/step.ts";
import { templateStep } from "../recipes/five/template-step.ts";
import { headBrainStep } from "../recipes/head/brain-step.ts";
import { headNormaliseStep } from "../recipes/head/normalise-step.ts";
import { comparedPair, spectPairStep } from "./pair-step.ts";
import { readStatic } from "./static-scan.ts";
import { subtractIctal } from "./subtract-ictal.ts";

const folder = mkdtempSync(join(tmpdir(), "siscom-whole-"));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));

const resolution = 4;
const frames = [{ start: 0, duration: 600 }];

function put(name: string, volume: Volume): string {
  writeFileSync(at(name), writeNifti(volume, { gzip: true }));
  return at(name);
}

/** T1, brain and regions as a template folder holds them. */
function putTemplate(head: PhantomHead): string {
  mkdirSync(at("template"));
  const plain = { ...head.grid, unit: "1", frames, clock: "none" } as const;
  put("template/head_T1w.nii.gz", t1wImage(head, seededRandom(0), { bias: 0, noise: 0.01 }));
  put("template/head_brain_mask.nii.gz", {
    ...plain,
    data: Float32Array.from(maskAbove(brainOf(head), head.grid).data),
  });
  put("template/head_dseg.nii.gz", { ...plain, data: Float32Array.from(head.regions.data) });
  const rows = [...head.regions.names].map(([label, name]) => `${label}\t${name}`);
  writeFileSync(at("template/head_dseg.tsv"), `index\tname\n${rows.join("\n")}\n`);
  return at("template");
}

/** A scan of 10 mm FWHM with noise of 4 % of grey matter's counts, the head lying as `pose` says. */
function scan(head: PhantomHead, flow: Float32Array, pose: Affine, seed: number): Volume<"{count}"> {
  const random = seededRandom(seed);
  const sigma = 10 / fwhmPerSigma / resolution;
  const blur = (data: Float32Array): Float32Array => smoothGaussian(data, head.grid.shape, [sigma, sigma, sigma]);
  const white = blur(flow.map(() => random.normal()));
  const sd = Math.sqrt(white.reduce((sum, x) => sum + x * x, 0) / white.length);
  const data = blur(flow).map((x, v) => 100 * Math.max(0, x + (0.04 * Math.sqrt(x) * (white[v] as number)) / sd));
  const image = { ...head.grid, unit: "{count}", frames, clock: "spect", data } as const;
  return { ...resample(image, head.grid, invert(pose)), unit: "{count}" };
}

/** The steps that search for poses, with what they would find: registrations have tests of their own and take a minute. */
function knownPoses(turned: Affine): StepRegistry {
  const found = (from: string, to: string, matrix: Affine): Registration => ({
    transform: { from, to, matrix, error: 0.4 },
    expectedError: 0.4,
    quality: { nmi: 1.3, before: 1.2, overlap: 1 },
    converged: true,
    note: "",
  });
  const normalise: typeof headNormaliseStep = {
    ...headNormaliseStep,
    async run({ head: { t1 }, template: { name, space, source, regions } }) {
      const still = (from: string, to: string): Warp => ({
        ...{ from, to, matrix: identityAffine() },
        grid: { shape: [2, 2, 2], affine: affineOf([300, 0, 0, -150, 0, 300, 0, -150, 0, 0, 300, -150]), space: from },
        displacement: new Float32Array(24),
      });
      return {
        template: { name, space, source },
        toTemplate: still(t1.space, space),
        fromTemplate: still(space, t1.space),
        ...(regions ? { regions: { ...regions, space: t1.space } } : {}),
        inverseConsistency: { mean: 0, p99: 0, max: 0 },
        leastJacobian: 1,
        qc: [],
      };
    },
  };
  const pair: typeof spectPairStep = {
    ...spectPairStep,
    async run(inputs, { metadata, normal }) {
      const seizure = await readStatic(inputs.ictal, "scanner:spect-ictal", metadata.ictal);
      const rest = await readStatic(inputs.interictal, "scanner:spect-interictal", metadata.interictal);
      const registered = {
        seizure,
        rest,
        ictalToInterictal: found(seizure.space, rest.space, invert(turned)),
        interictalToT1: found(rest.space, "subject:T1w", identityAffine()),
      };
      return comparedPair(registered, inputs, normal);
    },
  };
  return registryOf([templateStep, headBrainStep, normalise, pair] as unknown as AnyStep[]);
}

test("a phantom pair: the focus is the first cluster, in its place and region; images, table, page and JSON are there", async () => {
  const head = phantomHead({ seed: 0, variation: 0, resolution, space: "subject:T1w" });
  const focus = focusInRegion(head, { side: "left", region: "inferior-parietal", volume: 6, increase: 0.8 });
  if (!focus) throw new Error("no grey matter for the focus");
  const { ictal, interictal, centre } = hmpaoFlows(head, focus, seededRandom(5));
  const turned = rigid([4, -3, 5], [6, -4, 5]);
  const files = {
    ictal: put("sub-7_acq-ictal_spect.nii.gz", scan(head, ictal, turned, 1)),
    interictal: put("sub-7_acq-interictal_spect.nii.gz", scan(head, interictal, identityAffine(), 2)),
    t1: put("sub-7_T1w.nii.gz", t1wImage(head, seededRandom(6), { bias: 0.1, noise: 0.02 })),
  };
  const notes: string[] = [];
  const out = at("out");
  const result = await subtractIctal(files, out, {
    template: putTemplate(head),
    delay: 12,
    engine: (cache) => inlineEngine(knownPoses(turned), cache),
    onProgress: (_, note) => notes.push(note),
  });
  const [first, ...rest] = result.clusters;
  expect(first).toMatchObject({ sign: 1, region: "left inferior-parietal" });
  expect(first?.p).toBeLessThan(siscomAlpha);
  // half of the images' resolution
  expect(distance(first?.centreT1, centre)).toBeLessThan(5);
  expect(first?.template).toEqual(first?.t1);
  expect(rest.filter(({ sign, p }) => sign > 0 && p <= siscomAlpha)).toEqual([]);
  expect(result.plain?.[0]?.region).toBe("left inferior-parietal");
  expect(result.againstNormals).toBeUndefined();
  expect(result.agreement.concordant).toBe(result.agreement.settings.length);
  expect(result.timing.delay).toBe(12);
  expect(result.qc.find(({ name }) => name === "pair-correlation")?.verdict).toBe("ok");
  expect(notes).toContain("patient: pair");
  const stem = "sub-7_acq-ictal";
  expect(result.files.map((file) => basename(file))).toEqual(
    [
      "space-T1w_desc-SISCOM_z.nii.gz",
      "space-T1w_desc-SISCOM_difference.nii.gz",
      "space-T1w_desc-agreement_share.nii.gz",
      "space-T1w_desc-ictal_spect.nii.gz",
      "space-T1w_desc-interictal_spect.nii.gz",
      "desc-SISCOM_clusters.tsv",
      "desc-SISCOM_report.html",
      "desc-SISCOM.json",
    ].map((name) => `${stem}_${name}`),
  );
  const z = await readVolume(join(out, `${stem}_space-T1w_desc-SISCOM_z.nii.gz`));
  const [x, y, k] = toVoxel(z, first?.t1 as Point).map(Math.round) as [number, number, number];
  expect(z.data[(k * z.shape[1] + y) * z.shape[0] + x]).toBeCloseTo(first?.peakZ as number, 3);
  const text = (name: string): string => readFileSync(join(out, `${stem}_desc-SISCOM${name}`), "utf8");
  expect(text("_clusters.tsv").split("\n")[1]).toContain("left inferior-parietal");
  expect(text("_report.html")).toContain("A rise of flow in left inferior-parietal");
  expect(JSON.parse(text(".json")).clusters).toEqual(JSON.parse(JSON.stringify(result.clusters)));
  await expect(
    subtractIctal(files, at("none"), {
      template: at("template"),
      reference: "moon",
      engine: (cache) => inlineEngine(registryOf([templateStep as unknown as AnyStep]), cache),
    }),
  ).rejects.toMatchObject({ code: "unknown-region" });
});

function distance(a: Point | undefined, b: Point | undefined): number {
  return Math.hypot(...[0, 1, 2].map((k) => (a?.[k] ?? Number.NaN) - (b?.[k] ?? Number.NaN)));
}
