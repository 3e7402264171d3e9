/** One self-contained page of a cleaned EEG: steps, findings, spectra before and after, what was taken out. */
import type { Sensor } from "@quintet/core";
import { commandPage, type PageMaker } from "./command-page.ts";
import { cleaningComponents, cleaningSpectra } from "./eeg-cleaning.ts";
import type { EegCleaning } from "./eeg-view.ts";
import { findingsTable } from "./findings-table.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";

export interface EegCleanView extends EegCleaning {
  readonly source: string;
  readonly channels: readonly { readonly name: string; readonly verdict: string }[];
  /** Empty without places: no maps then. */
  readonly sensors: readonly Sensor[];
}

export type EegCleanPageOptions = PageMaker;

export function renderEegCleanPage(view: EegCleanView, { software, generatedAt }: EegCleanPageOptions): string {
  const { source } = view;
  return commandPage(
    { title: "Cleaned EEG", source, software, generatedAt },
    html`<section><h1>Cleaned EEG</h1>
<h2>What was done</h2><ol>${view.steps.map((step) => html`<li>${step}</li>`)}</ol>
<h2>Findings</h2>${findingsTable(view.findings, "the recording")}
<h2>Spectra</h2>${cleaningSpectra(view)}
${channelsTable(view)}${view.components.length > 0 ? html`<h2>Independent components</h2>${cleaningComponents(view.components, view.sensors)}` : ""}</section>`,
  );
}

function channelsTable({ channels }: EegCleanView): Html {
  if (channels.length === 0) return html`<h2>Channels</h2><p>No channel was found bad.</p>`;
  return html`<h2>Channels</h2><div class="scroll"><table><caption>Bad channels.</caption><thead><tr><th scope="col">Channel</th><th scope="col">Why</th></tr></thead><tbody>${channels.map(
    ({ name, verdict }) => html`<tr><th scope="row">${name}</th><td>${verdict}</td></tr>`,
  )}</tbody></table></div>`;
}
