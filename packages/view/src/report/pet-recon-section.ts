import type { Html } from "./html.ts";
import { html } from "./html.ts";
import type { ReportModel } from "./model.ts";
import { petReconBlocks } from "./pet-recon-blocks.ts";

/** How the PET images of a run were reconstructed from the scanner's counts; nothing where that is not known. */
export function petReconSection({ petRecon = [] }: ReportModel): Html {
  if (petRecon.length === 0) return html``;
  return html`<section id="pet-recon" aria-labelledby="pet-recon-h"><h2 id="pet-recon-h">PET reconstruction</h2>${petRecon.map((view) => html`<h3>${view.source}</h3>${petReconBlocks(view, 4)}`)}</section>`;
}
