/** Everything that a key or the palette can do, by name. */
import type { Point } from "@quintet/core";
import { layoutNames, planeFrame } from "@quintet/view";
import { paneView } from "./gl/windows.ts";
import type { Session } from "./session.ts";
import { panesOf, shownVolumes, stackOrder } from "./state/picture-of.ts";
import { stepTime } from "./state/time-steps.ts";
import type { LayerState } from "./state/view-state.ts";
import { layerStateOf } from "./state/view-state.ts";
import type { Words } from "./words/en.ts";

export type ActionName = keyof Words["actions"];

/** What an action may need besides the session. */
export interface Desk {
  readonly session: Session;
  /** Index into the panes of the layout: the one arrow keys act on. */
  readonly pane: { index: number };
  goTo(): void;
  palette(): void;
  keys(): void;
  language(): void;
  exportPng(): void;
  exportWebm(): void;
  addEvent(): void;
  save(): void;
}

export const defaultKeys: Readonly<Record<ActionName, string>> = {
  "go-to-time": "g",
  "step-back": ",",
  "step-on": ".",
  "frame-back": "<",
  "frame-on": ">",
  undo: "Ctrl+z",
  redo: "Ctrl+Shift+z",
  "rad-neuro": "r",
  "nose-side": "n",
  crosshair: "x",
  sensors: "e",
  "toggle-layer": "v",
  "next-layer": "c",
  "opacity-down": "[",
  "opacity-up": "]",
  contour: "o",
  "hot-iron": "h",
  blend: "s",
  maximise: "m",
  layout: "l",
  "next-recording": "t",
  "add-event": "a",
  "reset-view": "0",
  "zoom-in": "+",
  "zoom-out": "-",
  "move-left": "ArrowLeft",
  "move-right": "ArrowRight",
  "move-up": "ArrowUp",
  "move-down": "ArrowDown",
  "slice-on": "PageUp",
  "slice-back": "PageDown",
  "next-pane": "p",
  "export-png": "Ctrl+Shift+p",
  "export-webm": "Ctrl+Shift+v",
  "save-layout": "Ctrl+s",
  "reset-layout": "Ctrl+Shift+0",
  palette: "Ctrl+k",
  keys: "?",
  language: "Ctrl+Shift+l",
  blink: "b",
};

export function changeLayer(
  session: Session,
  id: string,
  change: (layer: LayerState) => Partial<LayerState>,
  gesture = "",
): void {
  session.store.set((s) => {
    const layer = s.layers[id];
    return layer ? { layers: { ...s.layers, [id]: { ...layer, ...change(layer) } } } : {};
  }, gesture);
}

function moveBy(desk: Desk, across: number, down: number, through = 0): void {
  const { session } = desk;
  const picture = session.picture();
  const panes = picture.panes.filter(({ kind }) => kind !== "3d");
  const pane = panes[desk.pane.index % Math.max(1, panes.length)];
  const view = pane && paneView(picture, pane);
  if (!view) return;
  const frame = planeFrame(view);
  const unit = (v: Point): Point => v.map((c) => c / view.scale) as unknown as Point;
  const [right, below] = [unit(frame.right), unit(frame.down)];
  session.store.set((s) => {
    const moved = s.position.map((v, k) => {
      const normal = (right[k] as number) === 0 && (below[k] as number) === 0 ? 1 : 0;
      return v + across * (right[k] as number) + down * (below[k] as number) + through * normal;
    });
    return { position: moved as unknown as Point };
  }, "arrow");
}

/** 1 ... 9 switch the layers in the order of the list. */
export function toggleNumbered(session: Session, number: number): void {
  const volume = stackOrder(session.scene)[number - 1];
  if (volume) changeLayer(session, volume.id, ({ visible }) => ({ visible: !visible }));
}

const next = <T>(list: readonly T[], value: T): T => list[(list.indexOf(value) + 1) % list.length] as T;

