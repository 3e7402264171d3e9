/** Round dots of a given size in pixels: electrodes and optodes in space and near a cut. */
import type { DrawnDot } from "./picture.ts";
import type { Program } from "./program.ts";
import { link } from "./program.ts";
import { dotFragment, dotVertex } from "./shader.ts";

/** Red, green, blue in 0 ... 1 of "#rrggbb". */
export function tint(hex: string): [number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16);
  return [((value >> 16) & 255) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}

export class Dots {
  readonly #gl: WebGL2RenderingContext;
  readonly #program: Program;
  readonly #array: WebGLVertexArrayObject;
  readonly #buffer: WebGLBuffer;

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.#program = link(gl, dotVertex, dotFragment);
    this.#array = gl.createVertexArray();
    this.#buffer = gl.createBuffer();
    gl.bindVertexArray(this.#array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffer);
    for (const [place, size, at] of [
      [0, 3, 0],
      [1, 4, 12],
      [2, 1, 28],
    ] as const) {
      gl.enableVertexAttribArray(place);
      gl.vertexAttribPointer(place, size, gl.FLOAT, false, 32, at);
    }
    gl.bindVertexArray(null);
  }

  /**
   * @param matrix world mm (or whatever positions are in) -> clip space, column-major
   * @param ratio device pixels per CSS pixel
   */
  draw(dots: readonly DrawnDot[], matrix: Float32Array, ratio: number): void {
    if (dots.length === 0) return;
    const gl = this.#gl;
    const data = dots.flatMap(({ position, colour, size, clear = 1 }) => [
      ...position,
      ...tint(colour),
      clear,
      size * ratio,
    ]);
    gl.useProgram(this.#program.program);
    gl.uniformMatrix4fv(this.#program.uniform("camera"), false, matrix);
    gl.bindVertexArray(this.#array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffer);
    gl.bufferData(gl.ARRAY_BUFFER, Float32Array.from(data), gl.DYNAMIC_DRAW);
    gl.drawArrays(gl.POINTS, 0, dots.length);
    gl.bindVertexArray(null);
  }
}
