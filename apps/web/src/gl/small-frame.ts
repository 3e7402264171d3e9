/** A picture of a lower resolution in graphics memory, and its stretching over a pane: frames while a pointer drags. */
import type { Program } from "./program.ts";
import { link } from "./program.ts";
import { stretchFragment, stretchVertex } from "./shader.ts";

interface Room {
  readonly framebuffer: WebGLFramebuffer;
  readonly texture: WebGLTexture;
  readonly width: number;
  readonly height: number;
}

export class SmallFrame {
  readonly #gl: WebGL2RenderingContext;
  readonly #program: Program;
  #held: Room | undefined;
  #used: readonly [number, number] = [1, 1];

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.#program = link(gl, stretchVertex, stretchFragment);
  }

  /** What is drawn from now on goes here, into width x height pixels at its lower left. */
  begin(width: number, height: number): void {
    const { framebuffer } = this.#room(width, height);
    this.#used = [width, height];
    this.#gl.bindFramebuffer(this.#gl.FRAMEBUFFER, framebuffer);
  }

  /** Back to the canvas, over the pixels x, y, width, height of it. */
  show(x: number, y: number, width: number, height: number): void {
    const gl = this.#gl;
    const held = this.#held;
    gl.bindFramebuffer(gl.FRAMEBUFFER, null);
    if (!held) return;
    gl.enable(gl.SCISSOR_TEST);
    gl.scissor(x, y, width, height);
    gl.viewport(x, y, width, height);
    gl.disable(gl.DEPTH_TEST);
    gl.disable(gl.BLEND);
    gl.useProgram(this.#program.program);
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, held.texture);
    gl.uniform1i(this.#program.uniform("small"), 0);
    gl.uniform2f(this.#program.uniform("share"), this.#used[0] / held.width, this.#used[1] / held.height);
    gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
  }

  #room(width: number, height: number): Room {
    const gl = this.#gl;
    const before = this.#held;
    if (before && before.width >= width && before.height >= height) return before;
    if (before) {
      gl.deleteFramebuffer(before.framebuffer);
      gl.deleteTexture(before.texture);
    }
    const texture = gl.createTexture();
    gl.activeTexture(gl.TEXTURE0);
    gl.bindTexture(gl.TEXTURE_2D, texture);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, width, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, null);
    for (const side of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, side, gl.LINEAR);
    for (const wrap of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, wrap, gl.CLAMP_TO_EDGE);
    const framebuffer = gl.createFramebuffer();
    gl.bindFramebuffer(gl.FRAMEBUFFER, framebuffer);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    const depth = gl.createRenderbuffer();
    gl.bindRenderbuffer(gl.RENDERBUFFER, depth);
    gl.renderbufferStorage(gl.RENDERBUFFER, gl.DEPTH_COMPONENT24, width, height);
    gl.framebufferRenderbuffer(gl.FRAMEBUFFER, gl.DEPTH_ATTACHMENT, gl.RENDERBUFFER, depth);
    this.#held = { framebuffer, texture, width, height };
    return this.#held;
  }
}
