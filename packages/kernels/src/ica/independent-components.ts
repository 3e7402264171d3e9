import { DataError } from "@quintet/core";
import { LuDecomposition, Matrix } from "ml-matrix";
import { type Random, seededRandom } from "../random/random.ts";
import { fastIca } from "./fast-ica.ts";
import { infomax } from "./infomax.ts";
import { picard } from "./picard.ts";
import { transformRows } from "./rows.ts";
import type { Unmixing } from "./unmixing.ts";
import { whiten } from "./whiten.ts";

export type IcaMethod = "infomax" | "picard" | "fastica";

export interface IcaOptions {
  /** Extended infomax, Picard on the same likelihood, or FastICA; default `picard`. */
  readonly method?: IcaMethod;
  /** Principal components that are unmixed; default the data's rank. */
  readonly components?: number;
  /** Default 0. */
  readonly seed?: number;
  readonly iterations?: number;
}

/** Independent components: x = mean + mixing s, s = unmixing (x - mean). */
export interface IndependentComponents {
  /** [component][signal]. */
  readonly unmixing: readonly Float64Array[];
  /** [signal][component], of the signals' unit: the component's pattern at variance 1. */
  readonly mixing: readonly Float64Array[];
  readonly mean: Float64Array;
  /** [component][sample], variance 1; largest share of the signals' variance first. */
  readonly sources: readonly Float64Array[];
  /** Share of the signals' variance of each, 0 .. 1. */
  readonly shares: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
  readonly method: IcaMethod;
}

/**
 * Signals as a mixture of independent sources, x - mean = A s: whitened on their principal components, then unmixed.
 * Sources have variance 1, are in order of the variance they explain, and their pattern's largest entry is positive: the
 * same data and seed give the same result.
 *
 * @param signals [signal][sample]
 * @throws DataError as `whiten`; `no-convergence` (infomax's weights grow without bound); `bad-method`
 */
export function independentComponents(
  signals: readonly ArrayLike<number>[],
  { method = "picard", components, seed = 0, iterations }: IcaOptions = {},
): IndependentComponents {
  const white = whiten(signals, components);
  const random = seededRandom(seed);
  const limit = iterations === undefined ? {} : { iterations };
  const found = unmixed(method, white.data, random, limit);
  const n = white.data.length;
  const w = Float64Array.from(found.unmixing.flatMap((row) => [...row]));
  const raw = transformRows(w, white.data);
  const variance = Float64Array.from(raw, (row) => row.reduce((sum, v) => sum + v * v, 0) / row.length);
  const unmixing = found.unmixing.map((row, i) => {
    const out = new Float64Array(signals.length);
    for (let j = 0; j < n; j++)
      for (let c = 0; c < out.length; c++) out[c] += (row[j] * white.whitening[j][c]) / Math.sqrt(variance[i]);
    return out;
  });
  const sources = raw.map((row, i) => row.map((v) => v / Math.sqrt(variance[i])));
  const inverse = inverted(w, n);
  const mixing = white.colouring.map((row) =>
    Float64Array.from({ length: n }, (_, i) => {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += row[j] * inverse[j * n + i];
      return sum * Math.sqrt(variance[i]);
    }),
  );
  const power = Float64Array.from({ length: n }, (_, i) => mixing.reduce((sum, row) => sum + row[i] ** 2, 0));
  const total = power.reduce((sum, p) => sum + p, 0);
  const order = [...power.keys()].sort((a, b) => power[b] - power[a]);
  const sign = order.map((i) =>
    Math.sign(mixing.reduce((top, row) => (Math.abs(row[i]) > Math.abs(top) ? row[i] : top), 0)),
  );
  return {
    unmixing: order.map((i, k) => unmixing[i].map((v) => sign[k] * v)),
    mixing: mixing.map((row) => Float64Array.from(order, (i, k) => sign[k] * row[i])),
    mean: white.mean,
    sources: order.map((i, k) => sources[i].map((v) => sign[k] * v)),
    shares: Float64Array.from(order, (i) => power[i] / total),
    iterations: found.iterations,
    converged: found.converged,
    method,
  };
}

function unmixed(
  method: IcaMethod,
  z: readonly Float64Array[],
  random: Random,
  limit: { readonly iterations?: number },
): Unmixing {
  switch (method) {
    case "infomax":
      return infomax(z, { random, ...limit });
    case "picard":
      return picard(z, limit);
    case "fastica":
      return fastIca(z, { random, ...limit });
    default:
      throw new DataError("bad-method", "components are found by one of three methods", {
        expected: "infomax, picard, fastica",
        found: `${method}`,
      });
  }
}

function inverted(w: Float64Array, n: number): Float64Array {
  const matrix = new Matrix(Array.from({ length: n }, (_, i) => Array.from(w.subarray(i * n, (i + 1) * n))));
  return Float64Array.from(new LuDecomposition(matrix).solve(Matrix.eye(n, n)).to1DArray());
}
