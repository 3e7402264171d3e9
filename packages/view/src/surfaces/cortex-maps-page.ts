/** One self-contained page: maps on the brain's surface from fixed sides. */
import type { Surface } from "@quintet/core";
import { colourBar } from "../colour/colour-bar.ts";
import { type Html, html, trusted } from "../report/html.ts";
import { reportStyle } from "../report/style.ts";
import { pngUrl } from "../slices/png.ts";
import { surfacePicture } from "./surface-view.ts";

export interface CortexMap {
  readonly name: string;
  readonly unit: string;
  /** One a vertex, NaN where nothing is known. */
  readonly values: Float32Array;
  /** Both signs matter: colours lie round 0. */
  readonly signed: boolean;
}

export interface CortexMapsPageOptions {
  readonly title: string;
  readonly source: string;
  readonly notes: readonly string[];
  readonly software: { readonly name: string; readonly version: string };
  /** ISO 8601. */
  readonly generatedAt: string;
}

const views = ["left lateral", "superior", "right lateral", "anterior", "posterior"] as const;

export function renderCortexMapsPage(
  surface: Surface,
  maps: readonly CortexMap[],
  { title, source, notes, software, generatedAt }: CortexMapsPageOptions,
): string {
  return `<!doctype html>\n${
    html`<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>${title} · ${source}</title><style>${trusted(reportStyle)}
.views{display:grid;grid-template-columns:repeat(auto-fill,minmax(200px,1fr));gap:.6rem;background:#111;padding:.6rem;border-radius:0 0 6px 6px}
.scale{background:#111;color:#eee;padding:.6rem .9rem 0;border-radius:6px 6px 0 0}
.views figure{margin:0;text-align:center}.views img{max-width:100%;height:auto}.views figcaption{color:#ccc;font-size:.78rem}
.scale .bar{max-width:200px}</style></head>
<body><header class="top"><div class="brand"><span class="five" aria-hidden="true"><i></i><i></i><i></i><i></i><i></i></span>${software.name}</div><div class="who"><strong>${source}</strong><span>${generatedAt.slice(0, 16).replace("T", " ")}</span></div></header>
<div class="research" role="note"><strong>For research use only. Not a medical device.</strong></div>
<main><section><h1>${title}</h1><ul class="plain">${notes.map((note) => html`<li>${note}</li>`)}</ul>
${maps.map((map) => rowOf(surface, map))}</section></main>
<footer>${software.name} ${software.version} · ${source} · ${generatedAt}</footer></body></html>`.markup
  }\n`;
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
