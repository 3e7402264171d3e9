import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { QcFinding, SpectProjections } from "@quintet/core";
import { writeInterfileProjections, writeNuclearProjections } from "@quintet/io";
import { readSpectProjections, readVolume, writeAttenuationMap } from "@quintet/io/node";
import { linearResponse, spectGrid, spectProjector } from "@quintet/modalities/spect";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readReconRecord } from "./recon-record.ts";
import { type ReconstructSpectOptions, reconstructSpectFile } from "./reconstruct-spect-file.ts";
import { readReplicates } from "./replicate-files.ts";

const [n, rows, views, pixel] = [32, 6, 24, 6] as const;
const geometry = {
  columns: n,
  rows,
  size: [pixel, pixel],
  angles: Float64Array.from({ length: views }, (_, v) => Math.PI / 2 - (2 * Math.PI * v) / views),
  radii: new Float64Array(views).fill(120),
  start: 0,
  duration: 1200,
  window: { low: 126, high: 154 },
} as const;
/** A ball of 60 mm to the left of the axis, scaled to counts of a view. */
const truth = new Float32Array(n * n * rows).map((_, v) => {
  const [x, y] = [v % n, Math.floor(v / n) % n];
  return Math.hypot(x - 12, y - 17) < 9 ? 2 : 0;
});
const options: ReconstructSpectOptions = {
  nuclide: "Tc99m",
  collimator: "0.0163,1.466",
  attenuation: "none",
  scatter: "none",
  centre: "none",
  decay: false,
  flood: "none",
  algorithm: "osem",
  iterations: 3,
};
let folder = "";
const at = (name: string): string => join(folder, name);

async function write(
  name: string,
  change: Partial<SpectProjections> = {},
  header = (text: string) => text,
): Promise<string> {
  const projector = spectProjector(geometry, spectGrid(geometry), {
    response: linearResponse(0.0163, 1.466),
    attenuation: "none",
  });
  const data = projector.forward(truth);
  projector.close();
  const files = writeInterfileProjections({ ...geometry, data, ...change }, { name });
  const [hs, s] = files as [(typeof files)[number], (typeof files)[number]];
  await writeFile(at(hs.name), header(new TextDecoder().decode(hs.bytes)));
  await writeFile(at(s.name), s.bytes);
  return at(hs.name);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "spect-"));
});
afterAll(() => rm(folder, { recursive: true }));

