import { mapTime, timeSigma } from "@quintet/core";
import { expect, test } from "vitest";
import * as door from "./index.ts";
import { wallClockMap } from "./index.ts";

test("by hand: started 90.5 s after the origin, across midnight", () => {
  const map = wallClockMap("eeg", "2001-03-02T00:00:30.500", "2001-03-01T23:59:00");
  expect(mapTime(map, 10)).toBe(100.5);
  expect(map.method).toBe("wall-clock");
});

test("sigma joins the clocks' disagreement and the step of the stamp", () => {
  expect(timeSigma(wallClockMap("pet", "2001-03-01T10:00:00", "2001-03-01T10:00:00"), 1e4)).toBeCloseTo(
    Math.sqrt(4 + 1 / 12),
    12,
  );
  expect(
    timeSigma(wallClockMap("pet", "2001-03-01T10:00:00", "2001-03-01T10:00:00", { resolution: 0, sigma: 0.3 }), 0),
  ).toBe(0.3);
});

test.each(["yesterday", "", "2001-13-40T00:00:00"])("a start of %j is refused", (start) => {
  expect(() => wallClockMap("x", start, "2001-03-01T10:00:00")).toThrow(/ISO 8601/);
});

test("the door", () => {
  expect(Object.keys(door).sort()).toMatchInlineSnapshot(`
    [
      "clockRanges",
      "correlationMap",
      "crossCorrelationLag",
      "dejitter",
      "duplicateFindings",
      "evenStamps",
      "gapFindings",
      "hardwareLock",
      "hardwareLockMap",
      "huberLine",
      "instant",
      "mapFindings",
      "matchPulses",
      "onlineDejitter",
      "probeMap",
      "projectionTimes",
      "pulseCode",
      "readoutTimes",
      "resetLimits",
      "risingEdges",
      "scannerTriggers",
      "sliceInstants",
      "studyClock",
      "synchroniseStamps",
      "unsynchronisedSigma",
      "unwrapCounter",
      "volumeTimes",
      "wallClockMap",
    ]
  `);
});
