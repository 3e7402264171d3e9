/** The commands that make numbers of PET images, from files to files. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { affineOf, type Volume } from "@quintet/core";
import { writeNifti } from "@quintet/io";
import { readVolume } from "@quintet/io/node";
import { seededRandom, smoothGaussian } from "@quintet/kernels";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { correctPartialVolume } from "./correct-partial-volume.ts";
import { measureCentiloid } from "./measure-centiloid.ts";
import { measureUptake } from "./measure-uptake.ts";
import { scoreAgainstNormals } from "./score-against-normals.ts";

const shape = [24, 24, 20] as const;
const affine = affineOf([4, 0, 0, -46, 0, 4, 0, -46, 0, 0, 4, -38]);
const n = 24 * 24 * 20;
/** A ball of 40 mm: cerebellum below, cortex above. */
const place = (v: number): [number, number, number] => [
  4 * (v % 24) - 46,
  4 * (Math.floor(v / 24) % 24) - 46,
  4 * Math.floor(v / 576) - 38,
];
const radius = (v: number): number => Math.hypot(...place(v));
const regions = Uint8Array.from({ length: n }, (_, v) => (radius(v) > 36 ? 0 : place(v)[2] < -10 ? 1 : 2));
let folder = "";
const at = (name: string): string => join(folder, name);

const image = (data: Float32Array, frames = 1): Volume<"1"> => ({
  shape,
  affine,
  space: "t",
  unit: "1",
  clock: "pet",
  frames: Array.from({ length: frames }, () => ({ start: 0, duration: 0 })),
  data,
});
async function write(name: string, data: Float32Array, facts?: object, frames = 1): Promise<void> {
  await writeFile(at(`${name}.nii.gz`), writeNifti(image(data, frames), { gzip: true }));
  if (facts) await writeFile(at(`${name}.json`), JSON.stringify(facts));
}

const facts = {
  Units: "kBq/mL",
  FrameTimesStart: [3000, 3600],
  FrameDuration: [600, 600],
  TracerRadionuclide: "F18",
  InjectedRadioactivity: 200,
  InjectedRadioactivityUnits: "MBq",
  InjectionStart: 0,
  ImageDecayCorrected: true,
  ImageDecayCorrectionTime: 0,
};
/** 10 and 20 kBq/mL in the cerebellum, twice that in the cortex. */
const uptake = Float32Array.from(
  { length: 2 * n },
  (_, i) => (i < n ? 10 : 20) * ([0.5, 1, 2][regions[i % n]!] as number),
);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quintet-quantify-"));
  await write("pet", uptake, facts, 2);
  await write("bare", uptake, undefined, 2);
  await write("dark", new Float32Array(2 * n), facts, 2);
  await write("backwards", uptake, { ...facts, FrameDuration: [600, -600] }, 2);
  await write("overlapping", uptake, { ...facts, FrameTimesStart: [3000, 3300] }, 2);
  await write("missing", uptake, { ...facts, FrameTimesStart: [3000], FrameDuration: [600] }, 2);
  await write("regions", Float32Array.from(regions));
  await writeFile(at("regions.tsv"), "index\tname\n1\tcerebellum\n2\tcortex\n");
  await write(
    "cerebellum",
    Float32Array.from(regions, (r) => (r === 1 ? 1 : 0)),
  );
  await write(
    "cortex",
    Float32Array.from(regions, (r) => (r === 2 ? 1 : 0)),
  );
  await write("nowhere", new Float32Array(n));
});
afterAll(() => rm(folder, { recursive: true }));

