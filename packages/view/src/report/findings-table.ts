/** Quality control as a table, in a run's report and on the pages of commands alike. */
import type { QcFinding } from "@quintet/core";
import { readable } from "../plots/axis.ts";
import { displayUnit } from "./display-unit.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { phrase, verdictMark } from "./words.ts";

/** @param of whose findings, for those who do not see the heading */
export function findingsTable(findings: readonly QcFinding[], of: string): Html {
  return html`<div class="scroll"><table><caption class="sr">Quality control of ${of}</caption><thead><tr><th scope="col">Verdict</th><th scope="col">Check</th><th scope="col" class="num">Value</th><th scope="col">Note</th></tr></thead><tbody>${findings.map(
    ({ name, value, unit, verdict, note }) =>
      html`<tr><td>${verdictMark(verdict)}</td><th scope="row">${phrase(name)}</th><td class="num">${valueText(value, unit)}</td><td class="note">${note}</td></tr>`,
  )}</tbody></table></div>`;
}

/** Counts of events are told to the last one. */
function valueText(value: number | string, unit: string | undefined): string {
  if (typeof value === "string") return value;
  if (unit === "{count}" && Math.abs(value) >= 1000) return Math.round(value).toLocaleString("en-US");
  const shown = bare(unit) ? { unit: "", scale: 1 } : displayUnit(unit ?? "");
  return `${readable(shown.scale * value)}${shown.unit === "" ? "" : ` ${shown.unit}`}`;
}

/** Ratios and counts have no unit to read. */
function bare(unit: string | undefined): boolean {
  return unit === undefined || unit === "" || unit === "1" || unit === "{count}";
}
