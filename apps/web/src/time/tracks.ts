/** The time line of all modalities: intervals as blocks, instants as lines, the clock's uncertainty as a halo. */
import type { Scene } from "@quintet/view";
import { sigmaText, timeText, timeTicks } from "@quintet/view";
import { modalityColour } from "../state/sensors.ts";
import type { Words } from "../words/index.ts";

export interface TimeWindow {
  readonly from: number;
  readonly to: number;
}

export const gutter = 104;
export const axisHeight = 18;
const rowHeight = 17;
const font = '11px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif';

export const tracksHeight = (scene: Scene): number =>
  axisHeight + rowHeight * Math.max(1, scene.clock.tracks.length) + 2;

export interface TrackDrawing {
  readonly scene: Scene;
  readonly window: TimeWindow;
  /** What the traces below show. */
  readonly traces?: TimeWindow;
  readonly words: Words;
  readonly width: number;
  readonly height: number;
}

export function drawTracks(pen: CanvasRenderingContext2D, drawing: TrackDrawing): void {
  const { scene, window, traces, words, width, height } = drawing;
  const x = (t: number): number => pixelAtTime(window, t, width);
  pen.clearRect(0, 0, width, height);
  pen.font = font;
  pen.textBaseline = "middle";
  pen.textAlign = "center";
  const { step, at } = timeTicks(window.from, window.to, Math.max(2, Math.floor((width - gutter) / 90)));
  for (const t of at) {
    pen.fillStyle = "#242b33";
    pen.fillRect(Math.round(x(t)), axisHeight, 1, height - axisHeight);
    pen.fillStyle = "#93a1af";
    tickText(pen, timeText(t, step), x(t), width);
  }
  if (traces) {
    pen.fillStyle = "rgba(127,231,255,.09)";
    pen.fillRect(x(traces.from), axisHeight, Math.max(2, x(traces.to) - x(traces.from)), height - axisHeight);
  }
  for (const [i, track] of scene.clock.tracks.entries()) {
    const top = axisHeight + i * rowHeight;
    const colour = modalityColour[track.modality];
    const sigma = track.onStudyClock ? sigmaText(track.sigma) : undefined;
    pen.save();
    pen.beginPath();
    pen.rect(gutter, top, width - gutter, rowHeight);
    pen.clip();
    pen.globalAlpha = track.onStudyClock ? 1 : 0.4;
    const halo = track.sigma === null ? 0 : track.sigma;
    for (const { start, duration, label } of track.blocks) {
      const [a, b] = [x(start), x(start + duration)];
      if (halo > 0) {
        pen.fillStyle = `${colour}3a`;
        pen.fillRect(x(start - halo), top + 2, x(start + duration + halo) - x(start - halo), rowHeight - 4);
      }
      pen.fillStyle = `${colour}b0`;
      pen.fillRect(a, top + 4, Math.max(1.5, b - a - 1), rowHeight - 8);
      if (label && b - a > 8 * label.length) {
        pen.fillStyle = "#0d1116";
        pen.fillText(label, (a + b) / 2, top + rowHeight / 2);
      }
    }
    for (const { time: at } of track.instants) {
      if (halo > 0) {
        pen.fillStyle = `${colour}3a`;
        pen.fillRect(x(at - halo), top + 2, Math.max(1, x(at + halo) - x(at - halo)), rowHeight - 4);
      }
      pen.fillStyle = "#ffffff";
      pen.fillRect(Math.round(x(at)), top + 2, 1, rowHeight - 4);
    }
    pen.restore();
    pen.textAlign = "left";
    pen.fillStyle = colour;
    pen.fillText(words.modalities[track.modality], 6, top + rowHeight / 2);
    pen.fillStyle = sigma ? "#93a1af" : "#e0b45c";
    pen.textAlign = "right";
    pen.fillText(sigma ?? `± ${words.unknown}`, gutter - 6, top + rowHeight / 2);
    pen.textAlign = "center";
  }
}

/** Centred on its tick, but never cut off at the edge. */
export function tickText(pen: CanvasRenderingContext2D, text: string, x: number, width: number): void {
  const half = pen.measureText(text).width / 2;
  pen.fillText(text, Math.min(x, width - half - 4), 9);
}

export const pixelAtTime = ({ from, to }: TimeWindow, time: number, width: number): number =>
  gutter + ((time - from) / (to - from)) * (width - gutter - 8);

export const timeAtPixel = ({ from, to }: TimeWindow, x: number, width: number): number =>
  from + ((x - gutter) / (width - gutter - 8)) * (to - from);
