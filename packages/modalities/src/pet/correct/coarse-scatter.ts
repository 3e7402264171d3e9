import {
  detectorPositions,
  detectorsPerRing,
  ringPositions,
  type SinogramLayout,
  sinogramPlanes,
  sinogramSize,
} from "@quintet/core";
import type { LineList } from "@quintet/kernels";

/** Detectors that scatter is computed between: every m-th of a ring, at evenly spaced heights. */
export interface CoarseScanner {
  readonly places: Float64Array;
  readonly normals: Float64Array;
  /** Angle of each detector of a ring, rising, radians; z of each ring. */
  readonly angles: Float64Array;
  readonly heights: Float64Array;
}

/** Scatter of every pair of a coarse scanner's detectors. */
export interface CoarseScatter {
  readonly scanner: CoarseScanner;
  /** [a][b][tof], detectors as [detector][ring]. */
  readonly table: Float32Array;
  /** Time-of-flight bins; 1 without. */
  readonly bins: number;
}

/** Every m-th detector of a ring at evenly spaced heights. */
export function coarseScanner({ scanner }: SinogramLayout, mostDetectors: number, mostRings: number): CoarseScanner {
  const n = detectorsPerRing(scanner);
  const place = detectorPositions(scanner);
  const step = Math.max(1, Math.ceil(n / mostDetectors));
  const chosen = Array.from({ length: Math.ceil(n / step) }, (_, i) => i * step)
    .map((i) => ({ x: place[2 * i] as number, y: place[2 * i + 1] as number }))
    .map(({ x, y }) => ({ x, y, angle: Math.atan2(y, x) }))
    .sort((p, q) => p.angle - q.angle);
  const all = ringPositions(scanner);
  const [low, high] = [all[0] as number, all.at(-1) as number];
  const count = Math.min(all.length, mostRings);
  const heights = Float64Array.from({ length: count }, (_, i) =>
    count === 1 ? (low + high) / 2 : low + (i * (high - low)) / (count - 1),
  );
  // [detector][ring]
  const each = chosen.flatMap((detector) => Array.from(heights, (z) => ({ ...detector, z })));
  return {
    places: Float64Array.from(each.flatMap(({ x, y, z }) => [x, y, z])),
    normals: Float64Array.from(each.flatMap(({ angle }) => [-Math.cos(angle), -Math.sin(angle), 0])),
    angles: Float64Array.from(chosen, ({ angle }) => angle),
    heights,
  };
}

/** In every bin of a sinogram: between four coordinates, the angles of both ends and their z. */
export function scatterOfBins(
  { table, scanner: { angles, heights }, bins: tof }: CoarseScatter,
  layout: SinogramLayout,
  rays: Float64Array,
): Float32Array {
  const [n, rings] = [angles.length, heights.length];
  const planes = sinogramPlanes(layout).map(({ za, zb }) => ({
    a: between(heights, za, neighbours()),
    b: between(heights, zb, neighbours()),
  }));
  const [a, b] = [neighbours(), neighbours()];
  const out = new Float32Array(sinogramSize(layout));
  const corner = new Float64Array(rings * rings * tof);
  for (let ray = 0; ray < layout.views * layout.bins; ray++) {
    around(angles, Math.atan2(rays[4 * ray + 1] as number, rays[4 * ray] as number), a);
    around(angles, Math.atan2(rays[4 * ray + 3] as number, rays[4 * ray + 2] as number), b);
    corner.fill(0);
    for (let p = 0; p < a.count; p++) {
      for (let q = 0; q < b.count; q++) {
        const [ia, ib] = [a.index[p] as number, b.index[q] as number];
        const weight = (a.weight[p] as number) * (b.weight[q] as number);
        for (let ra = 0; ra < rings; ra++) {
          for (let rb = 0; rb < rings; rb++) {
            const from = ((ia * rings + ra) * n * rings + ib * rings + rb) * tof;
            for (let t = 0; t < tof; t++) {
              const to = (ra * rings + rb) * tof + t;
              corner[to] = (corner[to] as number) + weight * (table[from + t] as number);
            }
          }
        }
      }
    }
    for (const [plane, ends] of planes.entries()) {
      for (let t = 0; t < tof; t++) {
        let sum = 0;
        for (let p = 0; p < ends.a.count; p++) {
          const [row, own] = [(ends.a.index[p] as number) * rings, ends.a.weight[p] as number];
          for (let q = 0; q < ends.b.count; q++) {
            const from = (row + (ends.b.index[q] as number)) * tof + t;
            sum += own * (ends.b.weight[q] as number) * (corner[from] as number);
          }
        }
        out[(ray * tof + t) * planes.length + plane] = Math.max(0, sum);
      }
    }
  }
  return out;
}

