import { type Channel, channelData, type Recording } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import { epochAverage } from "./epoch-average.ts";
import { matchSpikes } from "./match-spikes.ts";

const rate = 200;
const names = ["A", "B", "C", "D", "E", "F"];
const map = [3, 2, 1, 0, -1, -2];
const times = Array.from({ length: 20 }, (_, k) => 5 + 5.3 * k);

/** 2 min of a slow common source of 30 uV on (1, 1, 1, 1, 1, -5), white noise of 5 uV, and spikes of `size` uV on the map. */
function made(size: number): Recording {
  const random = seededRandom(8);
  const n = 120 * rate;
  const data = new Float64Array(names.length * n);
  let common = 0;
  for (let t = 0; t < n; t++) {
    common = 0.98 * common + 6 * random.normal();
    const spike = times.reduce((sum, at) => sum + Math.exp(-(((t / rate - at) / 0.02) ** 2)), 0);
    for (let c = 0; c < names.length; c++)
      data[c * n + t] =
        1e-6 * ((c === 5 ? -5 : 1) * common + 5 * random.normal() + (size / 3) * (map[c] as number) * spike);
  }
  const channels = names.map((name): Channel => ({ name, kind: "eeg", unit: "V", sensors: [name] }));
  return { clock: "c", groups: [{ rate, channels, segments: [{ start: 10, data }] }] };
}
const events = { clock: "c", list: times.map((t) => ({ onset: 10 + t, duration: 0, type: "spike" })) };
const averageOf = (recording: Recording) =>
  epochAverage(recording, events, { window: [-0.2, 0.4], baseline: [-0.2, -0.1] });

describe("matchSpikes", () => {
  test("finds spikes that no channel shows, where they are, and little else", () => {
    const recording = made(20);
    const group = recording.groups[0] as Recording["groups"][number];
    // The channel that shows them most has a background of more than their size.
    const a = Float64Array.from(channelData(group, group.segments[0] as (typeof group.segments)[number], 0));
    expect(Math.sqrt(a.reduce((s, v) => s + v * v, 0) / a.length)).toBeGreaterThan(2e-5);
    const { found, detectability } = matchSpikes(recording, averageOf(made(200)));
    // The average is ten times as large: in units of its own noise a spike scores a tenth of what it would.
    expect(detectability).toBeGreaterThan(40);
    const hits = times.filter((t) => found.some(({ time }) => Math.abs(time - 10 - t) < 0.011));
    expect(hits.length).toBe(times.length);
    // Noise passes four standard deviations some tens of times a second times exp(-8): once in 2 min or a few times.
    expect(found.length - hits.length).toBeLessThanOrEqual(3);
  });
  test("the score is that of the detectability at spikes like the average, and of standard deviation 1 elsewhere", () => {
    const recording = made(20);
    const { found, detectability } = matchSpikes(recording, averageOf(recording));
    const mean = found.reduce((sum, { score }) => sum + score, 0) / found.length;
    expect(Math.abs(mean - detectability)).toBeLessThan(1);
  });
});

const average = averageOf(made(200));
test.each<[string, () => unknown]>([
  ["not-positive", () => matchSpikes(made(0), average, { threshold: 0 })],
  ["bad-window", () => matchSpikes(made(0), average, { window: [-1, 1] })],
  ["no-such-channel", () => matchSpikes(made(0), { ...average, channels: average.channels.slice(1) })],
  ["flat", () => matchSpikes(made(0), { ...average, mean: new Float64Array(average.mean.length) })],
])("refusals: %s", (code, act) => {
  expect(act).toThrow(expect.objectContaining({ name: "DataError", code }));
});
