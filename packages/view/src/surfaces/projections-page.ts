/** One self-contained page: uptake and z on the brain's surface from eight fixed sides. */
import type { Surface } from "@quintet/core";
import { colourBar } from "../colour/colour-bar.ts";
import { commandPage, type PageMaker } from "../report/command-page.ts";
import { type Html, html } from "../report/html.ts";
import { pngUrl } from "../slices/png.ts";
import { type SurfacePaint, surfacePicture, surfaceViews } from "./surface-view.ts";
import { viewsStyle } from "./views-style.ts";

/** One hemisphere, or a whole brain, with its values. */
export interface ProjectedSurface {
  /** "L", "R". */
  readonly name: string;
  readonly surface: Surface;
  readonly uptake: Float32Array;
  /** NaN where nothing is known. */
  readonly z: Float32Array;
}

export interface ProjectionsPageOptions extends PageMaker {
  readonly title: string;
  readonly source: string;
  /** Of the uptake. */
  readonly unit: string;
  readonly notes: readonly string[];
}

/** |z| below this is plain gray; colours end at the other. */
const [remarkable, strongest] = [2, 6];

/** Rows of eight views: uptake, what is below the normals, what is above. */
export function renderProjectionsPage(
  parts: readonly ProjectedSurface[],
  { title, source, unit, notes, software, generatedAt }: ProjectionsPageOptions,
): string {
  const top = niceTop(parts);
  const z = (part: ProjectedSurface, sign: 1 | -1): Float32Array => part.z.map((value) => sign * value);
  const scale = { range: [remarkable, strongest] as const, hide: [Number.NEGATIVE_INFINITY, remarkable] as const };
  const rows: readonly Row[] = [
    {
      name: "Uptake",
      what: `largest value below each point, ${unit}`,
      unit,
      range: [0, top],
      colourMap: "hot-iron",
      paint: ({ uptake }) => ({ values: uptake, range: [0, top], colourMap: "hot-iron" }),
    },
    {
      name: "Below the normals",
      what: "−z where it exceeds 2",
      unit: "−z",
      range: scale.range,
      colourMap: "inferno",
      paint: (part) => ({ values: z(part, -1), ...scale, colourMap: "inferno" }),
    },
    {
      name: "Above the normals",
      what: "z where it exceeds 2",
      unit: "z",
      range: scale.range,
      colourMap: "inferno",
      paint: (part) => ({ values: z(part, 1), ...scale, colourMap: "inferno" }),
    },
  ];
  return commandPage(
    { title, source, software, generatedAt, style: viewsStyle(150) },
    html`<section><h1>${title}</h1><ul class="plain">${notes.map((note) => html`<li>${note}</li>`)}</ul>
${rows.map((row) => rowOf(row, parts))}</section>`,
  );
}

interface Row extends Pick<SurfacePaint, "range" | "colourMap"> {
  readonly name: string;
  readonly what: string;
  readonly unit: string;
  readonly paint: (part: ProjectedSurface) => SurfacePaint;
}

function rowOf({ name, what, unit, range, colourMap, paint }: Row, parts: readonly ProjectedSurface[]): Html {
  const painted = parts.map((part) => ({ ...part, paint: paint(part) }));
  return html`<h2>${name}</h2><p class="muted">${what}</p><div class="scale">${colourBar({ name, unit, range, colourMap, alpha: false })}</div>
<div class="views">${surfaceViews.map((view) => {
    // A medial view shows its own hemisphere alone.
    const side = view.startsWith("right medial") ? "R" : view.startsWith("left medial") ? "L" : undefined;
    const shown = painted.filter((part) => side === undefined || part.name === side);
    if (shown.length === 0) return html``;
    const picture = surfacePicture(shown, { view, scale: 1.5 });
    return html`<figure><img src="${pngUrl(picture)}" width="${picture.width}" height="${picture.height}" alt="${name}, ${view}"><figcaption>${view}</figcaption></figure>`;
  })}</div>`;
}

/** 98th percentile of the uptake, rounded up to two figures. */
function niceTop(parts: readonly ProjectedSurface[]): number {
  const values = Float32Array.from(parts.flatMap(({ uptake }) => [...uptake].filter((v) => v > 0))).sort();
  const top = values[Math.floor(0.98 * (values.length - 1))] ?? 1;
  const step = 10 ** (Math.floor(Math.log10(top)) - 1);
  return Math.ceil(top / step) * step;
}
