/** The parts of a SPECT reconstruction that its own page and the report of a run share. */
import type { Volume } from "@quintet/core";
import type { Axis } from "../plots/axis.ts";
import { along, axisTicks, readable } from "../plots/axis.ts";
import { linePlot, type Series } from "../plots/line-plot.ts";
import { base64, encodePng } from "../slices/png.ts";
import { findingsTable } from "./findings-table.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import type { SpectReconView, SpectViews } from "./spect-recon-view.ts";

/** @param heading level of the parts' headings */
export function spectReconBlocks(view: SpectReconView, heading: 2 | 4): Html {
  const title = (words: string): Html =>
    heading === 2
      ? html`<h2 style="margin-top:1.4rem">${words}</h2>`
      : html`<h4 style="margin-top:1.4rem">${words}</h4>`;
  const { source, terms, notes, findings, views, image } = view;
  return html`${title("The model's terms")}<ul>${terms.map((term) => html`<li>${term}</li>`)}</ul>${notes.map((note) => html`<p>${note}</p>`)}
${findings.length > 0 ? html`${title("Findings")}${findingsTable(findings, source)}` : ""}
${title("Views")}<div class="smallmultiples">${sinogramFigure(views)}${courseFigures(views)}</div>
${image ? html`${title("Image as reconstructed")}${cutsPart(image)}` : ""}`;
}

const box = { width: 520, height: 420, left: 58, right: 14, top: 12, bottom: 44 } as const;

/** Views downwards, columns across, in millimetres from the middle. */
function sinogramFigure({ columns, columnSize, row, sinogram }: SpectViews): Html {
  const views = Math.round(sinogram.length / columns);
  const half = (columns * columnSize) / 2;
  const [x, y]: [Axis, Axis] = [
    { label: "mm from the middle of the columns", low: -half, high: half },
    { label: "view", low: 0.5, high: views + 0.5 },
  ];
  const { width, height, left, right, top, bottom } = box;
  const [w, h] = [width - left - right, height - top - bottom];
  const most = highest(sinogram);
  const title = `Sinogram of row ${row}`;
  return html`<figure><svg class="plot" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
<image x="${left}" y="${top}" width="${w}" height="${h}" preserveAspectRatio="none" style="image-rendering:pixelated" href="${pngOf(sinogram, columns, views, most)}"/>
${axisTicks(y, 6).map(({ at, label }) => html`<text class="tick" x="${left - 6}" y="${(top + along(y, at) * h + 3.5).toFixed(1)}" text-anchor="end">${label}</text>`)}
${axisTicks(x, 7).map(({ at, label }) => html`<path class="tickline" d="M${(left + along(x, at) * w).toFixed(1)} ${top + h}v4"/><text class="tick" x="${(left + along(x, at) * w).toFixed(1)}" y="${top + h + 16}" text-anchor="middle">${label}</text>`)}
<text class="label" x="${left + w / 2}" y="${height - 8}" text-anchor="middle">${x.label}</text>
<text class="label" transform="translate(13 ${top + h / 2}) rotate(-90)" text-anchor="middle">${y.label}</text></svg>
<figcaption>${title}, the one with most counts. White is ${readable(most)} counts.</figcaption></figure>`;
}

function courseFigures({ counts, centres }: SpectViews): Html {
  const views = counts.length;
  const number = Float64Array.from({ length: views }, (_, v) => v + 1);
  const plot = (title: string, label: string, y: Float64Array, colour: string): Html => {
    const [low, high] = [Math.min(...y), Math.max(...y)];
    const room = 0.1 * (high - low) || 1;
    const series: Series[] = [{ name: title, x: number, y, colour, width: 1.6 }];
    const axis = { label, low: low - room, high: high + room };
    const { width, height } = box;
    return linePlot({
      title,
      x: { label: "view", low: 1, high: Math.max(2, views) },
      y: axis,
      series,
      width,
      height,
    });
  };
  const thousands = Float64Array.from(counts, (y) => y / 1000);
  return html`<figure>${plot("Counts of each view", "thousands of counts", thousands, "#0b6fa4")}<figcaption>Counts of each view. A step between neighbours is a view cut short or a patient who moved.</figcaption></figure>
<figure>${plot("Centre of counts of each view", "mm along the columns", Float64Array.from(centres), "#b4541a")}<figcaption>Centre of counts of each view. Of a body that keeps still about a well-found axis it moves on a sine about 0.</figcaption></figure>`;
}