/**
 * Of single lines, in the time-of-flight bin of each: the same between four coordinates.
 *
 * @param bin of each line; every line's only one without time of flight
 */
export function scatterOfLines(
  { table, scanner: { angles, heights }, bins }: CoarseScatter,
  { ends }: LineList,
  bin?: Int32Array,
): Float32Array {
  const [n, rings] = [angles.length, heights.length];
  const out = new Float32Array(ends.length / 6);
  const [a, b, za, zb] = [neighbours(), neighbours(), neighbours(), neighbours()];
  for (let i = 0; i < out.length; i++) {
    const at = 6 * i;
    around(angles, Math.atan2(ends[at + 1] as number, ends[at] as number), a);
    around(angles, Math.atan2(ends[at + 4] as number, ends[at + 3] as number), b);
    between(heights, ends[at + 2] as number, za);
    between(heights, ends[at + 5] as number, zb);
    const t = bin?.[i] ?? 0;
    let sum = 0;
    for (let p = 0; p < a.count; p++) {
      for (let q = 0; q < za.count; q++) {
        const row = ((a.index[p] as number) * rings + (za.index[q] as number)) * n;
        const own = (a.weight[p] as number) * (za.weight[q] as number);
        for (let r = 0; r < b.count; r++) {
          const from = (row + (b.index[r] as number)) * rings;
          const both = own * (b.weight[r] as number);
          for (let s = 0; s < zb.count; s++) {
            sum += both * (zb.weight[s] as number) * (table[(from + (zb.index[s] as number)) * bins + t] as number);
          }
        }
      }
    }
    out[i] = Math.max(0, sum);
  }
  return out;
}

/** Places in a list and their weights; written over, because there is one for each end of millions of lines. */
interface Neighbours {
  count: number;
  readonly index: Int32Array;
  readonly weight: Float64Array;
}

function neighbours(): Neighbours {
  return { count: 0, index: new Int32Array(8), weight: new Float64Array(8) };
}

function add(to: Neighbours, index: number, weight: number): void {
  to.index[to.count] = index;
  to.weight[to.count++] = weight;
}

/** Cubic along z on evenly spaced heights; beyond the ends the last slope goes on, and the value is held. */
function between(list: Float64Array, value: number, out: Neighbours): Neighbours {
  out.count = 0;
  const last = list.length - 1;
  if (last === 0) {
    add(out, 0, 1);
    return out;
  }
  const [low, high] = [list[0] as number, list[last] as number];
  const at = Math.min(last, Math.max(0, (last * (value - low)) / (high - low)));
  const i = Math.min(last - 1, Math.floor(at));
  for (let k = 0; k < 4; k++) {
    const [w, to] = [cubicWeight(at - i, k), i + k - 1];
    if (w === 0) continue;
    if (to >= 0 && to <= last) add(out, to, w);
    else {
      // 2 f(end) - f(next to it)
      const end = to < 0 ? 0 : last;
      add(out, end, 2 * w);
      add(out, end + (to < 0 ? 1 : -1), -w);
    }
  }
  return out;
}

/** Keys' cubic convolution (a = -1/2): weight of the k-th of four even neighbours, t between the middle two. */
function cubicWeight(t: number, k: number): number {
  if (k === 0) return (((2 - t) * t - 1) * t) / 2;
  if (k === 1) return ((3 * t - 5) * t * t + 2) / 2;
  return k === 2 ? (((4 - 3 * t) * t + 1) * t) / 2 : ((t - 1) * t * t) / 2;
}

const turn = 2 * Math.PI;

/**
 * Four neighbours on a circle and their weights: scatter falls off steeply towards the tails, where straight lines between
 * detectors would lie above it.
 */
function around(angles: Float64Array, angle: number, out: Neighbours): Neighbours {
  const n = angles.length;
  // The last angle that is not above it; -1 where all are.
  let [low, high] = [-1, n];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((angles[middle] as number) <= angle) low = middle;
    else high = middle;
  }
  const i = (low + n) % n;
  const [from, to] = [angles[i] as number, angles[(i + 1) % n] as number];
  const gap = (to - from + turn) % turn;
  const t = ((angle - from + turn) % turn) / gap;
  out.count = 0;
  for (let k = 0; k < 4; k++) add(out, (i + k - 1 + n) % n, cubicWeight(t, k));
  return out;
}
