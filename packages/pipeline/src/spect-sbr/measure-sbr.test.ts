import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { affineOf, type Volume } from "@quintet/core";
import { writeNifti } from "@quintet/io";
import { sha256File } from "@quintet/io/node";
import { afterAll, expect, test } from "vitest";
import { measureSbr } from "./measure-sbr.ts";

const shape = [24, 48, 12] as const;
const affine = affineOf([2, 0, 0, -24, 0, 2, 0, -48, 0, 0, 2, -12]);
const names = ["left caudate", "left putamen", "right caudate", "right putamen", "left medial-occipital"];
const boxes = [
  [7, 9, 36, 40],
  [7, 9, 30, 35],
  [15, 17, 36, 40],
  [15, 17, 30, 35],
  [10, 14, 0, 3],
] as const;
const labelOf = (v: number): number => {
  const [x, y, z] = [v % 24, Math.floor(v / 24) % 48, Math.floor(v / 1152)];
  return z < 3 || z > 8 ? 0 : 1 + boxes.findIndex(([x0, x1, y0, y1]) => x >= x0 && x <= x1 && y >= y0 && y <= y1);
};
const ratios = [0, 4, 3, 4, 1.5, 0];
const volume = (value: (label: number) => number): Volume<"{count}"> => ({
  shape,
  affine,
  space: "scanner:spect",
  unit: "{count}",
  clock: "spect",
  frames: [{ start: 0, duration: 0 }],
  data: Float32Array.from({ length: 24 * 48 * 12 }, (_, v) => value(labelOf(v))),
});
const folder = mkdtempSync(join(tmpdir(), "sbr-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const put = (name: string, content: Uint8Array | string): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const image = put(
  "sub-5_spect.nii.gz",
  writeNifti(
    volume((label) => 20 * (1 + (ratios[label] as number))),
    { gzip: true },
  ),
);
const labels = put(
  "sub-5_desc-regions_dseg.nii.gz",
  writeNifti(
    volume((label) => label),
    { gzip: true },
  ),
);
put("sub-5_desc-regions_dseg.tsv", ["index\tname", ...names.map((name, k) => `${k + 1}\t${name}`)].join("\n"));

test("ratios as made, in a table and a JSON; norms by age; without them no z, and why", async () => {
  const out = join(folder, "out");
  const norms = put("norms.tsv", "region\tmeasure\tat0\tper_year\tsd\ncaudate\tsbr\t6\t-0.02\t0.5\n");
  const { measures, files } = await measureSbr(image, out, { labels, norms, age: 50 });
  const find = (region: string, side: string): (typeof measures)[number] | undefined =>
    measures.find((row) => row.region === region && row.side === side && row.measure === "sbr");
  expect(find("caudate", "left")?.value).toBeCloseTo(4, 4);
  expect(find("caudate", "left")?.z).toBeCloseTo(-2, 4); // (4 - 5) / 0.5
  expect(find("posterior putamen", "right")?.value).toBeCloseTo(1.5, 4);
  expect(files).toHaveLength(3);
  const page = readFileSync(files[1] as string, "utf8");
  expect(page).toMatch(/Putamen: left 3\.00, right 1\.50; the right lower \(asymmetry 67 ± \d+ %\)/);
  expect(page).not.toMatch(/NaN|undefined/);
  expect(readFileSync(files[0] as string, "utf8")).toContain("sbr-total-counts");
  const sharp = await measureSbr(image, out, { labels, spillOver: true, fwhm: 0.5 });
  const caudate = sharp.measures.find((row) => row.region === "caudate" && row.side === "left");
  // an image without blur: next to nothing is taken back
  expect(caudate?.value).toBeCloseTo(4, 3);
  expect(caudate?.method).toContain("Rousset");
  const without = await measureSbr(image, out, { labels });
  expect(without.measures.every(({ z }) => z === undefined)).toBe(true);
  expect(without.withoutNorms).toMatch(/^no z/);
  expect(without.standardErrors).toMatchObject({ from: "upper-bound", note: expect.stringMatching(/upper bound/) });
  expect(without.withoutResolution).toMatch(/lower bounds/);
});

test("replicates of the image: standard errors are their spread, on the page and in the JSON; those of another image are refused", async () => {
  const out = join(folder, "replicates");
  const [plain, n] = [volume((label) => 20 * (1 + (ratios[label] as number))), 24 * 48 * 12];
  // the left caudate of every other of ten is fuller by 2: its ratio by 0.1, so that its SD is 0.05 sqrt(10 / 9)
  const data = Float32Array.from(
    { length: 10 * n },
    (_, i) => (plain.data[i % n] as number) + (labelOf(i % n) === 1 && Math.floor(i / n) % 2 ? 2 : 0),
  );
  const frames = Array.from({ length: 10 }, (_, k) => ({ start: k, duration: 1 }));
  const replicates = put("sub-5_spect_replicates.nii.gz", writeNifti({ ...plain, frames, data }, { gzip: true }));
  const told = (sha256: string): string =>
    put("sub-5_spect_replicates.json", JSON.stringify({ ReplicatesOf: { file: "sub-5_spect.nii.gz", sha256 } }));
  told(await sha256File(image));
  const { measures, standardErrors, files } = await measureSbr(image, out, { labels, replicates });
  const of = (region: string, side: string, measure = "sbr"): number | undefined =>
    measures.find((row) => row.region === region && row.side === side && row.measure === measure)?.standardError;
  expect(standardErrors).toMatchObject({ from: "replicates", replicates: 10 });
  expect(of("caudate", "left")).toBeCloseTo(0.05 * Math.sqrt(10 / 9), 5);
  expect(of("caudate", "right")).toBe(0);
  // 400 R / (L + R)^2 with 4 and 4: 25 points a unit
  expect(of("caudate", "midline", "sbr-asymmetry")).toBeCloseTo(1.25 * Math.sqrt(10 / 9), 4);
  expect(of("striatum", "left", "caudate-putamen-ratio")).toBeCloseTo((0.05 * Math.sqrt(10 / 9)) / 3, 5);
  expect(readFileSync(files[1] as string, "utf8")).toContain("one standard error, of counting, from replicates");
  expect(JSON.parse(readFileSync(files[2] as string, "utf8")).standardErrors.from).toBe("replicates");
  told("0".repeat(64));
  await expect(measureSbr(image, out, { labels, replicates })).rejects.toMatchObject({ code: "other-image" });
});

test("binding at the reference's level: no ratio of such ratios, and no side is called lower", async () => {
  const flat = put(
    "sub-5_run-4_spect.nii.gz",
    writeNifti(
      volume((label) => 20 * (label === 1 ? 0.9 : 1)),
      { gzip: true },
    ),
  );
  const { measures, files } = await measureSbr(flat, join(folder, "flat"), { labels });
  expect(measures.filter(({ measure }) => /asymmetry|caudate-putamen/.test(measure))).toEqual([]);
  expect(readFileSync(files[1] as string, "utf8")).toMatch(/Putamen: left -?0\.00, right -?0\.00\./);
});

test("refused: no counts, another person's regions, no brain for the whole-brain reference, bad norms; nothing is written", async () => {
  const out = join(folder, "refused");
  const empty = put(
    "sub-5_run-2_spect.nii.gz",
    writeNifti(
      volume(() => 0),
      { gzip: true },
    ),
  );
  await expect(measureSbr(empty, out, { labels })).rejects.toMatchObject({ code: "zero-counts" });
  const perfusion = put("sub-5_run-3_spect.nii.gz", readFileSync(image));
  put("sub-5_run-3_spect.json", JSON.stringify({ TracerName: "Tc-99m HMPAO" }));
  await expect(measureSbr(perfusion, out, { labels })).rejects.toMatchObject({ code: "not-binding", file: perfusion });
  const other = put("sub-6_dseg.nii.gz", readFileSync(labels));
  await expect(measureSbr(image, out, { labels: other })).rejects.toMatchObject({ code: "different-people" });
  await expect(measureSbr(image, out, { labels, reference: "whole-brain" })).rejects.toMatchObject({
    code: "no-brain",
  });
  await expect(measureSbr(image, out, { labels, spillOver: true })).rejects.toMatchObject({
    code: "missing-resolution",
  });
  const bad = put("bad.tsv", "region\tmeasure\tat0\tper_year\tsd\ncaudate\tsbr\t6\t0\t0\n");
  await expect(measureSbr(image, out, { labels, norms: bad, age: 5 })).rejects.toMatchObject({ code: "bad-norms" });
  expect(existsSync(out)).toBe(false);
});
