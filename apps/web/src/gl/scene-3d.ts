/** The 3D pane: cuts as planes, surfaces with the layers painted on them, electrodes and optodes. */
import type { Point } from "@quintet/core";
import type { MeshBuffer } from "./mesh-buffer.ts";
import type { DrawnDot, DrawnLayer, StagePicture } from "./picture.ts";
import type { Program } from "./program.ts";
import { link } from "./program.ts";
import { dotFragment, dotVertex } from "./shader.ts";
import type { HeldVolume, Stack } from "./stack.ts";

interface View3d {
  readonly picture: StagePicture;
  readonly layers: readonly DrawnLayer[];
  readonly volumes: ReadonlyMap<string, HeldVolume>;
  readonly meshes: ReadonlyMap<string, MeshBuffer>;
  readonly matrix: Float32Array;
  readonly toward: Point;
}

/** Red, green, blue in 0 ... 1 of "#rrggbb". */
export function tint(hex: string): [number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16);
  return [((value >> 16) & 255) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}

export class Scene3d {
  readonly #gl: WebGL2RenderingContext;
  readonly #stack: Stack;
  readonly #dots: Program;
  readonly #dotArray: WebGLVertexArrayObject;
  readonly #dotBuffer: WebGLBuffer;
  readonly #planeArray: WebGLVertexArrayObject;
  readonly #planeBuffer: WebGLBuffer;

  constructor(gl: WebGL2RenderingContext, stack: Stack) {
    this.#gl = gl;
    this.#stack = stack;
    this.#dots = link(gl, dotVertex, dotFragment);
    this.#dotArray = gl.createVertexArray();
    this.#dotBuffer = gl.createBuffer();
    gl.bindVertexArray(this.#dotArray);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#dotBuffer);
    for (const [place, size, at] of [
      [0, 3, 0],
      [1, 4, 12],
      [2, 1, 28],
    ] as const) {
      gl.enableVertexAttribArray(place);
      gl.vertexAttribPointer(place, size, gl.FLOAT, false, 32, at);
    }
    this.#planeArray = gl.createVertexArray();
    this.#planeBuffer = gl.createBuffer();
    gl.bindVertexArray(this.#planeArray);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#planeBuffer);
    gl.enableVertexAttribArray(0);
    gl.vertexAttribPointer(0, 3, gl.FLOAT, false, 0, 0);
    gl.bindVertexArray(null);
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
    this.#points(picture.dots, view.matrix);
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

  #mesh(view: View3d, layers: readonly DrawnLayer[], base: Point, opacity: number, depth: number): Program {
    const gl = this.#gl;
    const program = this.#stack.select("mesh", layers);
    this.#stack.bind(program, layers, view.volumes);
    gl.uniformMatrix4fv(program.uniform("camera"), false, view.matrix);
    gl.uniform3fv(program.uniform("toward"), view.toward as unknown as Float32List);
    gl.uniform3fv(program.uniform("base"), base as unknown as Float32List);
    gl.uniform1f(program.uniform("opaque"), opacity);
    gl.uniform1f(program.uniform("depth"), depth);
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
    this.#mesh(view, painted, tint(surface.colour), surface.opacity, view.picture.depth);
    gl.bindVertexArray(mesh.array);
    gl.drawElements(gl.TRIANGLES, mesh.indices, gl.UNSIGNED_INT, 0);
    gl.bindVertexArray(null);
  }

  /** The three cuts through the cursor, as wide as the field of view. */
  #planes(view: View3d): void {
    const gl = this.#gl;
    const { position, centre, side } = view.picture;
    const half = side / 2;
    const corners: number[] = [];
    for (const normal of [0, 1, 2] as const) {
      const [u, v] = ([0, 1, 2] as const).filter((k) => k !== normal) as [0 | 1 | 2, 0 | 1 | 2];
      for (const [a, b] of [
        [-1, -1],
        [1, -1],
        [-1, 1],
        [1, 1],
      ] as const) {
        const p = [...centre] as [number, number, number];
        p[normal] = position[normal];
        p[u] += a * half;
        p[v] += b * half;
        corners.push(...p);
      }
    }
    const whole = view.layers.map((layer): DrawnLayer => ({ ...layer, part: "all" }));
    const program = this.#mesh(view, whole, [0, 0, 0], 1, 0);
    gl.uniform1f(program.uniform("hollow"), 1);
    gl.bindVertexArray(this.#planeArray);
    gl.vertexAttrib3f(1, 0, 0, 0);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#planeBuffer);
    gl.bufferData(gl.ARRAY_BUFFER, Float32Array.from(corners), gl.DYNAMIC_DRAW);
    for (let k = 0; k < 3; k++) gl.drawArrays(gl.TRIANGLE_STRIP, 4 * k, 4);
    gl.bindVertexArray(null);
  }

  #points(dots: readonly DrawnDot[], matrix: Float32Array): void {
    if (dots.length === 0) return;
    const gl = this.#gl;
    const data = dots.flatMap(({ position, colour, size }) => [...position, ...tint(colour), 1, size]);
    gl.useProgram(this.#dots.program);
    gl.uniformMatrix4fv(this.#dots.uniform("camera"), false, matrix);
    gl.bindVertexArray(this.#dotArray);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#dotBuffer);
    gl.bufferData(gl.ARRAY_BUFFER, Float32Array.from(data), gl.DYNAMIC_DRAW);
    gl.drawArrays(gl.POINTS, 0, dots.length);
    gl.bindVertexArray(null);
  }
}
