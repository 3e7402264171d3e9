import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { affineOf, type Sinogram, sinogramSize, type Volume } from "@quintet/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ecatBytes } from "../../../../../fixtures/pet/ecat.ts";
import { writeInterfileImage } from "../../interfile/image.ts";
import { writeInterfileSinogram } from "../../interfile/sinogram.ts";
import { importFolder } from "../import/import-folder.ts";
import { inspectPath } from "./inspect-path.ts";

const genuine = fileURLToPath(new URL("../../../../../fixtures/pet/petsird-0.9.1.petsird", import.meta.url));
const volume: Volume = {
  unit: "Bq/mL",
  shape: [4, 3, 2],
  affine: affineOf([2, 0, 0, -4, 0, 2, 0, -3, 0, 0, 2, -2]),
  space: "scanner:pet",
  clock: "pet",
  frames: [{ start: 0, duration: 60 }],
  data: new Float32Array(24).fill(5),
};
const layout: Sinogram["layout"] = {
  scanner: {
    name: "toy",
    source: "test",
    ring: { kind: "cylinder", detectors: 16, radius: 60 },
    axial: { blocks: 1, crystals: 3, pitch: 4, blockPitch: 12 },
    depth: 7,
    tilt: 0,
  },
  views: 8,
  bins: 5,
  span: 1,
  maxRingDifference: 1,
};
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "quintet-pet-"));
  const put = (name: string, bytes: Uint8Array | string): void => writeFileSync(join(folder, name), bytes);
  for (const { name, bytes } of writeInterfileImage(volume, { name: "fdg" })) put(name, bytes);
  const sinogram = { layout, data: new Float32Array(sinogramSize(layout)) };
  for (const { name, bytes } of writeInterfileSinogram(sinogram, { name: "raw" })) put(name, bytes);
  const [lost] = writeInterfileSinogram(sinogram, { name: "lost" });
  put("lost.hs", lost?.bytes ?? "");
  const [cut, data] = writeInterfileSinogram(sinogram, { name: "cut" });
  put("cut.hs", cut?.bytes ?? "");
  put("cut.s", data?.bytes.subarray(4) ?? "");
  put("scan.v", ecatBytes({ shape: [2, 1, 2], frames: [[1, 2, 3, 4]], patient: "Doe^Jane" }));
  copyFileSync(genuine, join(folder, "list.petsird"));
  put("turned.v", ecatBytes({ shape: [2, 1, 2], frames: [[1, 2, 3, 4]], orientation: 8 }));
  put("a.tac", "start[s]\tend[kBq/cc]\tCau\tPut\n0\t30\t1.5\t2\n");
  put("a.bld", "sample-time[s]\tplasma[kBq/cc]\n0\t1\n60\t2\n");
  put("a.dft", "DFT1\tput\n.\t.\nkBq/ml\t.\nTimes (min)\t.\n0\t1\t1.5\n");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("every PET format a row; data that is missing or cut is a problem beside the geometry", async () => {
  const rows = await inspectPath(folder);
  const told = Object.fromEntries(rows.map((row) => [row.path, row]));
  expect(told["fdg.hv"]).toMatchObject({
    format: "Interfile",
    modality: "pet",
    shape: [4, 3, 2],
    duration: 60,
    problems: [],
  });
  expect(told["raw.hs"]).toMatchObject({
    format: "Interfile sinogram",
    shape: [7, 5, 8],
    space: "scanner toy, span 1",
    problems: [],
  });
  expect(told["lost.hs"]?.problems).toEqual(["its data file is not there: geometry only"]);
  expect(told["cut.hs"]?.problems[0]).toMatch(/expected 1120 bytes.*found 1116 bytes/);
  expect(told["scan.v"]).toMatchObject({ format: "ECAT", modality: "pet", unit: "Bq/mL", shape: [2, 1, 2] });
  expect(told["scan.v"]?.contents).toBeUndefined();
  expect(told["turned.v"]?.contents).toBe("how the patient lay is not stated; read as head first, supine");
  expect(told["list.petsird"]).toMatchObject({ format: "PETSIRD list mode", duration: 2 });
  expect(told["list.petsird"]?.contents).toMatch(
    /28 detectors in 2 types of module, 5 prompts, signals: mrPulseStart \(slice triggers\)/,
  );
  expect(told["list.petsird"]?.problems).toEqual(["names a person: subject"]);
  expect(told["a.tac"]).toMatchObject({ format: "PMOD curves", channels: 2, unit: "Bq/mL", duration: 30 });
  expect(told["a.bld"]).toMatchObject({ format: "PMOD blood", duration: 60 });
  expect(told["a.dft"]).toMatchObject({ format: "Turku DFT", channels: 1 });
  expect(Object.keys(told)).not.toContain("fdg.v");
});

test("import takes the images and says of the rest what it is for; nobody's name goes along", async () => {
  const to = `${folder}-study`;
  try {
    const { recognised, unrecognised } = await importFolder(folder, to, { subject: "01", offsetDays: 0 });
    expect(recognised.map(({ from, to: target }) => [from, target])).toEqual([
      ["fdg.hv", expect.stringMatching(/^sub-01\/pet\/sub-01_.*pet\.nii\.gz$/)],
      ["scan.v", expect.stringMatching(/^sub-01\/pet\/sub-01_trc-FDG.*pet\.nii\.gz$/)],
      ["turned.v", expect.stringMatching(/^sub-01\/pet\/sub-01_trc-FDG_run-3_pet\.nii\.gz$/)],
    ]);
    const why = Object.fromEntries(unrecognised.map((entry) => [entry.path, entry.why]));
    expect(why["list.petsird"]).toMatch(/quintet pet recon/);
    expect(why["raw.hs"]).toMatch(/quintet pet recon/);
    expect(unrecognised.filter(({ failed }) => failed)).toEqual([]);
    expect(why["a.tac"]).toMatch(/quintet pet model/);
    const target = recognised[1]?.to.replace(".nii.gz", ".json") ?? "";
    const sidecar = readFileSync(join(to, target), "utf8");
    expect(JSON.parse(sidecar)).toMatchObject({
      TracerRadionuclide: "F18",
      Units: "Bq/mL",
      InjectionStart: -1800,
      ImageDecayCorrected: true,
    });
    expect(sidecar).not.toMatch(/Doe|Jane/);
  } finally {
    rmSync(to, { recursive: true, force: true });
  }
});
