/**
 * What stands over the images and must stay sharp: letters of the sides (always), the RAD/NEURO badge, the crosshair with
 * a gap, names of lit sensors, a scale bar. Plain data: the page shows them as small elements, an export paints them.
 */
import type { Point } from "@quintet/core";
import type { Pane, PlaneView } from "@quintet/view";
import { cameraAxes, edgeLetters, pixelAt, project } from "@quintet/view";
import type { Session } from "../session.ts";
import { frameOf } from "../state/picture-of.ts";
import { channelNamed, cortexOf, sensorsOfChannel } from "../state/sensors.ts";
import type { StagePicture } from "./picture.ts";
import { paneCamera, paneView } from "./windows.ts";

/** Pixels of the stage, from its upper left corner; `key` is the same mark from picture to picture. */
export type Mark =
  | {
      readonly kind: "text";
      readonly key: string;
      readonly text: string;
      readonly x: number;
      readonly y: number;
      readonly size: number;
      readonly colour: string;
      readonly align: "left" | "center" | "right";
    }
  | {
      readonly kind: "bar";
      readonly key: string;
      readonly x: number;
      readonly y: number;
      readonly width: number;
      readonly height: number;
      readonly colour: string;
    }
  | {
      readonly kind: "ring";
      readonly key: string;
      readonly x: number;
      readonly y: number;
      readonly radius: number;
      readonly colour: string;
    };

const letters = "#ffe08a";
const cross = "#7fe7ff";
const plain = "#e8edf2";
const late = "#ff9d5c";
/** Half the gap in the crosshair: what it points at stays free. */
const gap = 9;
/** Sensors and cortex this near to a cut are marked on it, mm. */
export const near = 6;

/** Marks of one pane, in its own pixels; what would lie outside it is left out. */
class PaneMarks {
  readonly all: Mark[] = [];
  readonly #pane: Pane;

  constructor(pane: Pane) {
    this.#pane = pane;
  }

