import type { Recording } from "@quintet/core";
import { describe, expect, test } from "vitest";
import { fitNotch, resampleRecording } from "../index.ts";

const eeg = { name: "Cz", kind: "eeg", unit: "V", sensors: ["Cz"] } as const;
const trigger = { name: "Status", kind: "trigger", unit: "1", sensors: [] } as const;
const sine = (n: number, f: number, rate: number, phase = 0): number[] =>
  Array.from({ length: n }, (_, i) => 1e-5 * Math.sin((2 * Math.PI * f * i) / rate + phase));
const codes = (n: number): number[] => Array.from({ length: n }, (_, i) => (i === 101 ? 7 : 0));
const made = (rate: number, n: number, f = 10): Recording => ({
  clock: "device:eeg",
  groups: [
    {
      rate,
      channels: [eeg, trigger],
      segments: [0, 100.004].map((start) => ({
        start,
        data: Float64Array.from([...sine(n, f, rate, start), ...codes(n)]),
      })),
    },
  ],
});

describe("resampleRecording", () => {
  test.each(["fft", "polyphase"] as const)("%s: each segment keeps its start, its signal and its trigger", (method) => {
    const { groups } = resampleRecording(made(500, 2000), 250, { method });
    expect(groups[0].rate).toBe(250);
    expect(groups[0].segments.map(({ start }) => start)).toEqual([0, 100.004]);
    for (const { start, data } of groups[0].segments) {
      expect(data.length).toBe(2000);
      expect(data.subarray(200, 800)).toBeAllclose(sine(1000, 10, 250, start).slice(200, 800), { atol: 2e-8 });
      // Sample 101 at 500 Hz falls into sample 50 at 250 Hz.
      expect([...data.subarray(1000)].flatMap((code, i) => (code === 0 ? [] : [[i, code]]))).toEqual([[50, 7]]);
    }
  });
  test.each([
    ["no EEG", { clock: "c", groups: [] }, 100, "no-channels"],
    ["no rate", made(500, 2000), 0, "bad-rate"],
    ["a single sample", made(500, 1), 100, "segment-too-short"],
  ])("refuses %s", (_, recording, rate, code) => {
    expect(() => resampleRecording(recording, rate)).toThrow(expect.objectContaining({ code }));
  });
});

test("fitNotch takes 50 Hz and leaves 49 Hz and the trigger, in each segment by itself", () => {
  const one = made(250, 5000, 49);
  const { data } = one.groups[0].segments[1];
  const line = sine(5000, 50, 250, 1);
  const dirty: Recording = {
    ...one,
    groups: [
      { ...one.groups[0], segments: [{ start: 9, data: data.map((v, i) => (i < 5000 ? v + 10 * line[i] : v)) }] },
    ],
  };
  const clean = fitNotch(dirty, { frequencies: [50], width: 0.1 }).groups[0].segments[0].data;
  // What 49 Hz leaks into the fit of 50 Hz, ten bins away.
  expect(clean.subarray(0, 5000)).toBeAllclose(data.subarray(0, 5000), { atol: 4e-7 });
  expect(clean.subarray(5000)).toBeAllclose(data.subarray(5000), { atol: 0 });
});