describe("pet uptake", () => {
  test("SUV by hand: 15 kBq/mL x 80 kg / 200 MBq = 6 in the cerebellum, 12 in the cortex", async () => {
    const labels = at("regions.nii.gz");
    const result = await measureUptake(at("pet.nii.gz"), at("suv"), {
      measure: "suv",
      weight: 80,
      labels,
      resolution: 6,
    });
    const means = Object.fromEntries(result.regions.map((r) => [r.region, r.value]));
    expect([means.cerebellum!, means.cortex!]).toBeAllclose([6, 12], { rtol: 1e-6 });
    const made = await readVolume(at("suv/pet_desc-SUV_pet.nii.gz"));
    expect(Math.max(...made.data)).toBeCloseTo(12, 4);
    const side = JSON.parse(await readFile(at("suv/pet_desc-SUV_pet.json"), "utf8"));
    expect(side).toMatchObject({ Units: "g/mL", Sources: [{ file: "pet.nii.gz" }, { file: "regions.nii.gz" }] });
    expect(JSON.stringify(side)).not.toContain(folder);
    expect(await readFile(at("suv/pet_desc-SUV_measures.tsv"), "utf8")).toContain("cortex");
  });
  test("SUVR in a window: 2, whichever way the reference is named", async () => {
    const window = [50, 60] as const;
    const one = await measureUptake(at("pet.nii.gz"), at("ratio"), {
      measure: "suvr",
      reference: at("cerebellum.nii.gz"),
      window,
    });
    const made = await readVolume(one.files[0]!);
    expect(Math.max(...made.data)).toBeCloseTo(2, 6);
    const labels = at("regions.nii.gz");
    const two = await measureUptake(at("pet.nii.gz"), at("ratio2"), {
      measure: "suvr",
      labels,
      referenceRegions: ["/cereb/"],
      window,
    });
    expect(two.regions.find((r) => r.region === "cortex")!.value).toBeCloseTo(2, 6);
  });
  test("of many regions the nearest are named, with the file", async () => {
    const names = Array.from({ length: 40 }, (_, i) => `${i + 1}\tregion ${i + 1}`);
    await write("many", Float32Array.from(regions));
    await writeFile(at("many.tsv"), `index\tname\n${names.join("\n")}\n41\tLeft-Thalamus\n42\tRight-Thalamus\n`);
    const asked = { measure: "suvr", labels: at("many.nii.gz"), referenceRegions: ["talamus"] } as const;
    const message = await measureUptake(at("pet.nii.gz"), at("no"), asked).catch((error) => error.message);
    expect(message).toMatch(/many\.nii\.gz: no region is called talamus .*42 names; did you mean Left-Thalamus/);
    expect(message).not.toContain("region 17");
  });
  test("every refusal names a file", async () => {
    for (const [asked, file] of [
      [{ measure: "suv", weight: 0.3 }, /pet\.json$/],
      [{ measure: "suv", weight: 80, window: [0, 20] }, /pet\.json$/],
      [{ measure: "suvr", reference: at("cerebellum.nii.gz"), window: [0, 20] }, /pet\.nii\.gz$/],
      [{ measure: "suvr" }, /pet\.nii\.gz$/],
    ] as const) {
      const going = measureUptake(at("pet.nii.gz"), at("no"), asked);
      await expect(going).rejects.toMatchObject({ file: expect.stringMatching(file) });
    }
    const going = measureUptake(at("backwards.nii.gz"), at("no"), { measure: "suv", weight: 80 });
    await expect(going).rejects.toMatchObject({ code: "bad-frames", file: expect.stringMatching(/backwards\.json$/) });
  });
  test.each([
    ["missing-weight", "pet", { measure: "suv" }],
    ["missing-height", "pet", { measure: "sul", weight: 80, sex: "F" }],
    ["missing-reference", "pet", { measure: "suvr" }],
    ["unknown-region", "pet", { measure: "suvr", labels: "regions", referenceRegions: ["pons"] }],
    ["no-overlap", "pet", { measure: "suvr", reference: "nowhere" }],
    ["unknown-unit", "bare", { measure: "suv", weight: 80 }],
    ["missing-injection-time", "bare", { measure: "suvr", reference: "cerebellum", window: [50, 60] }],
    ["no-frames-in-window", "pet", { measure: "suv", weight: 80, window: [0, 20] }],
    ["not-positive", "dark", { measure: "suvr", reference: "cerebellum" }],
    ["bad-frames", "backwards", { measure: "suv", weight: 80 }],
    ["bad-frames", "overlapping", { measure: "suv", weight: 80 }],
    ["frame-count", "missing", { measure: "suv", weight: 80 }],
  ] as const)("refusal: %s", async (code, name, { ...asked }) => {
    const paths = Object.fromEntries(
      Object.entries(asked).map(([key, value]) => [
        key,
        key === "labels" || key === "reference" ? at(`${value}.nii.gz`) : value,
      ]),
    );
    const going = measureUptake(at(`${name}.nii.gz`), at("no"), paths as never);
    await expect(going).rejects.toMatchObject({ code });
  });
});

