/**
 * Models with one rate in every voxel of an image: y = sum_f c_f F_f(t) + c phi(t; rate), weighted.
 *
 * With the columns made orthonormal, q_f of the fixed ones and q(x) of what is left of phi at x = ln rate,
 *
 *   sum w r^2 = |y|^2 - sum_f (q_f . y)^2 - s(x)^2,   s(x) = q(x) . y,
 *
 * so the best rate is where |s| is largest. q(x) is a smooth curve of vectors: as a Chebyshev series in x, whose length is
 * raised until it is exact to 1e-12, s is a series of few terms for every voxel, and the largest |s| is found on a grid
 * and by Newton's steps on s'. No rate is ever tabulated: the answer is the minimum itself.
 *
 * In this frame the slopes against (q_f . y, s, x) are orthogonal, q_f, q and s q': their errors are independent,
 * sigma, sigma and sigma / (|s| |q'|), with sigma^2 = sum w r^2 / (n - p).
 *
 * Tolerance against the reference (its own search, float64): 1e-7 of a rate that the data determine; the data are float32.
 */
import { DataError } from "@quintet/core";
import { crewThreads } from "../pool/crew.ts";
import { standingCrew } from "../pool/standing-crew.ts";
import { chebyshevDerivative, chebyshevNodes, chebyshevSeries, chebyshevValue } from "./chebyshev.ts";

export interface RateModel {
  /** Columns that depend on no rate, 0 to 2, one value a frame. */
  readonly fixed: readonly Float64Array[];
  /** The column of a rate. */
  readonly column: (rate: number) => Float64Array;
  /** One a frame; frames of weight 0 do not count. */
  readonly weights: Float64Array;
  readonly low: number;
  readonly high: number;
}

export interface RatePlan {
  readonly frames: number;
  readonly fixedCount: number;
  readonly count: number;
  readonly gridCount: number;
  readonly low: number;
  readonly high: number;
  readonly freedom: number;
  /** Upper triangle of the fixed columns' own orthogonalisation, row-major. */
  readonly triangle: Float64Array;
  /** As the compiled form takes it: roots | fixed | series | grid | nodes | shared. */
  readonly packed: Float64Array;
  /** Series shared by all voxels: n, p_f, their slopes, |q'|^2. */
  readonly shared: number;
}

/** One value a voxel in each. A voxel whose search ended at a border has NaN everywhere. */
export interface RateMap {
  readonly rate: Float64Array;
  /** c_f of the fixed columns, then c. */
  readonly coefficients: readonly Float64Array[];
  readonly weightedSquares: Float64Array;
  /** d(c_f ..., c, ln rate) / d(q_f . y ..., s, x), row by row, and the errors of the latter: all that an error needs. */
  readonly frame: VoxelFrame;
}

export interface VoxelFrame {
  readonly plan: RatePlan;
  /** s, n, n', p_f ..., p_f' ..., |q'|^2 */
  readonly s: Float64Array;
  readonly norm: Float64Array;
  readonly normSlope: Float64Array;
  readonly share: readonly Float64Array[];
  readonly shareSlope: readonly Float64Array[];
  readonly turn: Float64Array;
}

const mostTerms = 96;

