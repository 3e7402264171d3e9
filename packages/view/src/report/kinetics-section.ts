import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { kineticsBlocks } from "./kinetics-page.ts";
import type { ReportModel } from "./model.ts";

/** Curves drawn in the report; the others are in the table. */
const drawn = 12;

/** Kinetics of a dynamic PET scan; nothing without one. */
export function kineticsSection({ kinetics }: ReportModel): Html {
  if (!kinetics) return html``;
  return html`<section id="kinetics" aria-labelledby="kinetics-h"><h2 id="kinetics-h">PET kinetics</h2><h3>${kinetics.title}</h3>${kineticsBlocks(kinetics, { plots: drawn })}</section>`;
}
