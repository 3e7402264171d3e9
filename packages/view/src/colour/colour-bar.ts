/** A colour map with its numbers and unit, as SVG; alpha and threshold are shown as they are in the pictures. */
import { niceTicks, tickLabel } from "../plots/axis.ts";
import type { Html } from "../report/html.ts";
import { html } from "../report/html.ts";
import type { Layer } from "../report/model.ts";
import { layerAlpha } from "../slices/paint.ts";
import { colourAt, cssColour } from "./colour-map.ts";

export interface ColourBar extends Pick<Layer, "range" | "threshold" | "colourMap"> {
  readonly unit: string;
  readonly name: string;
  /** Alpha is shown over gray unless false. */
  readonly alpha?: boolean;
}

const steps = 64;

/** Lies flat: low at the left. */
export function colourBar(bar: ColourBar): Html {
  const [low, high] = bar.range;
  const [width, height] = [170, 11];
  const cells = Array.from({ length: steps }, (_, i) => {
    const t = (i + 0.5) / steps;
    const alpha = bar.alpha === false ? 1 : layerAlpha(bar, low + t * (high - low));
    return html`<rect x="${((i * width) / steps).toFixed(2)}" width="${(width / steps + 0.3).toFixed(2)}" height="${height}" fill="${cssColour(colourAt(bar.colourMap, t))}"${alpha < 1 ? html` opacity="${alpha.toFixed(2)}"` : ""}/>`;
  });
  const ticks = niceTicks(low, high, 3);
  const step = ticks.length > 1 ? (ticks[1] as number) - (ticks[0] as number) : 1;
  const x = (v: number): number => ((v - low) / (high - low || 1)) * width;
  const cut = bar.threshold;
  const cuts = cut === undefined ? [] : [-cut, cut].filter((v) => v > low && v < high);
  const shown = `${tickLabel(low, step)} to ${tickLabel(high, step)} ${bar.unit}${cut === undefined ? "" : `, transparent where the size is below ${tickLabel(cut, step / 10)}`}`;
  return html`<svg class="bar" viewBox="-18 0 ${width + 36} 29" role="img" aria-label="Colour bar ${bar.name}: ${shown}">
<rect width="${width}" height="${height}" fill="#777"/>${cells}<rect width="${width}" height="${height}" fill="none" stroke="currentColor" stroke-width=".6" opacity=".6"/>
${cuts.map((v) => html`<path d="M${x(v).toFixed(1)} -1v14" stroke="#fff" stroke-width="1.2"/>`)}
${ticks.map((v) => html`<path d="M${x(v).toFixed(1)} 11v3" stroke="currentColor" stroke-width=".8"/><text x="${x(v).toFixed(1)}" y="25" text-anchor="middle">${tickLabel(v, step)}</text>`)}</svg>`;
}
