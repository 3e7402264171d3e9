import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TimeMap } from "@quintet/core";
import { expect, onTestFinished, test } from "vitest";
import { injectionTiming, withInjection } from "./injection-timing.ts";

test("delay = InjectionStart - SeizureOnset; a stated InjectionDelay gives the onset", () => {
  expect(injectionTiming({ InjectionStart: -1800, SeizureOnset: -1813 })).toEqual({
    onset: -1813,
    injection: -1800,
    delay: 13,
  });
  expect(injectionTiming({ InjectionStart: -1800, InjectionDelay: 20 })).toEqual({
    onset: -1820,
    injection: -1800,
    delay: 20,
  });
  expect(injectionTiming({})).toEqual({});
});

test("without a field the first seizure of events.tsv counts; a table that cannot be read is refused", () => {
  const folder = mkdtempSync(join(tmpdir(), "timing-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const events = join(folder, "events.tsv");
  writeFileSync(events, "onset\tduration\ttrial_type\n-1900\t0\tlights\n-1810\t60\tseizure\n");
  expect(injectionTiming({ InjectionStart: -1800 }, events)).toEqual({
    onset: -1810,
    end: -1750,
    injection: -1800,
    delay: 10,
  });
  writeFileSync(events, "start\n1\n");
  expect(() => injectionTiming({}, events)).toThrow(expect.objectContaining({ code: "missing-column" }));
});

test("on the EEG's track, on its own clock: 100 s later there", () => {
  const map = (from: string, offset: number): TimeMap =>
    ({
      from,
      to: "study",
      method: "wall-clock",
      pieces: [{ from: Number.NEGATIVE_INFINITY, anchor: 0, offset, rate: 1, covariance: [0, 0, 0] }],
    }) as unknown as TimeMap;
  const track = (modality: "eeg" | "spect") => ({
    modality,
    name: modality,
    clock: modality,
    blocks: [{ start: 0, duration: 600 }],
    instants: [],
  });
  const visit = { maps: { ictal: map("ictal", 400), eeg: map("eeg", 300) } } as never;
  const streams = [
    { id: "ictal", track: track("spect") },
    { id: "eeg", track: track("eeg") },
  ];
  const [image, eeg] = withInjection(streams, { onset: 10, injection: 23, delay: 13 }, visit);
  expect(image?.track.instants.map(({ time }) => time)).toEqual([10, 23]);
  expect(eeg?.track.instants).toEqual([
    { time: 110, label: "seizure onset" },
    { time: 123, label: "injection +13 s" },
  ]);
  expect(withInjection(streams, {}, visit)).toBe(streams);
});
