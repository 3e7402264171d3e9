import { expect, test } from "vitest";
import * as door from "./index.ts";

test("the door of the pipeline", () => {
  expect(Object.keys(door).sort()).toMatchInlineSnapshot(`
    [
      "analyseBoldFile",
      "buildNormsFrom",
      "checkPhantom",
      "cleanEegFile",
      "correctPartialVolume",
      "decayTimes",
      "exportDicom",
      "extinctionTableNames",
      "findSpikes",
      "fitNirsFile",
      "groupNirsTables",
      "imageNirsFile",
      "kineticModelNames",
      "locateSources",
      "mapImage",
      "measureCentiloid",
      "measureSbr",
      "measureUptake",
      "modelCurves",
      "openStation",
      "reconstructFile",
      "reconstructPetFile",
      "reconstructSpectFile",
      "runHead",
      "runStudy",
      "scoreAgainstNormals",
      "sourceMethods",
      "spectNuclides",
      "subtractIctal",
      "uptakeMeasures",
      "voxelModelNames",
      "writeGroupTable",
      "writePhantomCohort",
      "writePhantomStudy",
      "writeRealStudy",
      "writeXdfStudy",
    ]
  `);
});
