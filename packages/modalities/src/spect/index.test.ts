import type { LabelVolume, Mask, Volume } from "@quintet/core";
import { halfLives, identityAffine } from "@quintet/core";
import { expect, test } from "vitest";
import * as door from "./index.ts";

test("the door of the SPECT wing", () => {
  expect(Object.keys(door).sort()).toEqual([
    "asymmetryIndex",
    "attenuationFinding",
    "attenuationFromCt",
    "attenuationPlace",
    "binFactors",
    "bindingErrors",
    "bodyOutline",
    "centreOfRotation",
    "checkSiscomOptions",
    "collimatorNamed",
    "collimatorResponse",
    "collimators",
    "comparedInTemplate",
    "countDispersion",
    "datBinding",
    "datRegions",
    "decayCorrect",
    "directionEvidence",
    "downscatter",
    "dualWindowScatter",
    "expectedCounts",
    "fewestPairs",
    "fewestReplicates",
    "filteredBackProjection",
    "floodFactor",
    "leadAttenuation",
    "leastPairCorrelation",
    "linearResponse",
    "noiseNormalised",
    "pairCorrelation",
    "plainSiscom",
    "qc",
    "reconFindings",
    "reconstruct",
    "referenceLevel",
    "referenceOf",
    "refuseMapElsewhere",
    "refuseWrongDirection",
    "relativePerfusion",
    "replicateCounts",
    "sbr",
    "sbrCalibration",
    "shareAtPeak",
    "siscom",
    "siscomAgreement",
    "siscomAlpha",
    "siscomFocus",
    "siscomSettings",
    "southampton",
    "spectGrid",
    "spectProjector",
    "standardStriatum",
    "striatalVolumes",
    "testRetestNorms",
    "tripleWindowScatter",
    "uniformAttenuation",
    "viewDecay",
    "viewTotals",
  ]);
});

const grid = { shape: [6, 1, 1] as const, affine: identityAffine(), space: "scanner:spect" };
const image: Volume<"{count}"> = {
  ...grid,
  unit: "{count}",
  clock: "spect",
  frames: [{ start: 0, duration: 0 }],
  data: Float32Array.of(40, 60, 30, 30, 10, 10),
};
const striatum: LabelVolume = {
  ...grid,
  data: Uint8Array.of(1, 1, 2, 2, 0, 0),
  names: new Map([
    [1, "Left-Putamen"],
    [2, "Right-Putamen"],
  ]),
};
const occipital: Mask = { ...grid, data: Uint8Array.of(0, 0, 0, 0, 1, 1) };

test("SBR = (50 - 10) / 10 = 4 on the left, 2 on the right; scale cancels", () => {
  const rows = door.sbr(image, striatum, occipital);
  expect(rows.map(({ region, side, value }) => [region, side, value])).toEqual([
    ["Putamen", "left", 4],
    ["Putamen", "right", 2],
  ]);
  expect(rows[0]?.gradient).toEqual({ "Left-Putamen": 0.1, reference: -0.5 }); // 1 / 10, -50 / 10^2
  const scaled = { ...image, data: image.data.map((x) => 3 * x) };
  expect(door.sbr(scaled, striatum, occipital).map((row) => row.value)).toBeAllclose([4, 2], { rtol: 1e-6 });
});
test("asymmetry: 200 (50 - 30) / 80 = 50 %, se by hand", () => {
  const [row] = door.asymmetryIndex(image, striatum);
  expect(row).toMatchObject({ value: 50, unit: "%", modality: "spect", region: "Putamen" });
  expect(row?.standardError).toBeCloseTo((400 / 80 ** 2) * 30 * 10, 6); // se_L 10, se_R 0
});
test("decay: a Tc-99m frame one half-life late doubles", () => {
  const late = { ...image, frames: [{ start: halfLives.Tc99m, duration: 0 }] };
  expect(door.decayCorrect(late, { radionuclide: "Tc99m", to: 0 }).data[0]).toBeCloseTo(80, 4);
});
test.each([
  ["grid-mismatch", () => door.sbr(image, striatum, { ...occipital, space: "other" })],
  ["empty-region", () => door.sbr(image, striatum, { ...occipital, data: new Uint8Array(6) })],
  ["not-positive", () => door.sbr({ ...image, data: new Float32Array(6) }, striatum, occipital)],
  ["not-finite", () => door.sbr({ ...image, data: image.data.map(() => Number.NaN) }, striatum, occipital)],
  ["not-finite", () => door.decayCorrect(image, { radionuclide: "Tc99m", to: Number.NaN })],
])("refused: %s", (code, run) => {
  expect(run).toThrow(expect.objectContaining({ code }));
});