/** @throws DataError `rank-deficient`, `too-few-samples`, `not-converged` when no series of 96 terms is exact */
export function planRateMap(model: RateModel): RatePlan {
  const { fixed, weights, low, high } = model;
  const roots = weights.map((w) => Math.sqrt(w));
  const frames = roots.length;
  const used = roots.reduce((n, r) => n + (r > 0 ? 1 : 0), 0);
  const freedom = used - fixed.length - 2;
  if (!(freedom > 0)) {
    throw new DataError("too-few-samples", "a fit needs more frames with weight than parameters", {
      expected: `more than ${fixed.length + 2}`,
      found: `${used}`,
    });
  }
  const triangle = new Float64Array(fixed.length ** 2);
  const basis: Float64Array[] = [];
  for (const [j, column] of fixed.entries()) {
    const own = column.map((v, t) => v * roots[t]);
    const size = length(own);
    for (const [i, q] of basis.entries()) triangle[i * fixed.length + j] = takeOut(own, q);
    const left = length(own);
    if (!(left > 1e-10 * size)) throw new DataError("rank-deficient", "the fixed columns of the model are alike");
    triangle[j * fixed.length + j] = left;
    basis.push(own.map((v) => v / left));
  }
  const middle = (Math.log(low) + Math.log(high)) / 2;
  const half = (Math.log(high) - Math.log(low)) / 2;
  const directionAt = (x: number): { q: Float64Array; norm: number; share: number[] } => {
    const own = model.column(Math.exp(middle + half * x)).map((v, t) => v * roots[t]);
    const share = basis.map((q) => takeOut(own, q));
    // Once more, for what rounding left.
    for (const [i, q] of basis.entries()) share[i] += takeOut(own, q);
    const norm = length(own);
    if (!(norm > 0)) throw new DataError("rank-deficient", "the model's columns are alike at some rate");
    return { q: own.map((v) => v / norm), norm, share };
  };
  for (let count = 16; count <= mostTerms; count += 8) {
    const points = chebyshevNodes(count).map(directionAt);
    const series = Array.from({ length: frames }, (_, t) => chebyshevSeries(points.map(({ q }) => q[t])));
    const tail = Math.max(...series.map((c) => Math.hypot(c[count - 1], c[count - 2], c[count - 3])));
    const between = Array.from({ length: 11 }, (_, i) => -0.97 + 0.19 * i);
    const off = Math.max(
      ...between.map((x) => {
        const { q } = directionAt(x);
        return Math.max(...q.map((v, t) => Math.abs(v - chebyshevValue(series[t], x))));
      }),
    );
    if (tail < 1e-12 && off < 1e-12) return pack(model, roots, basis, triangle, points, series, count, freedom);
  }
  throw new DataError(
    "not-converged",
    `the model's columns are no smooth function of the rate between ${low} and ${high}`,
  );
}

interface Direction {
  readonly q: Float64Array;
  readonly norm: number;
  readonly share: readonly number[];
}

function pack(
  { low, high }: RateModel,
  roots: Float64Array,
  basis: readonly Float64Array[],
  triangle: Float64Array,
  points: readonly Direction[],
  series: readonly Float64Array[],
  count: number,
  freedom: number,
): RatePlan {
  const frames = roots.length;
  const gridCount = 2 * Math.ceil(count / 3);
  const nodes = Float64Array.from({ length: gridCount }, (_, g) => -Math.cos((Math.PI * g) / (gridCount - 1)));
  const grid = Array.from(nodes, (x) => series.map((c) => chebyshevValue(c, x)));
  const slopes = series.map(chebyshevDerivative);
  const norm = chebyshevSeries(points.map((p) => p.norm));
  const shares = basis.map((_, f) => chebyshevSeries(points.map(({ share }) => share[f])));
  const turn = chebyshevSeries(
    chebyshevNodes(count).map((x) => slopes.reduce((sum, c) => sum + chebyshevValue(c, x) ** 2, 0)),
  );
  const shared = [norm, chebyshevDerivative(norm), ...shares, ...shares.map(chebyshevDerivative), turn];
  const rows = Array.from({ length: count }, (_, m) => series.map((c) => c[m]));
  const packed = Float64Array.from([
    ...roots,
    ...basis.flatMap((q) => [...q]),
    ...rows.flat(),
    ...grid.flat(),
    ...nodes,
    ...shared.flatMap((c) => [...c]),
  ]);
  return {
    frames,
    fixedCount: basis.length,
    count,
    gridCount,
    low,
    high,
    freedom,
    triangle,
    packed,
    shared: shared.length,
  };
}

/**
 * @param data [frame][voxel]
 * @throws DataError `shape-mismatch`
 */
