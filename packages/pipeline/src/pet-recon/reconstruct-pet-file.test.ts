import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SinogramLayout } from "@quintet/core";
import { writeInterfileSinogram, writeNifti } from "@quintet/io";
import { readVolume, writeAttenuationMap } from "@quintet/io/node";
import { centredGrid, petPhantom, simulateScan } from "@quintet/twin";
import { afterAll, beforeAll, expect, test } from "vitest";
import { smallScanner } from "../../../../testing/small-scanner.ts";
import { type ReconstructPetOptions, reconstructPetFile } from "./reconstruct-pet-file.ts";

const scanner = smallScanner({ detectors: 48, radius: 115 }, { crystals: 4, pitch: 16 });
const layout: SinogramLayout = { scanner, views: 24, bins: 33, span: 1, maxRingDifference: 3 };
const phantom = petPhantom(centredGrid([24, 24, 10], [8, 8, 8]), { radius: 60, height: 56 });
let folder = "";
let scale = 0;
const at = (name: string): string => join(folder, name);
const options: ReconstructPetOptions = {
  normalisation: "pairs",
  attenuation: "none",
  randoms: "none",
  scatter: "none",
  algorithm: "osem",
  iterations: 4,
  subsets: 6,
  window: { low: 430, high: 610, resolution: 0.12 },
};

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quintet-pet-"));
  const scan = simulateScan(phantom, layout, { seed: 1, trues: 4e5 });
  scale = scan.scale;
  const facts = { frames: [{ start: 0, duration: 60 }] };
  for (const { name, bytes } of writeInterfileSinogram(scan.prompts, { name: "raw", facts }))
    await writeFile(at(name), bytes);
  await writeAttenuationMap(at("mu.nii.gz"), phantom.attenuation);
});
afterAll(() => rm(folder, { recursive: true }));

test("from files to an image in Bq/mL with every term told beside it", async () => {
  const told: number[] = [];
  const made = await reconstructPetFile(at("raw.hs"), at("image.nii.gz"), {
    ...options,
    attenuation: at("mu.nii.gz"),
    calibration: 120,
    radionuclide: "F18",
    onProgress: (share) => told.push(share),
  });
  const image = await readVolume(at("image.nii.gz"));
  const [nx, ny, nz] = image.shape;
  const middle = image.data[(nx >> 1) + nx * ((ny >> 1) + ny * (nz >> 1))]!;
  // 120 a unit and second over 60 s, 0.9673 positrons a decay, 30 s of decay; one voxel of 4e5 counts
  expect(middle / scale / 2).toBeGreaterThan(0.8);
  expect(middle / scale / 2).toBeLessThan(1.2);
  const side = JSON.parse(await readFile(at("image.json"), "utf8"));
  expect(side.Terms).toEqual({ normalisation: "pairs", attenuation: "mu.nii.gz", randoms: "none", scatter: "none" });
  expect(side).toMatchObject({ ReconMethodName: "osem", ReconMethodParameterValues: [4, 6], Units: "Bq/mL" });
  expect(side).toMatchObject({ ImageDecayCorrected: true, ImageDecayCorrectionTime: 0, ScanStart: 0 });
  expect(JSON.stringify(side)).not.toContain(folder);
  // Counts to the last one; what was left out says so; nobody looked for motion.
  const page = await readFile(at("image.html"), "utf8");
  const { prompts } = made.frames[0]!;
  expect(side.Counts).toMatchObject({ prompts: [prompts], duration_s: [60], change: [{ length: 4 }] });
  for (const words of [prompts.toLocaleString("en-US"), "not modelled", "No motion was looked for", "kBq/mL"])
    expect(page).toContain(words);
  expect(made.findings).toContainEqual(expect.objectContaining({ name: "randoms-fraction", value: "not modelled" }));
  expect(page).not.toContain(folder);
  expect(made.findings.map(({ name }) => name)).toContain("prompt-rate");
  expect(told).toEqual([...told].sort((a, b) => a - b));
});

