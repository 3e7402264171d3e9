/** What a pointer does on the canvas: left moves the crosshair, right the window, middle pans, the wheel walks slices. */
import type { Point } from "@quintet/core";
import type { Pane } from "@quintet/view";
import { meshHit, paneAt, pixelAt, planeFrame, planeNormal, project, sightLine, spotAt, worldAt } from "@quintet/view";
import type { Session } from "../session.ts";
import { channelKey, channelOfSensor } from "../state/sensors.ts";
import { headPlace } from "./mesh-buffer.ts";
import type { FingerMove } from "./two-fingers.ts";
import { TwoFingers } from "./two-fingers.ts";
import { paneCamera, paneView } from "./windows.ts";

type Drag = { readonly pane: Pane; readonly button: number; x: number; y: number; moved: boolean };

const round = (p: Point): Point => p.map((v) => Math.round(v * 100) / 100) as unknown as Point;

/** Electrode or optode under the pointer: index into the scene's sensors. */
function sensorUnder(session: Session, pane: Pane, x: number, y: number): number | undefined {
  if (!session.store.get().sensors) return undefined;
  const picture = session.picture();
  const view = paneView(picture, pane);
  if (view) {
    const spots = session.scene.sensors.map(({ position }) => {
      const at = pixelAt(view, position);
      return { x: Math.abs(at.distance) > 6 ? Number.NaN : at.x, y: at.y, depth: 0 };
    });
    return spotAt(spots, x, y, 7);
  }
  const camera = paneCamera(picture, pane);
  return spotAt(
    session.scene.sensors.map(({ position }) => project(camera, position)),
    x,
    y,
  );
}

/** The trace of a sensor is lit, and the crosshair goes to the cortex under it. */
export function chooseSensor(session: Session, index: number): void {
  const sensor = session.scene.sensors[index];
  if (!sensor) return;
  const ref = channelOfSensor(session.scene, sensor);
  session.store.set({
    position: round(sensor.cortex ?? sensor.position),
    ...(ref ? { channel: channelKey(ref.recording.id, ref.channel.name) } : {}),
  });
  if (ref && ref.recording.id !== session.store.get().recording) session.openRecording(ref.recording.id);
}

function surfaceHit(session: Session, pane: Pane, x: number, y: number): Point | undefined {
  const { origin, direction } = sightLine(paneCamera(session.picture(), pane), x, y);
  const hits = session.picture().surfaces.flatMap(({ id, opacity, inflated }) => {
    const mesh = opacity >= 1 ? session.stage?.mesh(id) : undefined;
    const hit = mesh && meshHit(mesh, origin, direction);
    return hit ? [{ hit, mesh, inflated }] : [];
  });
  const away = ({ hit: p }: { readonly hit: Point }): number =>
    Math.hypot(p[0] - origin[0], p[1] - origin[1], p[2] - origin[2]);
  const first = hits.toSorted((a, b) => away(a) - away(b))[0];
  return first?.inflated ? headPlace(first.mesh, first.hit) : first?.hit;
}

