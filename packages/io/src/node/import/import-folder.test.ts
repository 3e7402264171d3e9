import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { toVoxel, toWorld, type Volume } from "@quintet/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tinyVolume } from "../../../../../fixtures/bids/five-modalities.ts";
import { planted, plantedFiles } from "../../../../../fixtures/bids/planted.ts";
import { readElectrodesTsv } from "../../bids/positions.ts";
import { readRecording } from "../recordings.ts";
import { readStudy } from "../study/study.ts";
import { readVolume } from "../volumes.ts";
import { type ImportResult, importFolder } from "./import-folder.ts";

let [source, small, place] = ["", "", ""];
let result: ImportResult;
beforeAll(async () => {
  source = mkdtempSync(join(tmpdir(), "quintet-loose-"));
  place = mkdtempSync(join(tmpdir(), "quintet-import-"));
  for (const [path, bytes] of await plantedFiles()) {
    mkdirSync(dirname(join(source, path)), { recursive: true });
    writeFileSync(join(source, path), bytes);
  }
  small = mkdtempSync(join(tmpdir(), "quintet-few-"));
  for (const part of ["MRI", "NIRS/old"]) {
    cpSync(join(source, "Schmidtke Annegret", part), join(small, part), { recursive: true });
  }
  result = await importFolder(source, join(place, "study"), { seed: 7 });
}, 60_000);
afterAll(() => {
  for (const folder of [source, small, place]) rmSync(folder, { recursive: true, force: true });
});

const filesIn = (root: string): string[] =>
  readdirSync(root, { recursive: true })
    .map(String)
    .filter((path) => statSync(join(root, path)).isFile());

/** Every reading of the bytes in which a name could stand: as they are, unpacked, and as UTF-16 of either order. */
function readings(bytes: Uint8Array): string[] {
  const plain = bytes[0] === 0x1f && bytes[1] === 0x8b ? new Uint8Array(gunzipSync(bytes)) : bytes;
  const decode = (encoding: string, from: Uint8Array): string => new TextDecoder(encoding).decode(from).toLowerCase();
  return [bytes, plain].flatMap((b) => [
    decode("latin1", b),
    decode("utf-8", b),
    ...[0, 1].flatMap((odd) => [decode("utf-16le", b.subarray(odd)), decode("utf-16be", b.subarray(odd))]),
  ]);
}

