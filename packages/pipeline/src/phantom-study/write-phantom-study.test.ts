import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { boundedGunzip, readNiftiHeader } from "@quintet/io";
import { readStudy } from "@quintet/io/node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { WrittenPhantom } from "./write-phantom-study.ts";
import { writePhantomStudy } from "./write-phantom-study.ts";

const base = mkdtempSync(join(tmpdir(), "quintet-phantom-"));
const [root, truthFolder] = [join(base, "study"), join(base, "truth")];
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
});