describe("reconstructSpectFile", () => {
  test("from file to image and JSON: where the ball was, terms and findings told; stopped and gone on to the same bits", async () => {
    const raw = await write("ball");
    const whole = await reconstructSpectFile(raw, at("whole.nii"), options);
    expect(whole).toMatchObject({ shape: [n, n, rows], subsets: 12, resumed: 0 });
    expect(whole.findings.find(({ name }) => name === "rotation-direction")?.verdict).toBe("ok");
    const image = await readVolume(at("whole.nii"));
    expect(image.affine[0]).toBeCloseTo(pixel, 5);
    const middle = image.data[12 + n * (17 + n * 3)] as number;
    expect(middle).toBeGreaterThan(1.6);
    // the ball reaches from x = 4 to 20; its mirror image would from 11 to 27
    expect(image.data[5 + n * (17 + n * 3)]).toBeGreaterThan(1);
    expect(image.data[26 + n * (17 + n * 3)]).toBeLessThan(0.3);
    const side = JSON.parse(await readFile(at("whole.json"), "utf8"));
    expect(side).toMatchObject({
      Terms: { collimator: "0.0163,1.466", attenuation: "none" },
      RawData: { views, radii_mm: [120, 120] },
    });
    expect(await readFile(at("whole.html"), "utf8")).toContain("Sinogram of row");
    const record = readReconRecord(side, "whole.json");
    expect(record.terms).toContain("collimator: 0.0163,1.466");
    expect(record.views.counts.reduce((sum, y) => sum + y, 0)).toBeCloseTo(whole.counts, 0);
    expect(record.findings).toEqual(whole.findings);
    const stop = new AbortController();
    const stopped = reconstructSpectFile(raw, at("again.nii"), {
      ...options,
      signal: stop.signal,
      onProgress: (_, note) => note.endsWith("iteration 3") && stop.abort(),
    });
    await expect(stopped).rejects.toThrow(/abort/i);
    const resumed = await reconstructSpectFile(raw, at("again.nii"), options);
    expect(resumed.resumed).toBe(2);
    expect((await readVolume(at("again.nii"))).data).toEqual(image.data);
    await expect(stat(at("again.nii.part"))).rejects.toThrow();
  });

  test("terms by file and by name: TEW, downscatter, outline, decay, centre of rotation; the control", async () => {
    const raw = await write("ball");
    const flat = new Float32Array(n * rows * views).fill(0.5);
    const lower = await write("lower", { window: { low: 120, high: 126 }, data: flat });
    const above = await write("above", { window: { low: 160, high: 188 }, data: flat });
    const result = await reconstructSpectFile(raw, at("terms.nii.gz"), {
      ...options,
      collimator: "siemens-lehr",
      attenuation: "outline",
      scatter: "tew",
      lower,
      above,
      centre: "find",
      decay: true,
      iterations: 1,
    });
    // 0.5 / 6 x 28 / 2 and 0.5 x 28 / 28 in each bin
    expect(result.scatter / flat.length).toBeCloseTo((0.5 / 6) * 14 + 0.5, 3);
    expect(result.findings.find(({ name }) => name === "centre-of-rotation")?.value).toBeCloseTo(0, 1);
    expect(result.notes.join()).toContain("Chang");
    const control = await reconstructSpectFile(raw, at("fbp.nii"), { ...options, algorithm: "fbp" });
    expect(control.notes.join()).toContain("control");
    // what was asked for and not done is not told as done
    await reconstructSpectFile(raw, at("fbp.nii"), {
      ...{ ...options, algorithm: "fbp", collimator: "siemens-lehr", attenuation: "outline", scatter: "tew", lower },
      decay: true,
    });
    const side = JSON.parse(await readFile(at("fbp.json"), "utf8"));
    expect(side).toMatchObject({
      Terms: {
        nuclide: "Tc99m",
        collimator: "none",
        attenuation: "none",
        scatter: "none",
        centre: "none",
        decay: false,
      },
      ReconMethodName: "fbp",
      ReconMethodParameterLabels: ["cutoff_cycles_per_pixel"],
      ReconMethodParameterValues: [0.5],
      ImageDecayCorrected: false,
      iterations: [],
    });
    expect(side.subsets).toBeUndefined();
    expect(side.notes.join()).not.toContain("Chang");
  });

  test("replicates: one frame each, filtered as the image, the same after a stop; another image's are refused, and what is no counts", async () => {
    const counts = (await readSpectProjections(await write("ball"))).projections.data.map((y) => Math.round(20 * y));
    const raw = await write("counts", { data: counts });
    const lower = await write("narrow", {
      window: { low: 120, high: 126 },
      data: counts.map((_, i) => (i % 7 === 0 ? 2 : 0)),
    });
    const how = {
      ...options,
      iterations: 1,
      checkDirection: false,
      scatter: "tew",
      lower,
      filter: 9,
      replicates: 10,
    } as const;
    const whole = await reconstructSpectFile(raw, at("counts.nii"), how);
    const file = at("counts_replicates.nii");
    expect(whole.replicates).toMatchObject({ path: file, count: 10, seed: 1 });
    const image = await readVolume(at("counts.nii"));
    const all = [...(await readReplicates(file, at("counts.nii"), image))];
    expect(all).toHaveLength(10);
    const middle = 12 + n * (17 + n * 3);
    const values = all.map(({ data }) => data[middle] as number);
    const mean = values.reduce((sum, x) => sum + x / 10, 0);
    // the ball's middle: 20 counts a bin in 24 views leave some per cent after a filter of 9 mm
    expect(Math.abs(mean / (image.data[middle] as number) - 1)).toBeLessThan(0.05);
    expect(new Set(values).size).toBe(10);
    const stop = new AbortController();
    const stopped = reconstructSpectFile(raw, at("halves.nii"), {
      ...how,
      signal: stop.signal,
      onProgress: (_, note) => note === "replicate 4 of 10" && stop.abort(),
    });
    await expect(stopped).rejects.toThrow(/abort/i);
    await reconstructSpectFile(raw, at("halves.nii"), how);
    expect(await readFile(at("halves_replicates.nii"))).toEqual(await readFile(file));
    const other = await reconstructSpectFile(raw, at("sharp.nii"), { ...how, filter: 5, replicates: 11, seed: 2 });
    expect(other.replicates?.count).toBe(11);
    await expect(readReplicates(file, at("sharp.nii"), image)).rejects.toMatchObject({ code: "other-image" });
    const fractions = await write("fractions", { data: counts.map((y) => y / 2) });
    await expect(reconstructSpectFile(fractions, at("bad.nii"), how)).rejects.toMatchObject({ code: "not-counts" });
    await expect(reconstructSpectFile(raw, at("bad.nii"), { ...how, replicates: 9 })).rejects.toMatchObject({
      code: "bad-replicates",
    });
    await expect(reconstructSpectFile(raw, at("bad.nii"), { ...how, algorithm: "fbp" })).rejects.toMatchObject({
      code: "bad-algorithm",
    });
    await expect(stat(at("bad.nii"))).rejects.toThrow();
  });

  test("an attenuation map lies in the scanner's coordinates: in place ok, 24 mm aside told, elsewhere refused", async () => {
    const raw = await write("ball");
    const grid = spectGrid(geometry);
    const map = async (name: string, columns: number): Promise<string> => {
      const data = truth.map((_, v) => (v % n >= columns && (truth[v - columns] as number) > 0 ? 0.15 : 0));
      const frames = [{ start: 0, duration: 0 }];
      await writeAttenuationMap(at(name), { ...grid, unit: "1/cm", energy: 140.5, frames, clock: "a", data });
      return at(name);
    };
    const how = { ...options, iterations: 1, checkDirection: false };
    const cover = async (attenuation: string): Promise<QcFinding | undefined> => {
      const { findings } = await reconstructSpectFile(raw, at("mu.nii"), { ...how, attenuation });
      return findings.find(({ name }) => name === "attenuation-cover");
    };
    expect(await cover(await map("here.nii", 0))).toMatchObject({ verdict: "ok" });
    const aside = await cover(await map("aside.nii", 4));
    expect(aside).toMatchObject({ verdict: "bad" });
    // one circle of 49 mm (54 less the margin) in another of 54 mm, 24 mm apart: by hand 0.77
    expect(aside?.value).toBeCloseTo(77, -1);
    expect(aside?.note).toContain("24, ");
    const far = { ...how, attenuation: await map("far.nii", 11) };
    await expect(reconstructSpectFile(raw, at("far-off.nii"), far)).rejects.toMatchObject({
      code: "map-elsewhere",
      file: at("far.nii"),
    });
    expect(await cover("outline")).toBeUndefined();
  });

  const reversed = (text: string): string => text.replace("rotation := CW", "rotation := CCW");
  test.each([
    ["wrong-direction", {}, reversed, {}],
    ["missing-key", {}, (text: string) => text.replace(/^radius.*\n/m, ""), {}],
    ["bad-orbit", {}, (text: string) => text.replace("radius := 120", "radius := 0"), {}],
    [
      "no-counts",
      { data: new Float32Array(n * rows * views).map((_, i) => (i < n * rows ? 0 : 1)) },
      (t: string) => t,
      {},
    ],
    ["missing-window", {}, (text: string) => text, { scatter: "dew" }],
    ["unknown-collimator", {}, (text: string) => text, { collimator: "pinhole" }],
    ["beam-mismatch", {}, (text: string) => text, { collimator: "prism-lehr-fan" }],
    ["bad-centre", {}, (text: string) => text, { centre: "left" }],
    [
      "missing-times",
      {},
      (text: string) => text.replace(/^.*(time frames|start time|duration).*\n/gm, ""),
      { decay: true },
    ],
  ] as const)("refusal: %s", async (code, change, header, more) => {
    const raw = await write("bad", change, header);
    await expect(reconstructSpectFile(raw, at("bad.nii"), { ...options, ...more })).rejects.toMatchObject({ code });
  });

  test("an NM file: the window with the photons, two heads, the same image as from Interfile; another window by its number", async () => {
    const counts = (await readSpectProjections(await write("ball"))).projections;
    const data = counts.data.map((y) => Math.round(y));
    const peak = { ...counts, data };
    const low = { ...peak, window: { low: 120, high: 126 } };
    await writeFile(at("nm.dcm"), writeNuclearProjections([low, peak], { detectors: 2 }));
    const few = { ...options, iterations: 1, checkDirection: false };
    await reconstructSpectFile(at("nm.dcm"), at("nm.nii"), few);
    await reconstructSpectFile(await write("whole-counts", { data }), at("hs.nii"), few);
    const [nm, hs] = await Promise.all(["nm.nii", "hs.nii"].map((name) => readVolume(at(name))));
    expect(nm!.data).toBeAllclose(hs!.data, { rtol: 1e-3, atol: 1e-3 });
    expect((await readSpectProjections(at("nm.dcm#1"))).projections.window).toEqual(low.window);
    await expect(readSpectProjections(at("nm.dcm"), 159)).rejects.toMatchObject({ code: "which-window" });
    await expect(readSpectProjections(at("nm.dcm#3"))).rejects.toMatchObject({ code: "no-such-window" });
  });

  test("a reversed flag may be insisted on; an image has a NIfTI's name", async () => {
    const raw = await write("reversed", {}, reversed);
    const result = await reconstructSpectFile(raw, at("mirror.nii"), {
      ...options,
      iterations: 1,
      checkDirection: false,
    });
    expect(result.findings.some(({ name }) => name === "rotation-direction")).toBe(false);
    await expect(reconstructSpectFile(raw, at("x.png"), options)).rejects.toMatchObject({ code: "bad-name" });
  });
});