describe("a folder with one person's identity in every field of every format", () => {
  test("the search finds what was planted in the files themselves", () => {
    const all = filesIn(source)
      .map((path) => readings(new Uint8Array(readFileSync(join(source, path)))).join("\n"))
      .join("\n");
    expect(planted.filter((word) => !all.includes(word.toLowerCase()))).toEqual([]);
  });

  test("none of it is in the new data set, in no file and in no path", () => {
    const root = join(place, "study");
    const found = filesIn(root).flatMap((path) => {
      const texts = [path.toLowerCase(), ...readings(new Uint8Array(readFileSync(join(root, path))))];
      return planted
        .filter((word) => texts.some((text) => text.includes(word.toLowerCase())))
        .map((word) => `${path}: ${word}`);
    });
    expect(found).toEqual([]);
  });

  test("every file is accounted for, with what it was taken for", () => {
    const said = result.recognised.map(({ from, why }) => `${from.replace("Schmidtke Annegret/", "")}: ${why}`);
    expect(said).toMatchInlineSnapshot(`
      [
        "MRI/Schmidtke_1948-12-31_T1.nii: Modality MR, and the word "t1" in its name",
        "DICOM/a/Schmidtke_PT-00001.dcm and 7 more of its series: side file or tags: Modality PT",
        "DICOM/b/Schmidtke_MR-00001.dcm and 7 more of its series: Modality MR, and the word "flair" in its name",
        "DICOM/c/Schmidtke_NM-00001.dcm: side file or tags: Modality NM",
        "PET/blood.tsv: a table of blood radioactivity, with the one PET image",
        "EEG/Schmidtke.edf: EDF file with electrical channels",
        "EEG/Schmidtke.set: EEGLAB file with electrical channels",
        "EEG/Schmidtke_2.bdf: BDF file with electrical channels",
        "EEG/bv/Schmidtke.vhdr: BrainVision file with electrical channels",
        "NIRS/Schmidtke.snirf: SNIRF file with optical channels",
        "NIRS/old/Schmidtke.nirs: Homer file with optical channels",
      ]
    `);
    expect(result.unrecognised.map(({ path, why }) => `${path.split("/").at(-1)}: ${why}`)).toEqual([
      "letter.txt: a format that is not read here",
    ]);
    expect(result.recognised.map(({ to }) => to).sort()).toMatchInlineSnapshot(`
      [
        "sub-01/anat/sub-01_FLAIR.nii.gz",
        "sub-01/anat/sub-01_T1w.nii.gz",
        "sub-01/eeg/sub-01_task-unknown_eeg.vhdr",
        "sub-01/eeg/sub-01_task-unknown_run-2_eeg.vhdr",
        "sub-01/eeg/sub-01_task-unknown_run-3_eeg.vhdr",
        "sub-01/eeg/sub-01_task-unknown_run-4_eeg.vhdr",
        "sub-01/nirs/sub-01_task-unknown_nirs.snirf",
        "sub-01/nirs/sub-01_task-unknown_run-2_nirs.snirf",
        "sub-01/pet/sub-01_trc-FDG_pet.nii.gz",
        "sub-01/pet/sub-01_trc-FDG_recording-manual_blood.tsv",
        "sub-01/spect/sub-01_acq-ictal_trc-HMPAO_spect.nii.gz",
      ]
    `);
  });

  test("age, sex, weight and dose stay; dates move by whole days and intervals stay, across midnight", async () => {
    const study = await readStudy(join(place, "study"));
    expect(study.subjects[0]!.participant).toMatchObject({ label: "01", sex: "F", weight: 61, age: 72 });
    const files = study.subjects[0]!.files;
    const at = (suffix: string): number => {
      const stamp = files.find((file) => file.suffix === suffix)!.acquiredAt!;
      expect(Number(stamp.slice(0, 4))).toBeLessThanOrEqual(1925);
      return Date.parse(`${stamp}Z`) / 1000;
    };
    // T1 22:00:00.25 on 3 March, EEG and fNIRS 23:50:00, PET 00:05:00 on 4 March.
    expect([at("eeg") - at("T1w"), at("nirs") - at("eeg"), at("pet") - at("eeg")]).toEqual([6599.75, 0, 900]);
    const pet = files.find((file) => file.suffix === "pet")!;
    // Injected at 23:20, scanned at 00:05: 45 min. Frames, like the row of scans.tsv, count from the scan's start.
    expect(pet.metadata).toMatchObject({
      TimeZero: "00:05:00",
      InjectionStart: -2700,
      ScanStart: 0,
      FrameTimesStart: [0],
      FrameDuration: [600],
      PatientWeight: 61,
      InjectedRadioactivity: 185e6,
      InjectedRadioactivityUnits: "Bq",
      TracerName: "FDG",
      Units: "Bq/mL",
    });
    expect(files.find((file) => file.suffix === "T1w")!.metadata).toEqual({
      Modality: "MR",
      ManufacturersModelName: "Prisma",
      EchoTime: 0.003,
    });
  });

  test("voxels, places and samples are those of the files: only the names are gone", async () => {
    const root = join(place, "study/sub-01");
    const [t1, pet, before] = await Promise.all([
      readVolume(join(root, "anat/sub-01_T1w.nii.gz")),
      readVolume(join(root, "pet/sub-01_trc-FDG_pet.nii.gz")),
      readVolume(join(source, "Schmidtke Annegret/MRI/Schmidtke_1948-12-31_T1.nii")),
    ]);
    expect(t1.affine).toBeAllclose(before.affine, { atol: 1e-6 });
    expect([...t1.data]).toEqual([...before.data]);
    // DICOM stores 16 bits over the range: half a step of 16384 / 32767.
    const truth = tinyVolume("Bq/mL", [{ start: 0, duration: 600 }]);
    const there = resampledAt(pet, truth);
    expect(there).toBeAllclose(truth.data, { atol: 0.5 });
    // EDF -> BrainVision: both readings of the same samples, float32.
    const [edf, again] = await Promise.all([
      readRecording(join(source, "Schmidtke Annegret/EEG/Schmidtke.edf")),
      readRecording(join(root, "eeg/sub-01_task-unknown_eeg.vhdr")),
    ]);
    const samples = (read: typeof edf) => read.recording.groups[0]!.segments[0]!.data;
    expect(samples(again)).toBeAllclose(samples(edf), { rtol: 1e-6, atol: 1e-13 });
  });

  test("annotations: listed words stay, free text becomes a number, the same text the same number", () => {
    const root = join(place, "study/sub-01/eeg");
    const name = readdirSync(root).find((file) => file.endsWith("events.tsv"))!;
    const types = readFileSync(join(root, name), "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split("\t")[2]);
    expect(types.filter((type) => type !== "New Segment")).toEqual(["eyes closed", "text1", "text2", "text1"]);
  });
});

test("the same seed gives the same dates, another seed others; nothing tells the shift", async () => {
  const start = async (seed: number, name: string): Promise<string> => {
    await importFolder(small, join(place, name), { seed });
    const study = await readStudy(join(place, name));
    return study.subjects[0]!.files.find((file) => file.suffix === "T1w")!.acquiredAt!;
  };
  const first = (await readStudy(join(place, "study"))).subjects[0]!.files.find((file) => file.suffix === "T1w")!
    .acquiredAt!;
  expect(await start(7, "again")).toBe(first);
  expect(await start(8, "other")).not.toBe(first);
  expect(first.slice(10)).toBe("T22:00:00.25");
}, 60_000);

test("a dry run says the same and writes nothing", async () => {
  const dry = await importFolder(small, join(place, "dry"), { seed: 7, dryRun: true });
  expect(dry.recognised.map(({ from }) => from)).toEqual([
    "MRI/Schmidtke_1948-12-31_T1.nii",
    "NIRS/old/Schmidtke.nirs",
  ]);
  expect(readdirSync(place)).not.toContain("dry");
}, 60_000);

test("a further person joins a data set; one who is there already is refused", async () => {
  const root = join(place, "two");
  await importFolder(small, root, { seed: 1, subject: "01" });
  await importFolder(small, root, { seed: 2, subject: "02" });
  const study = await readStudy(root);
  expect(
    study.subjects.map((subject) => [subject.participant.label, subject.participant.age, subject.files.length]),
  ).toEqual([
    ["01", 72, 2],
    ["02", 72, 2],
  ]);
  await expect(importFolder(small, root, { subject: "02" })).rejects.toMatchObject({ code: "subject-exists" });
}, 60_000);

test("tables beside a recording: events, digitised positions and bad channels come along, cleaned", async () => {
  const from = join(place, "tables-in");
  mkdirSync(from);
  cpSync(join(source, "Schmidtke Annegret/EEG/Schmidtke.edf"), join(from, "rec.edf"));
  writeFileSync(
    join(from, "rec_events.tsv"),
    "onset\tduration\ttrial_type\tchannel\n1\t0\tgo\tT7,Hohenstein\n1.5\t0\tHohenstein\tn/a\n",
  );
  writeFileSync(join(from, "rec_electrodes.tsv"), "name\tx\ty\tz\nT7\t0\t8\t0\nT8\t0\t-8\t0\n");
  writeFileSync(
    join(from, "rec_coordsystem.json"),
    '{"EEGCoordinateSystem": "CTF", "EEGCoordinateUnits": "cm", "Note": "Schmidtke"}',
  );
  writeFileSync(join(from, "rec_channels.tsv"), "name\ttype\tunits\tstatus\nT8\tEEG\tuV\tbad\n");
  const root = join(place, "tables");
  const done = await importFolder(from, root, { seed: 1 });
  expect(done.unrecognised).toEqual([]);
  const text = (name: string): string => readFileSync(join(root, "sub-01/eeg", name), "utf8");
  expect(text("sub-01_task-unknown_events.tsv")).toBe(
    "onset\tduration\ttrial_type\tchannel\n1\t0\tgo\tT7\n1.5\t0\ttext1\tn/a\n",
  );
  expect(text("sub-01_task-unknown_channels.tsv")).toContain("T8\tEEG\tuV\tbad");
  const montage = readElectrodesTsv(text("sub-01_electrodes.tsv"), {
    file: "e",
    coordsystem: JSON.parse(text("sub-01_coordsystem.json")),
  });
  // CTF: x to the nose, y to the left, cm; 8 cm to the left is -80 mm in RAS.
  expect(montage.sensors[0]).toEqual({ name: "T7", kind: "electrode", position: [-80, 0, 0] });
}, 60_000);

test("replacing is asked for, and takes the old one away only when the new one is whole", async () => {
  const root = join(place, "replaced");
  await importFolder(small, root, { subject: "01" });
  await importFolder(small, root, { subject: "02", replace: true });
  expect(readdirSync(root).filter((name) => name.startsWith("sub-"))).toEqual(["sub-02"]);
  expect(readdirSync(place).filter((name) => name.startsWith("."))).toEqual([]);
}, 60_000);

test.each([
  ["subject-exists", () => importFolder(source, join(place, "study"))],
  ["target-not-empty", () => importFolder(source, join(place, "study/sub-01"))],
  ["target-inside-source", () => importFolder(source, join(source, "study"))],
  ["no-such-folder", () => importFolder(join(place, "nowhere"), join(place, "x"))],
  ["bad-label", () => importFolder(source, join(place, "x"), { subject: "no label" })],
  ["bad-label", () => importFolder(source, join(place, "x"), { subject: "Schmidtke" })],
  [
    "nothing-recognised",
    () =>
      importFolder(join(place, "study/sub-01/pet"), join(place, "x"), { subject: "9" }).then(() =>
        importFolder(emptyFolder(), join(place, "y")),
      ),
  ],
])("refuses %s and leaves nothing behind", async (code, act) => {
  await expect(act()).rejects.toMatchObject({ code });
  rmSync(join(place, "x"), { recursive: true, force: true });
  expect(readdirSync(place).filter((name) => name.startsWith("."))).toEqual([]);
});

test("a stop between two files leaves nothing behind", async () => {
  const controller = new AbortController();
  const onProgress = (): void => controller.abort(new Error("stopped"));
  const going = importFolder(source, join(place, "stopped"), { onProgress, signal: controller.signal });
  await expect(going).rejects.toThrow("stopped");
  expect(readdirSync(place).filter((name) => name.startsWith(".") || name === "stopped")).toEqual([]);
});

/** Values of `image` at the voxel centres of `grid` (nearest): equal wherever each voxel lies, in whatever order stored. */
function resampledAt(image: Volume, grid: Volume): number[] {
  const [nx, ny, nz] = grid.shape;
  return Array.from({ length: nx * ny * nz }, (_, n) => {
    const at = toWorld(grid, [n % nx, Math.floor(n / nx) % ny, Math.floor(n / (nx * ny))]);
    const [i, j, k] = toVoxel(image, at).map(Math.round) as [number, number, number];
    return image.data[i + image.shape[0] * (j + image.shape[1] * k)]!;
  });
}

function emptyFolder(): string {
  const made = join(place, "empty");
  mkdirSync(made, { recursive: true });
  return made;
}
