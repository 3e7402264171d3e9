import { expect, test } from "vitest";
import { figureOf, findingLine } from "./finding-line.ts";

test.each([
  [399_770, "{count}", "399,770"],
  [6662.83333, "1/s", "6663 1/s"],
  [0.123456, "1", "0.1235"],
  ["not modelled", undefined, "not modelled"],
] as const)("%s %s is told as %s", (value, unit, told) => {
  expect(figureOf(value, unit)).toBe(told);
});

test("a line says what to look at, and why", () => {
  const about = { modality: "pet", name: "prompts", unit: "{count}", note: "in the window" } as const;
  expect(findingLine({ ...about, value: 12, verdict: "ok" })).toBe("  - prompts 12 (in the window)");
  expect(findingLine({ ...about, value: 12, verdict: "bad" })).toBe("  ! prompts 12 (in the window)");
});
