import { describe, expect, test } from "vitest";
import { countFindings, sumOfFrames } from "../index.ts";
import type { Reconstruction } from "./reconstruct.ts";

const frame = (scale?: number, error = 0.02): Reconstruction =>
  ({
    totals: { prompts: 100, randoms: 20, scatter: 16 },
    fit: { counts: 100, blind: 0, unexplained: 0, history: [{ change: 0.01 }] },
    kernel: "none",
    notes: [],
    ...(scale === undefined ? {} : { tails: { overall: { value: scale, error } } }),
  }) as unknown as Reconstruction;

describe("countFindings", () => {
  test("by hand: a fifth randoms, a fifth of the rest scatter, ten counts a second", () => {
    const values = Object.fromEntries(countFindings(frame(), 10).map(({ name, value }) => [name, value]));
    expect(values).toMatchObject({ "prompt-rate": 10, "randoms-fraction": 0.2, "scatter-fraction": 0.2 });
    expect(values).not.toHaveProperty("scatter-scale");
  });
  test("a term left out has no share: it is not modelled, and the reader is told so", () => {
    const found = countFindings(frame(), 10, { randoms: false, scatter: true });
    const of = (name: string) => found.find((finding) => finding.name === name);
    expect(of("randoms-fraction")).toMatchObject({ value: "not modelled", verdict: "warn" });
    expect(of("scatter-fraction")).toMatchObject({ value: 0.2, verdict: "ok" });
    expect(countFindings(frame(), 10, { randoms: true, scatter: false })[3]).toMatchObject({ value: "not modelled" });
  });
  test.each([
    [1, 0.02, "ok"],
    [1.2, 0.02, "ok"],
    [0, 0.02, "warn"],
    [1.8, 0.02, "warn"],
    // few counts: it may be 1
    [0.4, 0.3, "ok"],
  ])("tails that ask for %d ± %d of the computed scatter: %s", (scale, error, verdict) => {
    const finding = countFindings(frame(scale, error), 10).find(({ name }) => name === "scatter-scale");
    expect(finding).toMatchObject({ value: scale, verdict, note: expect.stringContaining(`± ${error.toFixed(3)}`) });
  });
  test("of several frames the scale farthest from 1 counts", () => {
    expect(sumOfFrames([frame(1.1), frame(), frame(0.5), frame(1.3)]).tails?.overall.value).toBe(0.5);
    expect(sumOfFrames([frame(), frame()])).not.toHaveProperty("tails");
  });
});