export function rateMap(plan: RatePlan, data: Float32Array, voxels: number): RateMap {
  if (data.length !== plan.frames * voxels) {
    throw new DataError("shape-mismatch", "an image of the model's frames", {
      expected: `${plan.frames} x ${voxels} values`,
      found: `${data.length}`,
    });
  }
  const columns = 3 + plan.fixedCount + plan.shared;
  const found = searchWasm(plan, data, voxels, columns) ?? searchPlain(plan, data, voxels, columns);
  const column = (k: number): Float64Array => found.subarray(k * voxels, (k + 1) * voxels);
  const { fixedCount: F, triangle } = plan;
  const [x, s, squares] = [column(0), column(1), column(2)];
  const dots = Array.from({ length: F }, (_, f) => column(3 + f));
  const scalar = (k: number): Float64Array => column(3 + F + k);
  const middle = (Math.log(plan.low) + Math.log(plan.high)) / 2;
  const half = (Math.log(plan.high) - Math.log(plan.low)) / 2;
  const norm = scalar(0);
  const share = dots.map((_, f) => scalar(2 + f));
  const rate = new Float64Array(voxels);
  const coefficients = Array.from({ length: F + 1 }, () => new Float64Array(voxels));
  const weightedSquares = new Float64Array(voxels);
  const last = coefficients[F];
  for (let v = 0; v < voxels; v++) {
    const inside = Math.abs(x[v]) < 1 - 1e-7 && s[v] !== 0;
    rate[v] = inside ? Math.exp(middle + half * x[v]) : Number.NaN;
    const c = inside ? s[v] / norm[v] : Number.NaN;
    last[v] = c;
    let rest = squares[v] - s[v] * s[v];
    for (let f = F - 1; f >= 0; f--) {
      rest -= dots[f][v] * dots[f][v];
      let own = dots[f][v] - c * share[f][v];
      for (let g = f + 1; g < F; g++) own -= triangle[f * F + g] * coefficients[g][v];
      coefficients[f][v] = own / triangle[f * F + f];
    }
    weightedSquares[v] = inside ? Math.max(0, rest) : Number.NaN;
  }
  const frame: VoxelFrame = {
    plan,
    s,
    norm,
    normSlope: scalar(1),
    share,
    shareSlope: dots.map((_, f) => scalar(2 + F + f)),
    turn: scalar(2 + 2 * F),
  };
  return { rate, coefficients, weightedSquares, frame };
}

/**
 * Standard error of a number that depends on the coefficients and on ln rate, voxel by voxel.
 *
 * @param slopes its slopes against c_f ..., c, and ln rate at a voxel, written into `out`
 */
export function rateMapErrors(
  { weightedSquares, frame }: RateMap,
  slopes: (voxel: number, out: Float64Array) => void,
): Float32Array {
  const { plan, s, norm, normSlope, share, shareSlope, turn } = frame;
  const { fixedCount: F, triangle, freedom } = plan;
  const half = (Math.log(plan.high) - Math.log(plan.low)) / 2;
  const out = new Float32Array(s.length);
  const g = new Float64Array(F + 2);
  const back = new Float64Array(F);
  for (let v = 0; v < s.length; v++) {
    slopes(v, g);
    // g_fixed through the triangle: d c_fixed = R^-1 (d dots - d (c share)).
    for (let f = 0; f < F; f++) {
      let own = g[f];
      for (let h = 0; h < f; h++) own -= triangle[h * F + f] * back[h];
      back[f] = own / triangle[f * F + f];
    }
    const [c, n] = [s[v] / norm[v], norm[v]];
    let ofS = g[F] / n;
    let ofX = (-g[F] * c * normSlope[v]) / n + g[F + 1] * half;
    let squares = 0;
    for (let f = 0; f < F; f++) {
      ofS -= (back[f] * share[f][v]) / n;
      ofX -= back[f] * (c * shareSlope[f][v] - (c * normSlope[v] * share[f][v]) / n);
      squares += back[f] * back[f];
    }
    const variance = weightedSquares[v] / freedom;
    out[v] = Math.sqrt(variance * (squares + ofS * ofS + (ofX * ofX) / (s[v] * s[v] * turn[v])));
  }
  return out;
}

/** Voxels of a chunk: its data and results stay near the processor. Chunks that are brought in together. */
const [chunkVoxels, mostChunks] = [1024, 64];

