/** The regions that stand out, five modalities side by side: left and right of each measure on one scale. */
import type { Measure, Modality } from "@quintet/core";
import { modalities } from "@quintet/core";
import { readable } from "../plots/axis.ts";
import { displayUnit } from "./display-unit.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import type { ReportModel } from "./model.ts";
import { modalityName, phrase, sentenceCase, zText } from "./words.ts";

const rowsShown = 8;

/** Regions of the findings first, then by largest |z|, then by how many modalities have a value there. */
export function standingOut({ findings, measures }: Pick<ReportModel, "findings" | "measures">): string[] {
  const found = findings.slice(0, 3).map((f) => f.region);
  const merit = new Map<string, { z: number; modalities: Set<Modality> }>();
  for (const { region, modality, z } of measures) {
    const m = merit.get(region) ?? { z: 0, modalities: new Set() };
    m.z = Math.max(m.z, Math.abs(z ?? 0));
    m.modalities.add(modality);
    merit.set(region, m);
  }
  const others = [...merit]
    .filter(([region]) => !found.includes(region))
    .sort(([, a], [, b]) => b.z - a.z || b.modalities.size - a.modalities.size)
    .map(([region]) => region);
  return [...new Set([...found.filter((r) => merit.has(r)), ...others])].slice(0, rowsShown);
}

/** The measure a modality is shown by in a region: the one with the largest |z|, else one known on both sides, else the first. */
function shownMeasure(mine: readonly Measure[]): string | undefined {
  const names = [...new Set(mine.map((m) => m.measure))];
  const rank = (name: string): number => {
    const same = mine.filter((m) => m.measure === name);
    const z = Math.max(...same.map((m) => Math.abs(m.z ?? 0)));
    return z * 10 + new Set(same.map((m) => m.side)).size;
  };
  return names.sort((a, b) => rank(b) - rank(a))[0];
}

export function fingerprintSection(model: ReportModel): Html {
  const { measures } = model;
  const regions = standingOut(model);
  if (regions.length === 0) return html``;
  const used = modalities.filter((m) => measures.some((row) => row.modality === m));
  const rows = regions.map(
    (region) =>
      html`<tr><th scope="row">${sentenceCase(phrase(region))}</th>${used.map((modality) => html`<td>${cell(measures, region, modality)}</td>`)}</tr>`,
  );
  return html`<section id="regions" aria-labelledby="regions-h"><h2 id="regions-h">Regions side by side</h2>
<p>The regions of the findings and those that stand out most, one measure per modality. In each strip ▼ is the left and ▲ the right value; the strip spans all regions of this report.</p>
<div class="scroll"><table class="finger"><caption>Region fingerprint.</caption><thead><tr><th scope="col">Region</th>${used.map((m) => html`<th scope="col">${modalityName[m]}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div></section>`;
}

function cell(measures: readonly Measure[], region: string, modality: Modality): Html {
  const mine = measures.filter((m) => m.region === region && m.modality === modality && Number.isFinite(m.value));
  const name = shownMeasure(mine);
  if (!name) return html`<span class="muted">–</span>`;
  const all = measures.filter((m) => m.measure === name && m.modality === modality).map((m) => m.value);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  const x = (v: number): string => (high > low ? 8 + (124 * (v - low)) / (high - low) : 70).toFixed(1);
  const shown = mine.filter((m) => m.measure === name);
  const dots = shown.map(({ side, value }) =>
    side === "left"
      ? html`<path d="M${x(value)} 11l-4.5 -8h9z" fill="#0b5c6b"/>`
      : side === "right"
        ? html`<path d="M${x(value)} 11l-4.5 8h9z" fill="#b5521b"/>`
        : html`<circle cx="${x(value)}" cy="11" r="4" fill="#55616e"/>`,
  );
  const { unit, scale } = displayUnit(shown[0]?.unit ?? "1");
  const said = shown.map(({ side, value, z }) => {
    const letter = side === "left" ? "L " : side === "right" ? "R " : "";
    return html`<span>${letter}<b>${readable(value * scale)}</b>${z === undefined ? "" : html` <span class="${Math.abs(z) >= 2 ? "z far" : "z"}">z ${zText(z)}</span>`}</span>`;
  });
  return html`<span class="fname">${phrase(name)}, ${unit}</span><svg viewBox="0 0 140 22" class="strip" aria-hidden="true"><path d="M4 11h132" stroke="#c9d1d9"/>${dots}</svg><span class="fvals">${said}</span>`;
}
