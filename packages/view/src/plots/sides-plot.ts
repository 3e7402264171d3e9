/** Left and right of every region side by side, each with its standard error, as SVG. */
import type { Html } from "../report/html.ts";
import { html } from "../report/html.ts";
import { axisTicks } from "./axis.ts";

export interface SideValue {
  readonly value: number;
  readonly standardError?: number;
}

export interface SidesPlot {
  readonly title: string;
  /** Of the values, with their unit. */
  readonly label: string;
  readonly rows: readonly { readonly name: string; readonly left?: SideValue; readonly right?: SideValue }[];
  readonly colour: string;
}

const [start, width, step, apart] = [190, 760, 46, 7];

/** The left is a full dot and above, the right an open one and below; whiskers are one standard error long. */
export function sidesPlot({ title, label, rows, colour }: SidesPlot): Html {
  const reach = rows.flatMap(({ left, right }) =>
    [left, right].flatMap((side) =>
      side === undefined ? [] : [side.value - (side.standardError ?? 0), side.value + (side.standardError ?? 0)],
    ),
  );
  const [low, high] = [Math.min(0, ...reach), Math.max(1, ...reach) * 1.05];
  const w = width - start - 20;
  const base = 12 + rows.length * step;
  const x = (value: number): number => start + ((value - low) / (high - low)) * w;
  const dot = (side: SideValue | undefined, y: number, name: string): Html => {
    if (side === undefined) return html``;
    const { value, standardError } = side;
    const filled = name === "left";
    const whisker =
      standardError === undefined
        ? ""
        : html`<path d="M${x(value - standardError).toFixed(1)} ${y}H${x(value + standardError).toFixed(1)}" stroke="${colour}" stroke-width="1.6"/>`;
    return html`<g><title>${name}: ${value.toFixed(2)}${standardError === undefined ? "" : ` ± ${standardError.toFixed(2)}`}</title>${whisker}<circle cx="${x(value).toFixed(1)}" cy="${y}" r="5" fill="${filled ? colour : "#fff"}" stroke="${colour}" stroke-width="1.8"/></g>`;
  };
  return html`<svg class="plot" viewBox="0 0 ${width} ${base + 40}" role="img" aria-label="${title}">
${axisTicks({ label, low, high }, 7).map(({ at, label: text }) => html`<path class="grid" d="M${x(at).toFixed(1)} 8V${base}"/><text class="tick" x="${x(at).toFixed(1)}" y="${base + 16}" text-anchor="middle">${text}</text>`)}
${rows.map(({ name, left, right }, k) => {
  const y = 12 + (k + 0.5) * step;
  return html`<text class="label" x="${start - 12}" y="${y + 4}" text-anchor="end">${name}</text>${dot(left, y - apart, "left")}${dot(right, y + apart, "right")}`;
})}
<path class="axis" d="M${start} ${base}h${w}"/><text class="label" x="${start + w / 2}" y="${base + 34}" text-anchor="middle">${label}</text></svg>`;
}
