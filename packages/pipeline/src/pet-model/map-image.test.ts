import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { affineOf, type Volume } from "@quintet/core";
import { writeNifti } from "@quintet/io";
import { readVolume } from "@quintet/io/node";
import { convolveExponential, curveThrough, sampleCurve, sampleIntegral, seededRandom } from "@quintet/kernels";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readStoredImage } from "../pet-quantify/pet-image.ts";
import { type MapImageOptions, mapImage } from "./map-image.ts";
import { modelCurves } from "./model-curves.ts";
import { type VoxelModelName, voxelModelNames } from "./voxel-models.ts";

const folder = mkdtempSync(join(tmpdir(), "pet-map-"));
const at = (name: string): string => join(folder, name);
const shape = [4, 4, 3] as const;
const n = 48;
const frames = Array.from({ length: 24 }, (_, i) => ({
  start: i < 8 ? i * 30 : (i - 7) * 240,
  duration: i < 8 ? 30 : 240,
}));
const middles = Float64Array.from(frames, ({ start, duration }) => (start + duration / 2) / 60);
const instants = { start: middles, end: middles };
const plasma = (t: number): number => 2e5 * Math.exp(-0.03 * t) * (1 - Math.exp(-4 * t));
const stored = (values: Float64Array): Float64Array => Float64Array.from(values, Math.fround);
const samples = Array.from({ length: 280 }, (_, i) => i * 0.25);
const cerebellum = stored(
  convolveExponential(curveThrough(samples, samples.map(plasma)), 0.12, instants).value.map((v) => 0.3 * v),
);
/** SRTM of the stored reference, straight between its points: BPND = R1 k2' / k2a - 1. */
const tissue = (r1: number, k2a: number): Float64Array => {
  const { value } = convolveExponential(curveThrough(middles, cerebellum), k2a, instants);
  return stored(cerebellum.map((c, i) => r1 * (c + (0.12 - k2a) * (value[i] as number))));
};
const random = seededRandom(5);
const putamen = tissue(1.2, 0.06);
const caudate = stored(tissue(0.9, 0.05).map((v) => v * (1 + 0.02 * random.normal())));
const curves = [cerebellum, putamen, caudate];
/** The last four voxels hold noise about 0: no model has a number there. */
const data = new Float32Array(24 * n).map((_, i) => {
  const v = i % n;
  if (v >= 44) return 100 * random.normal() + (i < n ? 2000 : 0);
  return (curves[Math.floor(v / 16)] as Float64Array)[Math.floor(i / n)] as number;
});
const facts = {
  Units: "Bq/mL",
  FrameTimesStart: frames.map(({ start }) => start),
  FrameDuration: frames.map(({ duration }) => duration),
  ImageDecayCorrected: true,
  ImageDecayCorrectionTime: 0,
};

function image(name: string, values: Float32Array, side: object): void {
  const count = values.length / n;
  const volume: Volume = {
    shape,
    affine: affineOf([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0]),
    space: "t",
    unit: "1",
    clock: "pet",
    frames: Array.from({ length: count }, () => ({ start: 0, duration: 0 })),
    data: values,
  };
  writeFileSync(at(`${name}.nii.gz`), writeNifti(volume, { gzip: true }));
  writeFileSync(at(`${name}.json`), JSON.stringify(side));
}

