import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeEdf, writeNifti } from "@quintet/io";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tinyEeg, tinyPet, tinyT1, writeTinyStudy } from "../../../../testing/tiny-study.ts";
import { openStation } from "./station.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quintet-station-"));
  await writeTinyStudy(join(folder, "study"), ["t1", "pet", "eeg"]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a study that was never run: voxels as stored, frames of the side file, one wall clock", async () => {
  await using station = await openStation(join(folder, "study"));
  const scene = await station.scene();
  const [t1, pet] = scene.volumes;
  expect(scene.problems).toEqual([]);
  expect([t1?.role, t1?.name, pet?.role, pet?.unit, pet?.scale]).toEqual(["anatomy", "T1w", "layer", "kBq/mL", 1e-3]);
  expect(t1?.affine).toEqual([...tinyT1.affine]);
  // PET began an hour after the EEG, whose start is second 0 of the study clock.
  expect(pet?.frames.map(({ start, duration }) => [start, duration])).toEqual([
    [3600, 60],
    [3660, 120],
    [3780, 300],
  ]);
  expect(pet?.frames[0]?.sigma).toBeGreaterThan(0);
  const { bytes } = await station.volume(pet?.id ?? "");
  expect(new Float32Array(bytes.slice().buffer)).toEqual(tinyPet.data);
  const [eeg] = scene.recordings;
  expect([eeg?.duration, eeg?.groups[0]?.rate, eeg?.groups[0]?.channels.map(({ name }) => name)]).toEqual([
    20,
    100,
    ["C3", "C4"],
  ]);
  expect(eeg?.map?.pieces[0]?.offset).toBe(0);
  expect(scene.clock.tracks.map(({ modality }) => modality).sort()).toEqual(["eeg", "pet"]);
  expect(scene.can.decide).toBe(false);
});

test("a series in kBq/mL has the window of its values, not of a thousandth of them", async () => {
  const ranges = await Promise.all(
    (["Bq/mL", "kBq/mL"] as const).map(async (unit) => {
      const root = join(folder, unit.replace("/", "-"));
      await writeTinyStudy(root, ["pet"]);
      const side = join(root, "sub-01/pet/sub-01_trc-FDG_pet.json");
      const told = JSON.parse(await readFile(side, "utf8"));
      await writeFile(side, JSON.stringify({ ...told, Units: unit }));
      await using station = await openStation(root);
      const [pet] = (await station.scene()).volumes;
      expect([pet?.unit, pet?.frames.length]).toEqual(["kBq/mL", 3]);
      return pet?.range ?? [Number.NaN, Number.NaN];
    }),
  );
  const [inside, thousandfold] = ranges as [readonly [number, number], readonly [number, number]];
  // Voxels are 32-bit floats.
  for (const k of [0, 1] as const) expect(thousandfold[k] / inside[k] / 1000).toBeCloseTo(1, 6);
});

test("a study of one modality opens, without an anatomy the image stands for it", async () => {
  await writeTinyStudy(join(folder, "pet"), ["pet"]);
  await using pet = await openStation(join(folder, "pet"));
  const scene = await pet.scene();
  expect(scene.volumes.map(({ role }) => role)).toEqual(["anatomy"]);
  await writeTinyStudy(join(folder, "eeg"), ["eeg"]);
  await using eeg = await openStation(join(folder, "eeg"));
  const only = await eeg.scene();
  expect([only.volumes.length, only.recordings.length, only.problems]).toEqual([0, 1, []]);
});

test("a broken file among good ones is a problem, the rest is shown", async () => {
  const root = join(folder, "broken");
  await writeTinyStudy(root, ["t1", "pet", "eeg"]);
  await writeFile(join(root, "sub-01/pet/sub-01_trc-FDG_pet.nii.gz"), "no image");
  await writeFile(join(root, "sub-01/eeg/sub-01_task-rest_eeg.edf"), "0       cut off");
  await using station = await openStation(root);
  const scene = await station.scene();
  expect(scene.volumes.map(({ name }) => name)).toEqual(["T1w"]);
  expect(scene.problems.map(({ path, code }) => [path.split("/").at(-1), code]).sort()).toEqual([
    ["sub-01_task-rest_eeg.edf", "truncated"],
    ["sub-01_trc-FDG_pet.nii.gz", "unknown-format"],
  ]);
});

