/** How an image was reconstructed, as a list of names and values: PET and SPECT alike. */
import type { Volume } from "@quintet/core";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { sentenceCase } from "./words.ts";

export type ReconSettings = readonly (readonly [name: string, value: string])[];

/** @param image whose voxels are told too */
export function settingsList(settings: ReconSettings, image: Volume | undefined): Html {
  const all = [...settings, ...(image ? [voxelsOf(image)] : [])];
  return html`<dl class="facts">${all.map(([name, value]) => html`<dt>${sentenceCase(name)}</dt><dd>${value}</dd>`)}</dl>`;
}

function voxelsOf({ shape, affine }: Volume): readonly [string, string] {
  const edges = [0, 1, 2].map((k) => Math.hypot(...[0, 4, 8].map((row) => affine[row + k] as number)));
  return ["voxels", `${shape.join(" × ")} of ${edges.map((mm) => Number(mm.toFixed(3))).join(" × ")} mm`];
}

/** A heading of the page's own level, or of a section of the report. */
export function reconHeading(level: 2 | 4): (words: string) => Html {
  return (words) =>
    level === 2 ? html`<h2 style="margin-top:1.4rem">${words}</h2>` : html`<h4 style="margin-top:1.4rem">${words}</h4>`;
}
