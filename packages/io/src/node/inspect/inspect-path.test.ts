import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tinyVolume, writeFiveModalities } from "../../../../../fixtures/bids/five-modalities.ts";
import { plantedFiles } from "../../../../../fixtures/bids/planted.ts";
import { describeRealData } from "../../../../../testing/real-data.ts";
import { writeNifti } from "../../nifti/write.ts";
import { BidsWriter } from "../study/bids-writer.ts";
import { inspectPath } from "./inspect-path.ts";

let [study, loose] = ["", ""];
beforeAll(async () => {
  study = mkdtempSync(join(tmpdir(), "quintet-inspect-"));
  loose = mkdtempSync(join(tmpdir(), "quintet-inspect-loose-"));
  await writeFiveModalities(await BidsWriter.open(study, { name: "Five", readme: "Tiny." }));
  for (const [path, bytes] of await plantedFiles()) {
    mkdirSync(dirname(join(loose, path)), { recursive: true });
    writeFileSync(join(loose, path), bytes);
  }
}, 60_000);
afterAll(() => {
  for (const folder of [study, loose]) rmSync(folder, { recursive: true, force: true });
});

test("a data set: one row for each image and recording, without fault", async () => {
  const rows = await inspectPath(study);
  expect(
    rows.map(({ modality, shape, channels, rate, unit, duration, problems }) => [
      modality,
      shape ?? channels,
      rate,
      unit,
      duration,
      problems,
    ]),
  ).toEqual([
    ["mri", [10, 9, 8], undefined, "{arbitrary}", undefined, []],
    ["eeg", 3, 100, "V", 2, []],
    ["mri", [10, 9, 8, 3], undefined, "{arbitrary}", 6, []],
    ["fnirs", 2, 10, "{intensity}", 5, []],
    ["pet", [10, 9, 8, 2], undefined, "Bq/mL", 900, []],
    ["spect", [10, 9, 8], undefined, "{count}", 1800, []],
    ["spect", [10, 9, 8], undefined, "{count}", 1800, []],
  ]);
  expect(rows.find((row) => row.modality === "eeg")).toMatchObject({
    clock: "recording",
    startedAt: "1910-03-02T10:00:00",
  });
});

test("faults of side files and of images stand in the rows they concern", async () => {
  const root = mkdtempSync(join(tmpdir(), "quintet-inspect-faults-"));
  cpSync(study, root, { recursive: true });
  writeFileSync(join(root, "sub-01/pet/sub-01_trc-FDG_pet.json"), "{}");
  writeFileSync(join(root, "sub-01/anat/sub-01_T1w.nii.gz"), "not an image");
  writeFileSync(join(root, "sub-01/eeg/sub-01_task-rest_events.tsv"), "onset\tduration\nsoon\t1\n");
  const rows = await inspectPath(root);
  rmSync(root, { recursive: true });
  const faults = Object.fromEntries(
    rows.filter((row) => row.problems.length > 0).map((row) => [row.path, row.problems.length]),
  );
  expect(faults).toEqual({
    "sub-01/anat/sub-01_T1w.nii.gz": 1,
    "sub-01/pet/sub-01_trc-FDG_pet.nii.gz": 24,
    "sub-01/eeg/sub-01_task-rest_events.tsv": 1,
  });
});

test("loose files: every format a row, DICOM one row a series, identity told by field and not by content", async () => {
  const rows = await inspectPath(loose);
  expect(
    rows.map(({ format, modality, channels, shape }) => `${format} ${modality} ${channels ?? shape}`).sort(),
  ).toMatchInlineSnapshot(`
    [
      "BDF eeg 3",
      "BrainVision eeg 3",
      "DICOM mri 10,9,8",
      "DICOM pet 10,9,8",
      "DICOM spect 10,9,8",
      "EDF eeg 3",
      "EEGLAB eeg 2",
      "Homer fnirs 2",
      "NIfTI mri 10,9,8",
      "SNIRF fnirs 2",
      "unknown undefined undefined",
    ]
  `);
  const edf = rows.find((row) => row.format === "EDF")!;
  expect(edf.problems.join()).toContain("patient name");
  expect(rows.flatMap((row) => row.problems).join()).not.toMatch(/Annegret|MRN471/);
});

test("voxels that are no numbers are counted", async () => {
  const path = join(loose, "nan.nii");
  const volume = tinyVolume("{arbitrary}", [{ start: 0, duration: 0 }]);
  volume.data[3] = Number.NaN;
  writeFileSync(path, writeNifti(volume));
  const [row] = await inspectPath(path);
  rmSync(path);
  expect(row).toMatchObject({
    path,
    format: "NIfTI",
    shape: [10, 9, 8],
    problems: ["1 of 720 voxels are NaN or infinite"],
  });
});

test.each([
  ["nothing there", undefined, "missing"],
  ["empty.nii", "", "NIfTI"],
  ["short.edf", "0       ", "EDF"],
  ["wrong.snirf", `${"0".padEnd(8)}X X X X`.padEnd(300), "EDF"],
  ["text.nii.gz", "hello", "NIfTI"],
  ["broken.set", "MATLAB 5.0 MAT-file", "EEGLAB"],
  ["broken.vhdr", "Brain Vision Data Exchange Header File Version 1.0\r\n", "BrainVision"],
  ["what.xyz", "?", "unknown"],
  ["broken.json", "{", "JSON"],
  ["broken.tsv", "a\ta\n", "TSV"],
])("%s is a row with a problem, not a crash", async (name, text, format) => {
  const path = join(loose, name);
  if (text !== undefined) writeFileSync(path, text);
  const rows = await inspectPath(path);
  rmSync(path, { force: true });
  expect(rows).toHaveLength(1);
  expect(rows[0]).toMatchObject({ path, format });
  expect(rows[0]!.problems.length).toBeGreaterThan(0);
});

test("nothing is written", async () => {
  const before = readdirSync(study, { recursive: true }).length;
  await inspectPath(study);
  expect(readdirSync(study, { recursive: true })).toHaveLength(before);
});

describeRealData("loose recordings", ["eeg/eeglab", "fnirs/homer3_GrpTap/subj1"], (eeglab, grpTap) => {
  test("EEGLAB: 32 channels, 128 Hz, 238.3 s", async () => {
    const rows = await inspectPath(eeglab);
    expect(rows.find((row) => row.format === "EEGLAB")).toMatchObject({
      modality: "eeg",
      channels: 32,
      rate: 128,
      unit: "V",
      duration: 30504 / 128,
    });
  });
  test("Homer and SNIRF of one recording tell the same", async () => {
    const rows = (await inspectPath(grpTap)).filter((row) => /08212013/.test(row.path));
    expect(rows.map((row) => row.modality)).toEqual(["fnirs", "fnirs"]);
    expect(rows[0]!.channels).toBe(rows[1]!.channels);
  });
});
