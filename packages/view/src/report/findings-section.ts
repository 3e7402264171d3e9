/** Which modality points where, how strongly, with what error: a matrix, then every piece of evidence. */
import type { Evidence } from "@quintet/core";
import { modalities } from "@quintet/core";
import { readable } from "../plots/axis.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import type { ReportModel } from "./model.ts";
import { modalityName, modalityTag, phrase, placeName, pointText, sentenceCase } from "./words.ts";

const shownFindings = 8;

export function findingsSection(model: ReportModel): Html {
  const { findings, evidence } = model;
  return html`<section id="findings" aria-labelledby="findings-h"><h2 id="findings-h">Findings and their evidence</h2>
<p>A region is named when evidence of several modalities points to it. The ranking counts modalities and has <strong>not been validated</strong>; it is for research only.</p>
${findings.length > 0 ? matrix(model) : html`<p class="empty">No region is named. ${evidence.length > 0 ? "Evidence that did not add up to a finding is listed below." : "No modality gave evidence for a place."}</p>`}
${evidence.length > 0 ? evidenceTable(evidence) : ""}</section>`;
}

function matrix({ findings, availability }: ReportModel): Html {
  const there = new Map(availability.map((a) => [a.modality, a.present]));
  const rows = findings.slice(0, shownFindings).map((finding) => {
    const cells = modalities.map((modality) => {
      const mine = finding.evidence.filter((e) => e.modality === modality);
      if (!there.get(modality)) return html`<td class="absent">– <span class="sr">not in this study</span></td>`;
      if (mine.length === 0) return html`<td class="silent">○ <span class="sr">does not point here</span></td>`;
      return html`<td class="points"><span class="pip" aria-label="points here">●</span> ${mine.map((e) => html`<span class="score">${phrase(e.scoreName)} ${readable(e.score)}</span>`)}</td>`;
    });
    return html`<tr><td class="num">${finding.rank}</td><th scope="row">${sentenceCase(placeName(finding.region, finding.side))}</th>${cells}<td><strong>${finding.pointing} of ${finding.available}</strong></td><td>${finding.position ? pointText(finding.position) : "–"}</td><td class="num">${finding.positionError === undefined ? "–" : `±${finding.positionError.toFixed(0)}`}</td></tr>`;
  });
  return html`<div class="scroll"><table class="matrix"><caption>Regions by rank. ● points here, ○ available but does not, – not in this study.</caption>
<thead><tr><th scope="col" class="num">Rank</th><th scope="col">Region</th>${modalities.map((m) => html`<th scope="col">${modalityName[m]}</th>`)}<th scope="col">Point here</th><th scope="col">Centre, RAS</th><th scope="col" class="num">SD, mm</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}

function evidenceTable(evidence: readonly Evidence[]): Html {
  const rows = evidence.map(
    (
      e,
    ) => html`<tr><td>${modalityTag(e.modality)}</td><td>${phrase(e.kind)}</td><th scope="row">${sentenceCase(placeName(e.region, e.side))}</th>
<td class="num">${phrase(e.scoreName)} ${readable(e.score)}</td><td class="num">${e.volume === undefined ? "–" : `${readable(e.volume)} mL`}</td>
<td>${e.position ? html`${pointText(e.position)}${e.space ? html` <span class="muted">${e.space}</span>` : ""}` : "side or region only"}</td><td class="num">${e.positionError === undefined ? "–" : `±${e.positionError.toFixed(0)} mm`}</td>
<td class="note">${e.note} <a href="#qc-${e.modality}">QC</a> · <a href="#methods">method</a> · <a href="#provenance">data</a></td></tr>`,
  );
  return html`<div class="scroll"><table><caption>All evidence, each with its own score and error.</caption><thead><tr><th scope="col">Modality</th><th scope="col">Sign</th><th scope="col">Region</th><th scope="col" class="num">Score</th><th scope="col" class="num">Extent</th><th scope="col">Position</th><th scope="col" class="num">SD</th><th scope="col">Note</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}
