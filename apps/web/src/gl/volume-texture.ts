/**
 * One frame of a volume as a 3D texture.
 *
 * Bytes stay bytes (R8); everything else becomes 32-bit floats where the graphics filter them, which software drawing
 * does three times faster than half floats. Elsewhere, and above 40 million voxels, (v - low) / (high - low) in half
 * floats: 11 bits over the frame's own span, more than a screen shows. The readout never reads from here.
 */
import type { Affine } from "@quintet/core";
import { affineOf, invert } from "@quintet/core";
import type { BlockRanges } from "@quintet/view";
import type { ReadyFrame } from "../data/ready-frame.ts";
import { extremes } from "../data/ready-frame.ts";

export interface VolumeTexture {
  readonly texture: WebGLTexture;
  /** Stored number * scale + offset = voxel value. */
  readonly scale: number;
  readonly offset: number;
  readonly bytes: number;
  /** Where there is something to see. */
  readonly ranges: BlockRanges;
}

const mostFloats = 40e6;

/** Half floats of (v - low) / (high - low): all lie in 0 ... 1, so exponent and mantissa fall out of one multiply. */
function halves(data: Float32Array, low: number, high: number): Uint16Array {
  const out = new Uint16Array(data.length);
  const word = new Float32Array(1);
  const bits = new Uint32Array(word.buffer);
  const zero = Math.min(1, Math.max(0, -low / (high - low)));
  // 2^-112 moves a float's exponent into half's range; the upper bits are then the half itself, rounded to nearest.
  const rebias = 2 ** -112;
  for (let i = 0; i < data.length; i++) {
    const v = data[i] as number;
    const t = (v - low) / (high - low);
    word[0] = (Number.isNaN(t) ? zero : t) * rebias;
    out[i] = ((bits[0] as number) + 0x1000) >>> 13;
  }
  return out;
}

/** How a frame lies on the graphics side. */
type Form = { readonly inside: number; readonly type: number; readonly data: ArrayBufferView } & Pick<
  VolumeTexture,
  "scale" | "offset" | "bytes"
>;

function formOf(gl: WebGL2RenderingContext, data: ReadyFrame["drawn"], labels: boolean): Form {
  if (data instanceof Uint8Array)
    return { inside: gl.R8, type: gl.UNSIGNED_BYTE, data, scale: 255, offset: 0, bytes: data.length };
  const floats = labels || (data.length <= mostFloats && gl.getExtension("OES_texture_float_linear") !== null);
  if (floats) return { inside: gl.R32F, type: gl.FLOAT, data, scale: 1, offset: 0, bytes: 4 * data.length };
  const [low, high] = extremes(data);
  return {
    inside: gl.R16F,
    type: gl.HALF_FLOAT,
    data: halves(data, low, high),
    scale: high - low,
    offset: low,
    bytes: 2 * data.length,
  };
}

/**
 * @param former texture of another frame of the same volume that is needed no more: its memory is written over
 */
export function uploadVolume(
  gl: WebGL2RenderingContext,
  { drawn, ranges }: ReadyFrame,
  [nx, ny, nz]: readonly [number, number, number],
  labels: boolean,
  former?: WebGLTexture,
): VolumeTexture {
  const most = gl.getParameter(gl.MAX_3D_TEXTURE_SIZE) as number;
  if (Math.max(nx, ny, nz) > most)
    throw new Error(`${nx} x ${ny} x ${nz} voxels; this browser's graphics draw at most ${most} along an edge`);
  const { inside, type, data, scale, offset, bytes } = formOf(gl, drawn, labels);
  const texture = former ?? gl.createTexture();
  gl.bindTexture(gl.TEXTURE_3D, texture);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  if (former) gl.texSubImage3D(gl.TEXTURE_3D, 0, 0, 0, 0, nx, ny, nz, gl.RED, type, data);
  else {
    const filter = labels ? gl.NEAREST : gl.LINEAR;
    gl.texParameteri(gl.TEXTURE_3D, gl.TEXTURE_MIN_FILTER, filter);
    gl.texParameteri(gl.TEXTURE_3D, gl.TEXTURE_MAG_FILTER, filter);
    for (const wrap of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T, gl.TEXTURE_WRAP_R])
      gl.texParameteri(gl.TEXTURE_3D, wrap, gl.CLAMP_TO_EDGE);
    gl.texImage3D(gl.TEXTURE_3D, 0, inside, nx, ny, nz, 0, gl.RED, type, data);
  }
  return { texture, scale, offset, bytes, ranges };
}

/**
 * World mm -> texture coordinates (0 at the first voxel's outer face), column-major for GLSL:
 *   t = (inv(A) p + 1/2) / n
 */
export function worldToTexture(
  affine: readonly number[] | Affine,
  shape: readonly [number, number, number],
): Float32Array {
  const inverse = invert(affineOf(affine));
  const out = new Float32Array(16);
  for (let row = 0; row < 3; row++) {
    const n = shape[row] as number;
    for (let column = 0; column < 3; column++) out[4 * column + row] = (inverse[4 * row + column] as number) / n;
    out[12 + row] = ((inverse[4 * row + 3] as number) + 0.5) / n;
  }
  out[15] = 1;
  return out;
}
