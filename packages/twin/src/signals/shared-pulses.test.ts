import { seededRandom } from "@quintet/kernels";
import { expect, test } from "vitest";
import { onDevice, sharedPulses, trueTime } from "./shared-pulses.ts";

const run = { volumes: 64, repetitionTime: 2, ticks: { eeg: 1 / 256, nirs: 0.1 }, starts: { nirs: -262, bold: 25 } };

test("by hand: a device that began at 10 s and gains 100 ppm shows 100.01 s at 110 s", () => {
  const device = { start: 10, drift: 1e-4, tick: 0 };
  expect(onDevice(device, 110)).toBeCloseTo(100.01, 12);
  expect(trueTime(device, 100.01)).toBeCloseTo(110, 12);
});

test("each device hears every volume at a tick of its own, within half a tick and the edge's scatter", () => {
  const { clocks, eeg, nirs } = sharedPulses(seededRandom(4), run);
  for (const [heard, clock] of [
    [eeg, clocks.eeg],
    [nirs, clocks.nirs],
  ] as const) {
    expect(heard).toHaveLength(64);
    for (const [k, { onset, type }] of heard.entries()) {
      expect(type).toBe("volume");
      expect(Math.abs(onset / clock.tick - Math.round(onset / clock.tick))).toBeLessThan(1e-6);
      // Six standard deviations of 0.2 ms.
      const miss = Math.abs(onset - onDevice(clock, trueTime(clocks.bold, 2 * k)));
      expect(miss).toBeLessThan(clock.tick / 2 + 1.2e-3);
    }
  }
});

test("each began within the second that its wall clock tells, and no clock drifts by more than 50 ppm; seeds differ", () => {
  const made = Array.from({ length: 20 }, (_, seed) => sharedPulses(seededRandom(seed), run).clocks);
  for (const { eeg, nirs, bold } of made) {
    expect([eeg.start, nirs.start + 262, bold.start - 25].every((s) => s >= 0 && s < 1)).toBe(true);
    expect([eeg, nirs, bold].every(({ drift }) => Math.abs(drift) <= 50e-6)).toBe(true);
  }
  expect(new Set(made.map(({ eeg }) => eeg.start)).size).toBe(20);
});
