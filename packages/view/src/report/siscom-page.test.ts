import { identityAffine, type Volume } from "@quintet/core";
import { expect, test } from "vitest";
import { injectionLine } from "./injection-line.ts";
import { renderSiscomPage, type SiscomView } from "./siscom-page.ts";

const volume = (unit: "1" | "{z}"): Volume => ({
  shape: [6, 6, 6],
  affine: identityAffine(),
  space: "subject:T1w",
  unit,
  clock: "mri",
  frames: [{ start: 0, duration: 0 }],
  data: Float32Array.from({ length: 216 }, (_, v) => v % 7),
});
const view: SiscomView = {
  source: "sub-1 <ictal>",
  answer: "A rise of flow in left insula.",
  anatomy: { t1: volume("1") },
  crosshair: { position: [2, 3, 4], label: "The strongest rise of flow" },
  layers: [
    {
      kind: "image",
      id: "siscom",
      modality: "spect",
      name: "SISCOM",
      unit: "z",
      volume: volume("{z}"),
      range: [-6, 6],
      colourMap: "cool-warm",
      threshold: 2,
      note: "",
    },
  ],
  tables: [
    {
      title: "Clusters",
      note: "",
      clusters: [
        {
          sign: 1,
          volumeMl: 4.2,
          peakZ: 6.1,
          t1: [2, 3, 4],
          template: [-40, 5, 2],
          region: "left insula",
          p: 1e-7,
          agreement: 0.75,
        },
      ],
    },
  ],
  templateName: "MNI",
  settings: [
    { name: "z 2", clusters: 3, overlap: 1, first: { peak: 6.1, volume: 4.2, centre: [2, 3, 4], p: 1e-7 } },
    { name: "z 3", clusters: 1, overlap: 0.5, first: { peak: 5, volume: 1, centre: [2, 3, 4], p: 0.02 } },
  ],
  concordant: 2,
  finding: 1,
  alpha: 0.001,
  reachMm: 20,
  timing: { onset: -1814, injection: -1800, end: -1759, delay: 14 },
  registrations: [],
  qc: [],
  normals: [],
};
const page = (one: SiscomView): string =>
  renderSiscomPage(one, { software: { name: "Quintet", version: "0" }, generatedAt: "2026-01-01T00:00:00" });

test("cluster, place, chance and agreement as given; text is escaped; without normals the page says so", () => {
  const text = page(view);
  for (const part of [
    "left insula",
    "6.1",
    "4.2",
    "&lt; 0.001",
    "75 %",
    "sub-1 &lt;ictal&gt;",
    "14 s",
    "Absent: no folder",
  ])
    expect(text).toContain(part);
  expect(text).not.toContain("<ictal>");
});

test("settings that agree: how many call it a finding; about noise they are no agreement", () => {
  expect(page(view)).toMatch(
    /<strong>1 of 2 settings<.strong> call the cluster in this place a finding.*in 2 the strongest/,
  );
  const noise = page({ ...view, finding: 0 });
  expect(noise).toMatch(/None of 2 settings.*In 2 the strongest.*no agreement about a finding/);
  expect(noise).toContain("0.020");
});

test("normals are named; an unknown delay is said; no cluster is said", () => {
  const text = page({
    ...view,
    normals: ["h1", "h2"],
    timing: {},
    tables: [{ title: "Clusters", note: "", clusters: [] }],
  });
  expect(text).toContain("h1, h2");
  expect(text).toContain("the delay is not known");
  expect(text).toContain("No cluster above the threshold.");
});

test("the line: the injection 14 s of 55 along the seizure; nothing without an onset", () => {
  const { markup } = injectionLine({ onset: -1814, injection: -1800, end: -1759 });
  const x = (pattern: RegExp): number => Number(pattern.exec(markup)?.[1]);
  const [start, width] = [x(/rect x="([\d.]+)"/), x(/rect .*?width="([\d.]+)"/)];
  expect((x(/M([\d.]+) 12V62" stroke="#7a4fa3"/) - start) / width).toBeCloseTo(14 / 55, 2);
  expect(injectionLine({ injection: 3 }).markup).toBe("");
});
