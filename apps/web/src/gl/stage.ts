/**
 * One WebGL2 canvas with a scissored pane per cut and one in 3D. Every layer is sampled when a pane is drawn, so that a
 * change of window, opacity or time costs one frame; panes whose picture has not changed keep their pixels, and only the
 * part of a cut in which a layer can be seen is drawn at all.
 */
import type { Pane } from "@quintet/view";
import { cameraAxes, cameraMatrix, project } from "@quintet/view";
import type { ReadyFrame } from "../data/ready-frame.ts";
import { arrowLines } from "./arrows.ts";
import type { Box, CutTools } from "./cut-pane.ts";
import { drawCut } from "./cut-pane.ts";
import { Dots } from "./dots.ts";
import { Lines } from "./lines.ts";
import type { MeshBuffer, MeshShape } from "./mesh-buffer.ts";
import { uploadMesh } from "./mesh-buffer.ts";
import type { DrawnLayer, StagePicture } from "./picture.ts";
import { Scene3d } from "./scene-3d.ts";
import type { HeldVolume } from "./stack.ts";
import { Stack } from "./stack.ts";
import { uploadVolume } from "./volume-texture.ts";
import { paneCamera, paneView } from "./windows.ts";

/** Frames of one volume kept on the graphics side: a scrub back and forth over an onset stays smooth. */
const framesKept = 4;

export class Stage {
  readonly gl: WebGL2RenderingContext;
  readonly element: HTMLCanvasElement;
  readonly #stack: Stack;
  readonly #scene: Scene3d;
  readonly #volumes = new Map<string, HeldVolume>();
  readonly #meshes = new Map<string, MeshBuffer>();
  readonly #drawn = new Map<string, string>();
  readonly #tools: CutTools;
  /** Changes with every texture or mesh given. */
  #edition = 0;

