import { expect, test } from "vitest";
import { renderKineticsPage } from "./kinetics-page.ts";
import type { KineticsView } from "./kinetics-view.ts";

const view: KineticsView = {
  title: "Logan's plot",
  equation: "∫C / C = VT ∫Cp / C + b",
  choices: ["frames weigh by their duration"],
  inputs: [{ name: "plasma", time: Float64Array.of(0, 1, 2), value: Float64Array.of(0, 5000, 1000) }],
  regions: [
    {
      region: "Putamen <L>",
      model: "logan",
      estimates: [
        { name: "VT", unit: "mL/cm3", value: 2.3456, standardError: 0.0321 },
        { name: "k3", unit: "1/min", absent: "not determined: its standard error is 0.7" },
      ],
      time: Float64Array.of(0.5, 1.5, 2.5),
      measured: Float64Array.of(1000, 3000, 2500),
      fitted: Float64Array.of(Number.NaN, 2900, 2550),
      weights: Float64Array.of(0, 1, 1),
      start: 1.5,
      line: {
        x: Float64Array.of(9, 2, 3),
        y: Float64Array.of(1, 4, 6),
        xLabel: "∫Cp / C (min)",
        yLabel: "∫C / C (min)",
        slope: 2,
        intercept: 0,
      },
      flags: ["not determined by these data: k3"],
    },
  ],
};
const page = renderKineticsPage(view, {
  software: { name: "Quintet", version: "0" },
  generatedAt: "2026-01-01T00:00:00",
  source: "a.tsv",
});

test("two figures of the error, the value to the same place; a dash with its reason; names are escaped", () => {
  expect(page).toContain("2.346 ± 0.032");
  expect(page).toContain('title="not determined: its standard error is 0.7">–');
  expect(page).toContain("Putamen &lt;L&gt;");
  expect(page).not.toContain("<L>");
});
test("curve, residuals, straight line and input are drawn; nothing is fetched", () => {
  expect(page.match(/<svg class="plot"/g)).toHaveLength(4);
  expect(page).toContain(">∫Cp / C (min)</text>");
  expect(page).toContain("default-src 'none'");
  expect(page).not.toMatch(/(src|href)="http/);
});
