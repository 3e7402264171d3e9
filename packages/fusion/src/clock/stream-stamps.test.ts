import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { describeRealData } from "../../../../testing/real-data.ts";
import { readXdf } from "../../../io/src/xdf/xdf.ts";
import { dejitter, evenStamps } from "./dejitter.ts";
import { huberLine } from "./huber-line.ts";
import { onlineDejitter } from "./online-dejitter.ts";
import { synchroniseStamps } from "./stream-stamps.ts";

// Offsets with a slow drift, a small ripple and every 17th probe 50 ms late.
const times = Float64Array.from({ length: 121 }, (_, k) => 1000 + 5 * k);
const values = times.map(
  (t, k) => -0.5 + 20e-6 * (t - 1000) + 1e-5 * Math.sin(12.9898 * k) + (k % 17 === 0 ? 0.05 : 0),
);

test("a robust line through clock offsets gives pyxdf's numbers", () => {
  const { intercept, slope } = huberLine(times, values);
  // Both are ends of 1000 iterations; they differ in the order of sums alone.
  expect(Math.abs(intercept - -0.5199896283551918)).toBeLessThan(1e-11);
  expect(Math.abs(slope - 1.999750405429408e-5)).toBeLessThan(1e-14);
  expect(Math.abs(intercept + slope * 1300 - -0.4939928730846095)).toBeLessThan(1e-11);
});

test("the line is exact for two offsets, moves with them, and is refused for one", () => {
  const two = huberLine([10, 20], [1, 3]);
  expect(two.slope).toBeCloseTo(0.2, 9);
  expect(two.intercept).toBeCloseTo(-1, 8);
  const shifted = huberLine(
    times,
    values.map((v) => v + 7),
  );
  expect(shifted.intercept - huberLine(times, values).intercept).toBeCloseTo(7, 9);
  expect(() => huberLine([1], [1])).toThrow(expect.objectContaining({ code: "too-few-probes" }));
  expect(() => huberLine([1, 1], [1, 2])).toThrow(expect.objectContaining({ code: "singular-fit" }));
});

const jittered = Float64Array.from({ length: 5000 }, (_, i) => 2000 + i / 500 + 0.002 * Math.sin(12.9898 * i));

test("jitter removed by a line gives pyxdf's numbers", () => {
  const even = dejitter(jittered, 500);
  const stamps = evenStamps(even.runs);
  expect(even.runs).toHaveLength(1);
  // float64 at 2000 s has steps of 2.3e-13.
  expect(Math.abs((stamps[0] as number) - 2000.0000053938038)).toBeLessThan(1e-11);
  expect(Math.abs((stamps.at(-1) as number) - 2009.9979947951151)).toBeLessThan(1e-11);
  expect(Math.abs(even.effectiveRate - 500.0005300410042)).toBeLessThan(1e-8);
});

test("a gap parts two runs; one sample is a run of its own", () => {
  const { runs, effectiveRate } = dejitter([0, 0.1, 0.2, 5, 5.1, 99], 10, { samples: 5 });
  expect(runs.map(({ first, last }) => [first, last])).toEqual([
    [0, 2],
    [3, 4],
    [5, 5],
  ]);
  expect(effectiveRate).toBeCloseTo(10, 9);
  expect(dejitter([], 10)).toEqual({ runs: [], effectiveRate: 0 });
});

test("jitter removed sample by sample gives liblsl's numbers", () => {
  const online = onlineDejitter(500);
  const smooth = jittered.map(online.next);
  expect(Math.abs((smooth.at(-1) as number) - 2009.9979948006405)).toBeLessThan(1e-9);
  const { offset, step } = online.state();
  expect(Math.abs(offset - 5.388209483017239e-6)).toBeLessThan(1e-9);
  expect(Math.abs(step - 0.0019999978820626004)).toBeLessThan(1e-12);
  const tail = smooth.subarray(2500).map((t, i) => t - (2000 + (i + 2500) / 500));
  const mean = tail.reduce((a, b) => a + b, 0) / tail.length;
  const sd = Math.sqrt(tail.reduce((a, b) => a + (b - mean) ** 2, 0) / tail.length);
  expect(sd).toBeLessThan(7e-6);
});