/** Three cuts through the middle, the patient's left at the viewer's right. */
function cutsPart({ shape: [nx, ny, nz], affine, data }: Volume): Html {
  const steps = [0, 5, 10].map((k) => affine[k] as number);
  const aslant = [1, 2, 4, 6, 8, 9].some((k) => Math.abs(affine[k] as number) > 1e-3 * Math.abs(steps[0] as number));
  if (aslant) return html`<p class="muted">Its axes do not run along the scanner's: no cuts are shown.</p>`;
  const [sx, sy, sz] = steps as [number, number, number];
  /** Counted from the patient's right, front and head. */
  const from = (i: number, n: number, step: number): number => (step > 0 ? n - 1 - i : i);
  const at = (i: number, j: number, k: number): number =>
    data[from(i, nx, sx) + nx * (from(j, ny, sy) + ny * from(k, nz, sz))] as number;
  const [mx, my, mz] = [nx >> 1, ny >> 1, nz >> 1];
  const pixel = 220 / Math.max(nx * Math.abs(sx), ny * Math.abs(sy), nz * Math.abs(sz));
  const cut = (
    name: string,
    sides: readonly [string, string],
    wide: readonly [number, number],
    high: readonly [number, number],
    value: (i: number, j: number) => number,
  ): Html => {
    const values = Float32Array.from({ length: wide[0] * high[0] }, (_, k) =>
      value(k % wide[0], Math.floor(k / wide[0])),
    );
    const [w, h] = [wide, high].map(([n, step]) => Math.round(n * Math.abs(step) * pixel)) as [number, number];
    const most = whiteOf(values);
    return html`<figure><svg viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" role="img" aria-label="${name} cut" style="background:#000;border-radius:4px"><image width="${w}" height="${h}" preserveAspectRatio="none" href="${pngOf(values, wide[0], high[0], most)}"/><text x="5" y="${h / 2}" fill="#fff" font-size="13">${sides[0]}</text><text x="${w - 5}" y="${h / 2}" fill="#fff" font-size="13" text-anchor="end">${sides[1]}</text></svg><figcaption>${name}, white is ${readable(most)} and above</figcaption></figure>`;
  };
  return html`<div style="display:flex;flex-wrap:wrap;gap:1rem;align-items:end">${cut("transverse", ["R", "L"], [nx, sx], [ny, sy], (i, j) => at(i, j, mz))}${cut("coronal", ["R", "L"], [nx, sx], [nz, sz], (i, j) => at(i, my, j))}${cut("sagittal", ["front", "back"], [ny, sy], [nz, sz], (i, j) => at(mx, i, j))}</div>
<p class="muted">Through the middle of the camera's field, in its own coordinates; not yet placed on the anatomy.</p>`;
}

function highest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i] as number);
  return most;
}

/** Of a cut: one noisy voxel at the edge of the field does not darken the head. */
function whiteOf(values: Float32Array): number {
  const some = values.filter((x) => x > 0).sort();
  return some[Math.floor(0.998 * (some.length - 1))] ?? 0;
}

function pngOf(values: ArrayLike<number>, width: number, height: number, most: number): string {
  const pixels = new Uint8Array(width * height);
  for (let i = 0; i < pixels.length; i++) {
    pixels[i] = most > 0 ? Math.round(255 * Math.min(1, Math.max(0, (values[i] as number) / most))) : 0;
  }
  return `data:image/png;base64,${base64(encodePng({ width, height, channels: 1, pixels }))}`;
}
