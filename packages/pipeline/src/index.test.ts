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
      "exportDicom",
      "kineticModelNames",
      "measureCentiloid",
      "measureUptake",
      "modelCurves",
      "openStation",
      "reconstructFile",
      "reconstructPetFile",
      "runHead",
      "runStudy",
      "scoreAgainstNormals",
      "uptakeMeasures",
      "writeGroupTable",
      "writePhantomCohort",
      "writePhantomStudy",
      "writeRealStudy",
      "writeXdfStudy",
    ]
  `);
});
