import { expect, test } from "vitest";
import * as io from "../index.ts";
import * as node from "../node/index.ts";

test("what BIDS adds to the two doors of io", () => {
  const pure = Object.keys(io).filter((name) =>
    /Tsv|Json|bids|Bids|cell|Cell|problemLine|sidecar|Sidecar|injected|requiredFields|coordsystem|withChannels/.test(
      name,
    ),
  );
  expect(pure.sort()).toMatchInlineSnapshot(`
    [
      "bidsName",
      "cell",
      "coordsystemOf",
      "injectedActivity",
      "numberCell",
      "parseBidsName",
      "problemLine",
      "readBloodTsv",
      "readChannelsTsv",
      "readElectrodesTsv",
      "readEventsTsv",
      "readJson",
      "readOptodesTsv",
      "readParticipantsTsv",
      "readScansTsv",
      "readSessionsTsv",
      "readTsv",
      "requiredFields",
      "sidecarProblems",
      "withChannels",
      "withSidecar",
      "writeChannelsTsv",
      "writeElectrodesTsv",
      "writeEventsTsv",
      "writeJson",
      "writeOptodesTsv",
      "writeTsv",
    ]
  `);
  const files = Object.keys(node).filter((name) =>
    /Study|studyProblems|BidsWriter|importFolder|inspectPath/.test(name),
  );
  expect(files.sort()).toMatchInlineSnapshot(`
    [
      "BidsWriter",
      "importFolder",
      "inspectPath",
      "readStudy",
      "studyProblems",
      "validateStudy",
    ]
  `);
});
