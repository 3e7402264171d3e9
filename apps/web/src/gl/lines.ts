/** Lines of a given width in pixels of a pane: outlines of surfaces where a cut meets them, arrows of sources. */
import { tint } from "./dots.ts";
import type { Program } from "./program.ts";
import { link } from "./program.ts";
import { lineFragment, lineVertex } from "./shader.ts";
import { VertexStream } from "./vertex-stream.ts";

export interface LineSet {
  /** [x0, y0, x1, y1] per segment, pixels from the pane's upper left corner. */
  readonly segments: Float32Array;
  readonly colour: string;
  readonly width: number;
}

export class Lines {
  readonly #gl: WebGL2RenderingContext;
  readonly #program: Program;
  readonly #vertices: VertexStream;

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.#program = link(gl, lineVertex, lineFragment);
    this.#vertices = new VertexStream(gl, 2, [{ place: 0, size: 2, at: 0 }]);
  }

  draw(sets: readonly LineSet[], width: number, height: number): void {
    const gl = this.#gl;
    for (const set of sets) {
      if (set.segments.length === 0) continue;
      gl.useProgram(this.#program.program);
      gl.uniform2f(this.#program.uniform("size"), width, height);
      gl.uniform3fv(this.#program.uniform("tint"), tint(set.colour));
      const corners = ribbon(set.segments, set.width / 2);
      this.#vertices.draw(corners, () => gl.drawArrays(gl.TRIANGLES, 0, corners.length / 2));
    }
  }
}

/** Two triangles about each segment, a little longer than it so that joints close. */
function ribbon(segments: Float32Array, half: number): Float32Array {
  const out = new Float32Array(3 * segments.length);
  for (let s = 0, o = 0; s < segments.length; s += 4) {
    const [x0, y0, x1, y1] = segments.subarray(s, s + 4) as unknown as [number, number, number, number];
    const length = Math.hypot(x1 - x0, y1 - y0) || 1;
    const [ux, uy] = [((x1 - x0) / length) * half, ((y1 - y0) / length) * half];
    const [ax, ay, bx, by] = [x0 - ux / 2, y0 - uy / 2, x1 + ux / 2, y1 + uy / 2];
    const corners = [
      ax - uy,
      ay + ux,
      ax + uy,
      ay - ux,
      bx - uy,
      by + ux,
      bx - uy,
      by + ux,
      ax + uy,
      ay - ux,
      bx + uy,
      by - ux,
    ];
    out.set(corners, o);
    o += 12;
  }
  return out;
}
