import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apply, type Volume } from "@quintet/core";
import { writeMrd } from "@quintet/io";
import { readVolume } from "@quintet/io/node";
import { afterAll, describe, expect, it, test } from "vitest";
import { describeRealData } from "../../../../testing/real-data.ts";
import { nrmse } from "../../../modalities/test/mri-phantom.ts";
import { rawPhantom } from "../../../modalities/test/raw-phantom.ts";
import { reconstructFile } from "./reconstruct-file.ts";

const folder = mkdtempSync(join(tmpdir(), "quintet-recon-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);

describe("an MRD phantom made by code", () => {
  const { kspace, truth } = rawPhantom({ acceleration: 2, reference: 24, slices: [6, 0], position: [1, 2, 3] });
  writeFileSync(at("raw.mrd"), writeMrd(kspace));
  it("becomes an image in its place, with what was done beside it", async () => {
    const notes: string[] = [];
    const result = await reconstructFile(at("raw.mrd"), at("image.nii.gz"), {
      onProgress: (_, note) => notes.push(note),
    });
    expect(result.images).toHaveLength(1);
    const image = await readVolume(at("image.nii.gz"));
    expect(image.shape).toEqual([64, 64, 2]);
    expect(apply(image.affine, [32, 32, 0])).toBeAllclose([1, 2, 3], { atol: 1e-5 });
    // slice 1 was made twice as bright and lies first; GRAPPA's error at R = 2
    expect(
      nrmse(
        image.data.subarray(0, 4096).map((v) => v / 2),
        truth,
      ),
    ).toBeLessThan(0.04);
    const side = JSON.parse(readFileSync(at("image.json"), "utf8"));
    expect(side).toMatchObject({
      method: "grappa",
      coils: 8,
      quality: { acceleration: [2, 1], missingLines: 0 },
      Asked: { file: "raw.mrd", sha256: expect.stringMatching(/^[0-9a-f]{64}$/), method: "auto" },
      GeneratedBy: [{ Name: "quintet mri recon" }],
    });
    expect(notes).toContain("slice 2, repetition 1");
  });
  it("echoes become images of their own", async () => {
    const later = kspace.readouts.map((one) => ({ ...one, counters: { ...one.counters, contrast: 1 } }));
    const readouts = [...kspace.readouts, ...later].map((one) => ({ ...one, data: one.data.slice(0, 2 * 128) }));
    writeFileSync(at("two.mrd"), writeMrd({ ...kspace, coils: 1, readouts }));
    const { images, problems } = await reconstructFile(at("two.mrd"), at("two.nii"));
    expect(images.map(({ path }) => path)).toEqual([at("two_echo-1.nii"), at("two_echo-2.nii")]);
    expect(problems.join()).toMatch(/one coil alone cannot/);
  });
});

test("the scanner's clock beside the image: volumes by their stamps, triggers of its waveforms, ticks of 2.5 ms", async () => {
  const { kspace } = rawPhantom({ coils: 2, matrix: [16, 16], repetitions: 3 });
  const first = kspace.readouts.findIndex(({ purpose }) => purpose === "image");
  const { stamp } = kspace.readouts[first] as (typeof kspace.readouts)[number];
  const waveform = {
    ...{ name: "EXT1", channels: 2, stamp: stamp + 4, dwell: 0.0025, triggerChannel: 1 },
    data: Float64Array.of(9, 9, 9, 0, 1, 0),
  };
  const siemens = { ...kspace, facts: { vendor: "SIEMENS" }, waveforms: [waveform] };
  writeFileSync(at("ticks.mrd"), writeMrd(siemens));
  await reconstructFile(at("ticks.mrd"), at("ticks.nii"));
  const { ScannerClock: told } = JSON.parse(readFileSync(at("ticks.json"), "utf8"));
  const starts = [0, 1, 2].map(
    (n) => kspace.readouts.find((r) => r.purpose === "image" && r.counters.repetition === n)?.stamp ?? Number.NaN,
  );
  expect(told.Tick).toBe(0.0025);
  expect(told.VolumeTimes).toBeAllclose(
    starts.map((n) => (n - stamp) * 0.0025),
    { atol: 1e-6 },
  );
  // Four ticks behind the first volume, and one sample.
  expect(told.Triggers).toEqual({ EXT1: [0.0125] });
  writeFileSync(at("mute.mrd"), writeMrd({ ...siemens, facts: { vendor: "another" } }));
  await reconstructFile(at("mute.mrd"), at("mute.nii"));
  expect(JSON.parse(readFileSync(at("mute.json"), "utf8")).ScannerClock).toBeUndefined();
});

test("what is refused leaves nothing behind", async () => {
  const { kspace } = rawPhantom({ acceleration: 2, coils: 2, matrix: [16, 16] });
  const out = at("empty");
  writeFileSync(at("bare.mrd"), writeMrd(kspace));
  const run = (raw: string, image: string) => reconstructFile(raw, join(out, image));
  await expect(run(at("bare.mrd"), "a.nii")).rejects.toMatchObject({ code: "no-calibration", file: at("bare.mrd") });
  await expect(run(at("bare.mrd"), "a.png")).rejects.toMatchObject({ code: "bad-name" });
  await expect(run(at("none.mrd"), "a.nii")).rejects.toMatchObject({ code: "not-found" });
  writeFileSync(at("cut.mrd"), writeMrd(kspace).slice(0, 9000));
  await expect(run(at("cut.mrd"), "a.nii")).rejects.toMatchObject({ code: "bad-hdf5" });
  expect(readdirSync(folder)).not.toContain("empty");
});

describeRealData("a gradient echo of a resolution phantom", ["mri/kspace_siemens_twix/gre.dat"], (raw) => {
  const level = (image: Volume, mm: readonly [number, number, number]): number => {
    // the voxel nearest to a place in the plane of the slice: its axes run along x and y but for 2 degrees
    const [a, , , x] = image.affine;
    const [b, y] = [image.affine[5], image.affine[7]] as [number, number];
    const i = Math.round((mm[0] - x!) / a!);
    const j = Math.round((mm[1] - y) / b);
    return image.data[j * image.shape[0] + i]!;
  };
  test("its air bubble is up, its bright square below and at the patient's right", async () => {
    const { images } = await reconstructFile(raw, at("gre.nii"));
    expect(images[0]).toMatchObject({ method: "fft", shape: [160, 160, 1], quality: { missingLines: 0 } });
    const image = await readVolume(at("gre.nii"));
    expect(image.affine[0]).toBeLessThan(0);
    expect(image.affine[5]).toBeGreaterThan(0);
    const mean = image.data.reduce((sum, v) => sum + v, 0) / image.data.length;
    // lying on its back: the top of the water is at the front, 95 mm above the centre of the field of view at y = -54
    expect(level(image, [2.6, -54 + 95, 0])).toBeLessThan(mean / 2);
    expect(level(image, [2.6, -54 - 87, 0])).toBeGreaterThan(mean);
    const square = level(image, [2.6 + 45, -54 - 33, 0]);
    expect(square).toBeGreaterThan(1.2 * level(image, [2.6 - 45, -54 - 33, 0]));
  });
});