  /** @throws Error when this browser draws no WebGL2 */
  constructor(canvas: HTMLCanvasElement) {
    const gl = canvas.getContext("webgl2", {
      antialias: false,
      // Nothing lies under the images: a canvas that is blended with the page costs a frame's time on software.
      alpha: false,
      depth: true,
      preserveDrawingBuffer: true,
      powerPreference: "high-performance",
    });
    if (!gl) throw new Error("no-webgl2");
    this.gl = gl;
    this.element = canvas;
    this.#stack = new Stack(gl);
    const dots = new Dots(gl);
    this.#scene = new Scene3d(gl, this.#stack, dots);
    this.#tools = {
      gl,
      stack: this.#stack,
      dots,
      lines: new Lines(gl),
      volumes: this.#volumes,
      meshes: this.#meshes,
    };
  }

  declare(id: string, grid: Omit<HeldVolume, "frames">): void {
    this.#volumes.set(id, { ...grid, frames: this.#volumes.get(id)?.frames ?? new Map() });
    this.#edition++;
  }

  hasFrame(id: string, frame: number): boolean {
    return this.#volumes.get(id)?.frames.has(frame) ?? false;
  }

  /** @throws Error for a volume that was not declared or is too large for the graphics */
  setFrame(id: string, frame: number, ready: ReadyFrame): void {
    const volume = this.#volumes.get(id);
    if (!volume) throw new Error(`no volume ${id}`);
    const { frames } = volume;
    let [former, oldest] = [frames.get(frame)?.texture, frame];
    if (!former && frames.size >= framesKept) {
      oldest = frames.keys().next().value ?? frame;
      former = frames.get(oldest)?.texture;
    }
    frames.delete(oldest);
    frames.set(frame, uploadVolume(this.gl, ready, volume.shape, volume.labels, former));
    this.#edition++;
  }

  setMesh(id: string, shape: MeshShape): void {
    this.#meshes.set(id, uploadMesh(this.gl, shape));
    this.#edition++;
  }

  mesh(id: string): MeshBuffer | undefined {
    return this.#meshes.get(id);
  }

  /** Bytes of textures on the graphics side. */
  get bytes(): number {
    let sum = 0;
    for (const { frames } of this.#volumes.values()) for (const frame of frames.values()) sum += frame.bytes;
    return sum;
  }

  /**
   * @param coarse the whole canvas at half the resolution, stretched by the page: for frames while a pointer drags, at a
   *   quarter of the cost
   */
  draw(asked: StagePicture, coarse = false): void {
    const { gl } = this;
    const picture = coarse ? { ...asked, ratio: asked.ratio / 2 } : asked;
    const [width, height] = [Math.round(picture.width * picture.ratio), Math.round(picture.height * picture.ratio)];
    if (this.element.width !== width || this.element.height !== height) {
      this.element.width = width;
      this.element.height = height;
      this.#drawn.clear();
    }
    const ids = picture.panes.map((p) => `${p.id} ${p.x} ${p.y} ${p.width} ${p.height}`).join();
    if (this.#drawn.get("panes") !== ids) {
      this.#drawn.clear();
      this.#drawn.set("panes", ids);
      gl.disable(gl.SCISSOR_TEST);
      gl.clearColor(0.13, 0.15, 0.18, 1);
      gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    }
    const layers = this.#stack.ready(picture.layers, this.#volumes);
    for (const pane of picture.panes) {
      const shown = pane.only ? layers.filter(({ id }, i) => i === 0 || id === pane.only) : layers;
      if (pane.kind === "3d") this.#solid(picture, pane, shown);
      else this.#cut(picture, pane, shown);
    }
  }

  /** Waits until everything asked for is on the canvas. */
  finish(): void {
    this.gl.readPixels(0, 0, 1, 1, this.gl.RGBA, this.gl.UNSIGNED_BYTE, new Uint8Array(4));
  }

  #fresh(pane: Pane, key: string): boolean {
    if (this.#drawn.get(pane.id) === key) return false;
    this.#drawn.set(pane.id, key);
    return true;
  }

  /** Device pixels of a pane, from the lower left as WebGL counts. */
  #box({ height, ratio }: StagePicture, pane: Pane): Box {
    const bottom = height - pane.y - pane.height;
    const [x, y, w, h] = [pane.x, bottom, pane.width, pane.height].map((v) => Math.round(v * ratio));
    return [x ?? 0, y ?? 0, w ?? 1, h ?? 1];
  }

  #cut(picture: StagePicture, pane: Pane, layers: readonly DrawnLayer[]): void {
    const view = paneView(picture, pane);
    if (!view) return;
    const { surfaces, dots, arrows, swipe } = picture;
    if (!this.#fresh(pane, JSON.stringify([view, layers, surfaces, dots, arrows, swipe, this.#edition]))) return;
    drawCut(this.#tools, picture, view, layers, this.#box(picture, pane));
  }

  #solid(picture: StagePicture, pane: Pane, layers: readonly DrawnLayer[]): void {
    const camera = paneCamera(picture, pane);
    const shows = picture.surfaces.some(({ painted }) => painted) || picture.planes3d;
    const { surfaces, dots, arrows, planes3d } = picture;
    const at = planes3d ? picture.position : undefined;
    const key = [camera, shows ? layers : [], surfaces, dots, arrows, at, this.#edition];
    if (!this.#fresh(pane, JSON.stringify(key))) return;
    const { gl } = this;
    const [x, y, width, height] = this.#box(picture, pane);
    gl.enable(gl.SCISSOR_TEST);
    gl.scissor(x, y, width, height);
    gl.viewport(x, y, width, height);
    gl.clearColor(0, 0, 0, 1);
    gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
    this.#scene.draw({
      picture,
      layers,
      volumes: this.#volumes,
      meshes: this.#meshes,
      matrix: cameraMatrix(camera),
      toward: cameraAxes(camera).toward,
      pixel: (camera.scale * camera.width) / width,
    });
    const tips = arrowLines(arrows, (point) => project(camera, point));
    this.#tools.lines.draw([tips], camera.width, camera.height);
  }
}
