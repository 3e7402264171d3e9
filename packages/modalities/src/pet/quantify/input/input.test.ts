import type { Blood, BloodCurve } from "@quintet/core";
import { type Curve, convolveExponential, curveThrough } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import { kineticData } from "../kinetics/kinetic-data.ts";
import { estimateDelay } from "./delay.ts";
import { delayed, withoutDispersion } from "./dispersion.ts";
import { exponentialTail } from "./exponential-tail.ts";
import { parentFraction } from "./parent-fraction.ts";
import { plasmaInput } from "./plasma-input.ts";

const sampled = (time: readonly number[], f: (t: number) => number, unit: BloodCurve["unit"] = "1"): BloodCurve => ({
  time: Float64Array.from(time),
  value: Float64Array.from(time, f),
  unit,
});
const times = [60, 120, 300, 600, 1200, 1800, 2700, 3600, 5400];

describe("parent fraction", () => {
  test("Hill and exponential find their own parameters", () => {
    const hill = (t: number): number => 1 - (0.8 * (t / 900) ** 1.7) / (1 + (t / 900) ** 1.7);
    const found = parentFraction(sampled(times, hill), "hill");
    expect([found.parameters.a!, found.parameters.b!, found.parameters.c!]).toBeAllclose([0.2, 1.7, 900], {
      rtol: 1e-6,
    });
    expect(found.at(2000)).toBeCloseTo(hill(2000), 8);
    const decay = parentFraction(
      sampled(times, (t) => 0.3 + 0.7 * Math.exp(-t / 1000)),
      "exponential",
    );
    expect([decay.parameters.a!, decay.parameters.b!]).toBeAllclose([0.3, 1e-3], { rtol: 1e-6 });
  });
  test("interpolation: 1 at the injection, half way by hand, the last held", () => {
    const { at } = parentFraction(
      sampled([100, 200], (t) => (t === 100 ? 0.8 : 0.6)),
      "interpolation",
    );
    expect([at(0), at(50), at(150), at(900)]).toBeAllclose([1, 0.9, 0.7, 0.6], { rtol: 1e-12 });
  });
});

describe("shape of the input", () => {
  test("three exponentials are found in their own sum", () => {
    const f = (t: number): number => 900 * Math.exp(-4 * t) + 80 * Math.exp(-0.3 * t) + 20 * Math.exp(-0.01 * t);
    const time = [0.1, 0.2, 0.3, 0.5, 0.8, 1.2, 2, 3, 5, 8, 12, 20, 30, 45, 60, 90];
    const { curve, relativeResidual } = exponentialTail(curveThrough(time, time.map(f)), 0.1);
    expect(relativeResidual).toBeLessThan(1e-3);
    const at = (t: number): number => curve.value[curve.time.findIndex((s) => s >= t - 1e-9)]!;
    expect([at(10.1), at(70.1)]).toBeAllclose([f(10.1), f(70.1)], { rtol: 5e-3 });
  });
  test("what a dispersing line did is undone", () => {
    const time = Float64Array.from({ length: 3001 }, (_, i) => i / 100);
    const truth: Curve = { time, value: time.map((t) => t * Math.exp(-t)) };
    const tau = 0.3;
    const value = convolveExponential(truth, 1 / tau, { start: time, end: time }).value.map((v) => v / tau);
    const back = withoutDispersion({ time, value }, tau);
    // Central differences at 0.01 min: h^2 / 6 of the third derivative.
    expect(back.value.subarray(1, -1)).toBeAllclose(truth.value.subarray(1, -1), { atol: 2e-4 });
  });
  test("a later curve begins at 0, an earlier one is cut there", () => {
    const curve = curveThrough([1, 2], [10, 20]);
    expect(delayed(curve, 0.5)).toEqual({
      time: Float64Array.of(0, 0.5, 1.5, 2.5),
      value: Float64Array.of(0, 0, 10, 20),
    });
    expect(delayed(curve, -1.5)).toEqual({ time: Float64Array.of(0, 0.5), value: Float64Array.of(15, 20) });
  });
});

test("a delay of 12 s is found", () => {
  const time = Array.from({ length: 400 }, (_, i) => i / 20);
  const bolus = curveThrough(
    time.slice(1),
    time.slice(1).map((t) => 1000 * t * Math.exp(-1.5 * t) + 20 * (1 - Math.exp(-t))),
  );
  const frames = Array.from({ length: 60 }, (_, i) => ({ start: i * 10, duration: 10 }));
  const middles = Float64Array.from(frames, ({ start }) => (start + 5) / 60);
  const late = delayed(bolus, 0.2);
  const tissue = convolveExponential(late, 0.1, { start: middles, end: middles }).value.map((v) => 0.3 * v);
  const data = kineticData(
    { clock: "pet", unit: "Bq/mL", frames, regions: [{ name: "brain", values: tissue }] },
    "brain",
  );
  expect(estimateDelay(data, { plasma: bolus }).seconds).toBeCloseTo(12, 1);
});

describe("samples to input", () => {
  const manual: Blood = {
    clock: "pet",
    plasma: sampled([30, 60, 600], (t) => 3 * t, "Bq/mL"),
    wholeBlood: sampled([30, 60, 600], (t) => 2 * t, "Bq/mL"),
    parentFraction: sampled([60, 600], (t) => (t === 60 ? 0.9 : 0.5)),
  };
  test("plasma times parent fraction by hand; minutes from the injection", () => {
    const { plasma, blood } = plasmaInput([manual], { injection: 0 });
    expect(plasma.time).toBeAllclose([0, 0.5, 1, 10], { rtol: 1e-12 });
    expect(plasma.value).toBeAllclose([0, 90 * 0.95, 180 * 0.9, 1800 * 0.5], { rtol: 1e-12 });
    expect(blood?.value).toBeAllclose([0, 60, 120, 1200], { rtol: 1e-12 });
  });
  test("an autosampler's blood fills plasma in between at the samples' ratio", () => {
    const auto: Blood = { clock: "pet", wholeBlood: sampled([10, 20, 30, 40, 50], (t) => 2 * t, "Bq/mL") };
    const { plasma, notes } = plasmaInput([auto, manual]);
    expect(plasma.time).toHaveLength(8);
    expect(plasma.value[1]! / (1 - 0.1 / 6)).toBeCloseTo(30, 10);
    expect(notes.join()).toMatch(/whole blood/);
  });
  test.each([
    [
      "missing-plasma",
      () => plasmaInput([{ clock: "pet", ...(manual.wholeBlood ? { wholeBlood: manual.wholeBlood } : {}) }]),
    ],
    ["missing-parent-fraction", () => plasmaInput([{ clock: "pet", plasma: manual.plasma! }])],
    ["too-few-samples", () => plasmaInput([manual], { tail: "exponential" })],
    ["out-of-range", () => withoutDispersion(curveThrough([1], [1]), -1)],
  ])("refused: %s", (code, run) => {
    expect(run).toThrow(expect.objectContaining({ code }));
  });
});
