import type { Mask, Volume } from "@quintet/core";
import { identityAffine } from "@quintet/core";
import { expect, test } from "vitest";
import * as door from "./index.ts";

test("the door of the PET wing", () => {
  expect(Object.keys(door).sort()).toEqual([
    "asymmetryIndex",
    "attenuationProjector",
    "centiloid",
    "centiloidAnchors",
    "centiloidEquations",
    "decayCorrect",
    "delayed",
    "estimateDelay",
    "estimated",
    "eventLines",
    "exponentialTail",
    "frameWeights",
    "halfSpeedOfLight",
    "hypometabolicClusters",
    "imageGrid",
    "imageResolution",
    "injectionFrom",
    "irreversibleTwoTissue",
    "kineticData",
    "leanBodyMass",
    "listModeProjector",
    "logan",
    "loganMap",
    "ma1",
    "ma1Map",
    "meanOverWindow",
    "mrtm1",
    "mrtm2",
    "mrtm2Map",
    "normativeMap",
    "normativeZ",
    "oneTissue",
    "parentFraction",
    "parentModels",
    "patlak",
    "patlakMap",
    "plasmaInput",
    "qc",
    "radionuclideOf",
    "referenceLogan",
    "referenceLoganMap",
    "referencePatlak",
    "regionBasedVoxelwise",
    "regionNamed",
    "regionalMeans",
    "scannerNamed",
    "scanners",
    "sinogramLines",
    "sinogramProjector",
    "srtm",
    "srtm2",
    "srtm2Map",
    "srtmMap",
    "sul",
    "surfacePeaks",
    "suv",
    "suvFromUncorrected",
    "suvr",
    "toActivity",
    "transferMatrix",
    "twoTissue",
    "unionOf",
    "weightSchemes",
    "withoutDispersion",
  ]);
});

test("qc: a gap of 30 s warns, a NaN is bad, a negative brain is bad", () => {
  const grid = { shape: [2, 1, 1] as const, affine: identityAffine(), space: "scanner:pet" };
  const brain: Mask = { ...grid, data: Uint8Array.of(1, 1) };
  const pet: Volume<"Bq/mL"> = {
    ...grid,
    unit: "Bq/mL",
    clock: "pet",
    frames: [
      { start: 0, duration: 300 },
      { start: 330, duration: 300 },
    ],
    data: Float32Array.of(1, -1, Number.NaN, 1),
  };
  const verdicts = Object.fromEntries(door.qc(pet, { brain }).map((f) => [f.name, `${f.value} ${f.verdict}`]));
  expect(verdicts).toEqual({
    "non-finite-voxels": "1 bad",
    "negative-voxels": "25 bad",
    "frame-gap": "30 warn",
    "centre-shift": "0 ok",
  });
});
test("qc: FDG scanned 20 min after injection warns", () => {
  const pet: Volume<"Bq/mL"> = {
    shape: [1, 1, 1],
    affine: identityAffine(),
    space: "scanner:pet",
    unit: "Bq/mL",
    clock: "pet",
    frames: [{ start: 1200, duration: 600 }],
    data: Float32Array.of(1),
  };
  expect(door.qc(pet, { tracer: "FDG", injection: 0 }).at(-1)).toMatchObject({ name: "uptake-time", verdict: "warn" });
});
