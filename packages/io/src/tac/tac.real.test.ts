import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { describeRealData } from "../../../../testing/real-data.ts";
import { readBloodTsv } from "../bids/blood.ts";
import { readJson } from "../bids/json.ts";
import { readPmodTac } from "./pmod.ts";
import { readTacsTsv } from "./tacs-tsv.ts";

const session = "sub-01/ses-baseline/pet/sub-01_ses-baseline";
const tacs = `pet/ds004869/derivatives/petprep/${session}_desc-preproc_seg-gtm_tacs`;
const blood = `pet/ds004869/${session}_recording-manual_blood`;

describeRealData(
  "[11C]MC1, sub-01 baseline",
  [`${tacs}.tsv`, `${tacs}.json`, `${blood}.tsv`, `${blood}.json`],
  (tsv, json, bloodTsv, bloodJson) => {
    const text = (path: string): string => readFileSync(path, "utf8");
    test("33 frames of all regions, in Bq/mL", () => {
      const read = readTacsTsv(text(tsv), { file: tsv, metadata: readJson(text(json), json) });
      expect(read.frames).toHaveLength(33);
      expect(read.frames.at(-1)).toEqual({ start: 6900, duration: 300 });
      const white = read.regions.find(({ name }) => name === "Left-Cerebral-White-Matter");
      expect([...(white?.values.subarray(0, 2) ?? [])]).toEqual([15.33523114026228, 1595.802696154599]);
    });

    test("blood: kBq/mL become Bq/mL, the parent fraction stays a fraction", () => {
      const read = readBloodTsv(text(bloodTsv), {
        file: bloodTsv,
        clock: "pet",
        metadata: readJson(text(bloodJson), bloodJson),
      });
      expect([read.plasma?.time[2], read.parentFraction?.value[0]]).toEqual([46, 0.9722]);
      expect(read.plasma?.value[2]).toBeCloseTo(19_577.75201, 6);
      expect(read.wholeBlood?.value[3]).toBeCloseTo(35_403.24904, 6);
    });
  },
);

describeRealData("a published .tac table", ["pet/kineticmodel/ROI_TAC_nonPVE.txt"], (path) => {
  test("its header calls the start time and gives the unit with the end", () => {
    const read = readPmodTac(readFileSync(path, "utf8"), { file: path });
    expect(read.unit).toBe("Bq/mL");
    expect(read.frames.slice(0, 2)).toEqual([
      { start: 0, duration: 5 },
      { start: 5, duration: 5 },
    ]);
    expect(read.regions.map(({ name }) => name)).toEqual(expect.arrayContaining(["Neocortex", "Total_cb"]));
  });
});
