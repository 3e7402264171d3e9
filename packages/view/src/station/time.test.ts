import { describe, expect, test } from "vitest";
import { frameAt, frameStep } from "./frame-at.ts";
import { parseTime, sigmaText, timeText, timeTicks } from "./time-axis.ts";
import { extremesOf, pixelColour, rasterTraces } from "./trace-raster.ts";

describe("the frame at a time", () => {
  const frames = [
    { start: 0, duration: 10 },
    { start: 10, duration: 20 },
    { start: 40, duration: 20 },
  ];
  test.each([
    [0, 0, true],
    [9.999, 0, true],
    // The end belongs to the next frame.
    [10, 1, true],
    // In the gap of 30 to 40 the nearer one, said to be outside.
    [33, 1, false],
    [38, 2, false],
    [-5, 0, false],
    [60, 2, false],
  ])("at %d s frame %d, measured then: %s", (time, index, inside) => {
    expect(frameAt(frames, time)).toEqual({ index, inside });
  });

  test("an image without duration holds its instant; stepping stays at the ends", () => {
    expect(frameAt([{ start: 7, duration: 0 }], 7)).toEqual({ index: 0, inside: true });
    expect(frameStep(frames, 15, 1)).toBe(40);
    expect(frameStep(frames, 45, 1)).toBe(40);
    expect(frameStep(frames, 15, -9)).toBe(0);
  });
});

describe("times as text", () => {
  test.each([
    [75.25, 0.01, "1:15.25"],
    [3723, 1, "1:02:03"],
    [-4, 1, "−0:04"],
    [59.999, 0.1, "1:00.0"],
    [0, 0.001, "0:00.000"],
  ])("%d s in steps of %d s: %s", (seconds, step, text) => {
    expect(timeText(seconds, step)).toBe(text);
    expect(Math.abs((parseTime(text) as number) - seconds)).toBeLessThanOrEqual(step);
  });

  test("an unknown uncertainty is no 0", () => {
    expect(sigmaText(null)).toBeUndefined();
    expect(sigmaText(Number.NaN)).toBeUndefined();
    expect([0, 0.0123, 2.04, 240].map((s) => sigmaText(s))).toEqual(["±0 ms", "±12 ms", "±2 s", "±4 min"]);
  });

  test.each(["", "a", "1:2:3:4", "1:-2", "12:"])("%j is no time", (text) => {
    expect(parseTime(text)).toBeUndefined();
  });

  test("ticks are round and within the axis", () => {
    expect(timeTicks(0.5, 10.2, 6)).toEqual({ step: 2, at: [2, 4, 6, 8, 10] });
    expect(timeTicks(0, 7200, 5).step).toBe(1800);
  });
});

describe("traces as pixels", () => {
  test("each column runs from its smallest to its largest value and meets its neighbour", () => {
    const [width, white] = [3, 0xffffffff];
    const pixels = new Uint32Array(width * 8);
    const extremes = Float32Array.of(0, 1, 3, 3, Number.NaN, Number.NaN);
    rasterTraces(pixels, width, [{ extremes, y: 6, centre: 0, gain: 1, colour: white }]);
    const column = (c: number): number[] =>
      Array.from({ length: 8 }, (_, row) => row).filter((row) => pixels[row * width + c] === white);
    expect(column(0)).toEqual([5, 6]);
    // 3 lies on row 3; row 4 joins it to the 1 beside it.
    expect(column(1)).toEqual([3, 4]);
    expect(column(2)).toEqual([]);
  });

  test("nothing is written beyond the picture, whatever the values", () => {
    const pixels = new Uint32Array(4 * 4);
    rasterTraces(
      pixels,
      4,
      [{ extremes: Float32Array.of(-1e9, 1e9, 5, 5, -5, -5), y: 2, centre: 0, gain: 1, colour: 1 }],
      2,
    );
    expect([0, 1].every((c) => [0, 1, 2, 3].every((row) => pixels[row * 4 + c] === 0))).toBe(true);
    expect([0, 1, 2, 3].every((row) => pixels[row * 4 + 2] === 1)).toBe(true);
  });

  test("no spike is lost between samples and columns, and few samples are joined by lines", () => {
    const samples = new Float32Array(1000);
    samples[537] = 9;
    const many = extremesOf(samples, 0, 100, { from: 0, to: 10, columns: 20 });
    expect(many[2 * 10 + 1]).toBe(9);
    expect([...many].filter((v) => v === 9)).toHaveLength(1);
    const few = extremesOf([0, 10], 0, 1, { from: 0, to: 1, columns: 4 });
    expect([...few]).toEqual([0, 0, 3.75, 3.75, 6.25, 6.25, 8.75, 8.75]);
    expect(extremesOf([1, 2], 5, 1, { from: 0, to: 2, columns: 1 })).toEqual(Float32Array.of(Number.NaN, Number.NaN));
  });

  test("colours are words of a little-endian picture", () => {
    expect(pixelColour("#123456")).toBe(0xff563412);
  });
});
