import { DataError } from "@quintet/core";
import { type LinearOperator, nufft } from "@quintet/kernels";
import { type CoilData, pointsOf, refuseBadCoilData } from "./coil-data.ts";
import { transformCoils } from "./fourier.ts";

/**
 * Coil sensitivities in one or more sets (a second set holds what a single sensitivity cannot explain: an object that
 * wraps round the field of view, Uecker 2014). Coil c of set s is coil index s * coils + c.
 */
export interface CoilMaps {
  readonly sets: number;
  readonly coils: number;
  readonly shape: CoilData["shape"];
  /** [set][coil][z][y][x], interleaved re, im, unit "1". */
  readonly data: Float32Array;
}

/**
 * The signal model of parallel MRI:
 *
 *   y = M F sum_s S_s x_s + n
 *
 * with sensitivities S, the centred unitary Fourier transform F and the sampling mask M (Pruessmann et al., Magn Reson
 * Med 1999;42:952-62). Its adjoint is x_s = conj(S_s) F' M y summed over coils.
 *
 * x: [set][z][y][x]; y: [coil][z][y][x] on the whole grid, 0 where nothing was measured; both interleaved re, im.
 * @throws DataError `bad-shape`, `shape-mismatch`, `not-finite`
 */
export function senseModel(maps: CoilMaps, mask: Uint8Array): LinearOperator {
  refuseBadMaps(maps);
  const { sets, coils, shape } = maps;
  const points = pointsOf(shape);
  if (mask.length !== points) {
    throw new DataError("shape-mismatch", "the sampling mask covers the grid of the sensitivities", {
      expected: `${points} points`,
      found: `${mask.length}`,
    });
  }
  const masked = (data: Float32Array): Float32Array => {
    for (let i = 0; i < coils * points; i++) {
      if (mask[i % points] === 0) data[2 * i] = data[2 * i + 1] = 0;
    }
    return data;
  };
  return {
    domain: 2 * sets * points,
    range: 2 * coils * points,
    forward: (x) => masked(transformCoils({ coils, shape, data: weighByCoils(maps, x) }, false)),
    adjoint: (y) => sumOverCoils(maps, transformCoils({ coils, shape, data: masked(y.slice()) }, true)),
  };
}

/**
 * The same model at any k: y_c = W F_k sum_s S_s x_s with a non-uniform transform, y: [coil][sample].
 *
 * @param trajectory [sample][axis], cycles per voxel along the axes longer than one point
 * @param weights W, one a sample: the square root of its density compensation, if any
 * @throws DataError as `senseModel` and `nufft`
 */
export function nonCartesianSenseModel(
  maps: CoilMaps,
  trajectory: Float32Array | Float64Array,
  weights?: ArrayLike<number>,
): LinearOperator {
  refuseBadMaps(maps);
  const { sets, coils, shape } = maps;
  const points = pointsOf(shape);
  const transform = nufft(
    shape.filter((n) => n > 1),
    trajectory,
    { norm: "ortho" },
  );
  const weigh = (samples: Float32Array): Float32Array => {
    if (weights)
      for (let i = 0; i < samples.length; i++) samples[i] = (samples[i] as number) * (weights[i >> 1] as number);
    return samples;
  };
  const n = transform.range;
  return {
    domain: 2 * sets * points,
    range: coils * n,
    forward: (x) => {
      const images = weighByCoils(maps, x);
      const y = new Float32Array(coils * n);
      for (let c = 0; c < coils; c++) {
        y.set(weigh(transform.forward(images.subarray(2 * c * points, 2 * (c + 1) * points))), c * n);
      }
      return y;
    },
    adjoint: (y) => {
      const images = new Float32Array(2 * coils * points);
      for (let c = 0; c < coils; c++) {
        images.set(transform.adjoint(weigh(y.slice(c * n, (c + 1) * n))), 2 * c * points);
      }
      return sumOverCoils(maps, images);
    },
  };
}

/** sum_s S_s x_s, [coil][z][y][x]. */
function weighByCoils({ sets, coils, shape, data }: CoilMaps, x: Float32Array): Float32Array {
  const points = pointsOf(shape);
  const out = new Float32Array(2 * coils * points);
  for (let s = 0; s < sets; s++) {
    for (let c = 0; c < coils; c++) {
      const from = 2 * points * (s * coils + c);
      for (let i = 0; i < 2 * points; i += 2) {
        const a = data[from + i] as number;
        const b = data[from + i + 1] as number;
        const re = x[2 * s * points + i] as number;
        const im = x[2 * s * points + i + 1] as number;
        const to = 2 * c * points + i;
        out[to] = (out[to] as number) + a * re - b * im;
        out[to + 1] = (out[to + 1] as number) + a * im + b * re;
      }
    }
  }
  return out;
}

/** sum_c conj(S_sc) y_c, [set][z][y][x]. */
export function sumOverCoils({ sets, coils, shape, data }: CoilMaps, images: Float32Array): Float32Array {
  const points = pointsOf(shape);
  const out = new Float32Array(2 * sets * points);
  for (let s = 0; s < sets; s++) {
    for (let c = 0; c < coils; c++) {
      const from = 2 * points * (s * coils + c);
      for (let i = 0; i < 2 * points; i += 2) {
        const a = data[from + i] as number;
        const b = data[from + i + 1] as number;
        const re = images[2 * c * points + i] as number;
        const im = images[2 * c * points + i + 1] as number;
        const to = 2 * s * points + i;
        out[to] = (out[to] as number) + a * re + b * im;
        out[to + 1] = (out[to + 1] as number) + a * im - b * re;
      }
    }
  }
  return out;
}

function refuseBadMaps({ sets, coils, shape, data }: CoilMaps): void {
  if (!(Number.isInteger(sets) && sets > 0)) {
    throw new DataError("bad-shape", "sensitivities come in at least one set", { found: `${sets}` });
  }
  refuseBadCoilData({ coils: sets * coils, shape, data });
}
