import type { Channel, Montage, Point, Recording } from "@quintet/core";
import { readRecording } from "@quintet/io/node";
import { seededRandom } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import { background } from "../../../../../testing/in-scanner-eeg.ts";
import { describeRealData } from "../../../../../testing/real-data.ts";
import { findBadChannels } from "../index.ts";

const rate = 250;
const n = 40 * rate;
const count = 32;
/** Even spirals over the upper part of a sphere. */
const places = Array.from({ length: count }, (_, i): Point => {
  const z = 1 - (1.2 * (i + 0.5)) / count;
  const angle = i * 2.39996;
  return [90 * Math.sqrt(1 - z * z) * Math.cos(angle), 90 * Math.sqrt(1 - z * z) * Math.sin(angle), 90 * z];
});
const names = places.map((_, i) => `E${i + 1}`);
const montage: Montage = {
  space: "subject:T1w",
  sensors: names.map((name, i) => ({ name, kind: "electrode", position: places[i] })),
};

/** Nine smooth patterns, each with a time course of its own, and 0.5 uV of noise of each channel. */
function made(faults: Readonly<Record<number, (x: Float64Array) => Float64Array>> = {}, seed = 2): Recording {
  const random = seededRandom(seed);
  const courses = Array.from({ length: 9 }, (_, k) => background(n, rate, random.fork(`${k}`), 4e-6));
  const rows = places.map(([x, y, z], i) => {
    const [a, b, c] = [x / 90, y / 90, z / 90];
    const patterns = [1, a, b, c, a * b, b * c, a * c, a * a - b * b, 3 * c * c - 1];
    const own = Float64Array.from(
      { length: n },
      (_, t) => patterns.reduce((sum, p, k) => sum + p * courses[k][t], 0) + 5e-7 * random.normal(),
    );
    return faults[i]?.(own) ?? own;
  });
  const channels = names.map((name): Channel => ({ name, kind: "eeg", unit: "V", sensors: [name] }));
  return {
    clock: "c",
    groups: [{ rate, channels, segments: [{ start: 0, data: Float64Array.from(rows.flatMap((row) => [...row])) }] }],
  };
}

const noise = seededRandom(99);
const white = (size: number): Float64Array => Float64Array.from({ length: n }, () => size * noise.normal());

describe("findBadChannels", () => {
  test("each fault is found by its own rule, and only there", () => {
    const alien = background(n, rate, seededRandom(77), 9e-6);
    const { channels, findings } = findBadChannels(
      made({
        2: (x) => x.map(() => 3e-5),
        5: (x) => x.map((v) => 30 * v),
        8: (x) => {
          const rest = white(3e-5);
          return x.map((v, t) => v + rest[t]);
        },
        11: () => alien,
        14: (x) => x.map((v, t) => (t > 5000 && t < 7000 ? 0 : v)),
        17: (x) => x.map((v, t) => v + 2e-5 * Math.sin((2 * Math.PI * 50 * t) / rate)),
      }),
      { montage },
    );
    const found = Object.fromEntries(
      channels.filter(({ reasons }) => reasons.length > 0).map((c) => [c.channel, c.reasons]),
    );
    expect(Object.keys(found)).toEqual(["E3", "E6", "E9", "E12", "E15", "E18"]);
    expect(found.E3).toEqual(["flat"]);
    expect(found.E6).toContain("deviation");
    expect(found.E9).toContain("high-frequency");
    expect(found.E12.some((reason) => reason === "correlation" || reason === "ransac")).toBe(true);
    expect(found.E15).toContain("dropout");
    expect(found.E18).toContain("line");
    expect(findings[0]).toMatchObject({ value: 6, verdict: "bad", note: expect.stringContaining("E3 (flat)") });
  });
  test("a clean cap has none; the same seed gives the same shares, another one others", () => {
    const one = findBadChannels(made(), { montage });
    expect(one.channels.flatMap(({ reasons }) => reasons)).toEqual([]);
    expect(one.channels.every(({ unpredicted }) => unpredicted !== undefined && unpredicted < 0.4)).toBe(true);
    expect(findBadChannels(made(), { montage })).toEqual(one);
  });
  test("a channel that belongs elsewhere is not predicted there", () => {
    const swapped: Montage = {
      ...montage,
      sensors: montage.sensors.map((s, i) =>
        i === 20 ? { ...s, position: places[3].map((v) => -v) as unknown as Point } : s,
      ),
    };
    const { channels } = findBadChannels(made(), { montage: swapped });
    expect(channels[20].reasons).toEqual(["ransac"]);
  });
  test("without places it says that nothing was predicted", () => {
    const { findings, channels } = findBadChannels(made());
    expect(findings[0].note).toContain("not predicted");
    expect(channels[0].unpredicted).toBeUndefined();
  });
  const renamed = (name: string): Recording => {
    const { groups, clock } = made();
    const channels = groups[0].channels.map((c, i) => (i === 1 ? { ...c, name } : c));
    return { clock, groups: [{ ...groups[0], channels }] };
  };
  const few = (k: number): Recording => {
    const [{ channels, segments }] = made().groups;
    return {
      clock: "c",
      groups:
        k === 0
          ? []
          : [
              {
                rate,
                channels: channels.slice(0, k),
                segments: [{ start: 0, data: segments[0].data.slice(0, k * n) }],
              },
            ],
    };
  };
  const [whole] = made().groups;
  const aSecond: Recording = {
    clock: "c",
    groups: [{ ...whole, segments: [{ start: 0, data: whole.segments[0].data.slice(0, count * rate) }] }],
  };
  test.each([
    ["no EEG", few(0), "no-channels"],
    ["one good channel", few(1), "no-channels"],
    ["a name twice", renamed("E1"), "duplicate-channels"],
    ["NaN", made({ 4: (x) => x.fill(Number.NaN) }), "not-finite"],
    ["a second", aSecond, "segment-too-short"],
  ])("refuses %s", (_, recording, code) => {
    expect(() => findBadChannels(recording, { montage })).toThrow(expect.objectContaining({ code }));
  });
});

describeRealData("EEGLAB sample", ["eeg/eeglab/eeglab_data.set"], (path) => {
  test("what PREP's rules find", async () => {
    const { recording, montage: cap } = await readRecording(path);
    const { channels } = findBadChannels(recording, cap ? { montage: cap } : {});
    expect(channels.length).toBe(30);
    // pyprep 0.9.0 finds none of the 32 (it counts the two EOG channels): z of T8 4.38 there, 5.02 among the 30.
    expect(channels.flatMap(({ channel, reasons }) => reasons.map((reason) => [channel, reason]))).toEqual([
      ["T8", "high-frequency"],
    ]);
    const t8 = channels.find(({ channel }) => channel === "T8");
    // pyprep: 1 of 47 windows.
    expect(t8?.unpredicted).toBeCloseTo(1 / 47, 6);
  });
});
