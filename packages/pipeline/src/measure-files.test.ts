import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Measure } from "@quintet/core";
import { measuresTsv } from "@quintet/fusion/fuse";
import { afterAll, describe, expect, test } from "vitest";
import { buildNormsFrom, readMeasures, readNorms, writeGroupTable } from "./measure-files.ts";

const folder = mkdtempSync(join(tmpdir(), "quintet-measures-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const measure: Measure = {
  region: "hippocampus",
  side: "left",
  modality: "pet",
  measure: "suvr",
  value: 1.25,
  unit: "1",
  standardError: 0.01,
  n: 120,
  method: "mean, with spaces",
  sources: ["sub-01/pet/a.nii.gz", "sub-01/anat/b.nii.gz"],
};

/** Derivatives of `n` people whose left hippocampus takes up 1 + i / 100. */
function controls(name: string, n: number, participants: string | undefined): string {
  const out = join(folder, name);
  mkdirSync(out, { recursive: true });
  for (let i = 0; i < n; i++) {
    mkdirSync(join(out, `sub-c${i}`), { recursive: true });
    const text = measuresTsv([{ ...measure, value: 1 + ((i * 7) % 10) / 100 }]);
    writeFileSync(join(out, `sub-c${i}`, `sub-c${i}_measures.tsv`), text);
  }
  if (participants !== undefined) writeFileSync(join(out, "participants.tsv"), participants);
  return out;
}

const people = (n: number): string =>
  `participant_id\tage\tsex\n${Array.from({ length: n }, (_, i) => `sub-c${i}\t${30 + i}\t${i % 2 ? "F" : "M"}`).join("\n")}\n`;

test("a table is read back as it was written", () => {
  expect(readMeasures(measuresTsv([measure]), "m.tsv")).toEqual([measure]);
  const scored = { ...measure, z: -2.5, w: -1.25 };
  expect(readMeasures(measuresTsv([scored]), "m.tsv")).toEqual([scored]);
});

describe("buildNormsFrom", () => {
  test("ten controls give a row that tells n, ages and residual SD", async () => {
    const file = join(folder, "norms.json");
    expect(await buildNormsFrom(controls("ten", 10, people(10)), file, "FDG, scanner A")).toEqual({
      people: 10,
      rows: 1,
    });
    const table = await readNorms(file);
    expect(table).toMatchObject({
      group: "FDG, scanner A",
      norms: [{ n: 10, degreesOfFreedom: 7, ageRange: [30, 39] }],
    });
  });

  test("heads that quintet mri head left are controls too, with norms for head size", async () => {
    const [out, file] = [join(folder, "heads"), join(folder, "heads.json")];
    mkdirSync(out);
    for (let i = 0; i < 12; i++) {
      const size = 1400 + ((i * 5) % 12) * 30;
      const head = { ...measure, modality: "mri", measure: "volume", unit: "mL" } as const;
      const { side: _, ...intracranial } = { ...head, region: "intracranial", value: size };
      const text = measuresTsv([{ ...head, value: size / 400 + ((i * i) % 7) / 50 }, intracranial]);
      writeFileSync(join(out, `sub-c${i}_ses-1_desc-head_volumes.tsv`), text);
    }
    writeFileSync(join(out, "participants.tsv"), people(12));
    expect(await buildNormsFrom(out, file, "T1w")).toEqual({ people: 12, rows: 2 });
    const { norms } = await readNorms(file);
    expect(norms.map(({ region, withHeadSize }) => [region, withHeadSize?.n])).toEqual([
      ["hippocampus", 12],
      ["intracranial", undefined],
    ]);
  });

  test.each([
    ["nine", 9, people(9), "too-few-controls"],
    ["ageless", 10, people(10).replace("\t34\t", "\tn/a\t"), "no-age"],
    ["unlisted", 10, undefined, "missing-file"],
    ["nobody", 0, people(0), "missing-file"],
  ])("%s: refused, nothing written", async (name, n, participants, code) => {
    const file = join(folder, `${name}.json`);
    await expect(buildNormsFrom(controls(name, n, participants), file, "")).rejects.toMatchObject({ code });
    expect(existsSync(file)).toBe(false);
  });
});

test.each([
  ["not JSON", "oh", "bad-norms"],
  ["another format", '{"format":"other"}', "bad-norms"],
  ["a later version", '{"format":"quintet-norms","version":2,"norms":[]}', "bad-norms"],
])("norms that are %s are refused", async (_, text, code) => {
  const file = join(folder, "bad.json");
  writeFileSync(file, text);
  await expect(readNorms(file)).rejects.toMatchObject({ code, file });
});

test("norms that are not there are a missing file, as are derivatives without people", async () => {
  await expect(readNorms(join(folder, "none.json"))).rejects.toMatchObject({ code: "missing-file" });
  await expect(writeGroupTable(join(folder, "none"))).rejects.toMatchObject({ code: "missing-file" });
});
