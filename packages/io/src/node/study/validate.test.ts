import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eeg, electrodes, optodes, writeFiveModalities } from "../../../../../fixtures/bids/five-modalities.ts";
import { describeRealData } from "../../../../../testing/real-data.ts";
import { readJson } from "../../bids/json.ts";
import { readElectrodesTsv, readOptodesTsv } from "../../bids/positions.ts";
import { sidecarProblems } from "../../bids/rules.ts";
import { readEdf } from "../../edf/edf.ts";
import { readNifti } from "../../nifti/read.ts";
import { readSnirf } from "../snirf.ts";
import { BidsWriter } from "./bids-writer.ts";
import { readStudy } from "./study.ts";
import { validateStudy } from "./validate.ts";

let root = "";
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "quintet-five-"));
  await writeFiveModalities(await BidsWriter.open(root, { name: "Five modalities", readme: "Tiny." }));
}, 60_000);
afterAll(() => rmSync(root, { recursive: true, force: true }));

const bytesOf = (path: string): Uint8Array => new Uint8Array(readFileSync(join(root, path)));
const jsonOf = (path: string) => readJson(readFileSync(join(root, path), "utf8"), path);

test("a study of five modalities is written, found again and without fault", async () => {
  const study = await readStudy(root);
  expect(study.subjects[0]!.files.map((file) => `${file.modality} ${file.path.split("/").at(-1)}`)).toEqual([
    "mri sub-01_T1w.nii.gz",
    "eeg sub-01_task-rest_eeg.edf",
    "mri sub-01_task-rest_bold.nii.gz",
    "fnirs sub-01_task-tapping_nirs.snirf",
    "pet sub-01_trc-FDG_pet.nii.gz",
    "spect sub-01_acq-ictal_trc-HMPAO_spect.nii.gz",
    "spect sub-01_acq-interictal_trc-HMPAO_spect.nii.gz",
  ]);
  expect(study.subjects[0]!.files.at(-2)).toMatchObject({
    acquiredAt: "1910-03-03T23:30:00",
    metadata: { SpectState: "ictal" },
  });
  expect(await validateStudy(root)).toEqual([]);
});

test("voxels, samples, events and positions come back", async () => {
  const pet = readNifti(bytesOf("sub-01/pet/sub-01_trc-FDG_pet.nii.gz"), { file: "pet" });
  expect([pet.shape, pet.frames.length, pet.data[721]]).toEqual([[10, 9, 8], 2, ((721 * 2654435761) % 65536) / 4]);
  const { recording, events } = readEdf(bytesOf("sub-01/eeg/sub-01_task-rest_eeg.edf"), { file: "eeg" });
  // Half a step of 16 bits over the range of a sine of 10 uV.
  expect(recording.groups[0]!.segments[0]!.data.slice(0, 3)).toBeAllclose(
    [0, 1e-5 * Math.sin(0.2), 1e-5 * Math.sin(0.4)],
    { atol: 2e-10 },
  );
  expect(recording.startedAt).toBe("1910-03-02T10:00:00");
  expect(events.list).toEqual([{ onset: 0.5, duration: 0, type: "eyes closed" }]);
  const snirf = await readSnirf(bytesOf("sub-01/nirs/sub-01_task-tapping_nirs.snirf"), { file: "nirs" });
  expect(snirf.recording.groups[0]!.channels.map((channel) => channel.wavelength)).toEqual([760, 850]);
  const [eegFolder, nirsFolder] = ["sub-01/eeg", "sub-01/nirs"];
  const text = (path: string): string => readFileSync(join(root, path), "utf8");
  const coordsystem = jsonOf(`${eegFolder}/sub-01_coordsystem.json`);
  expect(readElectrodesTsv(text(`${eegFolder}/sub-01_electrodes.tsv`), { file: "e", coordsystem })).toEqual(electrodes);
  const frame = jsonOf(`${nirsFolder}/sub-01_coordsystem.json`);
  expect(readOptodesTsv(text(`${nirsFolder}/sub-01_optodes.tsv`), { file: "o", coordsystem: frame })).toEqual(optodes);
});

test("the header of the EDF file names no one", () => {
  const header = new TextDecoder("latin1").decode(bytesOf("sub-01/eeg/sub-01_task-rest_eeg.edf").subarray(0, 256));
  expect(header.slice(8, 88).trim()).toBe("X X X X");
});

