import type { Channel, Montage, Point, Recording } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { describe, expect, test } from "vitest";
import { background, bandNoise } from "../../../../../testing/in-scanner-eeg.ts";
import { labelComponents, removeComponents, separateComponents } from "../index.ts";

const rate = 250;
const n = 40 * rate;
const names = ["Fp1", "Fp2", "F3", "F4", "C3", "C4", "T7", "T8", "P3", "P4", "O1", "O2"];
const places: Point[] = [
  [-25, 80, 20],
  [25, 80, 20],
  [-40, 45, 65],
  [40, 45, 65],
  [-60, -10, 70],
  [60, -10, 70],
  [-85, -15, 5],
  [85, -15, 5],
  [-45, -60, 70],
  [45, -60, 70],
  [-25, -90, 20],
  [25, -90, 20],
];
const montage: Montage = {
  space: "s",
  sensors: names.map((name, i) => ({ name, kind: "electrode", position: places[i] })),
};
const random = seededRandom(8);
const blink = Float64Array.from(
  { length: n },
  (_, t) => Math.exp(-(((t % 900) - 300) ** 2) / 800) + 0.02 * random.normal(),
);
const beat = Float64Array.from(
  { length: n },
  (_, t) => Math.exp(-(((t % 210) - 50) ** 2) / 12) - 0.4 * Math.exp(-(((t % 210) - 60) ** 2) / 20),
);
const emg = Float64Array.from({ length: n }, (_, t) => random.normal() * (1 + Math.sin(t / 700)));
const alpha = bandNoise(n, rate, 8, 12, 1, random);
const slow = background(n, rate, random, 1);
/** Patterns over the channels: eyes, heart, one temple, alpha behind, slow in the middle. */
const mixed: readonly (readonly [Float64Array, readonly number[]])[] = [
  [blink, [90, 88, 30, 30, 8, 8, 10, 10, 3, 3, 1, 1]],
  [beat, [4, -4, 5, -5, 6, -6, 9, -9, 5, -5, 4, -4]],
  [emg, [2, 0, 1, 0, 2, 0, 25, 0, 1, 0, 1, 0]],
  [alpha, [1, 1, 2, 2, 4, 4, 4, 4, 9, 9, 12, 12]],
  [slow, [3, 3, 7, 7, 9, 9, 4, 4, 7, 7, 3, 3]],
];
function recordingOf(withOthers: boolean): Recording {
  const rows = names.map((_, c) =>
    Float64Array.from(
      { length: n },
      (__, t) =>
        1e-6 * (mixed.reduce((sum, [source, pattern]) => sum + pattern[c] * source[t], 0) + 0.3 * random.normal()),
    ),
  );
  const channels: Channel[] = names.map((name) => ({ name, kind: "eeg", unit: "V", sensors: [name] }));
  if (withOthers) {
    channels.push(
      { name: "VEOG", kind: "eog", unit: "V", sensors: [] },
      { name: "ECG", kind: "ecg", unit: "V", sensors: [] },
    );
    rows.push(
      blink.map((v) => 2e-4 * v),
      beat.map((v) => 1e-3 * v),
    );
  }
  return {
    clock: "c",
    groups: [{ rate, channels, segments: [{ start: 0, data: Float64Array.from(rows.flatMap((row) => [...row])) }] }],
  };
}
const full = recordingOf(true);
const components = separateComponents(full, { components: 5 });
const labelled = labelComponents(full, components, montage);

describe("separateComponents and labelComponents", () => {
  test("one eye, one heart, one muscle, each for its reason; alpha and the slow source are left alone", () => {
    expect(labelled.components.map(({ label }) => label).sort()).toEqual(["eye", "heart", "muscle", "other", "other"]);
    const eye = labelled.components.find(({ label }) => label === "eye");
    expect(eye?.eye).toBeGreaterThan(0.9);
    expect(labelled.findings[0].note).toMatch(/of 5 by picard: 1 eye \(\d\), 1 heart \(\d\), 1 muscle \(\d\)/);
  });
  test("taken out, the blink is gone from Fp1 and the alpha of O1 stays", () => {
    const removed = labelled.components.filter(({ label }) => label !== "other").map(({ index }) => index);
    const { data } = removeComponents(full, components, removed).groups[0].segments[0];
    const row = (c: number): Float64Array => Float64Array.from(data.subarray(c * n, (c + 1) * n));
    const covariance = (x: ArrayLike<number>, y: ArrayLike<number>): number => {
      const mean = (v: ArrayLike<number>): number => Array.from(v).reduce((a, b) => a + b, 0) / v.length;
      const [mx, my] = [mean(x), mean(y)];
      return Array.from(x).reduce((sum, v, t) => sum + (v - mx) * (y[t] - my), 0) / x.length;
    };
    // Of 90 uV per blink 3 uV may stay: what the sources share by chance.
    expect(Math.abs(covariance(row(0), blink) / covariance(blink, blink))).toBeLessThan(3e-6);
    expect(covariance(row(10), alpha) / covariance(alpha, alpha)).toBeCloseTo(12e-6, 6);
    expect(data.subarray(12 * n)).toBeAllclose(full.groups[0].segments[0].data.subarray(12 * n), { atol: 0 });
  });
  test("without EOG the frontal poles tell of the eyes; without ECG or places it says so", () => {
    const bare = recordingOf(false);
    const { components: found, findings } = labelComponents(bare, separateComponents(bare, { components: 5 }));
    expect(found.filter(({ label }) => label === "eye").length).toBe(1);
    expect(findings[0].note).toContain("no EOG: frontal poles instead, no ECG, no places");
  });
  test("all components taken out leave the means; none leave everything", () => {
    const before = full.groups[0].segments[0].data;
    const same = removeComponents(full, components, []).groups[0].segments[0].data;
    expect(same).toBeAllclose(before, { atol: 0 });
  });
});

describe("refusals", () => {
  const [group] = full.groups;
  const only = (rows: readonly number[], rename?: string): Recording => ({
    clock: "c",
    groups: [
      {
        rate,
        channels: rows.map((row, i) => ({ ...group.channels[row], ...(rename && i === 1 ? { name: rename } : {}) })),
        segments: [
          {
            start: 0,
            data: Float64Array.from(
              rows.flatMap((row) => [...group.segments[0].data.subarray(row * n, (row + 1) * n)]),
            ),
          },
        ],
      },
    ],
  });
  test.each([
    ["one good channel", only([0]), "no-channels"],
    ["a name twice", only([0, 1], "Fp1"), "duplicate-channels"],
    [
      "two copies of one channel",
      only(
        [0, 0, 0].map(() => 0),
        "Fp9",
      ),
      "duplicate-channels",
    ],
    ["a copy under another name", only([0, 0], "Fp9"), "rank-deficient"],
    [
      "two rates",
      { clock: "c", groups: [only([0, 1]).groups[0], { ...only([2, 3]).groups[0], rate: 500 }] },
      "several-rates",
    ],
  ])("%s", (_, recording, code) => {
    expect(() => separateComponents(recording)).toThrow(expect.objectContaining({ code }));
  });
  test("a component that is not there, and other channels", () => {
    expect(() => removeComponents(full, components, [9])).toThrow(
      expect.objectContaining({ code: "no-such-component" }),
    );
    expect(() => removeComponents(only([0, 1]), components, [0])).toThrow(
      expect.objectContaining({ code: "no-such-channel" }),
    );
  });
});
