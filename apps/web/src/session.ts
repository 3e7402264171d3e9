/**
 * One opened study: scene, state, volumes and the stage, tied together. React shows it; drawing does not wait for React.
 */
import type { Scene, SceneSurface, SceneVolume } from "@quintet/view";
import { getJson, request, sendJson } from "./data/api.ts";
import { RecordingStore } from "./data/recording-store.ts";
import type { ShownFrame } from "./data/volume-store.ts";
import { VolumeStore } from "./data/volume-store.ts";
import { MarkLayer } from "./gl/mark-layer.ts";
import type { Mark } from "./gl/marks.ts";
import { marksOf } from "./gl/marks.ts";
import { standBeside } from "./gl/mesh-buffer.ts";
import type { DrawnDot } from "./gl/picture.ts";
import { Stage } from "./gl/stage.ts";
import type { CanvasSize } from "./state/picture-of.ts";
import { fieldOf, frameOf, pictureOf, shownVolumes } from "./state/picture-of.ts";
import { channelNamed, sensorColour, sensorsOfChannel } from "./state/sensors.ts";
import type { Store } from "./state/store.ts";
import { createStore } from "./state/store.ts";
import { traceStart } from "./state/study-time.ts";
import type { TraceState, ViewState } from "./state/view-state.ts";
import { firstState, restored } from "./state/view-state.ts";

/** A full frame follows this long after the last coarse one, ms. */
const settle = 50;
/** Between two pictures while data arrives, ms. */
const patience = 250;
/** Above this a frame while dragging is drawn at half resolution, ms. */
const slow = 24;

export class Session {
  readonly store: Store;
  readonly volumes: VolumeStore;
  readonly recordings: RecordingStore;
  readonly field: ReturnType<typeof fieldOf>;
  /** Milliseconds of the last full frame, and how many were drawn. */
  readonly pace: { full: number; frames: number } = { full: 0, frames: 0 };
  #scene: Scene;
  readonly #saved: Partial<ViewState> | undefined;
  #stage: Stage | undefined;
  #marks: MarkLayer | undefined;
  #size: CanvasSize = { width: 1, height: 1, ratio: 1 };
  #blink = false;
  #asked = 0;
  #dragging = false;
  #settling: ReturnType<typeof setTimeout> | undefined;
  #shown = new Map<string, number>();
  /** Surfaces asked for: those that are shown, and what shown copies are copies of. */
  readonly #shapes = new Map<string, Promise<SurfaceShape>>();
  readonly #given = new Set<string>();
  #surfacesAsked = 0;
  /** All images that are asked for were on the screen once. */
  #pictured = false;
  #picturing = false;
  #soon: ReturnType<typeof setTimeout> | undefined;
  readonly #listeners = new Set<() => void>();

  /** @param saved a view that was saved for this study */
  constructor(scene: Scene, saved?: Partial<ViewState>) {
    this.#scene = scene;
    this.#saved = saved;
    this.field = fieldOf(scene);
    const first = firstState(scene);
    this.store = createStore(saved ? restored(first, saved) : first);
    this.volumes = new VolumeStore(() => this.changed());
    this.recordings = new RecordingStore(() => this.changed());
    let { time } = this.store.get();
    this.store.subscribe(() => {
      this.#want();
      const moved = this.store.get().time !== time;
      time = this.store.get().time;
      // A picture of the former frames would only hold up the new ones; when they are late it is drawn, and says so.
      if (moved && this.volumes.busy) this.#redrawSoon();
      else this.redraw();
    });
  }

  get scene(): Scene {
    return this.#scene;
  }

  /** The rest of a scene that was pending: recordings and surfaces take their first places, all else stays as it was set. */
  complete(scene: Scene): void {
    this.#scene = scene;
    const fresh = firstState(scene);
    const { recording, from, channel, nudges, ...set } = this.store.get();
    const rest = recording === "" ? {} : { recording, from, channel };
    const state = restored(this.#saved ? restored(fresh, this.#saved) : fresh, { ...set, ...rest });
    this.store.reset({ ...state, nudges });
    this.changed();
  }

  /** Told when data arrived or a picture was drawn anew: the readout follows. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed(): void {
    this.#want();
    // While more is on its way a picture now and then is enough: each arrival would cost a frame, and a stack of layers that
    // is not whole yet its own shader. The first whole one waits for nothing.
    if (this.#busy && (this.#pictured || this.volumes.busy)) this.#redrawSoon();
    else this.redraw();
    for (const listener of this.#listeners) listener();
  }

  /** @throws Error when this browser draws no WebGL2 */
  attach(canvas: HTMLCanvasElement, marks: HTMLElement): void {
    this.#stage = new Stage(canvas);
    this.#marks = new MarkLayer(marks);
    for (const { id, shape, affine, role } of this.scene.volumes)
      this.#stage.declare(id, { shape, affine, labels: role === "labels" });
    this.#given.clear();
    this.#want();
  }

  get stage(): Stage | undefined {
    return this.#stage;
  }

  resize(size: CanvasSize): void {
    this.#size = size;
    this.redraw();
  }

  get size(): CanvasSize {
    return this.#size;
  }

  set blink(value: boolean) {
    this.#blink = value;
    this.redraw();
  }

  set dragging(value: boolean) {
    this.#dragging = value;
    if (!value) this.redraw();
  }

  /** Frame drawn of a volume: the one at the time cursor when it is here, else the last that was. */
  frameShown(volume: SceneVolume): number {
    const { index } = frameOf(volume, this.store.get().time);
    if (this.#stage?.hasFrame(volume.id, index)) {
      this.#shown.set(volume.id, index);
      return index;
    }
    return this.#shown.get(volume.id) ?? index;
  }

  get #busy(): boolean {
    return !this.#pictured || this.volumes.busy || this.#surfacesAsked > 0 || this.#scene.pending === true;
  }

