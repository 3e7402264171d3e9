/** One self-contained page of a SPECT reconstruction: findings, sinogram, counts and centres of the views, cuts of the image. */
import { commandPage, type PageMaker } from "./command-page.ts";
import { html } from "./html.ts";
import { spectReconBlocks } from "./spect-recon-blocks.ts";
import type { SpectReconView } from "./spect-recon-view.ts";

export type SpectReconPageOptions = PageMaker;

export function renderSpectReconPage(view: SpectReconView, { software, generatedAt }: SpectReconPageOptions): string {
  return commandPage(
    { title: "SPECT reconstruction", source: view.source, software, generatedAt },
    html`<section><h1>SPECT reconstruction</h1>
${spectReconBlocks(view, 2)}</section>`,
  );
}
