/**
 * Traces of many channels one below the other, calibrated in µV and seconds, positive up.
 * Each pixel column shows the smallest and largest sample it holds, so no spike is lost.
 */
import { niceTicks, readable, tickLabel } from "../plots/axis.ts";
import type { Html } from "../report/html.ts";
import { html, trusted } from "../report/html.ts";
import type { EegView } from "../report/model.ts";

type Excerpt = NonNullable<EegView["excerpt"]>;

const columns = 900;
const [left, top, bottom] = [64, 26, 40];
const manyChannels = 32;

/** Distance between two traces in µV: a round number about six times the median standard deviation. */
export function traceSpacing(data: readonly ArrayLike<number>[]): number {
  const spreads = data
    .map((samples) => {
      let [sum, squares] = [0, 0];
      for (let i = 0; i < samples.length; i++) {
        const v = (samples[i] as number) * 1e6;
        sum += v;
        squares += v * v;
      }
      return Math.sqrt(Math.max(0, squares / samples.length - (sum / samples.length) ** 2));
    })
    .filter((s) => s > 0)
    .sort((a, b) => a - b);
  const wanted = 5 * (spreads[spreads.length >> 1] ?? 10);
  const power = 10 ** Math.floor(Math.log10(wanted));
  return ([1, 2, 5, 10].find((m) => m * power >= wanted) ?? 10) * power;
}

export function traceStack(excerpt: Excerpt, badChannels: readonly string[] = []): Html {
  const { channels, rate, start, data } = excerpt;
  const samples = data[0]?.length ?? 0;
  const seconds = samples / rate;
  const spacing = traceSpacing(data);
  const rowHeight = channels.length > manyChannels ? 13 : 24;
  const height = top + channels.length * rowHeight + bottom;
  const x = (t: number): number => left + ((t - start) / seconds) * columns;
  const traces = channels.map((name, k) => {
    const row = top + (k + 0.5) * rowHeight;
    const bad = badChannels.includes(name);
    return html`<text class="tick${bad ? " bad" : ""}" x="${left - 8}" y="${row + 4}" text-anchor="end">${name}${bad ? " ✕" : ""}</text><path class="trace${bad ? " bad" : ""}" d="${trusted(envelope(data[k] ?? [], (v) => row - ((v * 1e6) / spacing) * rowHeight))}"><title>${name}${bad ? " (bad channel)" : ""}</title></path>`;
  });
  const ticks = niceTicks(start, start + seconds, 10);
  const step = ticks.length > 1 ? (ticks[1] as number) - (ticks[0] as number) : 1;
  const events = (excerpt.events?.list ?? []).filter(({ onset }) => onset >= start && onset <= start + seconds);
  const base = top + channels.length * rowHeight;
  return html`<svg class="plot traces" viewBox="0 0 ${left + columns + 74} ${height}" role="img" aria-label="EEG traces of ${channels.length} channels, ${readable(seconds)} seconds, ${readable(spacing)} microvolts between lines, positive up">
${ticks.map((t) => html`<path class="grid" d="M${x(t).toFixed(1)} ${top}V${base}"/><text class="tick" x="${x(t).toFixed(1)}" y="${base + 15}" text-anchor="middle">${tickLabel(t, step)}</text>`)}
${events.map(({ onset, type }) => html`<path class="event" d="M${x(onset).toFixed(1)} ${top - 4}V${base}"/><text class="span" x="${x(onset).toFixed(1)}" y="${top - 8}" text-anchor="middle">${type}</text>`)}
${traces}
<path class="axis" d="M${left} ${base}h${columns}"/><text class="label" x="${left + columns / 2}" y="${base + 33}" text-anchor="middle">time on the recording's clock (s)</text>
<g class="calibration"><path d="M${left + columns + 14} ${top}v${rowHeight}m-4 0h8m-8 ${-rowHeight}h8"/><text x="${left + columns + 22}" y="${top + rowHeight / 2 + 4}">${readable(spacing)} µV</text><text x="${left + columns + 22}" y="${top + rowHeight / 2 + 18}">+ up</text></g></svg>`;
}

function envelope(samples: ArrayLike<number>, y: (v: number) => number): string {
  const n = samples.length;
  const points: string[] = [];
  const count = Math.min(columns, n);
  for (let column = 0; column < count; column++) {
    const from = Math.floor((column * n) / count);
    const to = Math.max(from + 1, Math.floor(((column + 1) * n) / count));
    let [low, high] = [from, from];
    for (let i = from; i < to; i++) {
      if ((samples[i] as number) < (samples[low] as number)) low = i;
      if ((samples[i] as number) > (samples[high] as number)) high = i;
    }
    for (const i of low === high ? [low] : [Math.min(low, high), Math.max(low, high)]) {
      const v = samples[i] as number;
      if (Number.isFinite(v)) points.push(`${(left + ((i + 0.5) / n) * columns).toFixed(1)} ${y(v).toFixed(1)}`);
    }
  }
  return points.length > 0 ? `M${points.join("L")}` : "M0 0";
}
