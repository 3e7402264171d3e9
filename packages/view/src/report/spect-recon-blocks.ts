/** The parts of a SPECT reconstruction that its own page and the report of a run share. */
import type { Axis } from "../plots/axis.ts";
import { along, axisTicks, readable } from "../plots/axis.ts";
import { linePlot, type Series } from "../plots/line-plot.ts";
import { base64, encodePng } from "../slices/png.ts";
import { findingsTable } from "./findings-table.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import { reconCuts } from "./recon-cuts.ts";
import { reconHeading, settingsList } from "./recon-settings.ts";
import type { SpectReconView, SpectViews } from "./spect-recon-view.ts";

/** @param heading level of the parts' headings */
export function spectReconBlocks(view: SpectReconView, heading: 2 | 4): Html {
  const title = reconHeading(heading);
  const { source, settings, terms, notes, findings, views, image } = view;
  return html`${title("How it was reconstructed")}${settingsList(settings, image)}
${title("The model's terms")}<ul>${terms.map((term) => html`<li>${term}</li>`)}</ul>${notes.map((note) => html`<p>${note}</p>`)}
${findings.length > 0 ? html`${title("Findings")}${findingsTable(findings, source)}` : ""}
${title("Views")}<div class="smallmultiples">${sinogramFigure(views)}${courseFigures(views)}</div>
${image ? html`${title("Image as reconstructed")}${reconCuts(image, { source, modality: "spect", note: "", ...(image.unit === "1" ? { unit: "counts per mm of line" } : {}) })}` : ""}`;
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

function highest(values: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i] as number);
  return most;
}

function pngOf(values: ArrayLike<number>, width: number, height: number, most: number): string {
  const pixels = new Uint8Array(width * height);
  for (let i = 0; i < pixels.length; i++) {
    pixels[i] = most > 0 ? Math.round(255 * Math.min(1, Math.max(0, (values[i] as number) / most))) : 0;
  }
  return `data:image/png;base64,${base64(encodePng({ width, height, channels: 1, pixels }))}`;
}
