/** Round dots of a given size in pixels: electrodes and optodes in space and near a cut. */
import type { DrawnDot } from "./picture.ts";
import type { Program } from "./program.ts";
import { link } from "./program.ts";
import { dotFragment, dotVertex } from "./shader.ts";
import { VertexStream } from "./vertex-stream.ts";

/** Red, green, blue in 0 ... 1 of "#rrggbb". */
export function tint(hex: string): [number, number, number] {
  const value = Number.parseInt(hex.slice(1), 16);
  return [((value >> 16) & 255) / 255, ((value >> 8) & 255) / 255, (value & 255) / 255];
}

export class Dots {
  readonly #gl: WebGL2RenderingContext;
  readonly #program: Program;
  readonly #vertices: VertexStream;

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.#program = link(gl, dotVertex, dotFragment);
    this.#vertices = new VertexStream(gl, 8, [
      { place: 0, size: 3, at: 0 },
      { place: 1, size: 4, at: 3 },
      { place: 2, size: 1, at: 7 },
    ]);
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
    this.#vertices.draw(Float32Array.from(data), () => gl.drawArrays(gl.POINTS, 0, dots.length));
  }
}
