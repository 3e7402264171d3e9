import { expect, test } from "vitest";
import { type EegCleanView, renderEegCleanPage } from "./eeg-clean-page.ts";

const spectrum = {
  frequencies: Float64Array.from({ length: 50 }, (_, k) => k),
  density: Float64Array.from({ length: 50 }, (_, k) => 1e-12 / (1 + k)),
};
const view: EegCleanView = {
  source: "<script>alert(1)</script>.edf",
  steps: ["Filtered from 0.5 Hz."],
  findings: [
    { modality: "eeg", name: "kept-at-10-Hz", value: 0.026, unit: "1", verdict: "bad", note: "locked & lost" },
  ],
  before: spectrum,
  after: { ...spectrum, density: spectrum.density.map((p) => p / 2) },
  channels: [{ name: "T8", verdict: "high-frequency" }],
  components: [
    {
      index: 0,
      label: "eye",
      rule: "|r| 0.91 with the EOG",
      removed: true,
      share: 0.2,
      pattern: [{ channel: "Cz", value: 3 }],
    },
    { index: 1, label: "other", rule: "no rule holds", removed: false, share: 0.1, pattern: [] },
  ],
  sensors: [],
};
const options = { software: { name: "Quintet", version: "0" }, generatedAt: "2026-01-02T03:04:05Z" };

test("steps, findings, spectra, channels and components; text of the study is escaped", () => {
  const page = renderEegCleanPage(view, options);
  for (const words of [
    "Filtered from 0.5 Hz.",
    "locked &amp; lost",
    "T8",
    "high-frequency",
    "0.91 with the EOG",
    "20 %",
    "No places of electrodes",
  ])
    expect(page).toContain(words);
  expect(page).not.toContain("<script>");
  expect(page).toContain("For research use only");
});

test("without power, channels and components it says so and shows no plot", () => {
  const silent = { ...spectrum, density: new Float64Array(50) };
  const page = renderEegCleanPage({ ...view, before: silent, after: silent, channels: [], components: [] }, options);
  expect(page).toContain("No power to show");
  expect(page).toContain("No channel was found bad");
  expect(page).not.toContain("<svg");
});

test("four electrodes with places make a map", () => {
  const names = ["Fz", "Cz", "C3", "C4", "Pz"] as const;
  const at = [
    [0, 60, 60],
    [0, 0, 90],
    [-60, 0, 60],
    [60, 0, 60],
    [0, -60, 60],
  ] as const;
  const sensors = names.map((name, i) => ({ name, kind: "electrode" as const, position: at[i] }));
  const pattern = names.map((channel, i) => ({ channel, value: i - 2 }));
  const page = renderEegCleanPage({ ...view, sensors, components: [{ ...view.components[0], pattern }] }, options);
  expect(page).toContain("0: eye");
  expect(page).toContain("data:image/png");
});
