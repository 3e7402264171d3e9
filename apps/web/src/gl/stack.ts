/** Binds a stack of layers to the uniforms of the blend's programs. */
import type { Point } from "@quintet/core";
import { affineOf, apply, invert, multiply } from "@quintet/core";
import type { ColourMapName } from "@quintet/view";
import { alphaRamp, colourMapNames, colourTable, visibleBox } from "@quintet/view";
import type { DrawnLayer } from "./picture.ts";
import type { Program } from "./program.ts";
import { link } from "./program.ts";
import type { LayerKind, ShaderForm } from "./shader.ts";
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

  select(form: ShaderForm, layers: readonly DrawnLayer[]): Program {
    const gl = this.#gl;
    const kinds = layers.map(
      ({ kind, confidence, part, look }): LayerKind => ({
        kind,
        confidence: confidence !== undefined,
        parted: part !== "all",
        magnitude: alphaRamp(look).magnitude,
      }),
    );
    const key = `${form} ${kindsKey(kinds)}`;
    let program = this.#programs.get(key);
    if (!program) {
      program = link(gl, form === "slice" ? sliceVertex(kinds) : meshVertex(kinds), fragment(form, kinds));
      this.#programs.set(key, program);
    }
    gl.useProgram(program.program);
    return program;
  }

  /** @param pixel mm of one pixel: how far apart an edge is looked for */
  bind(program: Program, layers: readonly DrawnLayer[], volumes: ReadonlyMap<string, HeldVolume>, pixel: number): void {
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
      const affine = affineIn(layer, volume);
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
      const box = boxOf(layer, frame);
      gl.uniform3fv(program.uniform(`low${i}`), box.low as number[]);
      gl.uniform3fv(program.uniform(`high${i}`), box.high as number[]);
      const until = Math.min(ramp.until, 3e38);
      gl.uniform4f(program.uniform(`ramp${i}`), ramp.from, 1 / (ramp.full - ramp.from), until, ramp.magnitude ? 1 : 0);
      const part = { all: 0, swipe: 1, checks: 2 }[layer.part];
      gl.uniform4f(program.uniform(`look${i}`), look.opacity, rowOf(look.colourMap), part, 1.5 / pixel);
    }
  }
}

const affineIn = ({ nudge }: DrawnLayer, { affine }: HeldVolume): Float64Array =>
  nudge ? multiply(affineOf(nudge), affineOf(affine)) : affineOf(affine);

interface Box {
  readonly low: readonly number[];
  readonly high: readonly number[];
}

const boxes = new WeakMap<VolumeTexture, { readonly key: string; readonly box: Box }>();

/** Looked for once per window of a frame: it walks all blocks of the volume. */
function boxOf({ kind, look, unitScale }: DrawnLayer, frame: VolumeTexture): Box {
  if (kind !== "value") return whole;
  const ramp = alphaRamp(look);
  const key = `${ramp.from} ${ramp.until} ${ramp.magnitude} ${unitScale}`;
  const held = boxes.get(frame);
  if (held?.key === key) return held.box;
  const box = visibleBox(frame.ranges, ramp, unitScale);
  boxes.set(frame, { key, box });
  return box;
}

/**
 * The box in the world, mm, that holds all that can be seen of the layers: their visible boxes' corners, moved.
 * Undefined when nothing can.
 */
export function seenBox(
  layers: readonly DrawnLayer[],
  volumes: ReadonlyMap<string, HeldVolume>,
): { readonly low: Point; readonly high: Point } | undefined {
  const low: [number, number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  const high: [number, number, number] = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const layer of layers) {
    const volume = volumes.get(layer.id);
    const frame = volume?.frames.get(layer.frame);
    if (!volume || !frame) continue;
    const box = boxOf(layer, frame);
    if (!((box.low[0] as number) <= (box.high[0] as number))) continue;
    const affine = affineIn(layer, volume);
    for (let corner = 0; corner < 8; corner++) {
      const voxel = [0, 1, 2].map(
        (k) => (((corner >> k) & 1 ? box.high : box.low)[k] as number) * (volume.shape[k] as number) - 0.5,
      ) as unknown as Point;
      for (const [k, v] of apply(affine, voxel).entries()) {
        low[k] = Math.min(low[k] as number, v);
        high[k] = Math.max(high[k] as number, v);
      }
    }
  }
  return low[0] <= high[0] ? { low, high } : undefined;
}

const rowOf = (name: ColourMapName): number => colourMapNames.indexOf(name);
