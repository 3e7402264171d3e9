/** Points over labelled axes, as SVG; thinned where there are more than the eye can part. */
import type { Html } from "../report/html.ts";
import { html, trusted } from "../report/html.ts";
import { type Axis, along, axisTicks } from "./axis.ts";

export interface ScatterPlot {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly points: readonly { readonly x: number; readonly y: number; readonly left?: boolean }[];
  readonly colour: string;
  readonly width?: number;
  readonly height?: number;
}

const margin = { left: 58, right: 14, top: 10, bottom: 40 };
const most = 1500;

/** Points with `left` set (left out of a fit) are drawn as open circles. */
export function scatterPlot({ title, x, y, points, colour, width = 520, height = 170 }: ScatterPlot): Html {
  const [w, h] = [width - margin.left - margin.right, height - margin.top - margin.bottom];
  const px = (v: number): number => margin.left + along(x, v) * w;
  const py = (v: number): number => margin.top + (1 - Math.min(1, Math.max(0, along(y, v)))) * h;
  const step = Math.max(1, Math.ceil(points.length / most));
  const dots = points
    .filter((_, i) => i % step === 0)
    .map((p) => {
      const at = `cx="${px(p.x).toFixed(1)}" cy="${py(p.y).toFixed(1)}"`;
      return p.left === true
        ? `<circle ${at} r="2.4" fill="none" stroke="${colour}"/>`
        : `<circle ${at} r="1.4" fill="${colour}" fill-opacity=".55"/>`;
    });
  return html`<svg class="plot" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
${axisTicks(y, 4).map(({ at, label }) => html`<path class="grid" d="M${margin.left} ${py(at).toFixed(1)}h${w}"/><text class="tick" x="${margin.left - 6}" y="${(py(at) + 3.5).toFixed(1)}" text-anchor="end">${label}</text>`)}
${axisTicks(x, 7).map(({ at, label }) => html`<path class="tickline" d="M${px(at).toFixed(1)} ${margin.top + h}v4"/><text class="tick" x="${px(at).toFixed(1)}" y="${margin.top + h + 16}" text-anchor="middle">${label}</text>`)}
${trusted(dots.join(""))}
<path class="axis" d="M${margin.left} ${margin.top}v${h}h${w}"/>
<text class="label" x="${margin.left + w / 2}" y="${height - 6}" text-anchor="middle">${x.label}</text>
<text class="label" transform="translate(13 ${margin.top + h / 2}) rotate(-90)" text-anchor="middle">${y.label}</text></svg>`;
}