export function attachPointer(element: HTMLElement, session: Session): () => void {
  const { store } = session;
  let drag: Drag | undefined;
  const fingers = new TwoFingers();
  /** Two fingers were down: what the first began is over, and one that stays behind begins nothing. */
  let pinched: Pane | undefined;
  const place = (event: MouseEvent): { x: number; y: number } => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const under = (event: MouseEvent): { pane: Pane; x: number; y: number } | undefined => {
    const { x, y } = place(event);
    const pane = paneAt(session.picture().panes, x, y);
    return pane && { pane, x: x - pane.x, y: y - pane.y };
  };
  const toCursor = (pane: Pane, x: number, y: number): void => {
    const view = paneView(session.picture(), pane);
    if (!view) return;
    store.set({ position: round(worldAt(view, x, y)) }, "crosshair");
  };

  const down = (event: PointerEvent): void => {
    const at = under(event);
    if (!at) return;
    element.focus({ preventScroll: true });
    element.setPointerCapture(event.pointerId);
    if (fingers.down(event)) {
      drag = undefined;
      pinched = at.pane;
      return;
    }
    if (pinched) return;
    drag = { pane: at.pane, button: event.button, x: event.clientX, y: event.clientY, moved: false };
    if (event.button !== 0 || event.ctrlKey) return;
    const sensor = sensorUnder(session, at.pane, at.x, at.y);
    if (sensor !== undefined) {
      chooseSensor(session, sensor);
      drag = undefined;
      return;
    }
    const nearSwipe = Math.abs(at.x - store.get().swipe * at.pane.width) < 6;
    if (store.get().blend === "swipe" && at.pane.kind !== "3d" && nearSwipe) drag = { ...drag, button: 10 };
    else toCursor(at.pane, at.x, at.y);
  };
  const move = (event: PointerEvent): void => {
    const pinch = pinched && fingers.move(event);
    if (pinched) {
      if (pinch) pinchBy(session, pinched, pinch);
      return;
    }
    if (!drag) {
      const at = under(event);
      const sensor = at && sensorUnder(session, at.pane, at.x, at.y);
      element.style.cursor = sensor === undefined ? "crosshair" : "pointer";
      element.title = sensor === undefined ? "" : (session.scene.sensors[sensor]?.name ?? "");
      return;
    }
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    drag.moved ||= Math.hypot(dx, dy) > 3;
    [drag.x, drag.y] = [event.clientX, event.clientY];
    session.dragging = true;
    const { pane, button } = drag;
    const { x, y } = place(event);
    if (pane.kind === "3d") {
      if (button === 0)
        store.set((s) => ({ yaw: s.yaw + dx * 0.5, pitch: Math.max(-90, Math.min(90, s.pitch + dy * 0.5)) }), "turn");
      else store.set((s) => ({ zoom3d: Math.min(8, Math.max(0.3, s.zoom3d * Math.exp(-dy * 0.008))) }), "zoom3d");
    } else if (button === 10) {
      store.set({ swipe: Math.min(1, Math.max(0, (x - pane.x) / pane.width)) }, "swipe");
    } else if (button === 0) toCursor(pane, x - pane.x, y - pane.y);
    else if (button === 2) windowBy(session, dx / pane.width, dy / pane.height);
    else panBy(session, pane, dx, dy);
  };
  const up = (event: PointerEvent): void => {
    fingers.up(event);
    if (!fingers.busy) pinched = undefined;
    const held = drag;
    drag = undefined;
    session.dragging = false;
    if (!held || held.moved || held.pane.kind !== "3d" || held.button !== 0) return;
    const { x, y } = place(event);
    const hit = surfaceHit(session, held.pane, x - held.pane.x, y - held.pane.y);
    if (hit) store.set({ position: round(hit) });
  };
  const wheel = (event: WheelEvent): void => {
    const at = under(event);
    if (!at) return;
    event.preventDefault();
    const steps = Math.sign(event.deltaY);
    const { pane } = at;
    if (pane.kind === "3d") {
      store.set((s) => ({ zoom3d: Math.min(8, Math.max(0.3, s.zoom3d * 0.9 ** steps)) }), "zoom3d");
    } else if (event.ctrlKey || event.metaKey) {
      store.set((s) => ({ zoom: Math.min(12, Math.max(0.5, s.zoom * 0.9 ** steps)) }), "zoom");
    } else {
      const normal = planeNormal(pane.kind);
      store.set(
        (s) => ({ position: s.position.map((v, k) => (k === normal ? v - steps : v)) as unknown as Point }),
        "slice",
      );
    }
  };
  const twice = (event: MouseEvent): void => {
    const at = under(event);
    if (at) store.set((s) => ({ maximised: s.maximised ? null : at.pane.id }));
  };
  const menu = (event: Event): void => event.preventDefault();
  element.addEventListener("pointerdown", down);
  element.addEventListener("pointermove", move);
  element.addEventListener("pointerup", up);
  element.addEventListener("pointercancel", up);
  element.addEventListener("wheel", wheel, { passive: false });
  element.addEventListener("dblclick", twice);
  element.addEventListener("contextmenu", menu);
  return () => {
    element.removeEventListener("pointerdown", down);
    element.removeEventListener("pointermove", move);
    element.removeEventListener("pointerup", up);
    element.removeEventListener("pointercancel", up);
    element.removeEventListener("wheel", wheel);
    element.removeEventListener("dblclick", twice);
    element.removeEventListener("contextmenu", menu);
  };
}

/** Right drag: across widens the window, upwards raises its level, of the current layer. */
export function windowBy(session: Session, across: number, down: number): void {
  session.store.set((s) => {
    const layer = s.layers[s.current];
    if (!layer) return {};
    const [low, high] = layer.range;
    const width = Math.max(1e-9, (high - low) * Math.exp(2 * across));
    const level = (low + high) / 2 - down * (high - low);
    const range = [level - width / 2, level + width / 2] as const;
    return { layers: { ...s.layers, [s.current]: { ...layer, range } } };
  }, "window");
}

/** In a cut two fingers zoom and pan; in 3D they zoom and turn. */
function pinchBy(session: Session, pane: Pane, { dx, dy, spread }: FingerMove): void {
  session.dragging = true;
  if (pane.kind === "3d") {
    session.store.set(
      (s) => ({
        zoom3d: Math.min(8, Math.max(0.3, s.zoom3d * spread)),
        yaw: s.yaw + dx * 0.5,
        pitch: Math.max(-90, Math.min(90, s.pitch + dy * 0.5)),
      }),
      "pinch",
    );
    return;
  }
  session.store.set((s) => ({ zoom: Math.min(12, Math.max(0.5, s.zoom * spread)) }), "pinch");
  panBy(session, pane, dx, dy, "pinch");
}

function panBy(session: Session, pane: Pane, dx: number, dy: number, gesture = "pan"): void {
  const view = paneView(session.picture(), pane);
  if (!view) return;
  const { right, down } = planeFrame(view);
  session.store.set(
    (s) => ({ pan: s.pan.map((v, k) => v - dx * (right[k] as number) - dy * (down[k] as number)) as unknown as Point }),
    gesture,
  );
}
