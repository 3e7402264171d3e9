import type { SpectProjections } from "@quintet/core";
import { viewTotals } from "@quintet/modalities/spect";
import { expect, test } from "vitest";
import { jsonText } from "../recon-side-file.ts";
import { readReconRecord, termLines, viewsRecord } from "./recon-record.ts";

/** Two views of 3 columns and 2 rows; the second row is fuller. */
const scan: SpectProjections = {
  columns: 3,
  rows: 2,
  size: [4, 5],
  angles: Float64Array.of(0, 1),
  radii: Float64Array.of(100, 100),
  data: Float32Array.of(0, 1, 0, 0, 2, 1, 0, 0, 0, 3, 0, 0),
};

test("by hand: the fullest row, counts and centres of views", () => {
  const views = viewTotals(scan);
  expect(views).toMatchObject({ columns: 3, columnSize: 4, row: 2 });
  expect([...views.sinogram]).toEqual([0, 2, 1, 3, 0, 0]);
  expect([...views.counts]).toEqual([4, 3]);
  // one count of four a column of 4 mm to the right; three counts a column to the left
  expect([...views.centres]).toEqual([1, -4]);
  expect([...viewTotals({ ...scan, data: new Float32Array(12) }).centres]).toEqual([0, 0]);
});

test("written as JSON, a list of numbers on one line, and read again", () => {
  const views = viewTotals(scan);
  const finding = {
    modality: "spect",
    name: "counts",
    value: 7,
    unit: "{count}",
    verdict: "bad",
    note: "few",
  } as const;
  const side = {
    ReconMethodName: "osem",
    ReconMethodParameterLabels: ["iterations", "subsets"],
    ReconMethodParameterValues: [4, 12],
    ReconFilterType: "Gaussian",
    ReconFilterSize: 8,
    Terms: { nuclide: "Tc99m", decay: false, lower: undefined },
    notes: ["one"],
    findings: [finding, { name: "half" }],
    Views: viewsRecord(views),
  };
  const text = jsonText(side);
  expect(text).toContain('"counts": [4, 3]');
  const record = readReconRecord(JSON.parse(text), "x.json");
  const settings = [
    ["algorithm", "OSEM, expectation maximisation over ordered subsets"],
    ["iterations", "4"],
    ["subsets", "12"],
    ["filter", "Gaussian, 8 mm full width at half maximum"],
  ];
  expect(record).toEqual({
    settings,
    terms: ["nuclide: Tc99m", "decay: no"],
    notes: ["one"],
    findings: [finding],
    views,
  });
  expect(termLines({ flood: "none", decay: true })).toEqual(["flood: not modelled", "decay: yes"]);
});

const whole = viewsRecord(viewTotals(scan));
test.each([
  ["no views", undefined],
  ["a text", "views"],
  ["a count too few", { ...whole, counts: [4] }],
  [
    "a row too short",
    {
      ...whole,
      sinogram: [
        [1, 2],
        [3, 0, 0],
      ],
    },
  ],
  ["a hole", { ...whole, centres_mm: [1, null] }],
  ["no size", { ...whole, column_mm: 0 }],
])("refused: %s", (_, Views) => {
  expect(() => readReconRecord({ Views }, "x.json")).toThrow(expect.objectContaining({ code: "bad-views" }));
});
