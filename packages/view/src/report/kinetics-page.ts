/** One self-contained page of a kinetic model: the table, the input, every curve with its fit and residuals. */
import { legend } from "../plots/line-plot.ts";
import { commandPage, type PageMaker } from "./command-page.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { estimatesTable, fitFigure, inputFigure, lineFigure } from "./kinetics-figures.ts";
import type { KineticsView } from "./kinetics-view.ts";

export interface KineticsPageOptions extends PageMaker {
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
  return commandPage(
    { title: view.title, source, software, generatedAt },
    html`<section><h1>${view.title}</h1>${kineticsBlocks(view)}</section>`,
  );
}
