/**
 * What stands over the images and must stay sharp: letters of the sides (always), the RAD/NEURO badge, crosshair with a
 * gap, sensors near the cut, the outline of surfaces, a scale bar. Drawn on a second, plain canvas above the stage's.
 */
import type { Point } from "@quintet/core";
import type { Pane, PlaneView } from "@quintet/view";
import { cameraAxes, edgeLetters, pixelAt, project } from "@quintet/view";
import type { Session } from "../session.ts";
import { channelNamed, cortexOf, sensorColour, sensorsOfChannel } from "../state/sensors.ts";
import type { StagePicture } from "./picture.ts";
import { paneCamera, paneView } from "./windows.ts";

const letters = "#ffe08a";
const cross = "#7fe7ff";
/** Half the gap in the crosshair: what it points at stays free. */
const gap = 9;
/** Sensors this near to a cut are marked on it, mm. */
const near = 6;

export function drawOverlay(canvas: HTMLCanvasElement, picture: StagePicture, session: Session): void {
  const { width, height, ratio } = picture;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  for (const pane of picture.panes) {
    pen.save();
    pen.beginPath();
    pen.rect(pane.x, pane.y, pane.width, pane.height);
    pen.clip();
    pen.translate(pane.x, pane.y);
    const view = paneView(picture, pane);
    if (view) cutMarks(pen, picture, pane, view, session);
    else solidMarks(pen, picture, pane, session);
    pen.restore();
  }
}

export function outlined(
  pen: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  { size = 13, colour = letters, align = "center" }: { size?: number; colour?: string; align?: CanvasTextAlign } = {},
): void {
  pen.font = `600 ${size}px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif`;
  pen.textAlign = align;
  pen.textBaseline = "middle";
  pen.lineWidth = 3;
  pen.lineJoin = "round";
  pen.strokeStyle = "rgba(0,0,0,.85)";
  pen.strokeText(text, x, y);
  pen.fillStyle = colour;
  pen.fillText(text, x, y);
}

function cutMarks(
  pen: CanvasRenderingContext2D,
  picture: StagePicture,
  pane: Pane,
  view: PlaneView,
  session: Session,
): void {
  const { width, height } = pane;
  const state = session.store.get();
  const small = Math.min(width, height) < 180;
  if (state.sensors && !small) cutSensors(pen, view, session);
  if (state.crosshair && pane.offset === 0) crosshair(pen, view, picture.position);
  const marks = edgeLetters(view);
  const size = small ? 15 : 20;
  outlined(pen, marks.left, 15, height / 2, { size });
  outlined(pen, marks.right, width - 15, height / 2, { size });
  outlined(pen, marks.top, width / 2, 15, { size });
  outlined(pen, marks.bottom, width / 2, height - 15, { size });
  const axis = { axial: "z", coronal: "y", sagittal: "x" }[view.plane];
  outlined(pen, `${axis} ${view.at.toFixed(1)} mm`.replace("-", "−"), 8, height - 12, {
    size: 11,
    colour: "#e8edf2",
    align: "left",
  });
  const badge = view.plane === "sagittal" ? (picture.noseLeft ? "◂ nose" : "nose ▸") : picture.convention;
  outlined(pen, badge, width - 8, 13, { size: 12, align: "right", colour: letters });
  const only = pane.only ? session.scene.volumes.find(({ id }) => id === pane.only)?.name : undefined;
  if (only) outlined(pen, only, 8, 13, { size: 11, align: "left", colour: "#e8edf2" });
  if (!small) scaleBar(pen, view);
  if (state.blend === "swipe") {
    pen.strokeStyle = "rgba(255,255,255,.7)";
    pen.lineWidth = 1;
    pen.beginPath();
    pen.moveTo(Math.round(picture.swipe * width) + 0.5, 0);
    pen.lineTo(Math.round(picture.swipe * width) + 0.5, height);
    pen.stroke();
  }
}

