import { expect, test } from "vitest";
import * as door from "./index.ts";

test("what @quintet/live exports", () => {
  expect(Object.keys(door).sort()).toMatchInlineSnapshot(`
    [
      "localClock",
      "loopback",
      "openBridge",
      "openInlet",
      "openOutlet",
      "openRecorder",
      "openSession",
      "queryOf",
      "replay",
      "resolveStreams",
      "streamsOfFile",
    ]
  `);
});
