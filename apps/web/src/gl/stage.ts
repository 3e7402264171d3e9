/**
 * One WebGL2 canvas with a scissored pane per cut and one in 3D. Every layer is sampled when a pane is drawn, so that a
 * change of window, opacity or time costs one frame; panes whose picture has not changed keep their pixels.
 */
import type { Point } from "@quintet/core";
import type { Pane } from "@quintet/view";
import { cameraAxes, cameraMatrix, planeFrame } from "@quintet/view";
import type { MeshBuffer } from "./mesh-buffer.ts";
import { uploadMesh } from "./mesh-buffer.ts";
import type { DrawnLayer, StagePicture } from "./picture.ts";
import type { Program } from "./program.ts";
import { Scene3d } from "./scene-3d.ts";
import type { HeldVolume } from "./stack.ts";
import { Stack } from "./stack.ts";
import type { VoxelData } from "./volume-texture.ts";
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
  #small: { framebuffer: WebGLFramebuffer; width: number; height: number } | undefined;
  /** Changes with every texture or mesh given. */
  #edition = 0;

  /** @throws Error when this browser draws no WebGL2 */
  constructor(canvas: HTMLCanvasElement) {
    const gl = canvas.getContext("webgl2", {
      antialias: false,
      alpha: true,
      depth: true,
      preserveDrawingBuffer: true,
      powerPreference: "high-performance",
    });
    if (!gl) throw new Error("no-webgl2");
    this.gl = gl;
    this.element = canvas;
    this.#stack = new Stack(gl);
    this.#scene = new Scene3d(gl, this.#stack);
  }

  declare(id: string, grid: Omit<HeldVolume, "frames">): void {
    this.#volumes.set(id, { ...grid, frames: this.#volumes.get(id)?.frames ?? new Map() });
    this.#edition++;
  }

  hasFrame(id: string, frame: number): boolean {
    return this.#volumes.get(id)?.frames.has(frame) ?? false;
  }

  /** @throws Error for a volume that was not declared or is too large for the graphics */
  setFrame(id: string, frame: number, data: VoxelData): void {
    const volume = this.#volumes.get(id);
    if (!volume) throw new Error(`no volume ${id}`);
    const { frames } = volume;
    const held = frames.get(frame);
    if (held) this.gl.deleteTexture(held.texture);
    frames.set(frame, uploadVolume(this.gl, data, volume.shape, volume.labels));
    for (const old of frames.keys()) {
      if (frames.size <= framesKept) break;
      this.gl.deleteTexture(frames.get(old)?.texture ?? null);
      frames.delete(old);
    }
    this.#edition++;
  }

  setMesh(id: string, vertices: Float32Array, faces: Uint32Array): void {
    this.#meshes.set(id, uploadMesh(this.gl, vertices, faces));
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

  /** @param coarse half the resolution in the cuts: for frames while a pointer drags */
  draw(picture: StagePicture, coarse = false): void {
    const { gl } = this;
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
      else this.#cut(picture, pane, shown, coarse);
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
  #box({ height, ratio }: StagePicture, pane: Pane): [number, number, number, number] {
    const bottom = height - pane.y - pane.height;
    return [pane.x, bottom, pane.width, pane.height].map((v) => Math.round(v * ratio)) as [
      number,
      number,
      number,
      number,
    ];
  }

  #cut(picture: StagePicture, pane: Pane, layers: readonly DrawnLayer[], coarse: boolean): void {
    const view = paneView(picture, pane);
    if (!view) return;
    if (!this.#fresh(pane, JSON.stringify([view, layers, picture.swipe, this.#edition, coarse]))) return;
    const { gl } = this;
    const [x, y, width, height] = this.#box(picture, pane);
    const { corner, right, down } = planeFrame(view);
    const program = this.#stack.select("slice", layers);
    this.#stack.bind(program, layers, this.#volumes);
    const across = (v: Point, pixels: number): [number, number, number] => [
      v[0] * pixels,
      v[1] * pixels,
      v[2] * pixels,
    ];
    gl.uniform3fv(program.uniform("corner"), corner);
    gl.uniform3fv(program.uniform("right"), across(right, pane.width));
    gl.uniform3fv(program.uniform("down"), across(down, pane.height));
    gl.uniform3f(program.uniform("base"), 0, 0, 0);
    this.#shared(program, picture, pane);
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.BLEND);
    if (coarse) {
      const [w, h] = [Math.ceil(width / 2), Math.ceil(height / 2)];
      const small = this.#half(w, h);
      gl.bindFramebuffer(gl.FRAMEBUFFER, small);
      gl.disable(gl.SCISSOR_TEST);
      gl.viewport(0, 0, w, h);
      gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
      gl.bindFramebuffer(gl.DRAW_FRAMEBUFFER, null);
      gl.blitFramebuffer(0, 0, w, h, x, y, x + width, y + height, gl.COLOR_BUFFER_BIT, gl.LINEAR);
      gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    } else {
      gl.enable(gl.SCISSOR_TEST);
      gl.scissor(x, y, width, height);
      gl.viewport(x, y, width, height);
      gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
    }
  }

  #shared(program: Program, picture: StagePicture, pane: Pane): void {
    const { gl } = this;
    gl.uniform1f(program.uniform("opaque"), 1);
    gl.uniform1f(program.uniform("hollow"), 0);
    gl.uniform1f(program.uniform("swipe"), picture.swipe);
    gl.uniform2f(program.uniform("checks"), pane.width / 48, pane.height / 48);
  }

  #half(width: number, height: number): WebGLFramebuffer {
    const { gl } = this;
    const held = this.#small;
    if (held && held.width >= width && held.height >= height) return held.framebuffer;
    if (held) gl.deleteFramebuffer(held.framebuffer);
    const texture = gl.createTexture();
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
    const framebuffer = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    this.#small = { framebuffer, width, height };
    return framebuffer;
  }

  #solid(picture: StagePicture, pane: Pane, layers: readonly DrawnLayer[]): void {
    const camera = paneCamera(picture, pane);
    const shows = picture.surfaces.some(({ painted }) => painted) || picture.planes3d;
    const { surfaces, dots, planes3d, depth } = picture;
    const at = planes3d ? picture.position : undefined;
    if (!this.#fresh(pane, JSON.stringify([camera, shows ? layers : [], surfaces, dots, at, depth, this.#edition])))
      return;
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
    });
  }
}