  #redrawSoon(): void {
    this.#outdated();
    this.#soon ??= setTimeout(() => this.redraw(), patience);
  }

  /** What is on the screen is not what is asked for any more, until it is drawn anew. */
  #outdated(): void {
    if (this.#stage) this.#stage.element.dataset.state = "loading";
  }

  redraw(): void {
    this.#outdated();
    clearTimeout(this.#soon);
    this.#soon = undefined;
    if (this.#asked) return;
    this.#asked = requestAnimationFrame(() => {
      this.#asked = 0;
      this.drawNow();
    });
  }

  /** @returns the picture, for those who must know what is where */
  picture(): ReturnType<typeof pictureOf> {
    return pictureOf(this.scene, this.store.get(), this.#size, {
      frame: (volume) => this.frameShown(volume),
      blink: this.#blink,
      dots: this.dots(),
      field: this.field,
    });
  }

  /** Letters, crosshair and names over the picture. */
  marks(): readonly Mark[] {
    return marksOf(this.picture(), this);
  }

  /** @param complete waits for the pixels: for exports and measurements */
  drawNow(complete = false): void {
    const stage = this.#stage;
    if (!stage || this.#size.width < 2) return;
    const coarse = this.#dragging && this.pace.full > slow && !complete;
    const started = performance.now();
    const picture = this.picture();
    stage.draw(picture, coarse);
    // Waiting costs a graphics card its pipeline: only where the time is needed.
    const timed = !coarse && (complete || this.#dragging);
    if (complete || timed) stage.finish();
    this.#picture(stage);
    this.#marks?.show(marksOf(picture, this));
    // For programs that must know when everything asked for is on the screen.
    stage.element.dataset.state = this.#busy ? "loading" : coarse ? "coarse" : "drawn";
    if (timed) this.pace.full = 0.5 * this.pace.full + 0.5 * (performance.now() - started);
    this.pace.frames++;
    clearTimeout(this.#settling);
    if (coarse) this.#settling = setTimeout(() => this.#settle(), settle);
  }

  /** Surfaces are asked for once the images are on the screen: two frames on, else the browser shows both at once. */
  #picture(stage: Stage): void {
    if (this.#picturing || this.volumes.busy) return;
    this.#picturing = true;
    const next = requestAnimationFrame;
    next(() =>
      next(() => {
        this.#pictured = true;
        stage.element.dataset.images = "shown";
        this.changed();
      }),
    );
  }

  /** A full frame of what is about to be replaced would only hold up what comes. */
  #settle(): void {
    if (this.#busy) {
      this.#settling = setTimeout(() => this.#settle(), settle);
      return;
    }
    this.#dragging = false;
    this.redraw();
  }

  dots(): readonly DrawnDot[] {
    const { sensors, channel } = this.store.get();
    if (!sensors) return [];
    const ref = channelNamed(this.scene, channel);
    const lit = new Set(ref ? sensorsOfChannel(this.scene, ref) : []);
    return this.scene.sensors.map((sensor) => ({
      position: sensor.position,
      colour: lit.has(sensor) ? "#ffffff" : sensor.bad ? "#6b7480" : sensorColour[sensor.kind],
      size: lit.has(sensor) ? 15 : 9,
    }));
  }

  /** Moves the time cursor; the traces follow when it leaves them, unless it was moved inside them. */
  scrub(time: number, inside = false): void {
    this.store.set((s) => {
      const seconds = s.traces[s.recording]?.seconds ?? 10;
      const leaves = !inside && (time < s.from || time > s.from + seconds);
      return { time, ...(leaves ? { from: time - seconds / 2 } : {}) };
    }, "scrub");
  }

  /** Shows another recording, at the cursor where it was running, else from its beginning. */
  openRecording(id: string): void {
    const recording = this.scene.recordings.find((r) => r.id === id);
    if (!recording) return;
    this.store.set((s) => ({ recording: id, from: traceStart(recording, s.time, s.traces[id]?.seconds ?? 10) }));
  }

  changeTraces(recording: string, change: Partial<TraceState>): void {
    this.store.set(
      (s) => {
        const trace = s.traces[recording];
        if (!trace) return {};
        const next = { ...trace, ...change };
        // A change of the span keeps the cursor where it is on the screen.
        const share = (s.time - s.from) / trace.seconds;
        const holds = share >= 0 && share <= 1;
        const from = holds ? s.time - share * next.seconds : s.from;
        return { traces: { ...s.traces, [recording]: next }, from };
      },
      `traces ${Object.keys(change).join()}`,
    );
  }

  /** Kept beside the study's results, so that it is there in another browser too. @throws ServerError */
  async saveLayout(): Promise<void> {
    const { nudges: _, channel: __, ...layout } = this.store.get();
    await sendJson("/api/layout", "PUT", { layout });
  }

  firstView(): void {
    this.store.set(firstState(this.scene));
  }

  /** Asks for the frames the picture needs and hands them to the stage as they come. */
  #want(): void {
    const stage = this.#stage;
    if (!stage) return;
    const state = this.store.get();
    for (const { id } of this.#pictured ? this.scene.surfaces : []) {
      if (this.#given.has(id) || !((state.surfaces[id] ?? 0) > 0)) continue;
      this.#given.add(id);
      void this.#surface(id);
    }
    const wanted = shownVolumes(this.scene, state).flatMap((volume) => {
      const confidence = state.layers[volume.id]?.modulate ? volume.confidence : undefined;
      const sure = this.scene.volumes.find(({ id }) => id === confidence);
      return sure ? [volume, sure] : [volume];
    });
    for (const volume of wanted) {
      const { index } = frameOf(volume, state.time);
      if (stage.hasFrame(volume.id, index)) continue;
      const ready = this.volumes.ready(volume.id, index);
      if (ready) stage.setFrame(volume.id, index, ready);
      else if (!this.volumes.failure(volume.id)) void this.volumes.load(volume, index);
    }
    if (this.#pictured) void this.volumes.fill(() => this.#moving());
  }

  /** Images with frames that are shown, and which. */
  #moving(): readonly ShownFrame[] {
    const state = this.store.get();
    return shownVolumes(this.scene, state)
      .filter(({ id, frames }) => frames.length > 1 && this.volumes.failure(id) === undefined)
      .map((volume) => ({ volume, frame: frameOf(volume, state.time).index }));
  }

  async #surface(id: string): Promise<void> {
    this.#surfacesAsked++;
    try {
      const { surface, vertices, faces } = await this.#shape(id);
      const of = surface.inflated && (await this.#shape(surface.inflated.of)).vertices;
      const side = /left/i.test(surface.name) ? -1 : 1;
      this.#stage?.setMesh(id, {
        vertices: of ? standBeside(vertices, this.field.centre, side) : vertices,
        faces,
        depth: surface.depth ?? 0,
        ...(of ? { of } : {}),
      });
    } catch {
      // A surface that cannot be had leaves the cuts as they are; the server names it among the scene's problems.
    }
    this.#surfacesAsked--;
    this.changed();
  }

  #shape(id: string): Promise<SurfaceShape> {
    const held = this.#shapes.get(id);
    if (held) return held;
    const asked = this.#fetchShape(id);
    this.#shapes.set(id, asked);
    return asked;
  }

  async #fetchShape(id: string): Promise<SurfaceShape> {
    const surface = this.scene.surfaces.find((s) => s.id === id);
    if (!surface) throw new Error(`no surface ${id}`);
    const buffer = await (await request(surface.url)).arrayBuffer();
    const vertices = new Float32Array(buffer, 0, 3 * surface.vertexCount);
    return { surface, vertices, faces: new Uint32Array(buffer, vertices.byteLength, 3 * surface.faceCount) };
  }
}

interface SurfaceShape {
  readonly surface: SceneSurface;
  readonly vertices: Float32Array;
  readonly faces: Uint32Array;
}

declare global {
  /** The open study, for scripts in the browser's console and for measurements. */
  var quintet: Session | undefined;
}

export async function openSession(subject?: string): Promise<Session> {
  const query = subject === undefined ? "" : `&subject=${encodeURIComponent(subject)}`;
  const [scene, saved] = await Promise.all([
    getJson<Scene>(`/api/scene?part=first${query}`),
    getJson<{ readonly layout: Partial<ViewState> | null }>("/api/layout").catch(() => undefined),
  ]);
  const session = new Session(scene, saved?.layout ?? undefined);
  globalThis.quintet = session;
  // A server that has gone meanwhile is told of by the banner, and asked again when it is back.
  if (scene.pending)
    void getJson<Scene>(`/api/scene?part=whole${query}`).then(
      (whole) => session.complete(whole),
      () => undefined,
    );
  return session;
}
