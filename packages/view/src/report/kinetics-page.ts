/** One self-contained page of a kinetic model: the table, the input, every curve with its fit and residuals. */
import { legend } from "../plots/line-plot.ts";
import type { Html } from "./html.ts";
import { html, trusted } from "./html.ts";
import { estimatesTable, fitFigure, inputFigure, lineFigure } from "./kinetics-figures.ts";
import type { KineticsView } from "./kinetics-view.ts";
import { reportStyle } from "./style.ts";

export interface KineticsPageOptions {
  readonly software: { readonly name: string; readonly version: string };
  /** ISO 8601. */
  readonly generatedAt: string;
  /** What the curves are of: the file's name. */
  readonly source: string;
}

/** The blocks that the page and the report share. */
export function kineticsBlocks(
  view: KineticsView,
  { plots = view.regions.length }: { readonly plots?: number } = {},
): Html {
  const shown = view.regions.slice(0, plots);
  const lines = shown.filter(({ line }) => line !== undefined);
  const more = view.regions.length - shown.length;
  return html`<p>${view.equation}</p><ul class="plain">${view.choices.map((choice) => html`<li>${choice.charAt(0).toUpperCase()}${choice.slice(1)}</li>`)}</ul>
${estimatesTable(view)}${inputFigure(view)}
<h3>Curves and fits</h3>${legend([
    { name: "measured", colour: "#16202b" },
    { name: "fit", colour: "#0b7f95" },
    { name: "residual", colour: "#8a3a48" },
  ])}<div class="smallmultiples">${shown.map(fitFigure)}</div>
${lines.length > 0 ? html`<h3>Straight-line plots</h3><div class="smallmultiples">${lines.map(lineFigure)}</div>` : ""}
${more > 0 ? html`<p class="muted">${more} more ${more === 1 ? "region is" : "regions are"} in the table.</p>` : ""}`;
}

export function renderKineticsPage(view: KineticsView, { software, generatedAt, source }: KineticsPageOptions): string {
  return `<!doctype html>\n${
    html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${view.title} · ${source}</title><style>${trusted(reportStyle)}</style></head>
<body><header class="top"><div class="brand"><span class="five" aria-hidden="true"><i></i><i></i><i></i><i></i><i></i></span>${software.name}</div><div class="who"><strong>${source}</strong><span>${generatedAt.slice(0, 16).replace("T", " ")}</span></div></header>
<div class="research" role="note"><strong>For research use only. Not a medical device.</strong></div>
<main><section><h1>${view.title}</h1>${kineticsBlocks(view)}</section></main>
<footer>${software.name} ${software.version} · ${source} · ${generatedAt}</footer></body></html>`.markup
  }\n`;
}