test("stopped: no image; the same run goes on from its last iteration to the same image", async () => {
  const whole = await reconstructPetFile(at("raw.hs"), at("whole.nii.gz"), options);
  const stop = new AbortController();
  const onProgress = (share: number): void => {
    if (share > 0.6) stop.abort();
  };
  const going = reconstructPetFile(at("raw.hs"), at("stopped.nii.gz"), { ...options, signal: stop.signal, onProgress });
  await expect(going).rejects.toMatchObject({ name: "AbortError" });
  expect((await readdir(folder)).filter((name) => name.startsWith("stopped"))).toEqual(["stopped.nii.gz.part"]);
  // other options: what lies there is not theirs
  const other = await reconstructPetFile(at("raw.hs"), at("stopped.nii.gz"), { ...options, iterations: 1 });
  expect(other.resumed).toEqual({ frames: 0, iterations: 0 });
  await expect(
    reconstructPetFile(at("raw.hs"), at("stopped.nii.gz"), {
      ...options,
      signal: AbortSignal.abort(),
    }),
  ).rejects.toMatchObject({ name: "AbortError" });
  const stopAgain = new AbortController();
  await expect(
    reconstructPetFile(at("raw.hs"), at("stopped.nii.gz"), {
      ...options,
      signal: stopAgain.signal,
      onProgress: (share) => share > 0.6 && stopAgain.abort(),
    }),
  ).rejects.toMatchObject({ name: "AbortError" });
  const resumed = await reconstructPetFile(at("raw.hs"), at("stopped.nii.gz"), options);
  expect(resumed.resumed).toEqual({ frames: 0, iterations: 2 });
  expect(resumed.frames[0]!.iterations).toHaveLength(whole.frames[0]!.iterations.length);
  const [one, two] = [await readVolume(at("whole.nii.gz")), await readVolume(at("stopped.nii.gz"))];
  // Bit for bit on one thread; several add up their float32 images in the order in which they took their rays.
  expect(two.data).toBeAllclose(one.data, { rtol: 1e-4, atol: 1e-5 * Math.max(...one.data) });
  expect((await readdir(folder)).filter((name) => name.endsWith(".part"))).toEqual([]);
});

test.each([
  ["bad-subsets", "raw.hs", { subsets: 7 }],
  ["missing-term", "raw.hs", { scatter: "estimate" }],
  ["bad-name", "raw.hs", {}],
  ["size-mismatch", "short.hs", {}],
  ["wrong-unit", "raw.hs", { attenuation: "mm.nii.gz" }],
  ["list-mode-only", "raw.hs", { randoms: "delayeds" }],
  ["list-mode-only", "raw.hs", { frames: [{ start: 0, duration: 10 }] }],
  ["no-overlap", "raw.hs", { attenuation: "aside.nii.gz" }],
])("refusal: %s", async (code, raw, more) => {
  const header = await readFile(at("raw.hs"), "utf8");
  await writeFile(at("short.hs"), header.replace("raw.s", "short.s"));
  await writeFile(at("short.s"), (await readFile(at("raw.s"))).subarray(0, 1000));
  await writeFile(at("mm.nii.gz"), await readFile(at("mu.nii.gz")));
  await writeFile(at("mm.json"), JSON.stringify({ Units: "1/mm", PhotonEnergy: 511 }));
  const aside = { ...phantom.attenuation, affine: phantom.attenuation.affine.map((v, k) => (k === 3 ? v + 900 : v)) };
  await writeAttenuationMap(at("aside.nii.gz"), aside);
  const files = Object.fromEntries(Object.entries(more).map(([k, v]) => [k, `${v}`.endsWith(".gz") ? at(`${v}`) : v]));
  const out = at(code === "bad-name" ? "image.png" : "no.nii.gz");
  await expect(reconstructPetFile(at(raw), out, { ...options, ...files })).rejects.toMatchObject({ code });
});

test("a CT for a mu-map, the point spread in the model: both told; without a voltage and with no CT refused", async () => {
  // soft tissue at any voltage: 9.6e-5 (HU + 1000) 1/cm
  const hu = phantom.attenuation.data.map((mu) => mu / 9.6e-5 - 1000);
  await writeFile(at("ct.nii.gz"), writeNifti({ ...phantom.attenuation, unit: "1", data: hu }, { gzip: true }));
  const wanted = { ...options, attenuation: `ct:${at("ct.nii.gz")}`, iterations: 1 };
  await expect(reconstructPetFile(at("raw.hs"), at("ct-image.nii.gz"), wanted)).rejects.toMatchObject({
    code: "unknown-voltage",
    file: at("ct.nii.gz"),
  });
  await expect(
    reconstructPetFile(at("raw.hs"), at("ct-image.nii.gz"), {
      ...wanted,
      attenuation: `ct:${at("mu.nii.gz")}`,
      kilovolts: 120,
    }),
  ).rejects.toMatchObject({ code: "not-hounsfield" });
  await reconstructPetFile(at("raw.hs"), at("ct-image.nii.gz"), { ...wanted, kilovolts: 120, psf: 6 });
  await reconstructPetFile(at("raw.hs"), at("mu-image.nii.gz"), {
    ...options,
    attenuation: at("mu.nii.gz"),
    iterations: 1,
  });
  const side = JSON.parse(await readFile(at("ct-image.json"), "utf8"));
  expect(side.Terms.attenuation).toBe("ct:ct.nii.gz");
  expect(side.ReconMethodParameterLabels).toEqual(["iterations", "subsets", "point spread FWHM"]);
  expect(side.ReconMethodParameterUnits.at(-1)).toBe("mm");
  const [ct, mu] = [await readVolume(at("ct-image.nii.gz")), await readVolume(at("mu-image.nii.gz"))];
  const sum = ({ data }: { data: Float32Array }): number => data.reduce((all, x) => all + x, 0);
  // one attenuation by either way, but for the smoothed rim of the CT and 6 mm of blur
  expect(Math.abs(sum(ct) / sum(mu) - 1)).toBeLessThan(0.03);
});
