import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type AttenuationMap, affineOf, type Volume } from "@quintet/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freeSurferRegionNames } from "../freesurfer/region-names.ts";
import { writeMgh } from "../mgh/write.ts";
import { writeNifti } from "../nifti/write.ts";
import { readAttenuationMap, writeAttenuationMap } from "./attenuation.ts";
import { writeFileAtomic } from "./files.ts";
import { inspectPath } from "./inspect/inspect-path.ts";
import { readSurface } from "./surfaces.ts";
import { readLabels, readVolume } from "./volumes.ts";

const fixtures = fileURLToPath(new URL("../../../../fixtures/surfaces/", import.meta.url));
let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "quintet-surfaces-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const volume: Volume = {
  unit: "{arbitrary}",
  shape: [4, 4, 4],
  affine: affineOf([-1, 0, 0, 2, 0, 0, 1, -2, 0, -1, 0, 2]),
  space: "scanner",
  frames: [{ start: 0, duration: 0 }],
  clock: "image",
  data: new Float32Array(64).fill(17),
};

describe("the one door", () => {
  test("reads .mgz as it reads NIfTI, whatever the name", async () => {
    const path = join(root, "T1.image");
    await writeFileAtomic(path, writeMgh(volume, { gzip: true }));
    expect((await readVolume(path, { space: "subject:T1w" })).data).toEqual(volume.data);
    const labels = await readLabels(path);
    expect(labels.names.get(labels.data[0] as number)).toBe("Left-Hippocampus");
  });
  test("a table beside the labels wins over FreeSurfer's names", async () => {
    await writeFileAtomic(join(root, "own.mgz"), writeMgh(volume, { gzip: true }));
    await writeFileAtomic(join(root, "own.tsv"), "index\tname\n17\tseventeen\n");
    expect((await readLabels(join(root, "own.mgz"))).names.get(17)).toBe("seventeen");
  });
  test("reads both kinds of surface", async () => {
    const [gifti, freesurfer] = [
      await readSurface(`${fixtures}ascii.surf.gii`),
      await readSurface(`${fixtures}lh.octahedron`),
    ];
    expect([gifti.faces.length, freesurfer.faces.length, freesurfer.space]).toEqual([24, 24, "scanner"]);
    await expect(readSurface(`${fixtures}make.py`)).rejects.toThrow(/GIFTI or a FreeSurfer surface/);
  });
});

test("inspect lists them with their sizes", async () => {
  const rows = await inspectPath(fixtures);
  const row = (name: string): unknown => rows.find(({ path }) => path === name);
  expect(row("float32.mgz")).toMatchObject({ format: "MGH", shape: [5, 4, 3, 2], duration: 5, problems: [] });
  expect(row("lh.octahedron")).toMatchObject({ format: "FreeSurfer", vertices: 6, faces: 8, space: "tkRAS" });
  expect(row("lh.curv")).toMatchObject({ format: "FreeSurfer", vertices: 6 });
  expect(row("columns.surf.gii")).toMatchObject({
    format: "GIFTI",
    vertices: 6,
    faces: 8,
    unit: "mm",
    space: "scanner",
  });
});

test("region names of FreeSurferColorLUT", () => {
  const some = [2, 53, 77, 255, 1035, 2001, 3001, 4034, 5002].map((label) => freeSurferRegionNames.get(label));
  expect(some).toEqual([
    "Left-Cerebral-White-Matter",
    "Right-Hippocampus",
    "WM-hypointensities",
    "CC_Anterior",
    "ctx-lh-insula",
    "ctx-rh-bankssts",
    "wm-lh-bankssts",
    "wm-rh-transversetemporal",
    "Right-UnsegmentedWhiteMatter",
  ]);
});

describe("attenuation maps", () => {
  const map: AttenuationMap = { ...volume, unit: "1/cm", energy: 511, data: new Float32Array(64).fill(0.0975) };
  test("keep unit and energy over a file", async () => {
    const path = join(root, "mumap.nii.gz");
    await writeAttenuationMap(path, map);
    const back = await readAttenuationMap(path, { energy: 511 });
    expect(back).toMatchObject({ unit: "1/cm", energy: 511, data: map.data });
    await expect(readAttenuationMap(path, { energy: 140 })).rejects.toThrow(/mumap.*factor of its own/);
  });
  test.each([
    ["1/mm", "wrong-unit", /multiply the values by 10/],
    ["HU", "wrong-unit", /convert the CT/],
    ["Bq/mL", "wrong-unit", /in 1\/cm \(/],
  ])("in %s are refused with the way to mend them", async (unit, code, message) => {
    const path = join(root, "wrong.nii");
    await writeFileAtomic(path, writeNifti(map));
    await writeFileAtomic(join(root, "wrong.json"), JSON.stringify({ Units: unit, PhotonEnergy: 511 }));
    const reading = readAttenuationMap(path);
    await expect(reading).rejects.toThrow(expect.objectContaining({ code }));
    await expect(reading).rejects.toThrow(message);
  });
  test("that are not there are refused as that, not for want of a side file", async () => {
    await expect(readAttenuationMap(join(root, "none.nii"))).rejects.toMatchObject({ code: "not-found" });
  });
  test("without an energy are refused, unless it is stated", async () => {
    const path = join(root, "bare.nii");
    await writeFileAtomic(path, writeNifti(map));
    await expect(readAttenuationMap(path)).rejects.toThrow(/PhotonEnergy \(keV\) in .*bare\.json/);
    expect((await readAttenuationMap(path, { stated: 511 })).energy).toBe(511);
  });
});
