import {
  type Affine,
  DataError,
  frameData,
  type Grid,
  invert,
  type LabelVolume,
  multiply,
  type Volume,
  voxelCount,
} from "@quintet/core";
import { wasmKernel } from "../wasm/wasm.ts";
import type { Interpolation } from "./resample.ref.ts";
import { type Sampler, sampler } from "./sample.ts";

export interface ResampleOptions {
  /** Default "linear". "cubic" is Keys' convolution (may overshoot), "nearest" keeps values. */
  readonly interpolation?: Interpolation;
  /** Value beyond the source's outer voxel faces; default 0. */
  readonly outside?: number;
}

/**
 * An image on another grid.
 *
 *   out(v) = in(A_s^-1 T A_t v),   T = `targetToSource`: target world mm -> source world mm
 *
 * The source ends at the outer faces of its edge voxels; beyond lies `outside`, and in the outermost half voxel the
 * edge value is held. Every frame is resampled alone; unit, frames and clock are kept, the space is the target's.
 *
 * Tolerance of the fast forms against the reference: 2e-6 of the value range (float32 interpolation weights), except
 * that a sample within rounding of the outer faces may fall on either side.
 *
 * @throws DataError `singular-affine`, `shape-mismatch`
 */
export function resample<V extends Volume>(
  source: V,
  target: Grid,
  targetToSource: Affine,
  { interpolation = "linear", outside = 0 }: ResampleOptions = {},
): V {
  const voxelToVoxel = multiply(invert(source.affine), multiply(targetToSource, target.affine));
  refuseBadShapes(source, target, source.frames.length);
  const n = voxelCount(target);
  const data = new Float32Array(n * source.frames.length);
  const fast = interpolation === "linear" ? resampleFrameWasm() : undefined;
  for (let t = 0; t < source.frames.length; t++) {
    const [from, to] = [frameData(source, t), data.subarray(t * n, (t + 1) * n)];
    if (fast) fast(from, source.shape, voxelToVoxel, target.shape, outside, to);
    else fill(sampler(from, source.shape, interpolation, outside), voxelToVoxel, target.shape, to);
  }
  return { ...source, shape: target.shape, affine: target.affine, space: target.space, data };
}

/**
 * A label image on another grid: the label of the nearest voxel; 0 outside.
 * @throws DataError `singular-affine`, `shape-mismatch`
 */
export function resampleLabels(source: LabelVolume, target: Grid, targetToSource: Affine): LabelVolume {
  const voxelToVoxel = multiply(invert(source.affine), multiply(targetToSource, target.affine));
  refuseBadShapes(source, target, 1);
  const data = sameKind(source.data, voxelCount(target));
  fill(sampler(source.data, source.shape, "nearest", 0), voxelToVoxel, target.shape, data);
  return { shape: target.shape, affine: target.affine, space: target.space, names: source.names, data };
}

/** @throws DataError `shape-mismatch` */
export function refuseBadShapes(
  source: Grid & { readonly data: ArrayLike<number> },
  target: Grid,
  frames: number,
): void {
  for (const [grid, name] of [
    [source, "source"],
    [target, "target"],
  ] as const) {
    if (!grid.shape.every((n) => Number.isInteger(n) && n > 0)) {
      throw new DataError("shape-mismatch", `the ${name} grid must have voxels`, { found: grid.shape.join(" x ") });
    }
  }
  if (source.data.length !== voxelCount(source) * frames) {
    throw new DataError("shape-mismatch", "the source must fill its shape", {
      expected: `${source.shape.join(" x ")} x ${frames} values`,
      found: `${source.data.length}`,
    });
  }
}

export function sameKind(data: LabelVolume["data"], n: number): LabelVolume["data"] {
  if (data instanceof Uint8Array) return new Uint8Array(n);
  return data instanceof Uint16Array ? new Uint16Array(n) : new Int32Array(n);
}

type Shape = Grid["shape"];
interface Writable {
  [index: number]: number;
}

function fill(sample: Sampler, m: Affine, [nx, ny, nz]: Shape, out: Writable): void {
  const at = (i: number): number => m[i] as number;
  const [mx, my, mz] = [at(0), at(4), at(8)];
  let voxel = 0;
  for (let z = 0; z < nz; z++) {
    for (let y = 0; y < ny; y++) {
      const bx = at(1) * y + at(2) * z + at(3);
      const by = at(5) * y + at(6) * z + at(7);
      const bz = at(9) * y + at(10) * z + at(11);
      for (let x = 0; x < nx; x++) out[voxel++] = sample(bx + mx * x, by + my * x, bz + mz * x);
    }
  }
}

type ResampleFrame = (
  data: Float32Array,
  shape: Shape,
  voxelToVoxel: Affine,
  target: Shape,
  outside: number,
  out: Float32Array,
) => void;

/** Memory: [12 float64 of the map][source][target], by byte offset. */
function resampleFrameWasm(): ResampleFrame | undefined {
  const make = wasmKernel("resample");
  if (!make) return undefined;
  return (data, shape, voxelToVoxel, target, outside, out) => {
    const source = 128;
    const result = source + 4 * data.length;
    const { memory, exports } = make(result + 4 * out.length);
    new Float64Array(memory.buffer, 0, 12).set(voxelToVoxel.subarray(0, 12));
    new Float32Array(memory.buffer, source, data.length).set(data);
    exports.linear?.(0, source, ...shape, result, ...target, outside);
    out.set(new Float32Array(memory.buffer, result, out.length));
  };
}