  text(
    key: string,
    text: string,
    x: number,
    y: number,
    {
      size = 13,
      colour = letters,
      align = "center",
    }: { size?: number; colour?: string; align?: "left" | "center" | "right" } = {},
  ): void {
    const { id, x: left, y: top } = this.#pane;
    if (this.#inside(x, y))
      this.all.push({ kind: "text", key: `${id} ${key}`, text, x: left + x, y: top + y, size, colour, align });
  }

  bar(key: string, x0: number, y0: number, x1: number, y1: number, colour: string): void {
    const { id, x, y, width, height } = this.#pane;
    const [a, b] = [Math.max(0, x0), Math.min(width, x1)];
    const [c, d] = [Math.max(0, y0), Math.min(height, y1)];
    if (b > a && d > c)
      this.all.push({ kind: "bar", key: `${id} ${key}`, x: x + a, y: y + c, width: b - a, height: d - c, colour });
  }

  ring(key: string, x: number, y: number, radius: number, colour: string): void {
    const { id, x: left, y: top } = this.#pane;
    if (this.#inside(x, y))
      this.all.push({ kind: "ring", key: `${id} ${key}`, x: left + x, y: top + y, radius, colour });
  }

  #inside(x: number, y: number): boolean {
    return x >= 0 && y >= 0 && x <= this.#pane.width && y <= this.#pane.height;
  }
}

export function marksOf(picture: StagePicture, session: Session): readonly Mark[] {
  return picture.panes.flatMap((pane) => {
    const marks = new PaneMarks(pane);
    const view = paneView(picture, pane);
    if (view) cutMarks(marks, picture, pane, view, session);
    else solidMarks(marks, picture, pane, session);
    lateMarks(marks, picture, session);
    return marks.all;
  });
}

function cutMarks(marks: PaneMarks, picture: StagePicture, pane: Pane, view: PlaneView, session: Session): void {
  const { width, height } = pane;
  const state = session.store.get();
  const small = Math.min(width, height) < 180;
  if (state.crosshair && pane.offset === 0) crosshair(marks, view, picture.position);
  if (state.sensors && !small) litSensors(marks, view, session);
  const sides = edgeLetters(view);
  const size = small ? 15 : 20;
  marks.text("left", sides.left, 15, height / 2, { size });
  marks.text("right", sides.right, width - 15, height / 2, { size });
  marks.text("top", sides.top, width / 2, 15, { size });
  marks.text("bottom", sides.bottom, width / 2, height - 15, { size });
  const axis = { axial: "z", coronal: "y", sagittal: "x" }[view.plane];
  const at = `${axis} ${view.at.toFixed(1)} mm`.replace("-", "−");
  marks.text("at", at, 8, height - 12, { size: 11, colour: plain, align: "left" });
  const badge = view.plane === "sagittal" ? (picture.noseLeft ? "◂ nose" : "nose ▸") : picture.convention;
  marks.text("badge", badge, width - 8, 13, { size: 12, align: "right" });
  const only = pane.only ? session.scene.volumes.find(({ id }) => id === pane.only)?.name : undefined;
  if (only) marks.text("only", only, 8, 13, { size: 11, align: "left", colour: plain });
  if (!small) scaleBar(marks, view);
  if (state.blend === "swipe") {
    const x = Math.round(picture.swipe * width);
    marks.bar("swipe", x, 0, x + 1, height, "rgba(255,255,255,.7)");
  }
}

/** While the frame at the time cursor is on its way the former one is drawn, and said to be: "FDG 3/20 → 4". */
function lateMarks(marks: PaneMarks, picture: StagePicture, session: Session): void {
  const { time } = session.store.get();
  let y = 30;
  for (const { id, frame } of picture.layers) {
    const volume = session.scene.volumes.find((one) => one.id === id);
    if (!volume || volume.frames.length < 2) continue;
    const wanted = frameOf(volume, time).index;
    if (frame === wanted) continue;
    const text = `${volume.name} ${frame + 1}/${volume.frames.length} → ${wanted + 1}`;
    marks.text(`late ${id}`, text, 8, y, { size: 12, align: "left", colour: late });
    y += 16;
  }
}

function crosshair(marks: PaneMarks, view: PlaneView, position: Point): void {
  const at = pixelAt(view, position);
  const [x, y] = [Math.round(at.x), Math.round(at.y)];
  marks.bar("cross-left", 0, y, x - gap, y + 1, cross);
  marks.bar("cross-right", x + gap, y, view.width, y + 1, cross);
  marks.bar("cross-up", x, 0, x + 1, y - gap, cross);
  marks.bar("cross-down", x, y + gap, x + 1, view.height, cross);
}

function litSensors(marks: PaneMarks, view: PlaneView, session: Session): void {
  const ref = channelNamed(session.scene, session.store.get().channel);
  if (!ref) return;
  for (const [i, sensor] of sensorsOfChannel(session.scene, ref).entries()) {
    const at = pixelAt(view, sensor.position);
    if (Math.abs(at.distance) <= near)
      marks.text(`sensor ${i}`, sensor.name, at.x, at.y - 14, { size: 11, colour: "#ffffff" });
  }
  const cortex = cortexOf(session.scene, ref);
  const at = cortex && pixelAt(view, cortex);
  if (at && Math.abs(at.distance) <= near) marks.ring("cortex", at.x, at.y, 7, "#ffffff");
}

function scaleBar(marks: PaneMarks, view: PlaneView): void {
  const mm = [100, 50, 20, 10, 5, 2, 1].find((v) => v / view.scale < view.width / 4) ?? 1;
  const length = mm / view.scale;
  const [x, y] = [view.width - 10, view.height - 12];
  marks.bar("scale", x - length, y - 1, x, y + 1, plain);
  marks.text("scale mm", `${mm} mm`, x - length / 2, y - 10, { size: 11, colour: plain });
}

function solidMarks(marks: PaneMarks, picture: StagePicture, pane: Pane, session: Session): void {
  const camera = paneCamera(picture, pane);
  // The letters stand where the sides are: at the ends of the two axes that lie most in the screen.
  const { right, up } = cameraAxes(camera);
  const names = [
    ["R", "L"],
    ["A", "P"],
    ["S", "I"],
  ] as const;
  const reach = picture.side * 0.52;
  for (const [k, pair] of names.entries()) {
    if (Math.hypot(right[k] as number, up[k] as number) < 0.35) continue;
    for (const [letter, sign] of [
      [pair[0], 1],
      [pair[1], -1],
    ] as const) {
      const end = picture.centre.map((c, i) => c + (i === k ? sign * reach : 0)) as unknown as Point;
      const at = project(camera, end);
      const x = Math.min(pane.width - 14, Math.max(14, at.x));
      const y = Math.min(pane.height - 14, Math.max(14, at.y));
      marks.text(letter, letter, x, y, { size: 16 });
    }
  }
  const ref = channelNamed(session.scene, session.store.get().channel);
  for (const [i, sensor] of (ref ? sensorsOfChannel(session.scene, ref) : []).entries()) {
    const at = project(camera, sensor.position);
    marks.text(`sensor ${i}`, sensor.name, at.x, at.y - 15, { size: 12, colour: "#ffffff" });
  }
  const at = project(camera, picture.position);
  marks.ring("cursor", at.x, at.y, 5, cross);
}
