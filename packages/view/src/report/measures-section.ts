/** Every number: sortable, filterable, each with its formula and the inputs it came from. */
import type { Measure } from "@quintet/core";
import { readable } from "../plots/axis.ts";
import { displayUnit } from "./display-unit.ts";
import { standingOut } from "./fingerprint-section.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import type { ReportModel } from "./model.ts";
import { modalityName, modalityTag, phrase, sentenceCase, zText } from "./words.ts";

/** Methods of the measures in order of first use: M1, M2 ... */
export function methodsOf(measures: readonly Measure[]): string[] {
  return [...new Set(measures.map((m) => m.method))];
}

const columns = ["Region", "Side", "Modality", "Measure", "Value", "Unit", "n", "z", "w", "From"] as const;
const numeric: ReadonlySet<string> = new Set(["Value", "n", "z", "w"]);

export function measuresSection(model: ReportModel): Html {
  const { measures } = model;
  if (measures.length === 0) {
    return html`<section id="measures" aria-labelledby="measures-h"><h2 id="measures-h">Measures</h2><p class="empty">No measure could be made.</p></section>`;
  }
  const methods = new Map(methodsOf(measures).map((method, i) => [method, i + 1]));
  const inputs = new Map(model.provenance.inputs.map(({ path }, i) => [path, i + 1]));
  const printed = new Set(standingOut(model));
  const scored = measures.some((m) => m.w !== undefined);
  const shown = columns.filter((c) => c !== "w" || scored);
  const rows = measures.map((m) => measureRow(m, methods.get(m.method) ?? 0, inputs, printed.has(m.region), scored));
  const used = [...new Set(measures.map((m) => m.modality))];
  const withheld = measures.filter((m) => !printed.has(m.region)).length;
  return html`<section id="measures" aria-labelledby="measures-h"><h2 id="measures-h">Measures</h2>
<p>${measures.length} values. A z (for age and sex) and a w (for head size too) are given only where there is a normative table. The same rows are in the measures table of the derivatives.</p>
<div class="filters" data-js><label>Search <input type="search" data-filter="text" placeholder="region or measure"></label><label>Modality <select data-filter="modality"><option value="">all</option>${used.map((m) => html`<option value="${m}">${modalityName[m]}</option>`)}</select></label><label><input type="checkbox" data-filter="far"> only |z| ≥ 2</label><span class="muted" data-count aria-live="polite">${measures.length} rows</span></div>
<div class="scroll tall"><table class="measures" id="measure-table"><caption>Value ± standard error, or with its 95 % interval. M: formula; I: input files; QC: quality control of the modality.</caption>
<thead><tr>${shown.map((c) => html`<th scope="col"${numeric.has(c) ? html` class="num"` : ""} data-sort>${c}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>
${withheld > 0 ? html`<p class="printonly">${withheld} further rows are in the page and in the measures table, not in this print.</p>` : ""}</section>`;
}

function measureRow(
  m: Measure,
  method: number,
  inputs: ReadonlyMap<string, number>,
  printed: boolean,
  scored: boolean,
): Html {
  const { unit, scale } = displayUnit(m.unit);
  const error =
    m.standardError !== undefined
      ? html` ± ${readable(m.standardError * scale, 2)}`
      : m.interval
        ? html` <span class="muted">[${readable(m.interval[0] * scale)}, ${readable(m.interval[1] * scale)}]</span>`
        : "";
  const sources = m.sources.map((path) => {
    const i = inputs.get(path);
    return i === undefined
      ? html` <span class="muted" title="${path}">derived</span>`
      : html` <a href="#input-${i}" title="${path}">I${i}</a>`;
  });
  const score = (value: number | undefined): Html =>
    value === undefined
      ? html`<td class="num" data-v=""></td>`
      : html`<td class="num${Math.abs(value) >= 2 ? " far" : ""}" data-v="${value}">${zText(value)}</td>`;
  return html`<tr data-m="${m.modality}"${printed ? "" : html` class="noprint"`}><th scope="row">${sentenceCase(phrase(m.region))}</th><td>${m.side ?? ""}</td><td>${modalityTag(m.modality)}</td><td>${phrase(m.measure)}</td><td class="num" data-v="${Number.isFinite(m.value) ? m.value : ""}">${readable(m.value * scale, 4)}${error}</td><td>${unit}</td><td class="num" data-v="${m.n ?? ""}">${m.n ?? ""}</td>${score(m.z)}${scored ? score(m.w) : ""}<td class="from"><a href="#method-${method}">M${method}</a>${sources} <a href="#qc-${m.modality}">QC</a></td></tr>`;
}