describe("pet centiloid", () => {
  const masks = (): { target: string; cerebellum: string } => ({
    target: at("cortex.nii.gz"),
    cerebellum: at("cerebellum.nii.gz"),
  });
  test("SUVR 2 of PiB is 92.88 CL", async () => {
    // 100 (2 - 1.009) / (2.076 - 1.009)
    const result = await measureCentiloid(at("pet.nii.gz"), at("cl"), { tracer: "PiB", ...masks() });
    expect(result.suvr).toBeCloseTo(2, 6);
    expect(result.value).toBeCloseTo(92.877, 2);
    const side = JSON.parse(await readFile(at("cl/pet_desc-centiloid_measures.json"), "utf8"));
    expect(side).toMatchObject({ unit: "CL", tracer: "PiB", window: [50, 70] });
  });
  test.each([
    ["no-frames-in-window", { tracer: "florbetaben" }],
    ["not-comparable", { tracer: "PiB", window: [50, 60] }],
    ["not-comparable", { tracer: "PiB", both: true }],
  ] as const)("refusal: %s %#", async (code, { ...change }) => {
    const same = "both" in change ? { target: at("cerebellum.nii.gz") } : {};
    const going = measureCentiloid(at("pet.nii.gz"), at("no"), {
      ...masks(),
      ...same,
      ...(change as { tracer: "PiB" }),
    });
    await expect(going).rejects.toMatchObject({ code });
  });
});

describe("pet pvc", () => {
  test("regions blurred by 8 mm come back in every frame, and the curves with them", async () => {
    const sigma = 8 / 2.35482 / 4;
    const blurred = new Float32Array(2 * n);
    for (const t of [0, 1])
      blurred.set(smoothGaussian(uptake.slice(t * n, (t + 1) * n), shape, [sigma, sigma, sigma]), t * n);
    await write("blurred", blurred, facts, 2);
    const result = await correctPartialVolume(at("blurred.nii.gz"), at("pvc"), {
      labels: at("regions.nii.gz"),
      fwhm: 8,
    });
    const found = Object.fromEntries(result.regions.map((r) => [r.name, r.corrected]));
    expect([found.cerebellum!, found.cortex!, found.background!]).toBeAllclose([15_000, 30_000, 7500], { rtol: 1e-4 });
    expect(result.regions.find((r) => r.name === "cortex")!.measured).toBeLessThan(28_000);
    const made = await readVolume(at("pvc/blurred_desc-pvc_pet.nii.gz"));
    expect(made.data).toBeAllclose(
      uptake.map((v) => 1000 * v),
      { rtol: 3e-3 },
    );
    expect(await readFile(at("pvc/blurred_desc-gtm_tacs.tsv"), "utf8")).toMatch(
      /^frame_start\tframe_end\tcerebellum\tcortex\n3000\t3600\t/,
    );
  });
  test.each([
    ["bad-sigma", { labels: "regions", fwhm: 60 }],
    ["no-overlap", { labels: "nowhere", fwhm: 6 }],
  ])("refusal: %s", async (code, { labels, fwhm }) => {
    const going = correctPartialVolume(at("pet.nii.gz"), at("no"), { labels: at(`${labels}.nii.gz`), fwhm });
    await expect(going).rejects.toMatchObject({ code });
  });
});

