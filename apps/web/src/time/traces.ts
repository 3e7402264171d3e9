/** One recording's traces over a window of the study clock, drawn from what the server reduced to the screen's columns. */
import type { SceneRecording, TraceRow } from "@quintet/view";
import { extremesOf, pixelColour, rasterTraces, timeText, timeTicks } from "@quintet/view";
import type { WindowData } from "../data/recording-store.ts";
import { toStudy } from "../state/study-time.ts";
import { displayOf } from "./trace-units.ts";
import { axisHeight, gutter, pixelAtTime, tickText } from "./tracks.ts";

export interface TraceDrawing {
  readonly recording: SceneRecording;
  /** Windows of the groups that are shown, in order. */
  readonly data: readonly WindowData[];
  /** s on the study clock (own clock without a link). */
  readonly from: number;
  readonly to: number;
  readonly gain: number;
  readonly negativeUp: boolean;
  readonly lit: string | null;
  readonly events: readonly { readonly onset: number; readonly duration: number; readonly type: string }[];
  readonly chosenEvent: number | null;
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
  readonly pixels: ImageData;
  /** Rows scrolled away at the top. */
  readonly first: number;
}

export interface TraceLine {
  readonly name: string;
  readonly unit: string;
  readonly kind: string;
  readonly bad: boolean;
  readonly window: WindowData;
  readonly channel: number;
}

/** Traces from top to bottom, as the windows name them; marked bad as the scene says. */
export function traceLines(recording: SceneRecording, data: readonly WindowData[]): readonly TraceLine[] {
  return data.flatMap((window) =>
    window.head.channels.map(({ name, unit }, channel) => {
      const known = recording.groups[window.head.group]?.channels.find((c) => c.name === name);
      return { name, unit, kind: known?.kind ?? "", bad: known?.bad ?? false, window, channel };
    }),
  );
}

export const shortestRow = 7;
const tallestRow = 60;

export function rowHeightOf(lines: number, height: number): number {
  return Math.min(tallestRow, Math.max(shortestRow, (height - axisHeight) / Math.max(1, lines)));
}

/** Smallest and largest value per pixel column of one trace. */
export function lineExtremes(line: TraceLine, columns: number, from: number, to: number): Float32Array {
  const { head, values } = line.window;
  const out = new Float32Array(2 * columns).fill(Number.NaN);
  for (const segment of head.segments) {
    const pairs = head.kind === "min-max";
    const size = segment.count * (pairs ? 2 : 1);
    const at = segment.at + line.channel * size;
    const part = values.subarray(at, at + size);
    if (!pairs) {
      const own = extremesOf(part, segment.start, head.rate, { from, to, columns });
      for (let i = 0; i < own.length; i++) if (!Number.isNaN(own[i])) out[i] = own[i] as number;
      continue;
    }
    const perColumn = (to - from) / columns;
    for (let c = 0; c < columns; c++) {
      const first = Math.max(0, Math.floor((from + c * perColumn - segment.start) * head.rate + 1e-6));
      const end = Math.min(
        segment.count,
        Math.max(first + 1, Math.floor((from + (c + 1) * perColumn - segment.start) * head.rate + 1e-6)),
      );
      if (from + (c + 1) * perColumn < segment.start) continue;
      for (let i = first; i < end; i++) {
        const [low, high] = [part[2 * i] as number, part[2 * i + 1] as number];
        if (!((out[2 * c] as number) <= low)) out[2 * c] = low;
        if (!((out[2 * c + 1] as number) >= high)) out[2 * c + 1] = high;
      }
    }
  }
  return out;
}

function middle(values: number[]): number {
  values.sort((a, b) => a - b);
  return values[values.length >> 1] ?? 0;
}

/** Per kind of channel: shown units between two rows, a round number about six times the usual spread. */
export function spacingOf(extremes: readonly Float32Array[], scale: number): number {
  const spreads = extremes.map((e) => {
    const [lows, highs]: [number[], number[]] = [[], []];
    for (let i = 0; i + 1 < e.length; i += 8)
      if (!Number.isNaN(e[i])) {
        lows.push(e[i] as number);
        highs.push(e[i + 1] as number);
      }
    return lows.length > 0 ? Math.max(...highs) - Math.min(...lows) : 0;
  });
  const wanted = middle(spreads.filter((s) => s > 0)) * scale || 1;
  const power = 10 ** Math.floor(Math.log10(wanted));
  return ([1, 2, 5, 10].find((m) => m * power >= wanted) ?? 10) * power;
}

const colours = { plain: "#a9d3ee", other: "#d8c48a", hbo: "#ff7b7b", hbr: "#7fb0ff", bad: "#5a6470", lit: "#ffffff" };
const font = '11px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif';

function colourOf(line: TraceLine, lit: boolean): string {
  if (lit) return colours.lit;
  if (line.bad) return colours.bad;
  if (/hbo|oxy\b/i.test(line.name) || line.kind === "hbo") return colours.hbo;
  if (/hbr|hhb|deoxy/i.test(line.name) || line.kind === "hbr") return colours.hbr;
  return line.kind === "eeg" || line.kind === "" || line.kind.startsWith("nirs") ? colours.plain : colours.other;
}

