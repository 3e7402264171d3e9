import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mapTime, type StudyFile, timeSigma } from "@quintet/core";
import { boundedGunzip, readNiftiHeader } from "@quintet/io";
import { readStudy } from "@quintet/io/node";
import { onDevice, trueTime } from "@quintet/twin";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clockStep, timedFile } from "../recipes/five/clock-step.ts";
import type { WrittenPhantom } from "./write-phantom-study.ts";
import { writePhantomStudy } from "./write-phantom-study.ts";

const base = mkdtempSync(join(tmpdir(), "quintet-phantom-"));
const [root, truthFolder] = [join(base, "study"), join(base, "truth")];
interface Placed {
  readonly study: number;
  readonly sigma: number;
}
let written: WrittenPhantom;
beforeAll(async () => {
  written = await writePhantomStudy(root, { seed: 3, subject: "07", resolution: 3, truth: truthFolder });
}, 60_000);
afterAll(() => rmSync(base, { recursive: true, force: true }));

describe("writePhantomStudy", () => {
  test("is a data set without problems, all five modalities with times and positions", async () => {
    const study = await readStudy(root);
    expect(study.problems).toEqual([]);
    const subject = study.subjects[0];
    expect(subject?.participant).toMatchObject({ label: "07" });
    expect(subject?.files.map((f) => f.modality).sort()).toEqual([
      "eeg",
      "fnirs",
      "mri",
      "mri",
      "pet",
      "spect",
      "spect",
    ]);
    expect(subject?.files.every((f) => /^2025-03-\d\dT/.test((f as { acquiredAt?: string }).acquiredAt ?? ""))).toBe(
      true,
    );
    const eeg = subject?.files.find((f) => f.modality === "eeg");
    expect(Object.keys(eeg?.companions ?? {}).sort()).toEqual(["channels", "coordsystem", "electrodes", "events"]);
  });

  test("the truth lies outside, and no file of the data set tells the focus", () => {
    const truth = JSON.parse(readFileSync(join(truthFolder, "sub-07_truth.json"), "utf8"));
    expect(truth.focus.region).toBe(written.truth.focus?.region);
    const names = readdirSync(root, { recursive: true }) as string[];
    expect(names.filter((name) => /truth/i.test(name))).toEqual([]);
    for (const name of names.filter((n) => /\.(json|tsv)$|README/.test(n))) {
      const text = readFileSync(join(root, name), "utf8");
      expect(text, name).not.toMatch(new RegExp(`focus"|${truth.focus.region}|"(side|radius|increase)"`));
    }
  });

  test("the T1w's affine is that of the head it was made from", () => {
    const path = written.files.find((f) => f.includes("T1w")) ?? "";
    const bytes = boundedGunzip(readFileSync(join(root, path)), { file: path });
    expect(readNiftiHeader(bytes, { file: path }).shape.slice(0, 3)).toEqual([66, 86, 68]);
  });

  test("EEG, light and BOLD ran side by side: the clock step ties them by the volumes, and its sigma holds the true error", async () => {
    const [subject] = (await readStudy(root)).subjects;
    const of = (suffix: string): StudyFile => subject?.files.find((file) => file.suffix === suffix) as StudyFile;
    const named = { eeg: of("eeg"), nirs: of("nirs"), bold: of("bold") };
    const files = Object.entries(named).map(([id, file]) => timedFile(id, file));
    const paths = Object.fromEntries(Object.entries(named).map(([id, { path }]) => [id, join(root, path)]));
    const visit = await clockStep.run(paths, { files }, { progress: () => undefined });
    expect(visit.ties.map(({ from, to, pulses, used }) => [from, to, pulses, used])).toEqual([
      ["eeg", "nirs", "volume", 64],
      ["eeg", "bold", "volume", 64],
      ["nirs", "bold", "volume", 64],
    ]);
    const { clocks } = written.truth;
    const at = trueTime(clocks.bold, 64);
    const [eeg, nirs, bold] = (["eeg", "nirs", "bold"] as const).map((id) => {
      const [map, time] = [visit.maps[id], onDevice(clocks[id], at)];
      if (map === undefined) throw new Error(`${id} is not placed`);
      return { study: mapTime(map, time), sigma: timeSigma(map, time) };
    }) as [Placed, Placed, Placed];
    // The wall clocks alone leave a second open; half a tick is 2 ms for the EEG and 50 ms for the light.
    expect(Math.abs(bold.study - eeg.study)).toBeLessThan(3 * bold.sigma);
    expect(Math.abs(nirs.study - eeg.study)).toBeLessThan(3 * nirs.sigma);
    expect(bold.sigma).toBeLessThan(2e-3);
    expect(nirs.sigma).toBeLessThan(0.05);
  });
});