/** On all threads, a chunk of voxels each: every voxel is searched alone, so that their number changes no bit. */
function searchWasm(plan: RatePlan, data: Float32Array, voxels: number, columns: number): Float64Array | undefined {
  const size = Math.min(chunkVoxels, 4 * Math.ceil(voxels / 4));
  const chunks = Math.ceil(voxels / size);
  const together = Math.min(chunks, mostChunks);
  const { frames, count, gridCount, fixedCount, shared, packed } = plan;
  const aligned = (bytes: number): number => 64 * Math.ceil(bytes / 64);
  const workBytes = aligned(32 * (frames + 3 * count) + 64);
  const [planBytes, dataBytes] = [aligned(8 * packed.length), aligned(4 * frames * size * together)];
  const threads = Math.max(1, crewThreads());
  const bytes = 64 + planBytes + dataBytes + workBytes * threads + 8 * columns * size * together;
  const standing = standingCrew("rate-map", bytes);
  if (!standing) return undefined;
  const { crew, at } = standing;
  const [planAt, dataAt] = [at + 64, at + 64 + planBytes];
  const workAt = dataAt + dataBytes;
  const outAt = workAt + workBytes * threads;
  const { buffer } = crew;
  new Float64Array(buffer, planAt, packed.length).set(packed);
  const numbers = [
    frames,
    fixedCount,
    count,
    gridCount,
    shared,
    columns,
    size,
    dataAt,
    planAt,
    workAt,
    outAt,
    workBytes,
  ];
  new Uint32Array(buffer, at, numbers.length).set(numbers);
  const input = new Float32Array(buffer, dataAt, frames * size * together);
  const output = new Float64Array(buffer, outAt, columns * size * together);
  const result = new Float64Array(columns * voxels);
  for (let first = 0; first < chunks; first += together) {
    const now = Math.min(together, chunks - first);
    for (let c = 0; c < now; c++) {
      const from = (first + c) * size;
      const n = Math.min(size, voxels - from);
      const own = input.subarray(c * frames * size, (c + 1) * frames * size);
      if (n < size) own.fill(0);
      for (let t = 0; t < frames; t++) own.set(data.subarray(t * voxels + from, t * voxels + from + n), t * size);
    }
    crew.run("rate-map.block", now, at);
    for (let c = 0; c < now; c++) {
      const from = (first + c) * size;
      const n = Math.min(size, voxels - from);
      for (let k = 0; k < columns; k++) {
        const own = (c * columns + k) * size;
        result.set(output.subarray(own, own + n), k * voxels + from);
      }
    }
  }
  return result;
}

function searchPlain(plan: RatePlan, data: Float32Array, voxels: number, columns: number): Float64Array {
  const { frames, fixedCount: F, count, gridCount, packed, shared } = plan;
  let end = 0;
  const take = (n: number): Float64Array => {
    end += n;
    return packed.subarray(end - n, end);
  };
  const sizes = [frames, F * frames, count * frames, gridCount * frames, gridCount];
  const [roots, fixed, series, grid, nodes] = sizes.map(take);
  const sharedSeries = Array.from({ length: shared }, () => take(count));
  const out = new Float64Array(columns * voxels);
  const y = new Float64Array(frames);
  const c = new Float64Array(count);
  const along = (rows: Float64Array, k: number): number => {
    let sum = 0;
    for (let t = 0; t < frames; t++) sum += rows[k * frames + t] * y[t];
    return sum;
  };
  for (let v = 0; v < voxels; v++) {
    let squares = 0;
    for (let t = 0; t < frames; t++) {
      y[t] = roots[t] * data[t * voxels + v];
      squares += y[t] * y[t];
    }
    for (let m = 0; m < count; m++) c[m] = along(series, m);
    let [best, place] = [-1, 0];
    for (let k = 0; k < gridCount; k++) {
      const size = Math.abs(along(grid, k));
      if (size > best) [best, place] = [size, k];
    }
    const x = newton(c, nodes, place);
    const values = [x, chebyshevValue(c, x), squares];
    for (let f = 0; f < F; f++) values.push(along(fixed, f));
    for (const one of sharedSeries) values.push(chebyshevValue(one, x));
    for (const [k, value] of values.entries()) out[k * voxels + v] = value;
  }
  return out;
}

function newton(c: Float64Array, nodes: Float64Array, place: number): number {
  const first = chebyshevDerivative(c);
  const second = chebyshevDerivative(first);
  let [low, high, x] = [nodes[Math.max(place - 1, 0)], nodes[Math.min(place + 1, nodes.length - 1)], nodes[place]];
  const sign = Math.sign(chebyshevValue(c, x));
  for (let round = 0; round < 9; round++) {
    const slope = chebyshevValue(first, x);
    if (slope * sign > 0) low = x;
    else high = x;
    const next = x - slope / chebyshevValue(second, x);
    x = next >= low && next <= high ? next : (low + high) / 2;
  }
  return x;
}

function length(v: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < v.length; i++) sum += v[i] * v[i];
  return Math.sqrt(sum);
}

/** Takes the part along the unit vector q out of v, and says how large it was. */
function takeOut(v: Float64Array, q: Float64Array): number {
  let along = 0;
  for (let i = 0; i < v.length; i++) along += v[i] * q[i];
  for (let i = 0; i < v.length; i++) v[i] -= along * q[i];
  return along;
}
