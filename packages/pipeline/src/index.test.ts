import { expect, test } from "vitest";
import * as door from "./index.ts";

test("the door of the pipeline", () => {
  expect(Object.keys(door).sort()).toMatchInlineSnapshot(`
    [
      "analyseBoldFile",
      "buildNormsFrom",
      "exportDicom",
      "kineticModelNames",
      "modelCurves",
      "openStation",
      "reconstructFile",
      "reconstructPetFile",
      "runHead",
      "runStudy",
      "writeGroupTable",
      "writePhantomCohort",
      "writePhantomStudy",
      "writeRealStudy",
      "writeXdfStudy",
    ]
  `);
});
