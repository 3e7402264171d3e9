/** Raw counts to SUV and kinetics by commands alone: a cylinder gives the scanner's factor, a person's scan takes it. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SinogramLayout } from "@quintet/core";
import { writeInterfileSinogram, writeListMode, writeNifti } from "@quintet/io";
import { readVolume, writeAttenuationMap } from "@quintet/io/node";
import { loadKernels } from "@quintet/kernels/node";
import { centredGrid, petPhantom, simulateListMode, simulateScan } from "@quintet/twin";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { smallScanner } from "../../../../../testing/small-scanner.ts";
import { type Command, parse } from "../../command.ts";
import { petModel } from "./model.ts";
import { petPvc } from "./pvc.ts";
import { petQc } from "./qc.ts";
import { petRecon } from "./recon.ts";
import { petUptake } from "./uptake.ts";

const scanner = smallScanner({ detectors: 52, radius: 125 }, { crystals: 4, pitch: 16 });
const layout: SinogramLayout = { scanner, views: 26, bins: 41, span: 1, maxRingDifference: 3 };
const grid = centredGrid([36, 36, 16], [4, 4, 4]);
const cylinder = { radius: 65, height: 54 };
const ball = { centre: [22, 0, 0], radius: 26, contrast: 3 } as const;
const [uniform, head] = [petPhantom(grid, cylinder), petPhantom(grid, { ...cylinder, spheres: [ball] })];

/** What the made scanner is: Bq/mL of a pure positron emitter for one count per mm of line and second. */
const factor = 5e6;
const f18 = { lambda: Math.LN2 / 6586.2, positrons: 0.9673 };
const c11 = { lambda: Math.LN2 / 1221.84, positrons: 0.9977 };
/** Mean of exp(-lambda t) between two times. */
const meanDecay = (lambda: number, from: number, to: number): number =>
  (Math.exp(-lambda * from) - Math.exp(-lambda * to)) / (lambda * (to - from));
/** Frames of 600 s; the tracer comes and goes as 1 : 2 : 1.5. */
const tracer = [1, 2, 1.5];
const injection = -60;

let folder = "";
const at = (name: string): string => join(folder, name);
let printed: string[] = [];
async function quintet(command: Command, text: string): Promise<string> {
  printed = [];
  const code = await command.run(
    parse(
      command,
      text.split(" ").map((word) => (word.startsWith("@") ? at(word.slice(1)) : word)),
    ),
  );
  expect(code).toBe(0);
  return printed.join("\n");
}
const json = async (name: string): Promise<Record<string, unknown>> => JSON.parse(await readFile(at(name), "utf8"));
/** Bq/mL of the cylinder's background in the person's scan, corrected to the injection and without the tracer's course. */
let activity = 0;