describe("what a recorder wrote", () => {
  const regular = { rate: 100, stamps: Float64Array.from({ length: 500 }, (_, i) => 50 + i / 100) };
  const offsets = (...pairs: readonly (readonly [number, number])[]) => ({
    times: Float64Array.from(pairs, ([t]) => t),
    values: Float64Array.from(pairs, ([, v]) => v),
  });

  test("no offsets leave the stamps where they are; one offset moves them", () => {
    expect(synchroniseStamps({ ...regular, offsets: offsets() }).stamps).toBeAllclose(regular.stamps, { atol: 1e-12 });
    const moved = synchroniseStamps({ ...regular, offsets: offsets([51, 2.5]) });
    expect(moved.stamps).toBeAllclose(
      regular.stamps.map((t) => t + 2.5),
      { atol: 1e-12 },
    );
  });

  test("an anomalous last offset goes with its extra sample, and only with it", () => {
    const odd = offsets([50, 1], [51, 1.001], [52, 0.999], [53, 1], [90, 77]);
    const kept = synchroniseStamps({ ...regular, offsets: odd, footerCount: 500 });
    const cut = synchroniseStamps({ ...regular, offsets: odd, footerCount: 499 });
    expect([kept.stamps.length, cut.stamps.length]).toEqual([500, 499]);
    expect(cut.findings[0]).toMatch(/anomalous/);
    expect(Math.abs((cut.stamps[0] as number) - 51)).toBeLessThan(0.01);
  });

  test("a stream that drops samples keeps its stamps; a wrong rate is told", () => {
    const dropped = Float64Array.from([0, 0.1, 0.2, 0.8, 0.9]);
    const camera = synchroniseStamps({ stamps: dropped, rate: 10, offsets: offsets(), canDropSamples: true });
    expect(camera.stamps).toEqual(dropped);
    expect(synchroniseStamps({ ...regular, rate: 80, offsets: offsets() }).findings[0]).toMatch(/100\.0000 Hz/);
  });
});

const files = ["minimal", "clock_resets", "empty_streams"].map((name) => join("eeg/xdf", `${name}.xdf`));
describeRealData("XDF example files", files, (minimal, resets, empty) => {
  const read = (path: string) => readXdf(readFileSync(path), { file: path }).streams;

  test("minimal: pyxdf's stamps", () => {
    const [eeg, marks] = read(minimal as string);
    const sync = [eeg, marks].map((s) => synchroniseStamps(s as NonNullable<typeof s>));
    expect(sync[0]?.stamps).toBeAllclose([5, 5.1, 5.2, 5.3, 5.4, 5.5, 5.6, 5.7, 5.8], { atol: 1e-6 });
    expect(sync[1]?.stamps).toBeAllclose([5.1, 5.2, 5.3, 5.4, 5.5, 5.6, 5.7, 5.8, 5.9], { atol: 1e-6 });
  });

  // Printed by pyxdf 1.17.5.
  test("clock_resets: two clocks, pyxdf's stamps, segments and rate", () => {
    const [marks, eeg] = read(resets as string).map(synchroniseStamps);
    expect([marks?.stamps.length, eeg?.stamps.length]).toEqual([175, 27815]);
    const ends = (stamps: Float64Array | undefined) => [stamps?.[0], stamps?.[1], stamps?.at(-2), stamps?.at(-1)];
    expect(ends(marks?.stamps) as number[]).toBeAllclose(
      [812.9279042048147, 815.7174127919134, 1380.0471071531406, 1380.8194507223984],
      { atol: 1e-6 },
    );
    expect(ends(eeg?.stamps) as number[]).toBeAllclose(
      [810.0297917608109, 810.0405169108678, 1383.1734753928279, 1383.1842659544168],
      { atol: 1e-6 },
    );
    expect(marks?.clockRanges).toEqual([
      { first: 0, last: 90 },
      { first: 91, last: 174 },
    ]);
    expect(eeg?.runs.map(({ first, last }) => [first, last])).toEqual([
      [0, 12875],
      [12876, 27814],
    ]);
    expect(Math.abs((eeg?.effectiveRate ?? 0) - 92.93436959090046)).toBeLessThan(1e-6);
  });

  test("empty_streams: nothing is invented, the others are placed", () => {
    const streams = read(empty as string);
    const sync = streams.map(synchroniseStamps);
    expect(streams.map(({ id }, i) => [id, sync[i]?.stamps.length])).toEqual([
      [3, 0],
      [4, 10],
      [1, 1],
      [2, 0],
    ]);
    expect(Math.abs((sync[1]?.stamps[0] ?? 0) - 91725.21392546585)).toBeLessThan(1e-6);
  });
});