function crosshair(pen: CanvasRenderingContext2D, view: PlaneView, position: Point): void {
  const { x, y } = pixelAt(view, position);
  const [px, py] = [Math.round(x) + 0.5, Math.round(y) + 0.5];
  pen.beginPath();
  for (const [ax, ay, bx, by] of [
    [0, py, px - gap, py],
    [px + gap, py, view.width, py],
    [px, 0, px, py - gap],
    [px, py + gap, px, view.height],
  ] as const) {
    pen.moveTo(ax, ay);
    pen.lineTo(bx, by);
  }
  pen.strokeStyle = "rgba(0,0,0,.5)";
  pen.lineWidth = 2.5;
  pen.stroke();
  pen.strokeStyle = cross;
  pen.lineWidth = 1;
  pen.stroke();
}

function cutSensors(pen: CanvasRenderingContext2D, view: PlaneView, session: Session): void {
  const ref = channelNamed(session.scene, session.store.get().channel);
  const lit = new Set(ref ? sensorsOfChannel(session.scene, ref) : []);
  for (const sensor of session.scene.sensors) {
    const at = pixelAt(view, sensor.position);
    if (Math.abs(at.distance) > near) continue;
    pen.beginPath();
    pen.arc(at.x, at.y, lit.has(sensor) ? 6 : 4, 0, 2 * Math.PI);
    pen.fillStyle = sensor.bad ? "#6b7480" : sensorColour[sensor.kind];
    pen.globalAlpha = 1 - Math.abs(at.distance) / (2 * near);
    pen.fill();
    pen.globalAlpha = 1;
    pen.strokeStyle = lit.has(sensor) ? "#fff" : "#000";
    pen.lineWidth = lit.has(sensor) ? 2 : 1;
    pen.stroke();
    if (lit.has(sensor)) outlined(pen, sensor.name, at.x, at.y - 14, { size: 11, colour: "#fff" });
  }
  const cortex = ref && cortexOf(session.scene, ref);
  if (cortex) {
    const at = pixelAt(view, cortex);
    if (Math.abs(at.distance) > near) return;
    pen.beginPath();
    pen.arc(at.x, at.y, 7, 0, 2 * Math.PI);
    pen.strokeStyle = "#fff";
    pen.lineWidth = 1.5;
    pen.stroke();
  }
}

function scaleBar(pen: CanvasRenderingContext2D, view: PlaneView): void {
  const mm = [100, 50, 20, 10, 5, 2, 1].find((v) => v / view.scale < view.width / 4) ?? 1;
  const length = mm / view.scale;
  const [x, y] = [view.width - 10, view.height - 12];
  pen.strokeStyle = "#e8edf2";
  pen.lineWidth = 2;
  pen.beginPath();
  pen.moveTo(x - length, y);
  pen.lineTo(x, y);
  pen.stroke();
  outlined(pen, `${mm} mm`, x - length / 2, y - 10, { size: 11, colour: "#e8edf2" });
}

function solidMarks(pen: CanvasRenderingContext2D, picture: StagePicture, pane: Pane, session: Session): void {
  const camera = paneCamera(picture, pane);
  // The letters stand where the sides are: at the ends of the two axes that lie most in the screen.
  const { right, up } = cameraAxes(camera);
  const names = [
    ["R", "L"],
    ["A", "P"],
    ["S", "I"],
  ] as const;
  const reach = picture.side * 0.52;
  for (const [k, [plus, minus]] of names.entries()) {
    const across = Math.hypot(right[k] as number, up[k] as number);
    if (across < 0.35) continue;
    for (const [sign, letter] of [
      [1, plus],
      [-1, minus],
    ] as const) {
      const end = picture.centre.map((c, i) => c + (i === k ? sign * reach : 0)) as unknown as Point;
      const at = project(camera, end);
      const x = Math.min(pane.width - 14, Math.max(14, at.x));
      const y = Math.min(pane.height - 14, Math.max(14, at.y));
      outlined(pen, letter, x, y, { size: 16 });
    }
  }
  const ref = channelNamed(session.scene, session.store.get().channel);
  for (const sensor of ref ? sensorsOfChannel(session.scene, ref) : []) {
    const at = project(camera, sensor.position);
    outlined(pen, sensor.name, at.x, at.y - 15, { size: 12, colour: "#fff" });
  }
  const at = project(camera, picture.position);
  pen.beginPath();
  pen.arc(at.x, at.y, 5, 0, 2 * Math.PI);
  pen.strokeStyle = cross;
  pen.lineWidth = 1.5;
  pen.stroke();
}
