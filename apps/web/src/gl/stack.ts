/** Binds a stack of layers to the uniforms of the blend's programs. */
import { affineOf, invert, multiply } from "@quintet/core";
import type { ColourMapName } from "@quintet/view";
import { alphaRamp, colourMapNames, colourTable, visibleBox } from "@quintet/view";
import type { DrawnLayer } from "./picture.ts";
import type { Program } from "./program.ts";
import { link } from "./program.ts";
import type { LayerKind } from "./shader.ts";
import { fragment, kindsKey, meshVertex, sliceVertex } from "./shader.ts";
import type { VolumeTexture } from "./volume-texture.ts";
import { worldToTexture } from "./volume-texture.ts";

/** A volume the stage knows: where its voxels lie and the frames that were given. */
export interface HeldVolume {
  readonly shape: readonly [number, number, number];
  readonly affine: readonly number[];
  readonly labels: boolean;
  readonly frames: Map<number, VolumeTexture>;
}

/** WebGL2 promises 16 textures per program; a layer takes one or two, the colour tables one. */
const mostTextures = 15;
const whole = { low: [0, 0, 0], high: [1, 1, 1] };

export class Stack {
  readonly #gl: WebGL2RenderingContext;
  readonly #tables: WebGLTexture;
  readonly #programs = new Map<string, Program>();

  constructor(gl: WebGL2RenderingContext) {
    this.#gl = gl;
    this.#tables = gl.createTexture();
    const rows = colourMapNames.flatMap((name) => colourTable(name).flatMap(([r, g, b]) => [r, g, b, 255]));
    gl.bindTexture(gl.TEXTURE_2D, this.#tables);
    for (const side of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER])
      gl.texParameteri(gl.TEXTURE_2D, side, gl.NEAREST);
    const height = colourMapNames.length;
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA8, 256, height, 0, gl.RGBA, gl.UNSIGNED_BYTE, Uint8Array.from(rows));
  }

  /** Layers whose textures are there, as many as the graphics can hold. */
  ready(layers: readonly DrawnLayer[], volumes: ReadonlyMap<string, HeldVolume>): DrawnLayer[] {
    const shown: DrawnLayer[] = [];
    let textures = 0;
    for (const layer of layers) {
      if (!volumes.get(layer.id)?.frames.has(layer.frame) || layer.look.opacity === 0) continue;
      const sure = layer.confidence !== undefined && volumes.get(layer.confidence)?.frames.has(0);
      textures += sure ? 2 : 1;
      if (textures > mostTextures) break;
      const { confidence: _, ...rest } = layer;
      shown.push(sure ? layer : rest);
    }
    return shown;
  }

  select(form: "slice" | "mesh", layers: readonly DrawnLayer[]): Program {
    const gl = this.#gl;
    const kinds = layers.map(({ kind, confidence }): LayerKind => ({ kind, confidence: confidence !== undefined }));
    const key = `${form}-${kindsKey(kinds)}`;
    let program = this.#programs.get(key);
    if (!program) {
      program = link(gl, form === "slice" ? sliceVertex(kinds) : meshVertex(kinds), fragment(kinds));
      this.#programs.set(key, program);
    }
    gl.useProgram(program.program);
    return program;
  }

  bind(program: Program, layers: readonly DrawnLayer[], volumes: ReadonlyMap<string, HeldVolume>): void {
    const gl = this.#gl;
    let unit = 0;
    const texture = (target: number, held: WebGLTexture, name: string): void => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(target, held);
      gl.uniform1i(program.uniform(name), unit++);
    };
    texture(gl.TEXTURE_2D, this.#tables, "tables");
    for (const [i, layer] of layers.entries()) {
      const volume = volumes.get(layer.id);
      const frame = volume?.frames.get(layer.frame);
      if (!volume || !frame) continue;
      texture(gl.TEXTURE_3D, frame.texture, `volume${i}`);
      const affine = layer.nudge ? multiply(affineOf(layer.nudge), affineOf(volume.affine)) : affineOf(volume.affine);
      gl.uniformMatrix4fv(program.uniform(`toTexture${i}`), false, worldToTexture(affine, volume.shape));
      const confidence = layer.confidence === undefined ? undefined : volumes.get(layer.confidence);
      const sure = confidence?.frames.get(0);
      if (confidence && sure) {
        texture(gl.TEXTURE_3D, sure.texture, `confidence${i}`);
        const matrix = worldToTexture(
          multiply(affine, multiply(invert(affineOf(volume.affine)), affineOf(confidence.affine))),
          confidence.shape,
        );
        gl.uniformMatrix4fv(program.uniform(`toConfidence${i}`), false, matrix);
      }
      const { look, unitScale } = layer;
      const [low, high] = look.range;
      const span = high - low || 1;
      const ramp = alphaRamp(look);
      gl.uniform4f(
        program.uniform(`value${i}`),
        frame.scale * unitScale,
        frame.offset * unitScale,
        1 / span,
        -low / span,
      );
      const box = layer.kind === "value" ? visibleBox(frame.ranges, ramp, unitScale) : whole;
      gl.uniform3fv(program.uniform(`low${i}`), box.low as number[]);
      gl.uniform3fv(program.uniform(`high${i}`), box.high as number[]);
      const until = Math.min(ramp.until, 3e38);
      gl.uniform4f(program.uniform(`ramp${i}`), ramp.from, 1 / (ramp.full - ramp.from), until, ramp.magnitude ? 1 : 0);
      const part = { all: 0, swipe: 1, checks: 2 }[layer.part];
      gl.uniform4f(program.uniform(`look${i}`), look.opacity, rowOf(look.colourMap), part, 0);
    }
  }
}

const rowOf = (name: ColourMapName): number => colourMapNames.indexOf(name);
