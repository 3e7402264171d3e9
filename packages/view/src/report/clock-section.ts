/** One clock: when each stream was measured, and how well that is known. Unknown is shown as unknown. */
import { mapTime, timeSigma } from "@quintet/core";
import { niceTicks, readable, tickLabel } from "../plots/axis.ts";
import { clockTies } from "./clock-ties.ts";
import type { Html } from "./html.ts";
import { html } from "./html.ts";
import type { ClockTrack, ReportModel, SessionClock } from "./model.ts";
import { modalityName, modalityTag } from "./words.ts";

const [left, width, rowHeight, top] = [190, 780, 36, 14];
/** Room that the label of an instant takes. */
const labelWidth = 90;
const fills = { mri: "#5b6572", pet: "#b5521b", spect: "#7a4fa3", fnirs: "#a8326b", eeg: "#0b6fa4" } as const;

export function clockSection(model: ReportModel): Html {
  const { clock } = model;
  const body = clock
    ? html`<p>${clock.note}</p>${timeLine(clock)}${tiedLine(clock)}${clockTable(clock)}${clockTies(clock)}`
    : html`<p class="empty">The files do not say when they were measured against each other: the streams could not be put on one clock.</p>`;
  return html`<section id="clock" aria-labelledby="clock-h"><h2 id="clock-h">One clock</h2>${body}</section>`;
}

function times(track: ClockTrack): number[] {
  const { map } = track;
  if (!map) return [];
  return [
    ...track.blocks.flatMap((b) => [mapTime(map, b.start), mapTime(map, b.start + b.duration)]),
    ...track.instants.map((i) => mapTime(map, i.time)),
  ];
}

/** A visit of days would squeeze what ran side by side into one stroke: those streams once more, in their own minutes. */
function tiedLine(clock: SessionClock): Html {
  const tied = clock.tracks.filter(({ map }) => map !== undefined && map.method !== "wall-clock");
  const span = (tracks: readonly ClockTrack[]): number => {
    const all = tracks.flatMap(times).filter(Number.isFinite);
    return all.length > 0 ? Math.max(...all) - Math.min(...all) : 0;
  };
  const [own, whole] = [span(tied), span(clock.tracks)];
  return tied.length > 1 && own < whole / 5 ? timeLine({ ...clock, tracks: tied }, true) : html``;
}

/** @param close only the streams that pulses tie, and their own first second as 0 */
function timeLine({ name, tracks, startedAt }: SessionClock, close = false): Html {
  const all = tracks.flatMap(times).filter(Number.isFinite);
  const [first, last] = all.length > 0 ? [Math.min(...all), Math.max(...all)] : [0, 1];
  const pad = 0.02 * (last - first) || 1;
  const zero = close ? Math.floor(first) : 0;
  const [low, high] = [first - pad, last + pad];
  const inMinutes = high - low > 600;
  const scale = inMinutes ? 60 : 1;
  const x = (t: number): number => left + ((t - low) / (high - low)) * width;
  const base = top + tracks.length * rowHeight;
  const ticks = niceTicks((low - zero) / scale, (high - zero) / scale, 8);
  const step = ticks.length > 1 ? (ticks[1] as number) - (ticks[0] as number) : 1;
  return html`<figure class="wide"><div class="scroll"><svg class="plot clock" viewBox="0 0 ${left + width + 20} ${base + 44}" role="img" aria-label="Time line of ${tracks.length} streams on the clock ${name}">
${close ? html`` : html`<defs><pattern id="unknown" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect width="8" height="8" fill="#f2f4f7"/><path d="M0 0v8" stroke="#c3cbd4" stroke-width="3"/></pattern></defs>`}
${ticks.map((t) => html`<path class="grid" d="M${x(zero + t * scale).toFixed(1)} ${top}V${base}"/><text class="tick" x="${x(zero + t * scale).toFixed(1)}" y="${base + 16}" text-anchor="middle">${tickLabel(t, step)}</text>`)}
${tracks.map((track, k) => trackRow(track, top + k * rowHeight, x, low, high))}
<path class="axis" d="M${left} ${base}h${width}"/><text class="label" x="${left + width / 2}" y="${base + 36}" text-anchor="middle">${inMinutes ? "min" : "s"} ${close ? `after ${clockTime(zero, 1)} ` : ""}on the clock “${name}”${startedAt ? `, which is 0 at ${startedAt}` : ""}</text></svg></div>
<figcaption>${close ? "The streams tied by pulses once more, close up." : "Blocks: image frames and stretches of recording. Lines: instants. Pale halo: two standard deviations of the clock’s alignment, at least a hair wide. Hatched: alignment unknown."}</figcaption></figure>`;
}