test("a broken derivative is a problem, and a link that leads out of the study is not followed", async () => {
  const root = join(folder, "linked");
  await writeTinyStudy(root, ["t1"]);
  const out = join(root, "derivatives");
  await mkdir(join(out, "sub-01/pet"), { recursive: true });
  await writeFile(
    join(out, "dataset_description.json"),
    JSON.stringify({ Name: "Tiny: Quintet derivatives", DatasetType: "derivative" }),
  );
  await writeFile(join(out, "sub-01/sub-01_scene.json"), "{}");
  await writeFile(join(folder, "secret.nii"), writeNifti(tinyT1));
  await symlink(join(folder, "secret.nii"), join(out, "sub-01/pet/sub-01_desc-SUVR_pet.nii"));
  await using station = await openStation(out);
  expect(station.places).toMatchObject({ study: root, derivatives: out });
  const scene = await station.scene();
  expect(scene.problems.map(({ code }) => code).sort()).toEqual(["bad-derivative", "outside-study"]);
  expect(scene.volumes.map(({ name }) => name)).toEqual(["T1w"]);
});

test("a file that went away after the scene was made is gone, one that changed is read anew", async () => {
  const root = join(folder, "changing");
  await writeTinyStudy(root, ["t1"]);
  await using station = await openStation(root);
  const [t1] = (await station.scene()).volumes;
  const path = join(root, "sub-01/anat/sub-01_T1w.nii.gz");
  await writeFile(path, writeNifti({ ...tinyT1, data: tinyT1.data.map((v) => 2 * v) }, { gzip: false }));
  const { bytes } = await station.volume(t1?.id ?? "");
  expect(new Float32Array(bytes.slice().buffer)[119]).toBe(238);
  await rm(path);
  await expect(station.volume(t1?.id ?? "")).rejects.toMatchObject({ code: "gone" });
});

test("a bare image, a bare recording, and files that are dropped", async () => {
  const image = join(folder, "lone.nii");
  await writeFile(image, writeNifti(tinyT1));
  await using station = await openStation(image);
  const before = await station.scene();
  expect([before.volumes.length, before.subject, before.can.edit]).toEqual([1, "lone.nii", false]);
  const dropped = await station.drop("trace.edf", writeEdf(tinyEeg));
  expect(dropped.recordings.map(({ name }) => name)).toEqual(["trace.edf"]);
  const told = await station.drop("notes.txt", new TextEncoder().encode("hello"));
  expect(told.problems.map(({ path, code }) => [path, code])).toEqual([["notes.txt", "unknown-format"]]);
  const after = await station.scene();
  expect([after.volumes.length, after.recordings.length]).toEqual([1, 1]);
  const edf = join(folder, "lone.edf");
  await writeFile(edf, writeEdf(tinyEeg));
  await using trace = await openStation(edf);
  expect((await trace.scene()).recordings[0]?.map?.method).toBe("identity");
});

test.each(["../up.nii", "a/b.nii", "a\\b.nii", "..", ".hidden", "", "c:evil.nii"])(
  "a dropped file is not called %j",
  async (name) => {
    await using station = await openStation(join(folder, "study"));
    await expect(station.drop(name, new Uint8Array(1))).rejects.toMatchObject({ code: "bad-name" });
  },
);

test("what is no study, and who is not in it, is refused", async () => {
  await mkdir(join(folder, "empty"), { recursive: true });
  await expect(openStation(join(folder, "empty"))).rejects.toMatchObject({ code: "nothing-recognised" });
  await expect(openStation(join(folder, "nowhere"))).rejects.toMatchObject({ code: "not-found" });
  await expect(openStation(join(folder, "study"), { participants: ["99"] })).rejects.toMatchObject({
    code: "no-such-participant",
  });
  await using station = await openStation(join(folder, "study"));
  await expect(station.scene("../01")).rejects.toMatchObject({ code: "no-such-participant" });
  await expect(station.volume("../../etc/passwd")).rejects.toMatchObject({ code: "unknown-id" });
});
