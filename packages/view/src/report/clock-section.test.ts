import type { TimeMap } from "@quintet/core";
import { expect, test } from "vitest";
import { sampleModel } from "../../test/sample-model.ts";
import { clockSection } from "./clock-section.ts";
import type { ClockTrack, SessionClock } from "./model.ts";

const map = (from: string, method: TimeMap["method"], offset: number, variance: number): TimeMap => ({
  ...{ from, to: "study", method },
  pieces: [{ until: Number.POSITIVE_INFINITY, anchor: 0, offset, rate: 1, covariance: [variance, 0, 0] }],
});
const track = (modality: ClockTrack["modality"], name: string, own: TimeMap, duration: number): ClockTrack => ({
  ...{ modality, name, clock: name, map: own, instants: [] },
  blocks: [{ start: 0, duration }],
});
const eeg = track("eeg", "EEG", map("eeg", "reference", 79_200, 0), 240);
const bold = track("mri", "BOLD", map("bold", "shared-triggers", 79_225.0434, 1e-6), 128);
const pet = track("pet", "FDG PET", map("pet", "wall-clock", 253_800, 4), 1200);
const residuals = [0, 1, 2].map((time) => ({ time, residual: 0.0031 * (time - 1) }));
const tie = { from: "eeg", to: "bold", pulses: "volume", used: 3, refused: [], jitter: 0.002, residuals };

const section = (clock: Partial<SessionClock>): string =>
  clockSection({ ...sampleModel({ voxel: 8 }), clock: { name: "study", note: "", tracks: [], ...clock } }).markup;

test("a visit of days shows what ran side by side once more, close up, from its own first second", () => {
  const text = section({ tracks: [eeg, bold, pet] });
  expect(text.match(/class="plot clock"/g)).toHaveLength(2);
  expect(text).toContain("s after 22:00:00 on the clock");
  expect(section({ tracks: [eeg, bold] }).match(/class="plot clock"/g)).toHaveLength(1);
  expect(section({ tracks: [eeg, pet] }).match(/class="plot clock"/g)).toHaveLength(1);
});

test("starts by hand: 79,225.0434 s are 22:00:25.043 where it is known to 1 ms, 253,800 s are 70:30:00 where to 2 s", () => {
  const text = section({ tracks: [eeg, bold, pet] });
  for (const words of ["22:00:25.043", "70:30:00", ">22:00:00.000<"]) expect(text).toContain(words);
  // The reference has no error and no drift by definition: dashes, not zeros.
  expect(text).toMatch(/22:00:00\.000<\/td><td class="num">–<\/td><td class="num">–</);
});

test("the residual plot reaches to the next round number: 3.1 ms are drawn within 5", () => {
  const text = section({ tracks: [eeg, bold], ties: [tie] });
  expect(text).toContain(">−5<");
  expect(text).toContain(">5<");
  expect(text).toContain("Residuals of eeg against bold");
});