function trackRow(track: ClockTrack, y: number, x: (t: number) => number, low: number, high: number): Html {
  const { map, modality } = track;
  const fill = fills[modality];
  const name = html`<text class="trackname" x="${left - 10}" y="${y + 22}" text-anchor="end">${rowName(track)}<title>${track.name}</title></text>`;
  if (!map) {
    return html`${name}<rect x="${x(low).toFixed(1)}" y="${y + 7}" width="${(x(high) - x(low)).toFixed(1)}" height="22" fill="url(#unknown)" stroke="#c3cbd4"/><text class="trackname" x="${x((low + high) / 2).toFixed(1)}" y="${y + 22}" text-anchor="middle">unknown: not tied to the session’s clock</text>`;
  }
  const blocks = track.blocks.map(({ start, duration, label }) => {
    const [from, to] = [mapTime(map, start), mapTime(map, start + duration)];
    const sigma = 2 * timeSigma(map, start);
    const [a, b] = [x(from), x(to)];
    const halo = Math.max(1.5, x(from + sigma) - x(from));
    return html`<rect x="${(a - halo).toFixed(1)}" y="${y + 9}" width="${(Math.max(1.5, b - a) + 2 * halo).toFixed(1)}" height="18" rx="2" fill="${fill}" opacity=".22"/><rect x="${a.toFixed(1)}" y="${y + 11}" width="${Math.max(1.5, b - a - 0.6).toFixed(1)}" height="14" fill="${fill}" opacity=".85"><title>${label ?? track.name}: ${readable(from, 5)} to ${readable(to, 5)} s</title></rect>`;
  });
  let [drawn, labelled] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const instants = [...track.instants]
    .sort((a, b) => a.time - b.time)
    .flatMap(({ time, label }) => {
      const at = mapTime(map, time);
      if (x(at) - drawn < 1) return [];
      drawn = x(at);
      const halo = Math.max(1.5, x(at + 2 * timeSigma(map, time)) - x(at));
      // Above the blocks; below them where the label before would be written over.
      const baseline = x(at) - labelled < labelWidth ? y + 36 : y + 8;
      labelled = x(at);
      return html`<rect x="${(x(at) - halo).toFixed(1)}" y="${y + 4}" width="${(2 * halo).toFixed(1)}" height="28" fill="#16202b" opacity=".12"/><path d="M${x(at).toFixed(1)} ${y + 4}v28" stroke="#16202b" stroke-width="1.2"><title>${label}: ${readable(at, 5)} s</title></path>${track.instants.length <= 3 ? html`<text class="tick" x="${(x(at) + (x(at) > left + 0.9 * width ? -5 : 5)).toFixed(1)}" y="${baseline}" text-anchor="${x(at) > left + 0.9 * width ? "end" : "start"}">${label}</text>` : ""}`;
    });
  return html`${name}${blocks}${instants}`;
}

/** Modality and name, once where the one says the other. */
function rowName({ modality, name }: ClockTrack): string {
  const short = name.length > 20 ? `${name.slice(0, 19)}…` : name;
  return name.includes(modalityName[modality]) ? short : `${modalityName[modality]} ${short}`;
}

/** h:mm:ss on the study's clock, to the millisecond where it is known to better than a tenth of a second. */
function clockTime(time: number, sigma: number): string {
  const [sign, size] = [time < 0 ? "−" : "", Math.abs(time)];
  const digits = sigma < 0.1 ? 3 : 0;
  const whole = Math.round(size * 10 ** digits) / 10 ** digits;
  const [h, m] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  const s = (whole % 60).toFixed(digits).padStart(digits === 0 ? 2 : 3 + digits, "0");
  return `${sign}${h}:${String(m).padStart(2, "0")}:${s}`;
}

function clockTable({ tracks }: SessionClock): Html {
  const rows = tracks.map((track) => {
    const { map } = track;
    const at = track.blocks[0]?.start ?? track.instants[0]?.time ?? 0;
    const own = map?.method === "reference";
    const error = map ? (own ? "–" : readable(timeSigma(map, at) * 1000, 3)) : "unknown";
    // A wall clock read once tells an offset; of the rate it tells nothing.
    const known = map && map.method !== "wall-clock";
    const drift = known ? (own ? "–" : readable((map.pieces[0].rate - 1) * 1e6, 3)) : "unknown";
    return html`<tr><td>${modalityTag(track.modality)}</td><th scope="row">${track.name}</th><td>${track.clock}</td><td>${map ? map.method : "none"}</td><td class="num">${map ? clockTime(mapTime(map, at), timeSigma(map, at)) : "unknown"}</td><td class="num">${error}</td><td class="num">${drift}</td><td class="num">${map?.biasBound === undefined ? "–" : readable(map.biasBound * 1000, 3)}</td></tr>`;
  });
  return html`<div class="scroll"><table><caption>How each stream’s own clock was tied to the session’s.</caption><thead><tr><th scope="col">Modality</th><th scope="col">Stream</th><th scope="col">Its clock</th><th scope="col">Method</th><th scope="col" class="num">Starts, h:mm:ss</th><th scope="col" class="num">SD, ms</th><th scope="col" class="num">Drift, ppm</th><th scope="col" class="num">Bias bound, ms</th></tr></thead><tbody>${rows}</tbody></table></div>`;
}
