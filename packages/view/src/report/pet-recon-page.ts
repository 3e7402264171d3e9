/** One self-contained page of a PET reconstruction: cuts of the image, counts, rates, motion, the model's terms, convergence. */
import { commandPage, type PageMaker } from "./command-page.ts";
import { html } from "./html.ts";
import { petReconBlocks } from "./pet-recon-blocks.ts";
import type { PetReconView } from "./pet-recon-view.ts";

export type PetReconPageOptions = PageMaker;

export function renderPetReconPage(view: PetReconView, { software, generatedAt }: PetReconPageOptions): string {
  return commandPage(
    { title: "PET reconstruction", source: view.source, software, generatedAt, bodyClass: "rad" },
    html`<section><h1>PET reconstruction</h1>
${petReconBlocks(view, 2)}</section>`,
  );
}