beforeAll(async () => {
  vi.spyOn(console, "log").mockImplementation((line: string) => printed.push(line));
  await loadKernels();
  folder = await mkdtemp(join(tmpdir(), "quintet-chain-"));
  const scan = simulateScan(uniform, layout, { seed: 3, trues: 1e6 });
  // Half an hour of F-18. What the scanner sees is the mean over it.
  const mean = (factor * scan.scale) / 1800 / f18.positrons;
  const atStart = mean / meanDecay(f18.lambda, 0, 1800);
  const volume = 5000;
  const filling = {
    radionuclide: "F18",
    // Measured an hour before the scan.
    activity_MBq: (atStart * volume * Math.exp(f18.lambda * 3600)) / 1e6,
    activity_time_s: -3600,
    residual_MBq: 0,
    residual_time_s: 0,
    volume_mL: volume,
    activity_error_percent: 2,
    volume_error_percent: 0.5,
  };
  await writeFile(at("filling.json"), JSON.stringify({ calibration: filling }));
  const facts = { frames: [{ start: 0, duration: 1800 }], radionuclide: "^18^Fluorine", halfLife: 6586.2 };
  for (const { name, bytes } of writeInterfileSinogram(scan.prompts, { name: "cylinder", facts }))
    await writeFile(at(name), bytes);
  const header = await readFile(at("cylinder.hs"), "utf8");
  await writeFile(at("silent.hs"), header.replaceAll(/^radionuclide .*\n/gm, ""));
  const spans = tracer.map((level, i) => ({
    duration: 600,
    activity: level * meanDecay(c11.lambda, 600 * i, 600 * (i + 1)),
  }));
  const made = simulateListMode(head, layout, spans, { seed: 4, trues: 4e5 });
  activity = ((factor * made.scalePerSecond) / c11.positrons) * Math.exp(-c11.lambda * injection);
  await writeFile(at("person.petsird"), Buffer.concat([...writeListMode(made.events)]));
  await writeAttenuationMap(at("mu.nii.gz"), head.attenuation);
  const labels = head.activity.data.map((a) => (a > 2 ? 2 : a > 0.5 ? 1 : 0));
  await writeFile(at("regions.nii.gz"), writeNifti({ ...head.activity, data: labels }, { gzip: true }));
  await writeFile(at("regions.tsv"), "index\tname\n1\treference\n2\tstriatum\n");
});
afterAll(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

const terms = "--norm pairs --mumap @mu.nii.gz --randoms none --scatter none --voxel 7 --fov 182 --iterations 3";
const person = `@person.petsird ${terms} --subsets 6 --frames 0,600,1200,1800`;
let found = 0;

test("an image of counts of a known cylinder: pet qc prints the scanner's factor", async () => {
  const made = await quintet(petRecon, `@cylinder.hs ${terms} --out @cylinder.nii.gz`);
  expect(made).toContain("counts per mm of line (not calibrated)");
  expect(await json("cylinder.json")).toMatchObject({
    Units: "counts/mm",
    TracerRadionuclide: "F18",
    ImageDecayCorrected: false,
    FrameTimesStart: [0],
    FrameDuration: [1800],
  });
  const told = await quintet(petQc, "@cylinder.nii.gz --phantom @filling.json --out @qc");
  found = Number(/--calibration (\d+(?:\.\d+)?)/.exec(told)?.[1]);
  // 1e6 trues: noise of the mean 0.2 %; three iterations on voxels of 7 mm leave 1 %.
  expect(found / factor).toBeGreaterThan(0.98);
  expect(found / factor).toBeLessThan(1.02);
});

test("the same factor from the image corrected for decay", async () => {
  await quintet(petRecon, `@cylinder.hs ${terms} --decay-to start --out @corrected.nii.gz`);
  expect(await json("corrected.json")).toMatchObject({ ImageDecayCorrected: true, ImageDecayCorrectionTime: 0 });
  const told = await quintet(petQc, "@corrected.nii.gz --phantom @filling.json --out @qc");
  expect(Number(/--calibration (\d+(?:\.\d+)?)/.exec(told)?.[1]) / found).toBeCloseTo(1, 4);
});

test("list mode to activity in three frames, regions to curves, curves to binding, image to SUV", async () => {
  const how = `--calibration ${found} --radionuclide C11 --decay-to injection --injection ${injection} --dose 400`;
  const made = await quintet(petRecon, `${person} ${how} --out @person.nii.gz`);
  expect(made).toContain("Bq/mL");
  expect(made).toContain("corrected for decay of C11 to the injection");
  const side = await json("person.json");
  expect(side).toMatchObject({
    Units: "Bq/mL",
    AcquisitionMode: "list mode",
    TracerRadionuclide: "C11",
    InjectedRadioactivity: 400,
    InjectedRadioactivityUnits: "MBq",
    ScanStart: 0,
    InjectionStart: -60,
    FrameTimesStart: [0, 600, 1200],
    FrameDuration: [600, 600, 600],
    ImageDecayCorrected: true,
    ImageDecayCorrectionTime: -60,
    ReconMethodName: "list-mode osem",
    ReconMethodParameterLabels: ["iterations", "subsets"],
    ReconMethodParameterUnits: ["none", "none"],
  });
  const factors = [0, 600, 1200].map((t) => Math.exp(60 * c11.lambda) / meanDecay(c11.lambda, t, t + 600));
  expect(side.DecayCorrectionFactor as number[]).toBeAllclose(factors, { rtol: 1e-9 });

  await quintet(petPvc, "@person.nii.gz --labels @regions.nii.gz --fwhm 9 --out @pvc");
  const rows = (await readFile(at("pvc/person_desc-gtm_tacs.tsv"), "utf8")).trim().split("\n").slice(1);
  const curves = rows.map((row) => row.split("\t").map(Number));
  // 4e5 trues in all: a region's mean has noise of up to 3 % in the last frame, the factor 1 %.
  for (const [region, contrast] of [1, 3].entries()) {
    const truth = tracer.map((level) => activity * contrast * level);
    expect(
      curves.map((cells) => cells[2 + region] as number),
      `region ${region + 1}`,
    ).toBeAllclose(truth, { rtol: 0.05 });
  }
  expect(await json("pvc/person_desc-gtm_tacs.json")).toMatchObject({
    Units: "Bq/mL",
    TracerRadionuclide: "C11",
    InjectionStart: -60,
    ImageDecayCorrected: true,
    ImageDecayCorrectionTime: -60,
  });

  // Both curves have one shape, three to one: DVR 3 exactly, whatever k2'.
  const told = await quintet(
    petModel,
    "@pvc/person_desc-gtm_tacs.tsv --model reference-logan --reference reference --k2prime 0.1 --t-star 0 --out @model",
  );
  expect(told).toContain("reference region: reference");
  const modelled = await json("model/person_desc-gtm_tacs_model-reference-logan_kinetics.json");
  const { regions, choices } = modelled as { regions: { estimates: { name: string; value: number }[] }[]; choices: [] };
  expect(regions[0]!.estimates.find(({ name }) => name === "DVR")!.value / 3).toBeGreaterThan(0.95);
  expect(regions[0]!.estimates.find(({ name }) => name === "DVR")!.value / 3).toBeLessThan(1.05);
  expect(choices.join()).not.toMatch(/not stated/);

  await quintet(petUptake, "@pvc/person_desc-pvc_pet.nii.gz --weight 70 --labels @regions.nii.gz --out @uptake");
  const table = await readFile(at("uptake/person_desc-pvc_pet_desc-SUV_measures.tsv"), "utf8");
  const values = table
    .split("\n")
    .flatMap((line) => (/^(reference|striatum)\t/.test(line) ? [Number(line.split("\t")[3])] : []));
  // C W / A: all three frames last as long, so that the mean of 1, 2 and 1.5 counts; 70 kg and 400 MBq.
  const suv = (1.5 * activity * 70e3) / 400e6;
  expect(values).toBeAllclose([suv, 3 * suv], { rtol: 0.04 });
});

test("the same image stored without decay correction: corrected to TimeZero on the way in, or refused", async () => {
  const side = await json("person.json");
  const factors = side.DecayCorrectionFactor as number[];
  const { data, ...volume } = await readVolume(at("person.nii.gz"));
  const n = data.length / 3;
  const stored = data.map((value, i) => value / (factors[Math.floor(i / n)] as number));
  await writeFile(at("raw.nii.gz"), writeNifti({ ...volume, data: stored }, { gzip: true }));
  await writeFile(at("raw.json"), JSON.stringify({ ...side, ImageDecayCorrected: false }));
  await quintet(petUptake, "@person.nii.gz --weight 70 --labels @regions.nii.gz --out @one");
  await quintet(petUptake, "@raw.nii.gz --weight 70 --labels @regions.nii.gz --out @other");
  const [one, other] = await Promise.all(
    ["one/person_desc-SUV_pet.nii.gz", "other/raw_desc-SUV_pet.nii.gz"].map((name) => readVolume(at(name))),
  );
  // Image and dose are brought to one time, whichever it is; float32 storage three times.
  expect(other!.data).toBeAllclose(one!.data, { rtol: 1e-6, atol: 1e-9 });
  const { TracerRadionuclide: _, ...silent } = side;
  await writeFile(at("raw.json"), JSON.stringify({ ...silent, ImageDecayCorrected: false }));
  const pvc = quintet(petPvc, "@raw.nii.gz --labels @regions.nii.gz --fwhm 9 --out @no");
  await expect(pvc).rejects.toMatchObject({ code: "not-decay-corrected" });
  const suvr = quintet(petUptake, "@raw.nii.gz --labels @regions.nii.gz --reference-region reference --out @no");
  await expect(suvr).rejects.toMatchObject({ code: "not-decay-corrected" });
});

test.each([
  ["missing-radionuclide", petRecon, `@silent.hs ${terms} --calibration 120 --out @no.nii.gz`],
  ["missing-radionuclide", petRecon, `@silent.hs ${terms} --decay-to start --out @no.nii.gz`],
  ["missing-injection-time", petRecon, `@silent.hs ${terms} --radionuclide C11 --decay-to injection --out @no.nii.gz`],
  ["disagreement", petRecon, `@cylinder.hs ${terms} --radionuclide C11 --out @no.nii.gz`],
  ["no-positrons", petRecon, `@silent.hs ${terms} --calibration 120 --radionuclide Tc99m --out @no.nii.gz`],
  ["unknown-radionuclide", petRecon, `@silent.hs ${terms} --radionuclide F19 --out @no.nii.gz`],
  ["unknown-unit", petUptake, "@corrected.nii.gz --weight 70 --out @no"],
  ["not-decay-corrected", petPvc, "@cylinder.nii.gz --labels @regions.nii.gz --fwhm 9 --out @no"],
] as const)("refusal: %s of %o", async (code, command, text) => {
  await expect(quintet(command, text)).rejects.toMatchObject({ code });
});
