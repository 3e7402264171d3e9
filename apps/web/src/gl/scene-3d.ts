/** The 3D pane: cuts as planes, surfaces with the layers painted on them, electrodes and optodes. */
import type { Point } from "@quintet/core";
import type { Dots } from "./dots.ts";
import { tint } from "./dots.ts";
import type { MeshBuffer } from "./mesh-buffer.ts";
import type { DrawnLayer, StagePicture } from "./picture.ts";
import type { Program } from "./program.ts";
import type { HeldVolume, Stack } from "./stack.ts";
import { seenBox } from "./stack.ts";
import { VertexStream } from "./vertex-stream.ts";

interface View3d {
  readonly picture: StagePicture;
  readonly layers: readonly DrawnLayer[];
  readonly volumes: ReadonlyMap<string, HeldVolume>;
  readonly meshes: ReadonlyMap<string, MeshBuffer>;
  readonly matrix: Float32Array;
  readonly toward: Point;
  /** mm. */
  readonly pixel: number;
}

export class Scene3d {
  readonly #gl: WebGL2RenderingContext;
  readonly #stack: Stack;
  readonly #dots: Dots;
  readonly #corners: VertexStream;

  constructor(gl: WebGL2RenderingContext, stack: Stack, dots: Dots) {
    this.#gl = gl;
    this.#stack = stack;
    this.#dots = dots;
    // Where a corner stands is where it reads the layers.
    this.#corners = new VertexStream(gl, 3, [
      { place: 0, size: 3, at: 0 },
      { place: 2, size: 3, at: 0 },
    ]);
  }

  draw(view: View3d): void {
    const gl = this.#gl;
    const { picture } = view;
    gl.enable(gl.DEPTH_TEST);
    gl.disable(gl.BLEND);
    if (picture.planes3d) this.#planes(view);
    // What lets light through is drawn after what does not.
    const sorted = [...picture.surfaces].sort((a, b) => b.opacity - a.opacity);
    for (const surface of sorted.filter(({ opacity }) => opacity >= 1)) this.#surface(view, surface);
    if (!picture.surfaces.some(({ inflated }) => inflated)) this.#dots.draw(picture.dots, view.matrix, picture.ratio);
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.SRC_ALPHA, gl.ONE_MINUS_SRC_ALPHA);
    for (const surface of sorted.filter(({ opacity }) => opacity > 0 && opacity < 1)) {
      // Depth first, then colour once: inner folds of a clear surface do not add up.
      gl.colorMask(false, false, false, false);
      this.#surface(view, surface);
      gl.colorMask(true, true, true, false);
      gl.depthFunc(gl.LEQUAL);
      this.#surface(view, surface);
      gl.depthFunc(gl.LESS);
      gl.colorMask(true, true, true, true);
    }
    gl.disable(gl.BLEND);
    gl.disable(gl.DEPTH_TEST);
    gl.bindVertexArray(null);
  }

  #mesh(view: View3d, layers: readonly DrawnLayer[], base: Point, opacity: number): Program {
    const gl = this.#gl;
    const program = this.#stack.select("mesh", layers);
    this.#stack.bind(program, layers, view.volumes, view.pixel);
    gl.uniformMatrix4fv(program.uniform("camera"), false, view.matrix);
    gl.uniform3fv(program.uniform("toward"), view.toward as unknown as Float32List);
    gl.uniform3fv(program.uniform("base"), base as unknown as Float32List);
    gl.uniform1f(program.uniform("opaque"), opacity);
    gl.uniform1f(program.uniform("swipe"), 1);
    gl.uniform2f(program.uniform("checks"), 1, 1);
    gl.uniform1f(program.uniform("hollow"), 0);
    return program;
  }

  #surface(view: View3d, surface: StagePicture["surfaces"][number]): void {
    const gl = this.#gl;
    const mesh = view.meshes.get(surface.id);
    if (!mesh) return;
    const painted = surface.painted
      ? view.layers.filter((_, i) => i > 0).map((layer): DrawnLayer => ({ ...layer, part: "all" }))
      : [];
    this.#mesh(view, painted, tint(surface.colour), surface.opacity);
    gl.bindVertexArray(mesh.array);
    gl.drawElements(gl.TRIANGLES, mesh.indices, gl.UNSIGNED_INT, 0);
    gl.bindVertexArray(null);
  }

  /** The three cuts through the cursor, as wide as there is something to see. */
  #planes(view: View3d): void {
    const gl = this.#gl;
    const { position } = view.picture;
    const box = seenBox(view.layers, view.volumes);
    if (!box) return;
    const corners: number[] = [];
    for (const normal of [0, 1, 2] as const) {
      if (position[normal] < box.low[normal] || position[normal] > box.high[normal]) continue;
      for (let corner = 0; corner < 8; corner++) {
        if ((corner >> normal) & 1) continue;
        const end = (k: 0 | 1 | 2): number => ((corner >> k) & 1 ? box.high : box.low)[k];
        corners.push(...([0, 1, 2] as const).map((k) => (k === normal ? position[k] : end(k))));
      }
    }
    const whole = view.layers.map((layer): DrawnLayer => ({ ...layer, part: "all" }));
    const program = this.#mesh(view, whole, [0, 0, 0], 1);
    gl.uniform1f(program.uniform("hollow"), 1);
    this.#corners.draw(Float32Array.from(corners), () => {
      gl.vertexAttrib3f(1, 0, 0, 0);
      for (let k = 0; 12 * k < corners.length; k++) gl.drawArrays(gl.TRIANGLE_STRIP, 4 * k, 4);
    });
  }
}
