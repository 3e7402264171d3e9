/** Single trials of one channel, one above the other (an ERP image): time to the right, trials downwards, colour for the voltage. */
import { colourBar } from "../colour/colour-bar.ts";
import { colourTable } from "../colour/colour-map.ts";
import type { Html } from "../report/html.ts";
import { html, trusted } from "../report/html.ts";
import { pngUrl } from "../slices/png.ts";
import { along, axisTicks } from "./axis.ts";

export interface TrialImage {
  /** Says what is shown, for those who do not see it. */
  readonly title: string;
  readonly times: ArrayLike<number>;
  /** [trial][time], in `unit`. */
  readonly trials: readonly ArrayLike<number>[];
  readonly unit: string;
  readonly timeLabel: string;
  /** Half the width of the colours; default 1, 2 or 5 times a power of ten that holds 95 % of all sizes. */
  readonly top?: number;
}

const margin = { left: 58, right: 14, top: 8, bottom: 44 };
/** More columns than this are more than the picture shows. */
const mostColumns = 360;

export function trialImage({ title, times, trials, unit, timeLabel, top = usualTop(trials) }: TrialImage): Html {
  const [width, height] = [520, 260];
  const [w, h] = [width - margin.left - margin.right, height - margin.top - margin.bottom];
  const columns = Math.min(mostColumns, times.length);
  const table = colourTable("cool-warm");
  const pixels = new Uint8Array(4 * columns * trials.length);
  for (const [row, trial] of trials.entries()) {
    for (let c = 0; c < columns; c++) {
      const [from, to] = [Math.floor((c * times.length) / columns), Math.floor(((c + 1) * times.length) / columns)];
      let sum = 0;
      for (let t = from; t < to; t++) sum += trial[t] as number;
      const share = Math.min(1, Math.max(0, (sum / (to - from) / top + 1) / 2));
      pixels.set([...(table[Math.round(255 * share)] ?? [0, 0, 0]), 255], 4 * (row * columns + c));
    }
  }
  const x = { label: timeLabel, low: times[0] ?? 0, high: times[times.length - 1] ?? 1 };
  const px = (v: number): string => (margin.left + along(x, v) * w).toFixed(1);
  const py = (trial: number): string => (margin.top + ((trial - 0.5) / trials.length) * h).toFixed(1);
  const step = Math.max(1, Math.ceil(trials.length / 5 / 5) * 5);
  const numbers = [1, ...Array.from({ length: Math.floor(trials.length / step) }, (_, k) => (k + 1) * step)];
  const url = pngUrl({ width: columns, height: trials.length, channels: 4, pixels });
  return html`<svg class="plot" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
<image x="${margin.left}" y="${margin.top}" width="${w}" height="${h}" preserveAspectRatio="none" style="image-rendering:pixelated" href="${trusted(url)}"/>
${x.low < 0 && x.high > 0 ? html`<path d="M${px(0)} ${margin.top}v${h}" stroke="#000" stroke-dasharray="4 3"/>` : ""}
${axisTicks(x, 7).map(({ at, label }) => html`<path class="tickline" d="M${px(at)} ${margin.top + h}v4"/><text class="tick" x="${px(at)}" y="${margin.top + h + 16}" text-anchor="middle">${label}</text>`)}
${numbers.filter((n, k) => k === 0 || n > 0.1 * trials.length).map((n) => html`<text class="tick" x="${margin.left - 6}" y="${(Number(py(n)) + 3.5).toFixed(1)}" text-anchor="end">${n}</text>`)}
<path class="axis" d="M${margin.left} ${margin.top}v${h}h${w}"/>
<text class="label" x="${margin.left + w / 2}" y="${height - 8}" text-anchor="middle">${x.label}</text>
<text class="label" transform="translate(13 ${margin.top + h / 2}) rotate(-90)" text-anchor="middle">trial</text></svg>${colourBar({ name: title, unit, range: [-top, top], colourMap: "cool-warm", alpha: false })}`;
}

function usualTop(trials: readonly ArrayLike<number>[]): number {
  const sizes = Float64Array.from(trials.flatMap((trial) => Array.from(trial, Math.abs))).sort();
  const most = sizes[Math.floor(0.95 * (sizes.length - 1))] || 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return power * ([1, 2, 5].find((m) => m * power >= most) ?? 10);
}
