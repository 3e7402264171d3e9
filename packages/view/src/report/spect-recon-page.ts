/** One self-contained page of a SPECT reconstruction: findings, sinogram, counts and centres of the views, cuts of the image. */
import type { QcFinding, SpectProjections, Volume } from "@quintet/core";
import { readable } from "../plots/axis.ts";
import { legend, linePlot, type Series } from "../plots/line-plot.ts";
import { base64, encodePng } from "../slices/png.ts";
import { commandPage, type PageMaker } from "./command-page.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";

export interface SpectReconView {
  readonly source: string;
  /** Terms of the model, one line each. */
  readonly terms: readonly string[];
  readonly notes: readonly string[];
  readonly findings: readonly QcFinding[];
  readonly projections: SpectProjections;
  readonly image: Volume;
}

export type SpectReconPageOptions = PageMaker;

export function renderSpectReconPage(view: SpectReconView, { software, generatedAt }: SpectReconPageOptions): string {
  const { source, terms, notes } = view;
  return commandPage(
    { title: "SPECT reconstruction", source, software, generatedAt },
    html`<section><h1>SPECT reconstruction</h1>
<h2>The model's terms</h2><ul>${terms.map((term) => html`<li>${term}</li>`)}</ul>${notes.map((note) => html`<p>${note}</p>`)}
<h2>Findings</h2>${findingsTable(view.findings)}
<h2>Views</h2>${viewsPart(view.projections)}
<h2>Image</h2>${cutsPart(view.image)}</section>`,
  );
}

const verdictWords = { ok: "ok", warn: "look", bad: "bad" } as const;

function findingsTable(findings: readonly QcFinding[]): Html {
  return html`<div class="scroll"><table><thead><tr><th scope="col">Finding</th><th scope="col" class="num">Value</th><th scope="col">Verdict</th><th scope="col">Meaning</th></tr></thead><tbody>${findings.map(
    ({ name, value, unit, verdict, note }) =>
      html`<tr><th scope="row">${name}</th><td class="num">${typeof value === "number" ? readable(value, 4) : value}${unit && unit !== "1" && unit !== "{count}" ? ` ${unit}` : ""}</td><td>${verdictWords[verdict]}</td><td>${note}</td></tr>`,
  )}</tbody></table></div>`;
}

/** The fullest row of all views as a sinogram, and what each view holds. */
function viewsPart({ columns, rows, angles, size, data }: SpectProjections): Html {
  const views = angles.length;
  const perRow = new Float64Array(rows);
  const [counts, centres] = [new Float64Array(views), new Float64Array(views)];
  for (let i = 0; i < data.length; i++) {
    const [v, row, y] = [Math.floor(i / columns / rows), Math.floor(i / columns) % rows, data[i] as number];
    perRow[row] = (perRow[row] as number) + y;
    counts[v] = (counts[v] as number) + y;
    centres[v] = (centres[v] as number) + y * ((i % columns) - (columns - 1) / 2) * size[0];
  }
  const fullest = perRow.indexOf(Math.max(...perRow));
  const sinogram = Float32Array.from(
    { length: views * columns },
    (_, i) => data[(Math.floor(i / columns) * rows + fullest) * columns + (i % columns)] as number,
  );
  const number = Float64Array.from({ length: views }, (_, v) => v + 1);
  const plot = (title: string, label: string, y: Float64Array, colour: string): Html => {
    const [low, high] = [Math.min(...y), Math.max(...y)];
    const room = 0.1 * (high - low) || 1;
    const series: Series[] = [{ name: title, x: number, y, colour, width: 1.6 }];
    const axis = { label, low: low - room, high: high + room };
    return linePlot({ title, x: { label: "view", low: 1, high: Math.max(2, views) }, y: axis, series });
  };
  const mean = centres.map((sum, v) => sum / ((counts[v] as number) || 1));
  return html`<figure>${picture(sinogram, columns, views, `Sinogram of row ${fullest + 1}`)}<figcaption>Sinogram of row ${fullest + 1}, the one with most counts: views from top to bottom.</figcaption></figure>
<figure>${plot(
    "Counts of each view",
    "thousands",
    counts.map((y) => y / 1000),
    "#0b6fa4",
  )}${legend([{ name: "counts of each view, thousands", colour: "#0b6fa4" }])}</figure>
<figure>${plot("Centre of counts of each view", "mm", mean, "#b4541a")}${legend([{ name: "centre of counts along the columns", colour: "#b4541a" }])}<figcaption>Of a body that keeps still about a well-found axis the centre moves on a sine about 0.</figcaption></figure>`;
}

/** Three cuts through the middle, the patient's left at the viewer's right. */
function cutsPart({ shape: [nx, ny, nz], data }: Volume): Html {
  const at = (x: number, y: number, z: number): number => data[x + nx * (y + ny * z)] as number;
  const [mx, my, mz] = [nx >> 1, ny >> 1, nz >> 1];
  const cut = (name: string, wide: number, high: number, value: (i: number, j: number) => number): Html => {
    const values = Float32Array.from({ length: wide * high }, (_, k) => value(k % wide, Math.floor(k / wide)));
    return html`<figure>${picture(values, wide, high, name)}<figcaption>${name}</figcaption></figure>`;
  };
  return html`<p>R at the left edge, L at the right; white is the cut's highest value.</p>
${cut("transverse", nx, ny, (i, j) => at(nx - 1 - i, ny - 1 - j, mz))}${cut("coronal", nx, nz, (i, j) => at(nx - 1 - i, my, nz - 1 - j))}${cut("sagittal, front at the left", ny, nz, (i, j) => at(mx, ny - 1 - i, nz - 1 - j))}`;
}

function picture(values: Float32Array, width: number, height: number, title: string): Html {
  const top = values.reduce((most, v) => Math.max(most, v), 0) || 1;
  const pixels = new Uint8Array(values.length).map((_, i) => {
    const v = values[i] as number;
    return Math.round(255 * Math.min(1, Math.max(0, v / top)));
  });
  const source = base64(encodePng({ width, height, channels: 1, pixels }));
  return html`<img alt="${title}" width="${2 * width}" height="${2 * height}" style="image-rendering:pixelated" src="data:image/png;base64,${source}">`;
}
