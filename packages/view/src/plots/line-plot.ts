/** Curves with error bands over labelled axes, as SVG. */
import type { Html } from "../report/html.ts";
import { html, trusted } from "../report/html.ts";
import type { Axis } from "./axis.ts";
import { along, axisTicks } from "./axis.ts";

export interface Series {
  readonly name: string;
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  /** Half width of the band around y. */
  readonly band?: ArrayLike<number>;
  readonly colour: string;
  readonly width?: number;
  readonly dash?: string;
  /** Written at the right end of the curve. */
  readonly labelled?: boolean;
}

export interface PlotSpan {
  readonly from: number;
  readonly to: number;
  readonly label?: string;
  readonly colour: string;
}

export interface LinePlot {
  /** Says what is shown, for those who do not see it. */
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
  readonly spans?: readonly PlotSpan[];
  readonly width?: number;
  readonly height?: number;
}

const margin = { left: 58, right: 14, top: 20, bottom: 44 };

export function linePlot(plot: LinePlot): Html {
  const { width = 520, height = 280, x, y } = plot;
  const [w, h] = [width - margin.left - margin.right, height - margin.top - margin.bottom];
  const px = (v: number): number => margin.left + along(x, v) * w;
  const py = (v: number): number => margin.top + (1 - along(y, v)) * h;
  const spans = (plot.spans ?? []).map(({ from, to, label, colour }, i) => {
    const [a, b] = [px(Math.max(from, x.low)), px(Math.min(to, x.high))];
    if (!(b > a)) return html``;
    return html`<rect x="${r(a)}" y="${margin.top}" width="${r(b - a)}" height="${h}" fill="${colour}"/>${label ? html`<text class="span" x="${r((a + b) / 2)}" y="${margin.top - 6 + (i % 2) * 0}" text-anchor="middle">${label}</text>` : ""}`;
  });
  const zero =
    !y.log && y.low < 0 && y.high > 0 ? html`<path d="M${margin.left} ${r(py(0))}h${w}" class="zero"/>` : html``;
  const inView = (v: number): number => Math.min(height * 2, Math.max(-height, v));
  const curves = plot.series.map((s) => {
    const points: string[] = [];
    const [upper, lower]: [string[], string[]] = [[], []];
    for (let i = 0; i < s.x.length; i++) {
      const [vx, vy] = [s.x[i] as number, s.y[i] as number];
      if (vx < x.low || vx > x.high || !Number.isFinite(vy) || (y.log && !(vy > 0))) continue;
      points.push(`${r(px(vx))} ${r(inView(py(vy)))}`);
      if (s.band) {
        const se = s.band[i] as number;
        upper.push(`${r(px(vx))} ${r(inView(py(vy + se)))}`);
        lower.push(`${r(px(vx))} ${r(inView(py(vy - se)))}`);
      }
    }
    if (points.length === 0) return html``;
    const band = s.band
      ? html`<path d="${trusted(`M${upper.join("L")}L${lower.reverse().join("L")}Z`)}" fill="${s.colour}" fill-opacity=".18"/>`
      : "";
    return html`${band}<path d="${trusted(`M${points.join("L")}`)}" fill="none" stroke="${s.colour}" stroke-width="${s.width ?? 1.6}" stroke-linejoin="round"${s.dash ? html` stroke-dasharray="${s.dash}"` : ""}><title>${s.name}</title></path>`;
  });
  const clip = `clip-${plotNumber(plot)}`;
  return html`<svg class="plot" viewBox="0 0 ${width} ${height}" role="img" aria-label="${plot.title}">
<clipPath id="${clip}"><rect x="${margin.left}" y="${margin.top}" width="${w}" height="${h}"/></clipPath>
${spans}
${axisTicks(y, 4).map(({ at, label }) => html`<path class="grid" d="M${margin.left} ${r(py(at))}h${w}"/><text class="tick" x="${margin.left - 6}" y="${r(py(at) + 3.5)}" text-anchor="end">${label}</text>`)}
${axisTicks(x, 7).map(({ at, label }) => html`<path class="tickline" d="M${r(px(at))} ${margin.top + h}v4"/><text class="tick" x="${r(px(at))}" y="${margin.top + h + 16}" text-anchor="middle">${label}</text>`)}
${zero}<g clip-path="url(#${clip})">${curves}</g>
<path class="axis" d="M${margin.left} ${margin.top}v${h}h${w}"/>
<text class="label" x="${margin.left + w / 2}" y="${height - 8}" text-anchor="middle">${x.label}</text>
<text class="label" transform="translate(13 ${margin.top + h / 2}) rotate(-90)" text-anchor="middle">${y.label}</text></svg>`;
}

/** A number for ids that is the same for the same plot. */
function plotNumber(plot: LinePlot): string {
  let hash = 2166136261;
  for (const c of `${plot.title}|${plot.x.high}|${plot.y.high}|${plot.series.map((s) => s.name).join()}`) {
    hash = Math.imul(hash ^ (c.codePointAt(0) ?? 0), 16777619) >>> 0;
  }
  return hash.toString(36);
}

function r(v: number): string {
  return String(Math.round(v * 10) / 10);
}

/** Names and colours of curves in words beside the plot. */
export function legend(
  entries: readonly { readonly name: string; readonly colour: string; readonly dash?: boolean }[],
): Html {
  return html`<ul class="legend">${entries.map(
    ({ name, colour, dash }) =>
      html`<li><svg width="22" height="8" aria-hidden="true"><path d="M0 4h22" stroke="${colour}" stroke-width="3"${dash ? html` stroke-dasharray="5 3"` : ""}/></svg>${name}</li>`,
  )}</ul>`;
}
