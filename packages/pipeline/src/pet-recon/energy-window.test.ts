import { expect, test } from "vitest";
import { energyWindow } from "./energy-window.ts";

const usual = { low: 430, high: 610, resolution: 0.12 };

test.each([
  [
    "what the file states",
    {},
    { low: 425, high: 650, resolution: Math.fround(0.1) },
    { low: 425, high: 650, resolution: 0.1 },
    undefined,
  ],
  [
    "asked for before stated",
    { low: 450, high: 613 },
    { low: 425, high: 650 },
    { low: 450, high: 613, resolution: 0.12 },
    /states.*425 to 650 keV.*450 to 613/,
  ],
  [
    "the same as stated",
    { low: 425, high: 650 },
    { low: 425, high: 650 },
    { low: 425, high: 650, resolution: 0.12 },
    undefined,
  ],
  ["nothing stated", {}, {}, usual, /states no energy window.*430 to 610/],
  [
    "no number, or a window without 511 keV",
    {},
    { low: Number.NaN, high: 650, resolution: 12 },
    usual,
    /no energy window/,
  ],
  [
    "a window of another nuclide",
    { resolution: 0.15 },
    { low: 126, high: 154 },
    { ...usual, resolution: 0.15 },
    /no energy window/,
  ],
] as const)("%s", (_, asked, stated, window, note) => {
  const found = energyWindow(asked, stated);
  expect(found.window).toEqual(window);
  if (note) expect(found.notes).toEqual([expect.stringMatching(note)]);
  else expect(found.notes).toEqual([]);
});
