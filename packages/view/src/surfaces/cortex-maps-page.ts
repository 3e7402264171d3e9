/** One self-contained page: maps on the brain's surface from fixed sides. */
import type { Surface } from "@quintet/core";
import { colourBar } from "../colour/colour-bar.ts";
import { commandPage, type PageMaker } from "../report/command-page.ts";
import { type Html, html } from "../report/html.ts";
import { pngUrl } from "../slices/png.ts";
import { surfacePicture } from "./surface-view.ts";
import { viewsStyle } from "./views-style.ts";

export interface CortexMap {
  readonly name: string;
  readonly unit: string;
  /** One a vertex, NaN where nothing is known. */
  readonly values: Float32Array;
  /** Both signs matter: colours lie round 0. */
  readonly signed: boolean;
}

export interface CortexMapsPageOptions extends PageMaker {
  readonly title: string;
  readonly source: string;
  readonly notes: readonly string[];
}

const views = ["left lateral", "superior", "right lateral", "anterior", "posterior"] as const;

export function renderCortexMapsPage(
  surface: Surface,
  maps: readonly CortexMap[],
  { title, source, notes, software, generatedAt }: CortexMapsPageOptions,
): string {
  return commandPage(
    { title, source, software, generatedAt, style: viewsStyle(200) },
    html`<section><h1>${title}</h1><ul class="plain">${notes.map((note) => html`<li>${note}</li>`)}</ul>
${maps.map((map) => rowOf(surface, map))}</section>`,
  );
}

function rowOf(surface: Surface, { name, unit, values, signed }: CortexMap): Html {
  const top = largest(values);
  const range = [signed ? -top : 0, top] as const;
  const colourMap = signed ? "cool-warm" : "inferno";
  return html`<h2>${name}</h2><p class="muted">colours from ${signed ? `−${top}` : "0"} to ${top} ${unit}</p><div class="scale">${colourBar({ name, unit, range, colourMap, alpha: false })}</div>
<div class="views">${views.map((view) => {
    const picture = surfacePicture([{ surface, paint: { values, range, colourMap } }], { view, scale: 1.5 });
    return html`<figure><img src="${pngUrl(picture)}" width="${picture.width}" height="${picture.height}" alt="${name}, ${view}"><figcaption>${view}</figcaption></figure>`;
  })}</div>`;
}

/** 99th percentile of the sizes, rounded up to two figures. */
function largest(values: Float32Array): number {
  const sizes = values.filter(Number.isFinite).map(Math.abs).sort();
  const top = sizes[Math.floor(0.99 * (sizes.length - 1))] ?? 0;
  if (!(top > 0)) return 1;
  const step = 10 ** (Math.floor(Math.log10(top)) - 1);
  return Number((Math.ceil(top / step) * step).toPrecision(2));
}
