/** A phantom's image with its side file, from files to a JSON of figures and verdicts. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { affineOf, type DataError, halfLives } from "@quintet/core";
import { writeNifti } from "@quintet/io";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkPhantom } from "./check-phantom.ts";

let folder = "";
const at = (name: string): string => join(folder, name);
/** 5 kBq/mL in a cylinder of 100 mm radius and 160 mm length; `hot` in a ball of 25 mm radius at x = 50. */
async function write(name: string, facts: object, hot = 5): Promise<void> {
  const data = Float32Array.from({ length: 56 * 56 * 40 }, (_, v) => {
    const [x, y, z] = [4 * (v % 56) - 110, 4 * (Math.floor(v / 56) % 56) - 110, 5 * Math.floor(v / 3136) - 97.5];
    return Math.hypot(x, y) < 100 && Math.abs(z) < 80 ? (Math.hypot(x - 50, y, z) < 25 ? hot : 5) : 0;
  });
  const image = { shape: [56, 56, 40], space: "scanner:pet", unit: "1", clock: "pet", data } as const;
  const affine = affineOf([4, 0, 0, -110, 0, 4, 0, -110, 0, 0, 5, -97.5]);
  await writeFile(
    at(`${name}.nii.gz`),
    writeNifti({ ...image, affine, frames: [{ start: 0, duration: 0 }] }, { gzip: true }),
  );
  await writeFile(at(`${name}.json`), JSON.stringify(facts));
}
const facts = {
  Units: "kBq/mL",
  FrameTimesStart: [0],
  FrameDuration: [600],
  ImageDecayCorrected: true,
  ImageDecayCorrectionTime: 0,
};
const filling = {
  radionuclide: "F18",
  // One half-life before the image's time: 60 MBq then, 30 now, in 5000 mL.
  activity_MBq: 60,
  activity_time_s: -halfLives.F18,
  residual_MBq: 0,
  residual_time_s: 0,
  volume_mL: 5000,
  activity_error_percent: 3,
  volume_error_percent: 4,
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quintet-phantom-"));
  await write("cylinder", facts);
  await write("spheres", facts, 20);
  await write("ball", facts, 500);
  await write("uncorrected", { ...facts, ImageDecayCorrected: false });
  await write("scanner", { ...facts, Units: "counts/mm", ImageDecayCorrected: false });
  await write("other", { ...facts, Units: "counts/mm", TracerRadionuclide: "C11" });
  await write("unsaid", { ...facts, Units: "counts/mm", ImageDecayCorrected: undefined });
  await write("counts", { ...facts, Units: "unitless" });
  await writeFile(at("filling.json"), JSON.stringify({ calibration: filling }));
  const sphere = { x_mm: 50, y_mm: 0, z_mm: 2.5, diameter_mm: 36, ratio: 7 };
  await writeFile(at("spheres-known.json"), JSON.stringify({ spheres: [sphere], radius_mm: 100 }));
  await writeFile(at("lacking.json"), JSON.stringify({ calibration: { ...filling, volume_mL: undefined } }));
  await writeFile(at("strange.json"), JSON.stringify({ calibrations: filling }));
  await writeFile(at("torn.json"), "{");
  await writeFile(at("rates.tsv"), "activity_MBq\tduration_s\tprompts\trandoms\tscatter\n30\t10\t1000\t200\t300\n");
  await writeFile(at("torn.tsv"), "duration_s\tprompts\trandoms\n10\t1000\t200\n");
});
afterAll(() => rm(folder, { recursive: true }));

test("a uniform cylinder of 5 kBq/mL where the calibrator says 6: factor 1.2 +- 0.06, all else even", async () => {
  const about = { phantom: at("filling.json"), counts: at("rates.tsv") };
  const { uniformity, calibration, counts, findings, files } = await checkPhantom(
    at("cylinder.nii.gz"),
    at("out"),
    about,
  );
  expect(uniformity?.mean).toBeCloseTo(5000, 3);
  expect(uniformity?.variation).toBeLessThan(1e-6);
  expect(calibration?.factor).toBeCloseTo(1.2, 6);
  expect(calibration?.standardError).toBeCloseTo(1.2 * Math.hypot(0.03, 0.04), 6);
  expect(counts?.rates[0]?.noiseEquivalent).toBeCloseTo(25, 9);
  const verdicts = Object.fromEntries(findings.map(({ name, verdict }) => [name, verdict]));
  expect(verdicts).toMatchObject({
    "uniformity-variation": "ok",
    "cross-calibration": "bad",
    "scatter-fraction": "ok",
  });
  const written = JSON.parse(await readFile(files[0] as string, "utf8")) as { findings: object[]; Sources: object[] };
  expect([written.findings.length, written.Sources.length]).toEqual([findings.length, 3]);
  expect((await readFile(files[1] as string, "utf8")).split("\n").length).toBeGreaterThan(28);
  const page = await readFile(files[2] as string, "utf8");
  for (const words of ["Dose calibrator, at the image’s time", "not accepted: beyond 10.0 %", "mean of the slice"])
    expect(page).toContain(words);
});

test("an image of counts: the factor that makes 5 counts per mm the mean of 6 kBq/mL over 600 s", async () => {
  const { scanner, calibration, findings } = await checkPhantom(at("scanner.nii.gz"), at("out"), {
    phantom: at("filling.json"),
  });
  const lambda = Math.LN2 / halfLives.F18;
  const mean = (6000 * -Math.expm1(-600 * lambda)) / (600 * lambda);
  expect(scanner!.factor / ((mean * 600 * 0.9673) / 5)).toBeCloseTo(1, 6);
  expect(calibration).toBeUndefined();
  expect(findings.find(({ name }) => name === "calibration-factor")?.note).toMatch(/--calibration \d+/);
});

test("spheres that stand 4 : 1 where 7 : 1 was filled have half the contrast", async () => {
  const { recovery, uniformity } = await checkPhantom(at("spheres.nii.gz"), at("out"), {
    phantom: at("spheres-known.json"),
  });
  expect(uniformity).toBeUndefined();
  expect(recovery?.spheres[0]?.contrast).toBeCloseTo(0.5, 6);
});

test("an image without a cylinder is refused by its name", async () => {
  await expect(checkPhantom(at("ball.nii.gz"), at("out"))).rejects.toMatchObject({
    code: "no-cylinder",
    file: at("ball.nii.gz"),
  });
});

test.each([
  ["not-decay-corrected", "uncorrected", { phantom: "filling.json" }],
  ["unknown-unit", "counts", { phantom: "filling.json" }],
  ["disagreement", "other", { phantom: "filling.json" }],
  ["not-decay-corrected", "unsaid", { phantom: "filling.json" }],
  ["bad-phantom", "cylinder", { phantom: "lacking.json" }],
  ["bad-phantom", "cylinder", { phantom: "strange.json" }],
  ["bad-json", "cylinder", { phantom: "torn.json" }],
  ["bad-counts", "cylinder", { counts: "torn.tsv" }],
] as const)("%s: %s with %o", async (code, image, given) => {
  const about = Object.fromEntries(Object.entries(given).map(([key, name]) => [key, at(name)]));
  await expect(checkPhantom(at(`${image}.nii.gz`), at("out"), about)).rejects.toThrow(
    expect.objectContaining({ code }) as DataError,
  );
});
