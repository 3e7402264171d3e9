import { identityAffine, type LabelVolume, type Measure, type Volume } from "@quintet/core";
import { expect, test } from "vitest";
import { type DatView, renderDatPage } from "./dat-page.ts";

const grid = { shape: [12, 12, 12] as const, affine: identityAffine(), space: "subject:T1w" };
const ratio: Volume<"1"> = {
  ...grid,
  unit: "1",
  clock: "spect",
  frames: [{ start: 0, duration: 0 }],
  data: Float32Array.from({ length: 12 ** 3 }, (_, v) => 1 + (v % 5)),
};
const striatal: LabelVolume = {
  ...grid,
  data: Uint8Array.from({ length: 12 ** 3 }, (_, v) => (v % 12 === 3 ? 1 : v % 12 === 8 ? 2 : 0)),
  names: new Map([
    [1, "left anterior putamen"],
    [2, "right anterior putamen"],
  ]),
};
const measure = (side: Measure["side"], value: number, more: Partial<Measure> = {}): Measure => ({
  region: "anterior putamen",
  ...(side ? { side } : {}),
  modality: "spect",
  measure: "sbr",
  value,
  unit: "1",
  method: "SBR",
  sources: [],
  ...more,
});
const view: DatView = {
  source: "sub-1 <dat>",
  answer: "Putamen: left 2.00, right 1.00.",
  ratio,
  striatal,
  reference: "occipital cortex",
  measures: [
    measure("left", 2, { standardError: 0.25, z: -2.5 }),
    measure("right", 1),
    measure("midline", -66.7, { measure: "sbr-asymmetry", unit: "%" }),
  ],
  errors: "of counting, from <replicates>",
  notes: ["SBR"],
  registrations: [],
};
const made = { software: { name: "Quintet", version: "0" }, generatedAt: "2026-01-01T00:00:00" };

test("six cuts with outlines and side marks; both sides and their asymmetry in one row; z where there is one; text is escaped", () => {
  const page = renderDatPage(view, made);
  expect(page.match(/<svg class="slice/g)).toHaveLength(6);
  expect(page).toContain('<td class="num">2.00 ± 0.25</td><td class="num">1.00</td><td class="num">−66.7</td>');
  expect(page).toContain('<td class="num far">−2.50</td><td class="num">–</td>');
  expect(page).toContain("sub-1 &lt;dat&gt;");
  expect(page).toContain("one standard error, of counting, from &lt;replicates&gt;.");
  expect(page).not.toMatch(/NaN|undefined|<dat>/);
  expect(page).not.toContain("Registration checks");
});

test("without norms there is no column of z", () => {
  const plain = { ...view, measures: view.measures.map(({ z: _, ...row }) => row) };
  expect(renderDatPage(plain, made)).not.toContain("z, left");
});

test("the plot: the side of the higher ratio lies farther along", () => {
  const at = (page: string): number[] => [...page.matchAll(/<circle cx="([\d.]+)"/g)].map(([, x]) => Number(x));
  const [left, right] = at(renderDatPage(view, made));
  expect(left).toBeGreaterThan(right as number);
});
