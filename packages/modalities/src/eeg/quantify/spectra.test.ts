import type { Channel, Events, Recording } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import {
  aperiodicFits,
  channelConnectivity,
  eventPower,
  mainsFrequency,
  multitaperDensity,
  scoreErp,
} from "../index.ts";

const rate = 200;
const channel = (name: string): Channel => ({ name, kind: "eeg", unit: "V", sensors: [name] });
const of = (rows: readonly Float64Array[], names = rows.map((_, i) => `E${i}`)): Recording => ({
  clock: "c",
  groups: [
    {
      rate,
      channels: names.map(channel),
      segments: [{ start: 0, data: Float64Array.from(rows.flatMap((row) => [...row])) }],
    },
  ],
});
const n = 60 * rate;
const random = seededRandom(6);
const noise = (): Float64Array => Float64Array.from({ length: n }, () => random.normal());
const sine = (f: number, a = 1): Float64Array =>
  Float64Array.from({ length: n }, (_, t) => a * Math.sin((2 * Math.PI * f * t) / rate));

describe("the doors of the spectral kernels", () => {
  test("multitaper: a sine's power A^2 / 2 in its band, 15 windows of 4 s", () => {
    const [{ frequencies, density, windows }] = multitaperDensity(of([sine(10, 2)]));
    expect(windows).toBe(15);
    const power = density.reduce((sum, p, k) => sum + (Math.abs(frequencies[k] - 10) <= 2 ? p * frequencies[1] : 0), 0);
    // Tapers of NW 4 keep 99.9 % within a hertz.
    expect(power).toBeCloseTo(2, 2);
  });
  test("Morlet: power after the event alone, NaN where a wavelet reaches out", () => {
    const x = sine(20).map((v, t) => (t % 1000 >= 500 && t % 1000 < 700 ? v : 0));
    const events: Events = {
      clock: "c",
      list: Array.from({ length: 10 }, (_, k) => ({ onset: 2.5 + 5 * k, duration: 0, type: "go" })),
    };
    const { power, times, n: epochs } = eventPower(of([x]), events, [20], { window: [-1.5, 2] });
    expect(epochs).toBe(10);
    const at = (s: number): number => power[times.findIndex((t) => Math.abs(t - s) < 1e-9)];
    expect(at(0.5)).toBeGreaterThan(100 * at(-0.5));
    expect(at(-1.5)).toBeNaN();
  });
  test("connectivity: a lagged copy in noise is coherent, with imaginary part; a mixed-in one has none", () => {
    const shared = noise();
    const lagged = shared.map((_, t) => shared[Math.max(0, t - 4)]);
    const parts = [shared, lagged, noise()].map((x) => {
      const own = noise();
      return x.map((v, t) => v + 0.3 * own[t]);
    });
    const pairs = channelConnectivity(of(parts));
    expect(pairs.map(({ channels }) => channels.join("-"))).toEqual(["E0-E1", "E0-E2", "E1-E2"]);
    const bin = pairs[0].frequencies.indexOf(12.5);
    // 4 samples of 5 ms are a quarter of a turn at 12.5 Hz.
    expect(pairs[0].imaginaryCoherence[bin]).toBeGreaterThan(0.8);
    expect(pairs[0].weightedPhaseLag[bin]).toBeGreaterThan(0.99);
    expect(pairs[1].coherence[bin]).toBeLessThan(0.4);
    const mixed = channelConnectivity(of([parts[0], parts[0].map((v, t) => v + 0.3 * parts[2][t])]), [["E0", "E1"]]);
    expect(mixed[0].coherence[bin]).toBeGreaterThan(0.9);
    expect(Math.abs(mixed[0].imaginaryCoherence[bin])).toBeLessThan(0.2);
  });
  test("aperiodic: brown noise falls by 2, white noise by 0", () => {
    let y = 0;
    const brown = noise().map((v) => {
      y = 0.999 * y + v;
      return y;
    });
    const fits = aperiodicFits(of([brown, noise()]), { range: [2, 40] });
    expect(fits[0].exponent).toBeGreaterThan(1.85);
    expect(fits[0].exponent).toBeLessThan(2.1);
    expect(Math.abs(fits[1].exponent)).toBeLessThan(0.1);
  });
  test("mains: 60 Hz in noise is found, none in noise alone", () => {
    const [white, line] = [noise(), sine(60, 2)];
    expect(mainsFrequency(of([white.map((v, t) => v + line[t])]))).toBe(60);
    expect(mainsFrequency(of([white]))).toBeUndefined();
  });
  test.each([
    ["no EEG", () => multitaperDensity({ clock: "c", groups: [] }), "no-channels"],
    ["a second", () => multitaperDensity(of([new Float64Array(rate)])), "segment-too-short"],
    ["no such channel", () => channelConnectivity(of([noise(), noise()]), [["E0", "E7"]]), "no-such-channel"],
    ["no events", () => eventPower(of([noise()]), { clock: "c", list: [] }, [10]), "no-events"],
  ])("refuses %s", (_, call, code) => expect(call).toThrow(expect.objectContaining({ code })));
});

describe("scoreErp", () => {
  /** Epochs of 1, 2, 3, 4 uV at 0.3 s, on a level of 0. */
  const steps = Float64Array.from({ length: n }, (_, t) =>
    t % 400 >= 260 && t % 400 < 300 ? 1e-6 * (1 + (Math.floor(t / 400) % 4)) : 0,
  );
  const events: Events = {
    clock: "c",
    list: Array.from({ length: 28 }, (_, k) => ({ onset: 1 + 2 * k, duration: 0, type: "tone" })),
  };
  const options = { window: [-0.2, 0.8] as const, score: [0.3, 0.49] as const };
  test("mean voltage by hand: score 2.5 uV, error sd / sqrt N", () => {
    const [{ score, error, n: count }] = scoreErp(of([steps]), events, options);
    expect(count).toBe(28);
    // 1 .. 4 each seven times: variance 1.25 28/27.
    expect([score, error]).toBeAllclose([2.5e-6, 1e-6 * Math.sqrt((1.25 * 28) / 27 / 28)], { rtol: 1e-9 });
  });
  test("a peak's error by bootstrap: that of the mean when the shape is flat; seeded", () => {
    const peak = scoreErp(of([steps]), events, { ...options, kind: "peak", draws: 2000 })[0];
    expect(peak.score).toBeCloseTo(2.5e-6, 12);
    // 2000 draws know a spread to 1.6 %.
    expect(peak.error / 1e-6).toBeCloseTo(Math.sqrt(1.25 / 28), 1);
    expect(scoreErp(of([steps]), events, { ...options, kind: "peak", draws: 2000 })[0].error).toBe(peak.error);
  });
  test.each([
    ["a window outside", { ...options, score: [2, 3] as const }, "bad-window"],
    ["one epoch", { ...options, type: "flash" }, "no-events"],
  ])("refuses %s", (_, wrong, code) => {
    expect(() => scoreErp(of([steps]), events, wrong)).toThrow(expect.objectContaining({ code }));
  });
});