/** @returns shown units per row of each unit, for the calibration text */
export function drawTraces(pen: CanvasRenderingContext2D, drawing: TraceDrawing): ReadonlyMap<string, number> {
  const { recording, from, to, width, height, ratio, pixels, lit, first } = drawing;
  const lines = traceLines(recording, drawing.data);
  const left = Math.round(gutter * ratio);
  const columns = Math.max(1, Math.round((width - 8) * ratio) - left);
  const rowHeight = rowHeightOf(lines.length, height);
  // Traces are drawn on the recording's own clock; its map is affine over so short a window.
  const shift = toStudy(recording, 0);
  const own = recording.map ? ownWindow(recording, from, to) : { from: from - shift, to: to - shift };
  const shown = lines.slice(first, first + Math.ceil((height - axisHeight) / rowHeight));
  const extremes = shown.map((line) => lineExtremes(line, columns, own.from, own.to));
  const spacing = new Map<string, number>();
  for (const unit of new Set(shown.map((line) => line.unit))) {
    const of = extremes.filter((_, i) => shown[i]?.unit === unit && !shown[i]?.bad);
    spacing.set(unit, spacingOf(of.length > 0 ? of : extremes, displayOf(unit).scale) / drawing.gain);
  }
  const words = new Uint32Array(pixels.data.buffer);
  words.fill(0);
  const rows = shown.map((line, i): TraceRow => {
    const values = extremes[i] as Float32Array;
    const centres: number[] = [];
    for (let c = 0; c + 1 < values.length; c += 16)
      if (!Number.isNaN(values[c])) centres.push(((values[c] as number) + (values[c + 1] as number)) / 2);
    const perRow = (spacing.get(line.unit) ?? 1) / displayOf(line.unit).scale;
    return {
      extremes: values,
      y: (axisHeight + (i + 0.5) * rowHeight) * ratio,
      centre: middle(centres),
      gain: ((drawing.negativeUp ? -1 : 1) * rowHeight * ratio) / perRow,
      colour: pixelColour(colourOf(line, line.name === lit)),
    };
  });
  rasterTraces(words, pixels.width, rows, left);
  pen.setTransform(1, 0, 0, 1, 0, 0);
  pen.putImageData(pixels, 0, 0);
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  marks(pen, drawing, shown, rowHeight);
  return spacing;
}

function ownWindow(recording: SceneRecording, from: number, to: number): { from: number; to: number } {
  const [a, b] = [toStudy(recording, 0), toStudy(recording, 1)];
  return { from: (from - a) / (b - a), to: (to - a) / (b - a) };
}

function marks(
  pen: CanvasRenderingContext2D,
  drawing: TraceDrawing,
  shown: readonly TraceLine[],
  rowHeight: number,
): void {
  const { from, to, width, height, events, lit, recording } = drawing;
  const x = (t: number): number => pixelAtTime({ from, to }, t, width);
  pen.font = font;
  pen.textBaseline = "middle";
  pen.textAlign = "center";
  const { step, at } = timeTicks(from, to, Math.max(2, Math.floor((width - gutter) / 90)));
  for (const t of at) {
    pen.fillStyle = "rgba(120,140,160,.14)";
    pen.fillRect(Math.round(x(t)), axisHeight, 1, height - axisHeight);
    pen.fillStyle = "#93a1af";
    tickText(pen, timeText(t, step), x(t), width);
  }
  for (const [i, event] of events.entries()) {
    const start = toStudy(recording, event.onset);
    const end = toStudy(recording, event.onset + event.duration);
    if (end < from || start > to) continue;
    const chosen = i === drawing.chosenEvent;
    pen.fillStyle = chosen ? "rgba(255,200,90,.3)" : "rgba(240,138,75,.16)";
    const a = Math.max(gutter, x(start));
    pen.fillRect(a, axisHeight, Math.max(0, Math.min(width - 8, x(end)) - a), height - axisHeight);
    if (start < from) continue;
    pen.fillStyle = chosen ? "#ffd98a" : "#f0a070";
    pen.fillRect(Math.round(x(start)), axisHeight, 1, height - axisHeight);
    pen.textAlign = "left";
    // Its name stands on traces of any colour.
    const ink = pen.fillStyle;
    pen.fillStyle = "rgba(15,19,24,.8)";
    pen.fillRect(x(start) + 2, axisHeight, pen.measureText(event.type).width + 5, 14);
    pen.fillStyle = ink;
    pen.fillText(event.type, x(start) + 4, axisHeight + 7);
    pen.textAlign = "center";
  }
  const every = Math.ceil(11 / rowHeight);
  pen.textAlign = "right";
  for (const [i, line] of shown.entries()) {
    const isLit = line.name === lit;
    if (i % every !== 0 && !isLit) continue;
    pen.fillStyle = isLit ? "#ffffff" : line.bad ? "#d98a94" : "#b8c4d0";
    const name = line.name.length > 15 ? `${line.name.slice(0, 14)}…` : line.name;
    pen.fillText(line.bad ? `${name} ✕` : name, gutter - 8, axisHeight + (i + 0.5) * rowHeight);
  }
}
