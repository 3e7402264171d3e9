import { expect, test } from "vitest";
import { type NirsGlmView, renderNirsGlmPage } from "./nirs-glm-page.ts";

const time = Float64Array.from({ length: 23 }, (_, i) => i - 2);
const curve = (peak: number) => ({
  mean: time.map((t) => peak * Math.exp(-((t - 7) ** 2) / 8)),
  se: time.map(() => 2e-8),
});
const pairs = [1, 2, 3, 4, 5].map((k) => ({
  pair: `S${k}-D${k}`,
  source: `S${k}`,
  detector: `D${k}`,
  distance: 30,
  coupling: 0.9,
  power: 0.2,
  goodWindows: k / 5,
  signalToNoise: 30,
  pulse: 66,
  flags: k === 1 ? ["20 % of the windows are good"] : [],
}));
const view: NirsGlmView = {
  source: "<b>tap</b>.snirf",
  steps: ["Haemoglobin by the modified Beer-Lambert law, extinction wray, partial pathlength factor 6."],
  leftOut: [{ pair: "S9-D9", why: "light that is zero" }],
  sensors: [1, 2, 3, 4, 5].flatMap((k) => [
    { name: `S${k}`, kind: "source" as const, position: [20 * k - 60, 10 * k, 90] as const },
    { name: `D${k}`, kind: "detector" as const, position: [20 * k - 60, 10 * k + 30, 80] as const },
  ]),
  quality: pairs,
  movement: { times: time, values: time.map((t) => (t === 3 ? 0.5 : 0.01)), threshold: 0.05, share: 1 / 23 },
  motion: {
    marked: 0.04,
    used: "tddr",
    rows: [
      { method: "none", marked: 0.04, artefactPower: 30, changed: 0, contrast: 0.2, amplitude: 1e-7 },
      { method: "tddr", marked: 0, artefactPower: 2, changed: 0.1, contrast: 0.4, amplitude: 9e-8 },
      {
        method: "tpca",
        marked: Number.NaN,
        changed: Number.NaN,
        refused: "components shared by channels need channels",
      },
    ],
  },
  responses: [
    {
      name: "S1-D1",
      condition: "tap",
      time,
      hbo: curve(3e-7),
      hbr: curve(-1e-7),
      trials: 12,
      stimulus: 10,
      channels: ["S1-D1"],
    },
  ],
  scalp: ["S5-D5 (8 mm) answers with 0.87 µM, more than any long pair: it is scalp."],
  conditions: [
    {
      name: "tap",
      events: 12,
      inflation: 1.2,
      effects: pairs.flatMap(({ pair }, k) =>
        ["hbo", "hbr"].map((kind) => ({ pair, kind, value: 3e-7, standardError: 1e-7, t: 3 - k, dof: 1900, p: 0.003 })),
      ),
    },
  ],
  contrasts: [
    { name: "left - right", pair: "S1-D1", channelKind: "hbo", kind: "F", statistic: 4.2, dof: [2, 1900], p: 0.015 },
  ],
};
const options = { software: { name: "Quintet", version: "0" }, generatedAt: "2026-01-02T03:04:05Z" };

test("what was done, responses, effects, quality and motion; text of the study is escaped", () => {
  const page = renderNirsGlmPage(view, options);
  for (const words of [
    "partial pathlength factor 6",
    "S9-D9: light that is zero",
    "it is scalp",
    "t of HbO, tap",
    "12 events; variance inflation 1.2",
    "F 4.20",
    "2, 1900",
    "4 of 5 pairs without a flag",
    "Share of good windows",
    "20 % of the windows are good",
    "tddr (used)",
    "components shared by channels need channels",
    "For research use only",
  ])
    expect(page).toContain(words);
  expect(page).not.toContain("<b>tap");
  // A movement of one sample is in the plot however many are left out.
  expect(page).toContain("4.35 %");
});

test("without places, events and comparison it says so", () => {
  const page = renderNirsGlmPage(
    {
      ...view,
      sensors: [],
      responses: [],
      scalp: [],
      contrasts: [],
      leftOut: [],
      motion: undefined,
      movement: undefined,
    } as unknown as NirsGlmView,
    options,
  );
  expect(page).toContain("The optodes have no places");
  expect(page).toContain("no block average");
  expect(page).toContain("No comparison of repairs");
  expect(page).toContain("Every pair was fitted");
  expect(page).not.toContain("data:image/png");
});