beforeAll(() => {
  image("sub-01_pet", data, facts);
  image(
    "dseg",
    Float32Array.from({ length: n }, (_, v) => (v >= 44 ? 0 : 1 + Math.floor(v / 16))),
    {},
  );
  writeFileSync(at("dseg.tsv"), "index\tname\n1\tCerebellum\n2\tPutamen\n3\tCaudate\n");
  image(
    "mask",
    Float32Array.from({ length: n }, (_, v) => (v >= 16 ? 1 : 0)),
    {},
  );
  const rows = frames.map(({ start, duration }, t) =>
    [start, start + duration, ...curves.map((curve) => curve[t])].join("\t"),
  );
  writeFileSync(at("sub-01_tacs.tsv"), `frame_start\tframe_end\tCerebellum\tPutamen\tCaudate\n${rows.join("\n")}\n`);
  writeFileSync(at("sub-01_tacs.json"), JSON.stringify({ Units: "Bq/mL" }));
  writeFileSync(
    at("short_tacs.tsv"),
    `frame_start\tframe_end\tCerebellum\tPutamen\tCaudate\n${rows.slice(1).join("\n")}\n`,
  );
  writeFileSync(at("short_tacs.json"), JSON.stringify({ Units: "Bq/mL" }));
  const blood = samples.map((t) => `${t * 60}\t${plasma(t)}\t1`);
  writeFileSync(
    at("sub-01_blood.tsv"),
    `time\tplasma_radioactivity\tmetabolite_parent_fraction\n${blood.join("\n")}\n`,
  );
  writeFileSync(
    at("sub-01_blood.json"),
    JSON.stringify({
      time: { Units: "s" },
      plasma_radioactivity: { Units: "Bq/mL" },
      metabolite_parent_fraction: { Units: "arbitrary" },
    }),
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const region = { labels: at("dseg.nii.gz"), referenceRegion: ["Cerebellum"] };
const run = (name: string, out: string, options: MapImageOptions): ReturnType<typeof mapImage> =>
  mapImage(at(`${name}.nii.gz`), at(out), options);
async function values(path: string): Promise<Float32Array> {
  return (await readVolume(path, { nonFinite: "keep" })).data;
}

test.each(voxelModelNames)("%s: every parameter and error of a voxel is that of the region's fit", async (model) => {
  const input = [at("sub-01_blood.tsv")];
  const choices = { input, k2prime: 0.12, ...(model === "mrtm2" ? {} : { start: 20 }) };
  const { regions } = await modelCurves(at("sub-01_tacs.tsv"), at("regions"), {
    model,
    reference: ["Cerebellum"],
    bloodVolume: 0,
    ...choices,
  });
  const { maps } = await run("sub-01_pet", "maps", { model, ...choices, ...region, mask: at("mask.nii.gz") });
  for (const [v, name] of [
    [20, "Putamen"],
    [40, "Caudate"],
  ] as const) {
    const estimates = regions.find((fit) => fit.region === name)?.estimates ?? [];
    expect(maps.map(({ parameter }) => parameter).sort()).toEqual(estimates.map((estimate) => estimate.name).sort());
    for (const { parameter, file, errorFile } of maps) {
      const estimate = estimates.find((one) => one.name === parameter);
      // Maps are stored as float32.
      expect([(await values(file))[v]!]).toBeAllclose([estimate!.value!], { rtol: 1e-6 });
      // The error of the region's fit is made of differences; of a curve without noise it is that of float32.
      if (name === "Caudate")
        expect([(await values(errorFile))[v]!]).toBeAllclose([estimate!.standardError!], { rtol: 1e-3 });
    }
  }
});

test("SRTM: the known binding of a curve; NaN and counted where there is none; facts beside it", async () => {
  const { maps, findings, files, voxels, choices } = await run("sub-01_pet", "srtm", {
    model: "srtm",
    ...region,
    mask: at("mask.nii.gz"),
  });
  const [bp, r1] = [await values(maps[0]!.file), await values(maps[1]!.file)];
  expect([bp[16]!, bp[31]!, r1[20]!]).toBeAllclose([1.4, 1.4, 1.2], { rtol: 1e-6 });
  expect(bp[0]).toBeNaN();
  expect([...bp.slice(44)].every(Number.isNaN)).toBe(true);
  expect(voxels).toBe(32);
  expect(findings[0]).toMatchObject({ name: "voxels without BPND", value: 4, verdict: "ok" });
  expect(maps[0]).toMatchObject({ parameter: "BPND", voxels: 28, absent: 4 });
  expect(choices.join()).toContain("reference region: Cerebellum");
  expect(readdirSync(at("srtm"))).toHaveLength(files.length);
  const side = JSON.parse(readFileSync(maps[2]!.file.replace(".nii.gz", ".json"), "utf8"));
  expect(side).toMatchObject({ Units: "1/min", Parameter: "k2", model: "srtm", FramesModelled: 24 });
  expect(side.Sources.map(({ file }: { file: string }) => file)).toEqual([
    "sub-01_pet.nii.gz",
    "dseg.nii.gz",
    "mask.nii.gz",
  ]);
});

test("Patlak: the known uptake rate and intercept of a trapped tracer; a map reads back in its unit", async () => {
  const curve = curveThrough(samples, samples.map(plasma));
  const [integral, value] = [sampleIntegral(curve, instants), sampleCurve(curve, instants)];
  const trapped = new Float32Array(24 * n).map((_, i) => {
    const t = Math.floor(i / n);
    return 0.02 * (integral[t] as number) + 0.4 * (value[t] as number);
  });
  image("trapped_pet", trapped, facts);
  const { maps, start } = await run("trapped_pet", "patlak", { model: "patlak", input: [at("sub-01_blood.tsv")] });
  expect(start).toBe(middles[0]);
  expect([(await values(maps[0]!.file))[7]!, (await values(maps[1]!.file))[7]!]).toBeAllclose([0.02, 0.4], {
    rtol: 1e-6,
  });
  const { volume } = await readStoredImage(maps[0]!.file);
  expect(volume.unit).toBe("mL/cm3/min");
});

test("a reference from a table gives what one from regions gives; k2' and t* are found and said", async () => {
  const table = { reference: at("sub-01_tacs.tsv"), referenceRegion: ["/cerebell/"] };
  for (const model of ["srtm2", "mrtm2", "reference-logan"] as const) {
    const [a, b] = [
      await run("sub-01_pet", "a", { model, ...region, mask: at("mask.nii.gz") }),
      await run("sub-01_pet", "b", { model, ...table, mask: at("mask.nii.gz") }),
    ];
    expect([...(await values(a.maps[0]!.file)).slice(16, 44)]).toBeAllclose(
      [...(await values(b.maps[0]!.file)).slice(16, 44)],
      { rtol: 1e-6 },
    );
    expect(a.choices.join()).toMatch(/k2′ 0\.1.*median of SRTM over 2 regions/);
  }
  const { choices, start } = await run("sub-01_pet", "c", { model: "logan", input: [at("sub-01_blood.tsv")] });
  expect(start).toBeGreaterThan(0);
  expect(choices.join()).toMatch(/t\* .* mean of all voxels.*/);
  expect(choices.join()).toContain("no mask given");
});

test("an image stored without decay correction gives what a corrected one gives; without a radionuclide it is refused", async () => {
  const lambda = Math.LN2 / 1221.84;
  const decayed = data.map((value, i) => {
    const { start, duration } = frames[Math.floor(i / n)]!;
    return (value * Math.exp(-lambda * start) * -Math.expm1(-lambda * duration)) / (lambda * duration);
  });
  const uncorrected = { ...facts, ImageDecayCorrected: false, ImageDecayCorrectionTime: undefined };
  image("raw_pet", decayed, uncorrected);
  const options = { model: "mrtm2", k2prime: 0.12, ...region } as const;
  const { maps, choices } = await run("raw_pet", "raw", { ...options, radionuclide: "C11" });
  const own = await run("sub-01_pet", "own", options);
  // Decayed and corrected values are rounded to float32 once more.
  expect([(await values(maps[0]!.file))[40]!]).toBeAllclose([(await values(own.maps[0]!.file))[40]!], { rtol: 1e-5 });
  expect(choices.join()).toContain("corrected for C11 to TimeZero");
  await expect(run("raw_pet", "no", options)).rejects.toMatchObject({ code: "not-decay-corrected" });
});

test("refused before anything is written", async () => {
  image("static_pet", data.slice(0, n), { ...facts, FrameTimesStart: [0], FrameDuration: [30] });
  image("few_pet", data.slice(0, 5 * n), {
    ...facts,
    FrameTimesStart: facts.FrameTimesStart.slice(0, 5),
    FrameDuration: facts.FrameDuration.slice(0, 5),
  });
  image("timeless_pet", data, { Units: "Bq/mL" });
  image("late_pet", data, { ...facts, InjectionStart: 600 });
  image("counts_pet", data, { ...facts, Units: "counts" });
  image("empty", new Float32Array(n), {});
  const input = [at("sub-01_blood.tsv")];
  const refused: readonly (readonly [string, string, VoxelModelName, object])[] = [
    ["too-few-frames", "static_pet", "srtm", region],
    ["too-few-frames", "few_pet", "srtm", region],
    ["unknown-duration", "timeless_pet", "srtm", region],
    ["bad-frames", "late_pet", "srtm", region],
    ["unknown-unit", "counts_pet", "logan", { input }],
    ["missing-reference", "sub-01_pet", "srtm", {}],
    ["missing-reference", "sub-01_pet", "srtm", { labels: region.labels }],
    ["missing-reference", "sub-01_pet", "srtm", { ...region, reference: at("sub-01_tacs.tsv") }],
    ["unknown-region", "sub-01_pet", "srtm", { ...region, referenceRegion: ["Pons"] }],
    ["frame-mismatch", "sub-01_pet", "srtm", { reference: at("short_tacs.tsv"), referenceRegion: ["Cerebellum"] }],
    ["not-comparable", "counts_pet", "srtm", { reference: at("sub-01_tacs.tsv"), referenceRegion: ["Cerebellum"] }],
    ["missing-plasma", "sub-01_pet", "patlak", {}],
    ["no-overlap", "sub-01_pet", "srtm", { ...region, mask: at("empty.nii.gz") }],
    ["not-positive", "sub-01_pet", "mrtm2", { ...region, k2prime: -1 }],
    ["too-few-samples", "sub-01_pet", "logan", { input, start: 1000 }],
  ];
  for (const [code, name, model, options] of refused)
    await expect(run(name, "no", { model, ...options }), code).rejects.toMatchObject({ code });
  await expect(run("late_pet", "no", { model: "srtm", ...region })).rejects.toMatchObject({
    file: at("late_pet.nii.gz"),
  });
  expect(existsSync(at("no"))).toBe(false);
  await expect(run("sub-01_pet", "dseg.tsv", { model: "srtm", ...region })).rejects.toMatchObject({
    code: "unwritable",
  });
});
