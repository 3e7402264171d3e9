import type { Html } from "./html.ts";
import { html } from "./html.ts";
import type { ReportModel } from "./model.ts";
import { spectReconBlocks } from "./spect-recon-blocks.ts";

/** How the SPECT images of a run were reconstructed from the camera's views; nothing where that is not known. */
export function spectReconSection({ spectRecon = [] }: ReportModel): Html {
  if (spectRecon.length === 0) return html``;
  return html`<section id="spect-recon" aria-labelledby="spect-recon-h"><h2 id="spect-recon-h">SPECT reconstruction</h2>${spectRecon.map((view) => html`<h3>${view.source}</h3>${spectReconBlocks(view, 4)}`)}</section>`;
}
