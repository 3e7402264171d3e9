import { type Events, identityTimeMap } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { type DesignOptions, eventDesign, slowCosines } from "./design.ts";
import { canonicalHrf, responseAt, responseFunctions } from "./hrf.ts";

describe("the canonical response", () => {
  const h = canonicalHrf();
  const at = (t: number): number => h[Math.round(100 * t)];
  test("integral 1, peak at 5.0 s, undershoot at 15.75 s", () => {
    expect(h.reduce((sum, v) => sum + v, 0) * 0.01).toBeCloseTo(1, 6);
    expect(h.indexOf(Math.max(...h)) / 100).toBeCloseTo(5, 1);
    expect(h.indexOf(Math.min(...h)) / 100).toBeCloseTo(15.75, 2);
  });
  test("by hand: t^5 e^-t / 5! - t^15 e^-t / 15! / 6, over its integral 5/6 (less what lies beyond 32 s)", () => {
    const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
    const raw = (t: number): number =>
      (t ** 5 * Math.exp(-t)) / factorial(5) - (t ** 15 * Math.exp(-t)) / factorial(15) / 6;
    for (const t of [2, 5, 10, 16, 25]) expect(at(t)).toBeCloseTo(raw(t) / (5 / 6), 4);
  });
  test("the formula of SPM12's spm_hrf(2): samples, which add to 1 at steps of 2 s", () => {
    const sampled = Array.from({ length: 17 }, (_, k) => at(2 * k));
    const sum = sampled.reduce((s, v) => s + v, 0);
    // Its formula computed outside (NumPy), four digits.
    const spm = [
      0, 0.0866, 0.3749, 0.3849, 0.2161, 0.0769, 0.0016, -0.0306, -0.0373, -0.0308, -0.0205, -0.0116, -0.0058, -0.0026,
      -0.0011, -0.0004, -0.0001,
    ];
    expect(sampled.map((v) => v / sum)).toBeAllclose(spm, { atol: 6e-5 });
  });
  test("derivatives: orthogonal; the time derivative moves the response earlier, as a positive weight does in SPM", () => {
    const [canonical, time, dispersion] = responseFunctions("time-dispersion");
    const inner = (a: Float64Array, b: Float64Array): number => a.reduce((s, v, i) => s + v * b[i], 0);
    for (const [a, b] of [
      [canonical, time],
      [canonical, dispersion],
      [time, dispersion],
    ])
      expect(inner(a.values, b.values) / Math.sqrt(inner(a.values, a.values) * inner(b.values, b.values))).toBeCloseTo(
        0,
        10,
      );
    const mixed = canonical.values.map((v, i) => v + 0.5 * time.values[i]);
    expect(mixed.indexOf(Math.max(...mixed))).toBeLessThan(h.indexOf(Math.max(...h)));
  });
  test("a block is the integral of instants: 20 s against a sum of 2000; a long one settles at 1", () => {
    const [canonical] = responseFunctions("none");
    for (const t of [3, 9.37, 24, 31]) {
      let sum = 0;
      for (let k = 0; k < 2000; k++) sum += 0.01 * responseAt(canonical, t - (k + 0.5) * 0.01, 0);
      expect(responseAt(canonical, t, 20)).toBeCloseTo(sum, 5);
    }
    expect(responseAt(canonical, 80, 100)).toBeCloseTo(1, 6);
    expect(responseAt(canonical, -1, 5)).toBe(0);
    expect(responseAt(canonical, 40, 0)).toBe(0);
  });
});

