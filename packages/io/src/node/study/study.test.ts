import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { affineOf, type Volume } from "@quintet/core";
import { afterEach, expect, test } from "vitest";
import { describeRealData } from "../../../../../testing/real-data.ts";
import { readBloodTsv } from "../../bids/blood.ts";
import { readJson } from "../../bids/json.ts";
import { BidsWriter } from "./bids-writer.ts";
import { readStudy } from "./study.ts";

const folders: string[] = [];
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), "quintet-study-"));
  folders.push(made);
  return made;
};
afterEach(() => {
  for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true });
});
const write = (root: string, files: Record<string, string>): void => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
};

const tiny: Volume = {
  unit: "Bq/mL",
  shape: [2, 3, 2],
  affine: affineOf([2, 0, 0, -1, 0, 2, 0, -2, 0, 0, 2, -3]),
  space: "scanner",
  frames: [
    { start: 0, duration: 60 },
    { start: 60, duration: 120 },
  ],
  clock: "pet",
  data: Float32Array.from({ length: 24 }, (_, i) => i),
};

test("side files are inherited: the nearer overrides, an entity that differs keeps it out", async () => {
  const root = folder();
  write(root, {
    "dataset_description.json": '{"Name": "N", "BIDSVersion": "1.10.0"}',
    "task-rest_eeg.json": '{"PowerLineFrequency": 50, "EEGReference": "Cz"}',
    "task-go_eeg.json": '{"EEGReference": "wrong task"}',
    "sub-01/sub-01_eeg.json": '{"EEGReference": "A1"}',
    "sub-01/ses-a/eeg/sub-01_ses-a_task-rest_eeg.json": '{"SamplingFrequency": 250}',
    "sub-01/ses-a/eeg/sub-01_ses-a_task-rest_eeg.edf": "x",
    "sub-01/ses-a/eeg/sub-01_ses-a_space-CapTrak_electrodes.tsv": "name\tx\ty\tz\n",
    "sub-01/ses-a/eeg/sub-01_ses-a_space-CapTrak_coordsystem.json": "{}",
    "sub-01/ses-a/eeg/sub-01_ses-a_space-CTF_coordsystem.json": "{}",
    "sub-01/ses-a/sub-01_ses-a_scans.tsv":
      "filename\tacq_time\neeg/sub-01_ses-a_task-rest_eeg.edf\t1920-05-01T12:00:00\neeg/gone.edf\tn/a\n",
    "task-rest_channels.tsv": "name\ttype\tunits\n",
    "participants.tsv": "participant_id\tage\nsub-01\t30\nsub-02\t31\n",
  });
  const study = await readStudy(root);
  expect(study.name).toBe("N");
  const [file] = study.subjects[0]!.files;
  expect(file).toMatchObject({
    modality: "eeg",
    session: "a",
    entities: { task: "rest" },
    metadata: { PowerLineFrequency: 50, EEGReference: "A1", SamplingFrequency: 250 },
    acquiredAt: "1920-05-01T12:00:00",
  });
  expect(file!.companions).toEqual({
    channels: "task-rest_channels.tsv",
    electrodes: "sub-01/ses-a/eeg/sub-01_ses-a_space-CapTrak_electrodes.tsv",
    coordsystem: "sub-01/ses-a/eeg/sub-01_ses-a_space-CapTrak_coordsystem.json",
  });
  expect(study.subjects[0]!.participant).toEqual({ label: "01", age: 30 });
  expect(study.problems.map((p) => p.rule).sort()).toEqual(["participant-without-folder", "scan-without-file"]);
});

