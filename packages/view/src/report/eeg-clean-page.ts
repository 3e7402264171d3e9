/** One self-contained page of a cleaned EEG: steps, findings, spectra before and after, what was taken out. */
import type { Sensor } from "@quintet/core";
import { cleaningComponents, cleaningFindings, cleaningSpectra } from "./eeg-cleaning.ts";
import type { EegCleaning } from "./eeg-view.ts";
import type { Html } from "./html.ts";
import { html, trusted } from "./html.ts";
import { reportStyle } from "./style.ts";

export interface EegCleanView extends EegCleaning {
  readonly source: string;
  readonly channels: readonly { readonly name: string; readonly verdict: string }[];
  /** Empty without places: no maps then. */
  readonly sensors: readonly Sensor[];
}

export interface EegCleanPageOptions {
  readonly software: { readonly name: string; readonly version: string };
  /** ISO 8601. */
  readonly generatedAt: string;
}

export function renderEegCleanPage(view: EegCleanView, { software, generatedAt }: EegCleanPageOptions): string {
  const { source } = view;
  return `<!doctype html>\n${
    html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>Cleaned EEG · ${source}</title><style>${trusted(reportStyle)}</style></head>
<body><header class="top"><div class="brand"><span class="five" aria-hidden="true"><i></i><i></i><i></i><i></i><i></i></span>${software.name}</div><div class="who"><strong>${source}</strong><span>${generatedAt.slice(0, 16).replace("T", " ")}</span></div></header>
<div class="research" role="note"><strong>For research use only. Not a medical device.</strong></div>
<main><section><h1>Cleaned EEG</h1>
<h2>What was done</h2><ol>${view.steps.map((step) => html`<li>${step}</li>`)}</ol>
<h2>Findings</h2>${cleaningFindings(view.findings)}
<h2>Spectra</h2>${cleaningSpectra(view)}
${channelsTable(view)}${view.components.length > 0 ? html`<h2>Independent components</h2>${cleaningComponents(view.components, view.sensors)}` : ""}</section></main>
<footer>${software.name} ${software.version} · ${source} · ${generatedAt}</footer></body></html>`.markup
  }\n`;
}

function channelsTable({ channels }: EegCleanView): Html {
  if (channels.length === 0) return html`<h2>Channels</h2><p>No channel was found bad.</p>`;
  return html`<h2>Channels</h2><div class="scroll"><table><caption>Bad channels.</caption><thead><tr><th scope="col">Channel</th><th scope="col">Why</th></tr></thead><tbody>${channels.map(
    ({ name, verdict }) => html`<tr><th scope="row">${name}</th><td>${verdict}</td></tr>`,
  )}</tbody></table></div>`;
}