test("each fault is told with its file, its rule, what was expected and what was found", async () => {
  const pet = "sub-01/pet/sub-01_trc-FDG_pet.json";
  const kept = readFileSync(join(root, pet), "utf8");
  const { TracerName: _gone, ...rest } = JSON.parse(kept);
  writeFileSync(
    join(root, pet),
    JSON.stringify({ ...rest, FrameDuration: [400, 600], InjectedRadioactivityUnits: "Bq" }),
  );
  const problems = await validateStudy(root, { frameCount: async () => 3 });
  writeFileSync(join(root, pet), kept);
  const image = "sub-01/pet/sub-01_trc-FDG_pet.nii.gz";
  expect(problems.filter((p) => p.file === image)).toEqual([
    {
      file: image,
      rule: "required-field",
      severity: "error",
      expected: "TracerName in the JSON side file",
      found: "nothing",
    },
    {
      file: image,
      rule: "frames-overlap",
      severity: "error",
      expected: "frame 2 to start at 400 s or later",
      found: "start at 300 s",
    },
    { file: image, rule: "implausible-dose", severity: "warning", expected: "1 MBq to 5 GBq", found: "185 Bq" },
    { file: image, rule: "frame-count", severity: "error", expected: "2 frames as FrameTimesStart says", found: "3" },
  ]);
});

test.each([
  [
    "eeg",
    {},
    { TaskName: "x", EEGReference: "Cz", SamplingFrequency: 0, PowerLineFrequency: "50", SoftwareFilters: "n/a" },
    ["sampling-frequency", "power-line-frequency"],
  ],
  [
    "eeg",
    { task: "rest" },
    { TaskName: "go", EEGReference: "Cz", SamplingFrequency: 1, PowerLineFrequency: 50, SoftwareFilters: "n/a" },
    ["task-name"],
  ],
  ["nirs", {}, {}, Array(5).fill("required-field")],
  [
    "blood",
    {},
    { PlasmaAvail: true, MetaboliteAvail: true, WholeBloodAvail: true, DispersionCorrected: true },
    ["required-field", "required-field"],
  ],
])("rules of %s %#", (suffix, entities, metadata, rules) => {
  expect(sidecarProblems("f", suffix, entities as Record<string, string>, metadata).map((p) => p.rule)).toEqual(rules);
});

test("a recording whose sensors lie elsewhere has its own positions, and they are the ones found for it", async () => {
  const other = mkdtempSync(join(tmpdir(), "quintet-montages-"));
  const writer = await BidsWriter.open(other, { name: "Two caps" });
  const moved = { ...electrodes, sensors: electrodes.sensors.map((s) => ({ ...s, name: `${s.name}x` })) };
  for (const [task, montage] of [
    ["rest", electrodes],
    ["go", electrodes],
    ["sleep", moved],
  ] as const) {
    await writer.writeRecording({ subject: "1", datatype: "eeg", entities: { task }, recording: eeg, montage });
  }
  const { subjects, problems } = await readStudy(other);
  rmSync(other, { recursive: true });
  expect(problems.map((p) => p.rule)).toEqual(["missing-file"]);
  expect(
    Object.fromEntries(subjects[0]!.files.map((f) => [f.entities.task, f.companions.electrodes!.split("/").at(-1)])),
  ).toEqual({
    go: "sub-1_electrodes.tsv",
    rest: "sub-1_electrodes.tsv",
    sleep: "sub-1_task-sleep_electrodes.tsv",
  });
});

test("nothing half-written is left behind", () => {
  expect(readdirSync(root, { recursive: true }).filter((name) => String(name).endsWith(".part"))).toEqual([]);
});

describeRealData("BIDS-PET side files", ["pet/bids-examples/pet001", "pet/ds004869"], (pet001, ds004869) => {
  test("pet001: its frame durations are frame ends, so that frames overlap", () => {
    const path = join(pet001, "sub-01/ses-01/pet/sub-01_ses-01_trc-CIMBI36_pet.json");
    const problems = sidecarProblems("pet", "pet", { trc: "CIMBI36" }, readJson(readFileSync(path, "utf8"), path));
    // Frames start at 0, 10, 20 s; the durations say 10, 20, 30 s: frame 2 would end at 30 s, after frame 3 starts.
    expect(problems).toEqual([
      {
        file: "pet",
        rule: "frames-overlap",
        severity: "error",
        expected: "frame 3 to start at 30 s or later",
        found: "start at 20 s",
      },
    ]);
  });

  test("ds004869: the dose is written in Bq but is a thousandth of the DICOM total dose beside it", () => {
    const path = join(ds004869, "sub-01/ses-baseline/pet/sub-01_ses-baseline_pet.json");
    const problems = sidecarProblems("pet", "pet", {}, readJson(readFileSync(path, "utf8"), path));
    expect(problems.map((p) => `${p.severity} ${p.rule} ${p.found}`)).toEqual([
      "warning implausible-dose 653790 Bq",
      "warning dose-disagrees 653790 Bq",
    ]);
  });
});
