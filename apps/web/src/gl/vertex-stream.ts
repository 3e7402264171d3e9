/** Vertices that are given anew with each draw: one buffer, and where each attribute lies in it. */

export interface StreamAttribute {
  /** Location in the shader. */
  readonly place: number;
  /** Floats. */
  readonly size: number;
  /** First float of a vertex. */
  readonly at: number;
}

export class VertexStream {
  readonly #gl: WebGL2RenderingContext;
  readonly #array: WebGLVertexArrayObject;
  readonly #buffer: WebGLBuffer;

  /** @param floats of one vertex */
  constructor(gl: WebGL2RenderingContext, floats: number, attributes: readonly StreamAttribute[]) {
    this.#gl = gl;
    this.#array = gl.createVertexArray();
    this.#buffer = gl.createBuffer();
    gl.bindVertexArray(this.#array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffer);
    for (const { place, size, at } of attributes) {
      gl.enableVertexAttribArray(place);
      gl.vertexAttribPointer(place, size, gl.FLOAT, false, 4 * floats, 4 * at);
    }
    gl.bindVertexArray(null);
  }

  /** @param each called with the vertices bound: draws from them */
  draw(vertices: Float32Array, each: () => void): void {
    const gl = this.#gl;
    gl.bindVertexArray(this.#array);
    gl.bindBuffer(gl.ARRAY_BUFFER, this.#buffer);
    gl.bufferData(gl.ARRAY_BUFFER, vertices, gl.DYNAMIC_DRAW);
    each();
    gl.bindVertexArray(null);
  }
}
