import { readable } from "../plots/axis.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { methodsOf } from "./measures-section.ts";
import type { ReportModel } from "./model.ts";
import { modalityTag } from "./words.ts";

/** The formula behind every measure, numbered as the measure table cites them. */
export function methodsSection({ measures }: ReportModel): Html {
  const methods = methodsOf(measures);
  return html`<section id="methods" aria-labelledby="methods-h"><h2 id="methods-h">Methods</h2>
${methods.length === 0 ? html`<p class="empty">No measure was made.</p>` : html`<ol class="methods">${methods.map((method, i) => html`<li id="method-${i + 1}"><span class="ref">M${i + 1}</span> ${method}</li>`)}</ol>`}</section>`;
}

/** What went in, what was done to it with which settings, what came out. */
export function provenanceSection({ provenance, software, template, generatedAt }: ReportModel): Html {
  const { inputs, steps, environment } = provenance;
  const total = steps.reduce((sum, s) => sum + (s.cached ? 0 : s.seconds), 0);
  return html`<section id="provenance" aria-labelledby="provenance-h"><h2 id="provenance-h">Provenance</h2>
<dl class="facts"><dt>Software</dt><dd>${software.name} ${software.version}</dd><dt>Generated</dt><dd>${generatedAt}</dd><dt>Template</dt><dd>${template ? html`${template.name} (${template.space}), from ${template.source}${template.note ? html`. ${template.note}` : ""}` : "none"}</dd>${Object.entries(environment ?? {}).map(([k, v]) => html`<dt>${k}</dt><dd>${v}</dd>`)}</dl>
<div class="scroll"><table><caption>Inputs and the SHA-256 of their bytes.</caption><thead><tr><th scope="col">No.</th><th scope="col">File</th><th scope="col">Modality</th><th scope="col" class="num">Size</th><th scope="col">SHA-256</th></tr></thead><tbody>
${inputs.map((f, i) => html`<tr id="input-${i + 1}"><td>I${i + 1}</td><th scope="row" class="path">${f.path}</th><td>${f.modality ? modalityTag(f.modality) : ""}</td><td class="num">${f.bytes === undefined ? "–" : size(f.bytes)}</td><td class="hash">${f.sha256}</td></tr>`)}</tbody></table></div>
<div class="scroll"><table><caption>Steps in order; ${readable(total)} s computed in this run.</caption><thead><tr><th scope="col">Step</th><th scope="col">Version</th><th scope="col">Parameters</th><th scope="col" class="num">Seconds</th><th scope="col">From</th><th scope="col">To</th></tr></thead><tbody>
${steps.map(
  (s) =>
    html`<tr><th scope="row">${s.name}</th><td>${s.version}</td><td class="params">${Object.entries(s.parameters).map(([k, v]) => html`<span>${k} = ${typeof v === "string" ? v : (JSON.stringify(v) ?? "–")}</span>`)}</td><td class="num">${readable(s.seconds)}${s.cached ? html` <span class="muted">from cache</span>` : ""}</td><td class="path">${s.inputs.map((p) => html`<div>${p}</div>`)}</td><td class="path">${s.outputs.map((o) => html`<div${o.sha256 ? html` title="sha256 ${o.sha256}"` : ""}>${o.path}${o.sha256 ? html` <span class="hash">${o.sha256.slice(0, 12)}…</span>` : ""}</div>`)}</td></tr>`,
)}</tbody></table></div></section>`;
}

function size(bytes: number): string {
  return bytes >= 1e6
    ? `${(bytes / 1e6).toFixed(1)} MB`
    : bytes >= 1e3
      ? `${(bytes / 1e3).toFixed(0)} kB`
      : `${bytes} B`;
}
