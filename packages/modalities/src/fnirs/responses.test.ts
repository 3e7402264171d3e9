import type { Events, Recording } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import { montage, od } from "../../test/fnirs-probe.ts";
import { activation, bandpass, blockAverage, lateralisation, poolResponses } from "./index.ts";

describe("bandpass", () => {
  const rate = 10;
  const mixed = Array.from(
    { length: 6000 },
    (_, t) => 1 + Math.sin((2 * Math.PI * 0.1 * t) / rate) + Math.sin((2 * Math.PI * 1.2 * t) / rate),
  );
  test.each(["butterworth", "fir"] as const)("%s keeps 0.1 Hz, takes offset and heart away", (method) => {
    const { groups } = bandpass(od(mixed, mixed), { low: 0.02, high: 0.4, highTransition: 0.2, method });
    const middle = groups[0].segments[0].data.subarray(2000, 4000);
    const slow = Float64Array.from({ length: 2000 }, (_, t) => Math.sin((2 * Math.PI * 0.1 * (t + 2000)) / rate));
    expect(middle).toBeAllclose(slow, { atol: 0.01 });
    const sum = Array.from(middle).reduce((a, b) => a + b, 0);
    expect(Math.abs(sum / 2000)).toBeLessThan(1e-3);
  });
  test("refuses no edge and a short recording", () => {
    expect(() => bandpass(od(mixed, mixed), {})).toThrow(expect.objectContaining({ code: "bad-band" }));
    expect(() => bandpass(od([1, 2], [1, 2]), { high: 1 })).toThrow(
      expect.objectContaining({ code: "segment-too-short" }),
    );
  });
});

describe("blockAverage and activation", () => {
  const conc = (left: number[], right: number[], rate = 1): Recording => ({
    clock: "device:nirs",
    groups: [
      {
        rate,
        channels: [
          { name: "S1-D1 hbo", kind: "hbo", unit: "mol/L", sensors: ["S1", "D1"] },
          { name: "S2-D2 hbo", kind: "hbo", unit: "mol/L", sensors: ["S2", "D2"] },
        ],
        segments: [{ start: 0, data: Float64Array.from([...left, ...right]) }],
      },
    ],
  });
  const at = (...onsets: number[]): Events => ({
    clock: "device:nirs",
    list: onsets.map((onset) => ({ onset, duration: 5, type: "tap" })),
  });
  const left = [0, 0, 1, 3, 0, 0, 2, 5];

  test("by hand: two trials, mean, standard error, amplitude, t", () => {
    const [tap] = blockAverage(
      conc(
        left,
        left.map((x) => x / 2),
      ),
      at(1, 5, 7),
      { window: [-1, 2] },
    );
    expect(tap.n).toBe(2);
    expect(tap.outside).toBe(1);
    // Trials [0 0 1 3] and [0 0 2 5] with baseline samples -1 and 0.
    expect(tap.mean.subarray(0, 4)).toBeAllclose([0, 0, 1.5, 4], { atol: 1e-15 });
    expect(tap.standardError.subarray(0, 4)).toBeAllclose([0, 0, 0.5, 1], { atol: 1e-15 });
    const [row] = activation(tap, { window: [1, 2] });
    expect(row).toMatchObject({ channel: "S1-D1 hbo", measure: "hbo-amplitude", value: 2.75, n: 2 });
    expect(row.standardError).toBeCloseTo(0.75, 12);
    expect(row.t).toBeCloseTo(2.75 / 0.75, 12);
    // Student's t with one degree of freedom is Cauchy: p = 1 - 2/pi atan t.
    expect(row.p).toBeCloseTo(1 - (2 / Math.PI) * Math.atan(2.75 / 0.75), 10);
  });

  test("lateralisation by hand: left twice right gives index 1/3", () => {
    const [tap] = blockAverage(
      conc(
        left,
        left.map((x) => x / 2),
      ),
      at(1, 5),
      { window: [-1, 2] },
    );
    expect(lateralisation(tap, montage, { window: [1, 2] })).toMatchObject({
      left: 2.75,
      right: 1.375,
      difference: 1.375,
      channels: { left: 1, right: 1 },
      n: 2,
    });
    expect(lateralisation(tap, montage, { window: [1, 2] }).index).toBeCloseTo(1 / 3, 12);
  });

  test("pooling runs counts every trial once", () => {
    const both = blockAverage(conc(left, left), at(1, 5), { window: [-1, 2] })[0];
    const runs = [1, 5].map((onset) => blockAverage(conc(left, left), at(onset), { window: [-1, 2] })[0]);
    const pooled = poolResponses(runs);
    expect(pooled.n).toBe(2);
    expect(pooled.mean).toBeAllclose(both.mean, { atol: 1e-15 });
    expect(pooled.standardError).toBeAllclose(both.standardError, { atol: 1e-15 });
  });

  test("seeded: 1 umol/L in noise is recovered within 3 of its standard errors, and silence is not significant", () => {
    const random = seededRandom(5);
    const rate = 5;
    const n = 3000;
    const onsets = Array.from({ length: 20 }, (_, i) => 10 + 28 * i);
    const noise = (): number[] => Array.from({ length: n }, () => 1e-6 * random.normal());
    const hot = noise();
    for (const onset of onsets) for (let t = 0; t < 12 * rate; t++) hot[onset * rate + t] += 1e-6;
    const [tap] = blockAverage(conc(hot, noise(), rate), at(...onsets), { window: [-5, 15] });
    const [active, silent] = activation(tap, { window: [2, 10] });
    expect(Math.abs(active.value - 1e-6)).toBeLessThan(3 * active.standardError);
    expect(active.p).toBeLessThan(1e-6);
    expect(silent.p).toBeGreaterThan(0.01);
  });

  test.each([
    ["events on another clock", conc(left, left), { ...at(1), clock: "pc" }, {}, "clock-mismatch"],
    ["no event with room", conc(left, left), at(100), { window: [-1, 2] }, "no-events"],
    ["no concentrations", od([1], [1]), at(1), {}, "no-channels"],
    ["a window backwards", conc(left, left), at(1), { window: [2, -1] }, "bad-window"],
  ] as const)("refuses %s", (_, input, events, options, code) => {
    expect(() => blockAverage(input, events, options)).toThrow(expect.objectContaining({ code }));
  });
  test("refuses an empty amplitude window, one side only, and runs that differ", () => {
    const [tap] = blockAverage(conc(left, left), at(1, 5), { window: [-1, 2] });
    expect(() => activation(tap)).toThrow(expect.objectContaining({ code: "bad-window" }));
    const oneSide = { ...tap, channels: tap.channels.map((c) => ({ ...c, sensors: ["S1", "D1"] })) };
    expect(() => lateralisation(oneSide, montage, { window: [1, 2] })).toThrow(
      expect.objectContaining({ code: "no-channels" }),
    );
    expect(() => poolResponses([tap, { ...tap, type: "rest" }])).toThrow(
      expect.objectContaining({ code: "shape-mismatch" }),
    );
    expect(() => poolResponses([])).toThrow(expect.objectContaining({ code: "no-events" }));
  });
});