export function runAction(name: ActionName, desk: Desk): void {
  const { session } = desk;
  const { store, scene } = session;
  const state = store.get();
  const fade = (step: number): void =>
    changeLayer(
      session,
      state.current,
      ({ opacity }) => ({ opacity: Math.min(1, Math.max(0, Math.round((opacity + step) * 20) / 20)) }),
      "opacity",
    );
  const table: Record<ActionName, () => void> = {
    "go-to-time": () => desk.goTo(),
    "step-back": () => store.set({ time: stepTime(scene, state, -1, false) }, "step"),
    "step-on": () => store.set({ time: stepTime(scene, state, 1, false) }, "step"),
    "frame-back": () => store.set({ time: stepTime(scene, state, -1, true) }, "step"),
    "frame-on": () => store.set({ time: stepTime(scene, state, 1, true) }, "step"),
    undo: () => store.undo(),
    redo: () => store.redo(),
    "rad-neuro": () => store.set({ convention: state.convention === "RAD" ? "NEURO" : "RAD" }),
    "nose-side": () => store.set({ noseLeft: !state.noseLeft }),
    crosshair: () => store.set({ crosshair: !state.crosshair }),
    sensors: () => store.set({ sensors: !state.sensors }),
    "toggle-layer": () => changeLayer(session, state.current, ({ visible }) => ({ visible: !visible })),
    "next-layer": () =>
      store.set({
        current: next(
          stackOrder(scene).map(({ id }) => id),
          state.current,
        ),
      }),
    "opacity-down": () => fade(-0.05),
    "opacity-up": () => fade(0.05),
    contour: () => changeLayer(session, state.current, ({ contour }) => ({ contour: !contour })),
    "hot-iron": () => {
      const own = scene.volumes.find(({ id }) => id === state.current);
      if (!own) return;
      changeLayer(session, own.id, ({ colourMap }) => ({
        colourMap: colourMap === "hot-iron" ? layerStateOf(own).colourMap : "hot-iron",
      }));
    },
    blend: () => store.set({ blend: next(["over", "swipe", "checks"] as const, state.blend) }),
    maximise: () => {
      const panes = panesOf(scene, { ...state, maximised: null }, session.size);
      store.set({ maximised: state.maximised ? null : (panes[desk.pane.index % panes.length]?.id ?? null) });
    },
    layout: () => store.set({ layout: next(layoutNames, state.layout), maximised: null }),
    "next-recording": () => {
      const ids = scene.recordings.map(({ id }) => id);
      if (ids.length > 0) session.openRecording(next(ids, state.recording));
    },
    "add-event": () => desk.addEvent(),
    "reset-view": () => store.set({ zoom: 1, pan: [0, 0, 0], zoom3d: 1, maximised: null }),
    "zoom-in": () => store.set({ zoom: Math.min(12, state.zoom * 1.15) }, "zoom"),
    "zoom-out": () => store.set({ zoom: Math.max(0.5, state.zoom / 1.15) }, "zoom"),
    "move-left": () => moveBy(desk, -1, 0),
    "move-right": () => moveBy(desk, 1, 0),
    "move-up": () => moveBy(desk, 0, -1),
    "move-down": () => moveBy(desk, 0, 1),
    "slice-on": () => moveBy(desk, 0, 0, 1),
    "slice-back": () => moveBy(desk, 0, 0, -1),
    "next-pane": () => {
      const panes = session.picture().panes.filter(({ kind }) => kind !== "3d");
      desk.pane.index = (desk.pane.index + 1) % Math.max(1, panes.length);
      session.changed();
    },
    "export-png": () => desk.exportPng(),
    "export-webm": () => desk.exportWebm(),
    "save-layout": () => desk.save(),
    "reset-layout": () => session.firstView(),
    palette: () => desk.palette(),
    keys: () => desk.keys(),
    language: () => desk.language(),
    blink: () => {
      session.blink = true;
    },
  };
  table[name]();
}

/** Layers that can be current and are on, for those who must name one. */
export const visibleLayers = (session: Session): readonly string[] =>
  shownVolumes(session.scene, session.store.get()).map(({ name }) => name);
