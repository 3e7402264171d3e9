/** [11C]MC1 read as BIDS has it (blood table, curves of PETPrep) and fitted from end to end. */
import { readFileSync } from "node:fs";
import { identityAffine, type Volume } from "@quintet/core";
import { readBloodTsv, readJson, readTacsTsv } from "@quintet/io";
import { expect, test } from "vitest";
import { describeRealData } from "../../../../../../testing/real-data.ts";
import { injectionFrom } from "../injection.ts";
import { estimated } from "../kinetics/estimate.ts";
import { kineticData, unionOf } from "../kinetics/kinetic-data.ts";
import { logan } from "../kinetics/logan.ts";
import { twoTissue } from "../kinetics/two-tissue.ts";
import { suv } from "../suv.ts";
import { plasmaInput } from "./plasma-input.ts";

const scans = [
  "sub-01/ses-baseline",
  "sub-01/ses-blocked",
  "sub-02/ses-baseline",
  "sub-02/ses-blocked",
  "sub-11/ses-test",
  "sub-11/ses-retest",
];
const root = "pet/ds004869";
const files = scans.flatMap((scan) => {
  const name = scan.replace("/", "_");
  return [
    `${root}/${scan}/pet/${name}_recording-manual_blood`,
    `${root}/derivatives/petprep/${scan}/pet/${name}_desc-preproc_seg-gtm_tacs`,
  ].flatMap((stem) => [`${stem}.tsv`, `${stem}.json`]);
});

describeRealData("[11C]MC1 from BIDS", files, (...paths) => {
  const fits = (scan: string, regions: RegExp, bloodUnit?: string) => {
    const [bloodTsv = "", bloodJson = "", tacsTsv = "", tacsJson = ""] = paths.slice(4 * scans.indexOf(scan));
    const text = (path: string): string => readFileSync(path, "utf8");
    const described = text(bloodJson).replaceAll('"Bq/mL"', `"${bloodUnit ?? "Bq/mL"}"`);
    const metadata = readJson(described, bloodJson);
    const blood = readBloodTsv(text(bloodTsv), { file: bloodTsv, clock: "pet", metadata });
    const tacs = readTacsTsv(text(tacsTsv), { file: tacsTsv, metadata: readJson(text(tacsJson), tacsJson) });
    const input = plasmaInput([blood]);
    const region = unionOf(
      "region",
      tacs.regions.filter(({ name }) => regions.test(name)),
    );
    const data = kineticData(tacs, region, { compare: "mean" });
    const two = twoTissue(data, input);
    const plot = logan(kineticData(tacs, region), input, { start: 30 });
    return { two: estimated(two, "VT"), logan: estimated(plot, "VT"), flags: two.flags };
  };
  // Quick fits of the same data by another program, with the same choices: blood volume free, no weights, frames as means.
  test.each([
    ["sub-01/ses-baseline", /^ctx.*frontal/, 2.38, 2.15],
    ["sub-02/ses-baseline", /^ctx.*frontal/, 2.58, 2.23],
    ["sub-02/ses-blocked", /^ctx.*frontal/, 2.03, 1.96],
    ["sub-11/ses-test", /^ctx.*frontal/, 2.29, 2.12],
    ["sub-11/ses-retest", /^ctx.*frontal/, 2.45, 2.16],
    ["sub-01/ses-baseline", /Cerebellum-Cortex/, 1.67, 1.6],
    ["sub-11/ses-test", /Cerebellum-Cortex/, 1.63, 1.59],
    ["sub-11/ses-retest", /Cerebellum-Cortex/, 1.8, 1.69],
  ] as const)("%s %s: V_T of two compartments %d and of Logan %d within 15 %", (scan, regions, two, plot) => {
    const found = fits(scan, regions);
    console.log(
      `${scan} ${regions.source}: 2TCM ${found.two?.toFixed(3)} (${two}), Logan ${found.logan?.toFixed(3)} (${plot})`,
    );
    expect([found.two ?? Number.NaN, found.logan ?? Number.NaN]).toBeAllclose([two, plot], { rtol: 0.15 });
  });
  test("a scan whose blood table states Bq/mL for kBq/mL is refused; with the right unit it is fitted", () => {
    expect(() => fits("sub-01/ses-blocked", /^ctx.*frontal/)).toThrow(
      expect.objectContaining({ code: "disagreement" }),
    );
    const { two, logan: plot } = fits("sub-01/ses-blocked", /^ctx.*frontal/, "kBq/mL");
    expect([two ?? Number.NaN, plot ?? Number.NaN]).toBeAllclose([2.17, 1.97], { rtol: 0.15 });
  });
});

describeRealData("SUV of [11C]MC1", [`${root}/sub-01/ses-baseline/pet/sub-01_ses-baseline_pet.json`], (path) => {
  test("a sidecar that states 0.65 MBq for 654 MBq has no SUV", () => {
    const facts = injectionFrom(readJson(readFileSync(path, "utf8"), path), { label: "01", weight: 70 });
    const pet: Volume<"Bq/mL"> = {
      unit: "Bq/mL",
      shape: [1, 1, 1],
      affine: identityAffine(),
      space: "scanner:pet",
      clock: "pet",
      frames: [{ start: 0, duration: 60 }],
      data: Float32Array.of(1e4),
    };
    expect(() => suv(pet, facts)).toThrow(expect.objectContaining({ code: "implausible-dose" }));
  });
});