describe("eventDesign", () => {
  const events: Events = {
    clock: "mri",
    list: [
      { onset: 10, duration: 20, type: "b" },
      { onset: 50.37, duration: 20, type: "b" },
      { onset: 30, duration: 0, type: "a" },
      { onset: 900, duration: 0, type: "a" },
    ],
  };
  const options: DesignOptions = {
    sampleTimes: Array.from({ length: 100 }, (_, t) => 2 * t + 1),
    clock: "mri",
    repetitionTime: 2,
  };
  test("names in order; floor(2 N TR / 128) cosines; events outside counted", () => {
    const design = eventDesign(events, { ...options, derivatives: "time" });
    expect(design.names).toEqual(["a", "a_time", "b", "b_time", "cosine00", "cosine01", "cosine02", "constant"]);
    expect(design.conditions).toEqual([
      { name: "a", columns: [0, 1], events: 1, outside: 1, duration: 0 },
      { name: "b", columns: [2, 3], events: 2, outside: 0, duration: 20 },
    ]);
  });
  test("a coefficient is the peak of one event's response: the columns peak at 1", () => {
    const { rows } = eventDesign(events, options);
    expect(Math.max(...rows.map((row) => row[1]))).toBeCloseTo(1, 2);
    // Instants sampled every 2 s miss the peak at 5.0 s by at most 1 s.
    expect(Math.max(...rows.map((row) => row[0]))).toBeGreaterThan(0.9);
    expect(rows[2][1]).toBe(0);
  });
  test("onsets are not rounded to volumes: shifted by 0.37 s with the samples, the same column", () => {
    const late = { ...events, list: events.list.map((e) => ({ ...e, onset: e.onset + 0.37 })) };
    const shifted = eventDesign(late, { ...options, sampleTimes: options.sampleTimes.map((t) => t + 0.37) });
    expect(shifted.rows.map((row) => row[1])).toBeAllclose(
      eventDesign(events, options).rows.map((row) => row[1]),
      { atol: 1e-9 },
    );
    const other = eventDesign(late, options);
    expect(Math.max(...other.rows.map((row, t) => Math.abs(row[1] - shifted.rows[t][1])))).toBeGreaterThan(0.02);
  });
  test("confounds and censored volumes", () => {
    const confounds = [{ name: "trans_x", values: Float64Array.from({ length: 100 }, (_, t) => t / 7) }];
    const { names, rows } = eventDesign(events, { ...options, confounds, censored: [3, 50] });
    expect(names.slice(2, 5)).toEqual(["trans_x", "motion_outlier00", "motion_outlier01"]);
    expect(rows.map((row) => row[4]).reduce((s, v) => s + v, 0)).toBe(1);
    expect(rows[50][4]).toBe(1);
  });
  test("events of another clock through a map", () => {
    const eeg = { ...events, clock: "eeg", list: events.list.map((e) => ({ ...e, onset: e.onset + 5 })) };
    const still = identityTimeMap("eeg", "mri");
    const toClock = { ...still, pieces: [{ ...still.pieces[0], offset: -5 }] as const };
    expect(eventDesign(eeg, { ...options, toClock }).rows).toEqual(eventDesign(events, options).rows);
  });
  test("cosines are orthogonal to each other and the constant", () => {
    const cosines = slowCosines(100, 2, 50);
    expect(cosines).toHaveLength(8);
    for (const a of cosines) expect(Array.from(a.values).reduce((s, v) => s + v, 0)).toBeCloseTo(0, 10);
  });
  test.each([
    ["clock-mismatch", { ...events, clock: "eeg" }, options],
    ["no-events", { ...events, list: [] }, options],
    ["events-outside", { ...events, list: [...events.list, { onset: 1e4, duration: 1, type: "c" }] }, options],
    ["shape-mismatch", events, { ...options, confounds: [{ name: "x", values: [1, 2] }] }],
    ["shape-mismatch", events, { ...options, confounds: [{ name: "x", values: new Array(100).fill(Number.NaN) }] }],
    ["bad-volume", events, { ...options, censored: [100] }],
    ["bad-high-pass", events, { ...options, highPass: 3 }],
  ])("refused: %s", (code, list, wanted) => {
    expect(() => eventDesign(list, wanted)).toThrow(expect.objectContaining({ code }));
  });
});
