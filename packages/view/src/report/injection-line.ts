/** Seizure and injection on one line of seconds after onset. */
import { niceTicks, tickLabel } from "../plots/axis.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";

const [left, width, base] = [20, 720, 62];

/** Nothing without an onset and an injection. */
export function injectionLine({
  onset,
  end,
  injection,
}: {
  readonly onset?: number;
  readonly end?: number;
  readonly injection?: number;
}): Html {
  if (onset === undefined || injection === undefined) return html``;
  const [given, over] = [injection - onset, end === undefined ? undefined : end - onset];
  const [first, last] = [Math.min(0, given), Math.max(30, given, over ?? 0)];
  const [low, high] = [first - 0.05 * (last - first), last + 0.12 * (last - first)];
  const x = (t: number): string => (left + ((t - low) / (high - low)) * width).toFixed(1);
  const ticks = niceTicks(low, high, 8);
  const step = ticks.length > 1 ? (ticks[1] as number) - (ticks[0] as number) : 1;
  const seizure =
    over === undefined
      ? html`<path d="M${x(0)} 40H${x(high)}" stroke="#0b6fa4" stroke-width="10" stroke-dasharray="6 4" opacity=".5"><title>seizure, end not known</title></path>`
      : html`<rect x="${x(0)}" y="34" width="${(Number(x(over)) - Number(x(0))).toFixed(1)}" height="12" fill="#0b6fa4" opacity=".8"><title>seizure of ${over.toFixed(0)} s</title></rect>`;
  return html`<figure class="wide"><svg class="plot" viewBox="0 0 ${left + width + 20} ${base + 40}" role="img" aria-label="Seizure from 0 s, injection at ${given.toFixed(0)} s">
${ticks.map((t) => html`<path class="grid" d="M${x(t)} 10V${base}"/><text class="tick" x="${x(t)}" y="${base + 16}" text-anchor="middle">${tickLabel(t, step)}</text>`)}
${seizure}<path d="M${x(0)} 12V${base}" stroke="#16202b" stroke-width="1.4"/><text class="tick" x="${Number(x(0)) + 5}" y="28">seizure onset${over === undefined ? ", end not told" : ""}</text>
<path d="M${x(given)} 12V${base}" stroke="#7a4fa3" stroke-width="2.4"/><text class="tick" x="${Number(x(given)) + 6}" y="16">injection, ${given.toFixed(0)} s</text>
<path class="axis" d="M${left} ${base}h${width}"/><text class="label" x="${left + width / 2}" y="${base + 34}" text-anchor="middle">s after seizure onset</text></svg></figure>`;
}
