import type { Blood } from "@quintet/core";
import { expect, test } from "vitest";
import { readBloodTsv } from "./blood.ts";
import { sidecarProblems } from "./rules.ts";
import { writeBloodTsv } from "./write-blood.ts";

const blood: Blood = {
  clock: "pet",
  wholeBlood: { time: Float64Array.of(0, 1, 2, 60), value: Float64Array.of(0, 12_000, 25_500.5, 900), unit: "Bq/mL" },
  plasma: { time: Float64Array.of(2, 60), value: Float64Array.of(30_000, 1000), unit: "Bq/mL" },
  parentFraction: { time: Float64Array.of(2, 300), value: Float64Array.of(1, 0.42), unit: "1" },
};

test("what is written is read back, each curve with its own samples", () => {
  const { tsv, metadata } = writeBloodTsv(blood, {
    MetaboliteMethod: "HPLC",
    MetaboliteRecoveryCorrectionApplied: false,
  });
  expect(tsv.split("\n").slice(0, 3)).toEqual([
    "time\twhole_blood_radioactivity\tplasma_radioactivity\tmetabolite_parent_fraction",
    "0\t0\tn/a\tn/a",
    "1\t12000\tn/a\tn/a",
  ]);
  expect(readBloodTsv(tsv, { file: "blood.tsv", clock: "pet", metadata })).toEqual(blood);
  expect(sidecarProblems("blood.tsv", "blood", {}, metadata)).toEqual([]);
});

test("a side file that does not say how metabolites were measured is told of", () => {
  const { metadata } = writeBloodTsv(blood);
  expect(sidecarProblems("blood.tsv", "blood", {}, metadata).map(({ expected }) => expected)).toEqual([
    expect.stringMatching(/MetaboliteMethod/),
    expect.stringMatching(/MetaboliteRecoveryCorrectionApplied/),
  ]);
});
