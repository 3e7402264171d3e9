import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { identityAffine, type Mask, type Volume } from "@quintet/core";
import { writeNifti } from "@quintet/io";
import { expect, test } from "vitest";
import {
  refuseCutBrain,
  refuseDifferentPeople,
  refuseEmptyFrames,
  refuseOtherState,
  refuseUnlikePair,
} from "./check-pair.ts";
import { readNormalPairs } from "./normal-pairs.ts";
import { subtractIctal } from "./subtract-ictal.ts";

const grid = { shape: [4, 4, 4] as const, affine: identityAffine(), space: "scanner:spect" };
const volume = (frames: number, fill: (t: number) => number): Volume<"{count}"> => ({
  ...grid,
  unit: "{count}",
  clock: "spect",
  frames: Array.from({ length: frames }, (_, t) => ({ start: 60 * t, duration: 60 })),
  data: Float32Array.from({ length: 64 * frames }, (_, v) => fill(Math.floor(v / 64))),
});
const brain: Mask = { ...grid, data: new Uint8Array(64).fill(1) };

test("one person by name and by id passes; half a brain seen is 0.5 and refused, nine tenths pass", () => {
  refuseDifferentPeople([{ file: "a/sub-01_acq-ictal_spect.nii.gz" }, { file: "t1.nii" }, { file: "sub-01_T1w.nii" }]);
  const seen = (share: number): Volume => ({
    ...volume(1, () => 1),
    data: Float32Array.from({ length: 64 }, (_, v) => (v < 64 * share ? 1 : 0)),
  });
  expect(refuseCutBrain(seen(0.9), brain, "x")).toBeCloseTo(58 / 64, 9);
  expect(() => refuseCutBrain(seen(0.5), brain, "x")).toThrow(/80 % of the T1's brain.*50 %/s);
});

test.each([
  ["different-people", () => refuseDifferentPeople([{ file: "sub-01_spect.nii" }, { file: "sub-02_T1w.nii" }])],
  [
    "different-people",
    () =>
      refuseDifferentPeople([
        { file: "a.nii", metadata: { PatientID: "x" } },
        { file: "b.nii", metadata: { PatientID: "y" } },
      ]),
  ],
  [
    "zero-counts",
    () =>
      refuseEmptyFrames(
        volume(3, (t) => (t === 1 ? 0 : 5)),
        "dynamic.nii",
      ),
  ],
  ["state-mismatch", () => refuseOtherState({ SpectState: "interictal" }, "ictal", "a.nii")],
  ["state-mismatch", () => refuseOtherState({}, "interictal", "sub-1_acq-ictal_spect.nii")],
])("refused: %s", (code, run) => {
  expect(run).toThrow(expect.objectContaining({ code }));
});

test("the message names the frame", () => {
  expect(() =>
    refuseEmptyFrames(
      volume(3, (t) => (t === 1 ? 0 : 5)),
      "dynamic.nii",
    ),
  ).toThrow(/frame 2 of 3/);
});

/** A data set of healthy people; images are empty files, since only their names are read here. */
function healthy(people: number): string {
  const root = mkdtempSync(join(tmpdir(), "pairs-"));
  const put = (path: string, text = ""): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  put("dataset_description.json", '{"Name":"healthy","BIDSVersion":"1.9.0"}');
  for (let k = 1; k <= people; k++) {
    put(`sub-h${k}/anat/sub-h${k}_T1w.nii.gz`);
    for (const [run, day] of [
      [1, "1910-03-09"],
      [2, "1910-03-03"],
    ]) {
      put(`sub-h${k}/spect/sub-h${k}_run-${run}_spect.nii.gz`);
      put(
        `sub-h${k}/spect/sub-h${k}_run-${run}_spect.json`,
        `{"AcquisitionDateTime":"${day}T10:00:00","SpectState":"baseline"}`,
      );
    }
  }
  return root;
}

test("ten pairs are read, the later scan first, by the date of acquisition and not the name", async () => {
  const pairs = await readNormalPairs(healthy(10));
  expect(pairs).toHaveLength(10);
  expect(pairs[0]?.scans.map(({ file }) => /run-\d/.exec(file)?.[0])).toEqual(["run-1", "run-2"]);
});

test("nine pairs, a person with one scan, an ictal scan, a person without a T1w: refused", async () => {
  const codes: unknown[] = [];
  const codeOf = async (root: string): Promise<void> => {
    await readNormalPairs(root).catch((error: { readonly code: string }) => codes.push(error.code));
  };
  await codeOf(healthy(9));
  const single = healthy(10);
  rmSync(join(single, "sub-h3/spect/sub-h3_run-2_spect.nii.gz"));
  await codeOf(single);
  const ictal = healthy(10);
  writeFileSync(join(ictal, "sub-h3/spect/sub-h3_run-2_spect.json"), '{"SpectState":"ictal"}');
  await codeOf(ictal);
  const headless = healthy(10);
  rmSync(join(headless, "sub-h4/anat/sub-h4_T1w.nii.gz"));
  await codeOf(headless);
  expect(codes).toEqual(["too-few-normals", "not-a-pair", "not-a-pair", "no-anatomy"]);
});

test("the command refuses before it works: other people, a swapped pair, no such file; nothing is written", async () => {
  const root = mkdtempSync(join(tmpdir(), "siscom-"));
  let made = 0;
  const put = (name: string, state?: string): string => {
    const path = join(root, name);
    writeFileSync(path, writeNifti(volume(1, () => ++made)));
    if (state) writeFileSync(path.replace(".nii", ".json"), `{"SpectState":"${state}"}`);
    return path;
  };
  const [ictal, rest, t1] = [
    put("sub-1_acq-ictal_spect.nii"),
    put("sub-1_acq-interictal_spect.nii"),
    put("sub-1_T1w.nii"),
  ];
  const out = join(root, "out");
  const series = (): string => {
    const path = join(root, "series.nii");
    writeFileSync(path, writeNifti(volume(3, () => ++made)));
    return path;
  };
  const run = (files: Parameters<typeof subtractIctal>[0]): Promise<unknown> => subtractIctal(files, out);
  await expect(run({ ictal, interictal: rest, t1: put("sub-2_T1w.nii") })).rejects.toMatchObject({
    code: "different-people",
  });
  await expect(run({ ictal: rest, interictal: ictal, t1 })).rejects.toMatchObject({ code: "state-mismatch" });
  await expect(run({ ictal, interictal: rest, t1: join(root, "none.nii") })).rejects.toMatchObject({
    code: "missing-file",
  });
  await expect(subtractIctal({ ictal, interictal: rest, t1 }, out, { normals: healthy(9) })).rejects.toMatchObject({
    code: "too-few-normals",
  });
  const again = put("again.nii.gz");
  copyFileSync(ictal, again);
  await expect(run({ ictal, interictal: again, t1 })).rejects.toMatchObject({ code: "same-image", file: ictal });
  await expect(run({ ictal, interictal: rest, t1: again })).rejects.toThrow(/three images.*again.nii.gz/);
  await expect(run({ ictal: t1, interictal: rest, t1 })).rejects.toMatchObject({ code: "wrong-kind" });
  await expect(run({ ictal, interictal: rest, t1: rest })).rejects.toMatchObject({ code: "wrong-kind" });
  await expect(run({ ictal, interictal: rest, t1: series() })).rejects.toMatchObject({ code: "not-one-image" });
  const text = join(root, "text.nii");
  writeFileSync(text, "no image");
  await expect(run({ ictal: text, interictal: rest, t1 })).rejects.toMatchObject({ file: text });
  await expect(subtractIctal({ ictal, interictal: rest, t1 }, out, { threshold: 0.2 })).rejects.toMatchObject({
    code: "bad-threshold",
  });
  await expect(subtractIctal({ ictal, interictal: rest, t1 }, join(ictal, "out"))).rejects.toMatchObject({
    code: "unwritable",
    file: ictal,
  });
  expect(existsSync(out)).toBe(false);
});

test("two images that do not look alike inside the brain are refused, both named; alike but for a factor they pass", () => {
  const [a, b] = [volume(1, () => 1), volume(1, () => 1)].map((one, k) => ({
    ...one,
    data: one.data.map((_, v) => (k === 0 ? v : (v * 37) % 64)),
  })) as [Volume, Volume];
  const files = { ictal: "seizure.nii", interictal: "rest.nii" };
  refuseUnlikePair(a, { ...a, data: a.data.map((x) => 3 * x) }, brain, files);
  expect(() => refuseUnlikePair(a, b, brain, files)).toThrow(expect.objectContaining({ code: "unlike-pair" }));
  expect(() => refuseUnlikePair(a, b, brain, files)).toThrow(/^seizure.nii.*rest.nii shows/);
});
