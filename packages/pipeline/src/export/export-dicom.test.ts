import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { affineOf, type Volume } from "@quintet/core";
import { dicomText, readDicomTags, writeDicomSeries, writeNifti } from "@quintet/io";
import { afterAll, beforeAll, expect, test } from "vitest";
import { exportDicom } from "./export-dicom.ts";
import { threeCuts } from "./three-cuts.ts";

const volume: Volume = {
  unit: "Bq/mL",
  shape: [6, 5, 4],
  affine: affineOf([2, 0, 0, -6, 0, 2, 0, -5, 0, 0, 4, -4]),
  space: "scanner:pet",
  clock: "pet",
  frames: [{ start: 0, duration: 600 }],
  data: Float32Array.from({ length: 120 }, (_, i) => i),
};
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "quintet-export-"));
  mkdirSync(join(folder, "source"));
  for (const { name, bytes } of writeDicomSeries(volume, { modality: "PT", dose: 2e8, patientId: "4711" })) {
    writeFileSync(join(folder, "source", name), bytes);
  }
  writeFileSync(join(folder, "suv.nii"), writeNifti(volume));
  writeFileSync(join(folder, "suv.json"), JSON.stringify({ Units: "g/mL" }));
  const far = { ...volume, affine: affineOf([2, 0, 0, 300, 0, 2, 0, -5, 0, 0, 4, -4]) };
  writeFileSync(join(folder, "far.nii"), writeNifti(far));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("a NIfTI with its side file becomes a series and a picture of the source's study", async () => {
  const out = join(folder, "out");
  const { files, notes } = await exportDicom(join(folder, "suv.nii"), out, {
    source: join(folder, "source"),
    capture: true,
  });
  expect(files.map((file) => file.slice(out.length + 1))).toEqual([
    "PT-00001.dcm",
    "PT-00002.dcm",
    "PT-00003.dcm",
    "PT-00004.dcm",
    "SC-00001.dcm",
  ]);
  expect(notes[0]).toMatch(/name and number of the patient are the source's/);
  const tags = files.map((file) => readDicomTags(readFileSync(file), { file }));
  const source = readDicomTags(readFileSync(join(folder, "source", "PT-00001.dcm")), { file: "source" });
  for (const file of tags) {
    expect(dicomText(file, "StudyInstanceUID")).toBe(dicomText(source, "StudyInstanceUID"));
    expect(dicomText(file, "PatientID")).toBe("4711");
  }
  expect(tags[0] && dicomText(tags[0], "Units")).toBe("GML");
  // A second time nothing is written over.
  const again = exportDicom(join(folder, "suv.nii"), out, { source: join(folder, "source") });
  await expect(again).rejects.toMatchObject({ code: "target-not-empty" });
});

test("an image of another space, an unknown unit, a folder without PET are refused", async () => {
  const out = join(folder, "never");
  const source = join(folder, "source");
  await expect(exportDicom(join(folder, "far.nii"), out, { source })).rejects.toMatchObject({ code: "elsewhere" });
  await expect(exportDicom(join(folder, "suv.nii"), out, { source, unit: "kg" })).rejects.toMatchObject({
    code: "unknown-unit",
  });
  await expect(exportDicom(join(folder, "suv.nii"), out, { source: folder, series: "1.2" })).rejects.toMatchObject({
    code: "no-images",
  });
});

test("three cuts: the brightest voxel is the map's last colour, left is marked at the viewer's right", () => {
  const one = { ...volume, data: volume.data.map((_, i) => (i === 45 ? 5 : 0)) };
  const { width, height, pixels } = threeCuts(one);
  expect([width, height, pixels.length]).toEqual([768, 256, 3 * 768 * 256]);
  const at = (x: number, y: number): number[] => [...pixels.subarray(3 * (y * width + x), 3 * (y * width + x) + 3)];
  expect(at(237, 125)).toEqual([255, 255, 255]);
  expect(at(256 + 237, 125)).toEqual([255, 255, 255]);
});