test("broken side files, names and links become problems, never a crash", async () => {
  const root = folder();
  write(root, {
    "dataset_description.json": "{",
    "participants.tsv": "participant_id\tage\nsub-01\n",
    "sub-01/anat/sub-01_T1w.json": "[1]",
    "sub-01/anat/sub-01_T1w.nii.gz": "",
    "sub-01/anat/sub-02_T1w.nii.gz": "x",
    "sub-01/anat/my scan.nii.gz": "x",
    "sub-01/anat/sub-01_T9w.nii.gz": "x",
    "sub-01/spect/sub-01_spect.dcm": "x",
  });
  symlinkSync("/nowhere/at/all", join(root, "sub-01/anat/sub-01_T2w.nii.gz"));
  const study = await readStudy(root);
  expect(study.subjects[0]!.files.map((f) => f.path)).toEqual([
    "sub-01/anat/sub-01_T1w.nii.gz",
    "sub-01/anat/sub-02_T1w.nii.gz",
  ]);
  expect(study.problems.map((p) => `${p.rule} ${p.file}`).sort()).toEqual([
    "bad-json dataset_description.json",
    "empty-file sub-01/anat/sub-01_T1w.nii.gz",
    "file-name sub-01/anat/my scan.nii.gz",
    "name-and-folder sub-01/anat/sub-02_T1w.nii.gz",
    "not-an-object sub-01/anat/sub-01_T1w.json",
    "not-bids sub-01/anat/sub-01_T9w.nii.gz",
    "not-bids sub-01/spect/sub-01_spect.dcm",
    "ragged-row participants.tsv",
    "unreadable sub-01/anat/sub-01_T2w.nii.gz",
  ]);
  expect(study.problems.find(({ file }) => file.endsWith("_spect.dcm"))?.expected).toContain("quintet spect recon");
});

test("a path that is no folder is refused", async () => {
  await expect(readStudy("/nowhere/at/all")).rejects.toMatchObject({ code: "no-such-folder" });
});

test("what BidsWriter wrote is read back, and nothing half-written is left", async () => {
  const root = folder();
  const writer = await BidsWriter.open(root, { name: "Small", readme: "One person." });
  await writer.writeParticipants([{ label: "01", age: 93, sex: "F", weight: 61.5 }]);
  await writer.writeVolume({
    subject: "01",
    datatype: "pet",
    suffix: "pet",
    entities: { trc: "FDG" },
    volume: tiny,
    metadata: { TracerName: "FDG" },
    acquiredAt: "1920-05-01T09:00:00",
  });
  const study = await readStudy(root);
  expect(study.problems).toEqual([]);
  expect(study.subjects[0]!.participant).toEqual({ label: "01", age: 89, sex: "F", weight: 61.5 });
  expect(study.subjects[0]!.files[0]).toMatchObject({
    path: "sub-01/pet/sub-01_trc-FDG_pet.nii.gz",
    acquiredAt: "1920-05-01T09:00:00",
    metadata: { Units: "Bq/mL", FrameTimesStart: [0, 60], FrameDuration: [60, 120], TracerName: "FDG" },
  });
  expect(readdirSync(root, { recursive: true }).filter((name) => /part$|tmp/.test(String(name)))).toEqual([]);
});

describeRealData("BIDS-PET examples", ["pet/bids-examples/pet001", "pet/ds004869"], (pet001, ds004869) => {
  test("a pig's PET: side file and both blood recordings found, though the images are not kept", async () => {
    const root = folder();
    const paths = readdirSync(pet001, { recursive: true }).map(String);
    const texts = paths.filter((path) => /\.(json|tsv)$/.test(path));
    write(root, Object.fromEntries(texts.map((path) => [path, readFileSync(join(pet001, path), "utf8")])));
    // The image itself is not kept; a placeholder makes it a data file.
    write(root, { "sub-01/ses-01/pet/sub-01_ses-01_trc-CIMBI36_pet.nii.gz": "placeholder" });
    const [file] = (await readStudy(root)).subjects[0]!.files;
    expect(file).toMatchObject({
      modality: "pet",
      entities: { trc: "CIMBI36" },
      metadata: { TracerRadionuclide: "C11" },
    });
    expect(Object.keys(file!.companions).sort()).toEqual(["blood", "blood-autosampler", "blood-manual"]);
    expect(file!.companions.blood).toContain("recording-manual");
    const path = join(root, file!.companions.blood!);
    const metadata = readJson(readFileSync(path.replace(/tsv$/, "json"), "utf8"), "blood.json");
    const blood = readBloodTsv(readFileSync(path, "utf8"), { file: "blood.tsv", clock: "pet", metadata });
    // Second line of the table: 145 s, 43.31 and 33.79 kBq/mL, parent fraction 0.5749.
    expect([blood.plasma!.time[1], blood.plasma!.value[1], blood.wholeBlood!.value[1]]).toBeAllclose(
      [145, 43310, 33790],
      { rtol: 1e-12 },
    );
    expect(blood.parentFraction!.value[1]).toBe(0.5749);
  });

  test("eight PET sessions of four people: weights from participants.tsv", async () => {
    const study = await readStudy(ds004869);
    expect(study.subjects.map((s) => s.participant)).toContainEqual({ label: "01", age: 24, sex: "M", weight: 75.8 });
  });
});
