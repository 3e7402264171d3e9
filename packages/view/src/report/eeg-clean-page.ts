/** One self-contained page of a cleaned EEG: steps, findings, spectra before and after, what was taken out. */
import type { QcFinding, Sensor } from "@quintet/core";
import { readable } from "../plots/axis.ts";
import { legend, linePlot, type Series } from "../plots/line-plot.ts";
import { scalpMap } from "../topography/scalp-map.ts";
import type { Html } from "./html.ts";
import { html, trusted } from "./html.ts";
import { reportStyle } from "./style.ts";

/** Median over channels of the power spectral density, V^2/Hz. */
export interface MedianSpectrum {
  readonly frequencies: Float64Array;
  readonly density: Float64Array;
}

export interface EegCleanView {
  readonly source: string;
  /** What was done, one sentence each, in order. */
  readonly steps: readonly string[];
  readonly findings: readonly QcFinding[];
  readonly before: MedianSpectrum;
  readonly after: MedianSpectrum;
  readonly channels: readonly { readonly name: string; readonly verdict: string }[];
  readonly components: readonly {
    readonly index: number;
    readonly label: string;
    readonly rule: string;
    readonly removed: boolean;
    /** Of the signals' variance. */
    readonly share: number;
    /** uV per standard deviation of the source. */
    readonly pattern: readonly { readonly channel: string; readonly value: number }[];
  }[];
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
<h2>Findings</h2>${findingsTable(view.findings)}
<h2>Spectra</h2>${spectra(view)}
${channelsTable(view)}${componentsPart(view)}</section></main>
<footer>${software.name} ${software.version} · ${source} · ${generatedAt}</footer></body></html>`.markup
  }\n`;
}

const verdictWords = { ok: "ok", warn: "look", bad: "bad" } as const;

function findingsTable(findings: readonly QcFinding[]): Html {
  return html`<div class="scroll"><table><thead><tr><th scope="col">Finding</th><th scope="col" class="num">Value</th><th scope="col">Verdict</th><th scope="col">Meaning</th></tr></thead><tbody>${findings.map(
    ({ name, value, unit, verdict, note }) =>
      html`<tr><th scope="row">${name}</th><td class="num">${typeof value === "number" ? readable(value, 4) : value}${unit && unit !== "1" && unit !== "{count}" ? ` ${unit}` : ""}</td><td>${verdictWords[verdict]}</td><td>${note}</td></tr>`,
  )}</tbody></table></div>`;
}

function spectra({ before, after }: EegCleanView): Html {
  const high = Math.min(100, before.frequencies.at(-1) ?? 100, after.frequencies.at(-1) ?? 100);
  const low = 0.5;
  const inView: number[] = [];
  const curve = (name: string, { frequencies, density }: MedianSpectrum, colour: string): Series => {
    const y = Float64Array.from(density, (p) => p * 1e12);
    y.forEach((p, k) => {
      const f = frequencies[k] as number;
      if (f >= low && f <= high && p > 0) inView.push(p);
    });
    return { name, x: frequencies, y, colour, width: 1.6 };
  };
  const series = [curve("before", before, "#9aa6b2"), curve("after", after, "#0b6fa4")];
  const [least, most] = inView.reduce(
    ([a, b], v) => [Math.min(a, v), Math.max(b, v)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  );
  if (!(most > 0)) return html`<p class="muted">No power to show.</p>`;
  return html`<figure>${linePlot({
    title: `Median power spectral density over channels before and after, ${low} to ${readable(high)} Hz`,
    x: { label: "frequency (Hz)", low, high },
    // Twelve decades are more than an eye can use.
    y: { label: "power (µV²/Hz), log", low: Math.max(least * 0.8, most * 1e-12), high: most * 1.3, log: true },
    series,
  })}${legend(series.map(({ name, colour }) => ({ name, colour })))}<figcaption>Median over the good EEG channels, windows of 2 s.</figcaption></figure>`;
}

function channelsTable({ channels }: EegCleanView): Html {
  if (channels.length === 0) return html`<h2>Channels</h2><p>No channel was found bad.</p>`;
  return html`<h2>Channels</h2><div class="scroll"><table><thead><tr><th scope="col">Channel</th><th scope="col">Why</th></tr></thead><tbody>${channels.map(
    ({ name, verdict }) => html`<tr><th scope="row">${name}</th><td>${verdict}</td></tr>`,
  )}</tbody></table></div>`;
}

function componentsPart({ components, sensors }: EegCleanView): Html {
  if (components.length === 0) return html``;
  const named = components.filter(({ label }) => label !== "other");
  const maps =
    sensors.length === 0
      ? html`<p class="muted">No places of electrodes: no maps.</p>`
      : html`<p>Head from above, nose up, the patient’s left on the left; µV per standard deviation of the source.</p><div class="scalps">${named.map(
          ({ index, label, pattern }) =>
            scalpMap({ name: `${index}: ${label}`, unit: "µV", colourMap: "cool-warm", values: pattern }, sensors),
        )}</div>`;
  return html`<h2>Independent components</h2>${named.length > 0 ? maps : html`<p>None was named.</p>`}
<div class="scroll"><table><thead><tr><th scope="col" class="num">Component</th><th scope="col">Label</th><th scope="col">Why</th><th scope="col" class="num">Share of variance</th><th scope="col">Removed</th></tr></thead><tbody>${components.map(
    ({ index, label, rule, share, removed }) =>
      html`<tr><td class="num">${index}</td><td>${label}</td><td>${rule}</td><td class="num">${readable(100 * share)} %</td><td>${removed ? "yes" : ""}</td></tr>`,
  )}</tbody></table></div>`;
}