describe("pet zscore", () => {
  const random = seededRandom(9);
  /** Uptake 2 - 0.01 (age - 60) with 5 % of smooth noise; a place on the right side lowered by `deficit`. */
  const person = (age: number, deficit = 0): Float32Array => {
    const white = Float32Array.from({ length: n }, () => random.normal());
    const soft = smoothGaussian(white, shape, [1, 1, 1]);
    const sd = Math.sqrt(soft.reduce((s, v) => s + v * v, 0) / n);
    return soft.map((v, i) => {
      const [x, y, z] = place(i);
      const low = Math.hypot(x - 26, y, z - 8) < 10 ? deficit : 0;
      return regions[i] === 0 ? 0 : (2 - 0.01 * (age - 60)) * (1 - low) + (0.1 * v) / sd;
    });
  };
  beforeAll(async () => {
    await mkdir(at("normals"));
    const rows = ["participant_id\tage\tsex\tfwhm_mm"];
    for (let i = 0; i < 14; i++) {
      await write(`normals/sub-${i}_pet`, person(52 + i));
      rows.push(`sub-${i}\t${52 + i}\t${i % 2 ? "M" : "F"}\t8`);
    }
    await writeFile(at("normals/participants.tsv"), `${rows.join("\n")}\n`);
    await write(
      "normals/brain",
      Float32Array.from(regions, (r) => (r > 0 ? 1 : 0)),
    );
    await write("healthy", person(58));
    await write("lowered", person(58, 0.3));
  });
  const about = { age: 58, sex: "F", fwhm: 8 } as const;

  test("a lowered place is found where it is, on the map and on the surface; a healthy person has none", async () => {
    const low = await scoreAgainstNormals(at("lowered.nii.gz"), at("z"), { normals: at("normals"), ...about });
    const [first] = low.clusters;
    expect(first!.sign).toBe(-1);
    expect(first!.p).toBeLessThan(0.05);
    expect(Math.hypot(first!.centre[0] - 26, first!.centre[1], first!.centre[2] - 8)).toBeLessThan(6);
    expect(low.surface.lowest).toBeLessThan(-3);
    expect(low.files.map((file) => file.split("/").at(-1))).toEqual([
      "lowered_desc-normative_z.nii.gz",
      "lowered_desc-normative_z.json",
      "lowered_desc-normative_clusters.tsv",
      "lowered_hemi-L_brain.surf.gii",
      "lowered_hemi-L_desc-peak_pet.func.gii",
      "lowered_hemi-L_desc-normative_z.func.gii",
      "lowered_hemi-R_brain.surf.gii",
      "lowered_hemi-R_desc-peak_pet.func.gii",
      "lowered_hemi-R_desc-normative_z.func.gii",
      "lowered_desc-normative_projections.html",
      "lowered_desc-normative.json",
    ]);
    const page = await readFile(at("z/lowered_desc-normative_projections.html"), "utf8");
    expect(page.match(/<figure>/g)).toHaveLength(24);
    expect(page).not.toContain(folder);
    const healthy = await scoreAgainstNormals(at("healthy.nii.gz"), at("z"), { normals: at("normals"), ...about });
    // t with 11 degrees of freedom over smooth noise
    expect(Math.abs(healthy.mean)).toBeLessThan(0.6);
    expect(healthy.sd).toBeLessThan(1.6);
    expect(healthy.clusters.filter(({ p }) => p < 0.05)).toEqual([]);
  });
  test.each([
    ["out-of-range", { age: 20 }],
    ["missing-file", { normals: "suv" }],
    ["not-positive", { reference: "empty" }],
    ["too-few-normals", { few: true }],
  ])("refusal: %s", async (code, change) => {
    await mkdir(at("few"), { recursive: true });
    await writeFile(at("few/participants.tsv"), "participant_id\tage\tsex\tfwhm_mm\n");
    await write(
      "empty",
      Float32Array.from({ length: n }, (_, v) => (radius(v) > 40 ? 1 : 0)),
    );
    const given = change as { age?: number; normals?: string; reference?: string; few?: boolean };
    const going = scoreAgainstNormals(at("healthy.nii.gz"), at("no"), {
      normals: at(given.few ? "few" : (given.normals ?? "normals")),
      ...about,
      ...(given.age ? { age: given.age } : {}),
      ...(given.reference ? { reference: at("empty.nii.gz") } : {}),
    });
    await expect(going).rejects.toMatchObject({ code });
  });
  test("refusal: another grid", async () => {
    const other = { ...image(new Float32Array(8)), shape: [2, 2, 2] as const };
    await writeFile(at("other.nii.gz"), writeNifti(other, { gzip: true }));
    const going = scoreAgainstNormals(at("other.nii.gz"), at("no"), { normals: at("normals"), ...about });
    await expect(going).rejects.toMatchObject({ code: "grid-mismatch" });
  });
});
