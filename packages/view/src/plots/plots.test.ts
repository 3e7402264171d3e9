import { describe, expect, test } from "vitest";
import { traceSpacing, traceStack } from "../traces/trace-stack.ts";
import { axisTicks, logTicks, niceTicks, readable, tickLabel } from "./axis.ts";
import { linePlot } from "./line-plot.ts";

describe("axes", () => {
  test.each([
    [0, 10, 5, [0, 2, 4, 6, 8, 10]],
    [-4, 20, 5, [0, 5, 10, 15, 20]],
    [0.13, 0.42, 3, [0.2, 0.3, 0.4]],
    [5, 5, 5, [5]],
  ])("round ticks in %f ... %f", (low, high, count, ticks) => {
    expect(niceTicks(low, high, count)).toBeAllclose(ticks, { atol: 1e-12 });
  });

  test("decades, and 2 and 5 within one decade", () => {
    expect(logTicks(0.08, 30)).toBeAllclose([0.1, 1, 10], { rtol: 1e-12 });
    expect(logTicks(1.5, 8)).toBeAllclose([2, 5], { rtol: 1e-12 });
  });

  test.each([
    [0, "0"],
    [-3.456, "−3.46"],
    [12.34, "12.3"],
    [1234.4, "1234"],
    [0.0123, "0.0123"],
    [3.5e-7, "3.5·10⁻⁷"],
    [1e6, "10⁶"],
    [Number.NaN, "–"],
  ])("%d is written %s", (value, text) => expect(readable(value)).toBe(text));

  test("tick labels have the digits of their step and a true minus", () => {
    expect([-0.5, 0, 0.5].map((t) => tickLabel(t, 0.5))).toEqual(["−0.5", "0.0", "0.5"]);
    expect(axisTicks({ label: "", low: 0, high: 2000 }).map((t) => t.label)).toEqual([
      "0",
      "500",
      "1000",
      "1500",
      "2000",
    ]);
  });
});

test("of things that are counted no tick lies between two whole numbers", () => {
  const axis = { label: "iteration", low: 1, high: 4 };
  expect(axisTicks(axis, 7).map((t) => t.label)).toContain("1.5");
  expect(axisTicks({ ...axis, whole: true }, 7).map((t) => t.label)).toEqual(["1", "2", "3", "4"]);
});

describe("linePlot", () => {
  test("both axes carry their label; a point lies where its value says", () => {
    const { markup } = linePlot({
      title: "t",
      x: { label: "time (s)", low: 0, high: 10 },
      y: { label: "potential (µV)", low: -1, high: 1 },
      series: [{ name: "a", x: [0, 5, 10], y: [0, 1, Number.NaN], colour: "#000" }],
    });
    expect(markup).toContain(">time (s)</text>");
    expect(markup).toContain(">potential (µV)</text>");
    // Plot area: x 58 ... 506, y 20 ... 236; the missing point is left out.
    expect(markup).toContain("M58 128L282 20");
  });

  test("the band is closed around the curve", () => {
    const { markup } = linePlot({
      title: "t",
      x: { label: "", low: 0, high: 1 },
      y: { label: "", low: 0, high: 4 },
      series: [{ name: "a", x: [0, 1], y: [2, 2], band: [1, 1], colour: "#000" }],
    });
    expect(markup).toContain("M58 74L506 74L506 182L58 182Z");
  });
});

describe("traceStack", () => {
  const data = [Float64Array.from({ length: 5000 }, (_, i) => (i === 2500 ? 90e-6 : 10e-6 * Math.sin(i / 9)))];

  test("a spike of one sample is not lost between pixel columns", () => {
    const { markup } = traceStack({ channels: ["Cz"], rate: 500, start: 0, data });
    const spacing = traceSpacing(data);
    const top = 26 + 12 - (90 / spacing) * 24;
    expect(markup).toContain(` ${top.toFixed(1)}`);
  });

  test("the distance between lines is round, and said in µV; positive is up; bad channels are marked", () => {
    expect(traceSpacing(data)).toBe(50); // SD 7.1 µV x 5 = 35, next round number 50
    const { markup } = traceStack({ channels: ["Cz"], rate: 500, start: 3, data }, ["Cz"]);
    expect(markup).toContain("50 µV");
    expect(markup).toContain("Cz ✕");
    expect(markup).toContain("+ up");
  });

  test("an empty or constant recording is drawn as such", () => {
    expect(traceStack({ channels: ["Cz"], rate: 500, start: 0, data: [new Float64Array(10)] }).markup).toContain("Cz");
  });
});
