import {
  type AttenuationMap,
  checkAttenuationMap,
  DataError,
  detectorPositions,
  detectorsPerRing,
  type KiloelectronVolts,
  ringPositions,
  type Sinogram,
  type SinogramLayout,
  sameGrid,
  sinogramPlanes,
  sinogramSize,
  type Volume,
} from "@quintet/core";
import { fwhmPerSigma, type ScatterScene, singleScatter } from "@quintet/kernels";
import { sinogramLines } from "../forward/lines-of-response.ts";
import { imageGrid } from "../forward/sinogram-projector.ts";
import { annihilationEnergy } from "./attenuation-factors.ts";
import { blockMeans } from "./block-means.ts";

/** Which photons count. */
export interface EnergyWindow {
  readonly low: KiloelectronVolts;
  readonly high: KiloelectronVolts;
  /** Full width at half maximum at 511 keV as a share of it, e.g. 0.12. */
  readonly resolution: number;
}

export interface ScatterOptions {
  readonly window: EnergyWindow;
  /** Detectors of the coarse ring, at most; default 48. */
  readonly detectors?: number;
  /** Rings of the coarse scanner, at most; default 6. */
  readonly rings?: number;
  /** Edge of the blocks paths are walked through, mm; default 8. */
  readonly voxel?: number;
  /** Distance of the points that scatter, mm; default 16. */
  readonly points?: number;
}

/** Attenuation below which nothing scatters, 1/mm: a tenth of water. */
const thin = 0.001;

/**
 * Expected single scatter in each bin, with time of flight where the layout has it, in the unit of the image's line
 * integrals: what s is before the bin's n,
 *
 *   s = n S(x, mu),   S by single scatter simulation (see singleScatter in the kernels)
 *
 * on a coarse ring of detectors and a lattice of points, then carried to the sinogram by interpolation, cubic in the angle of
 * both detectors and in z of both rings. The scale is absolute. Scatter of more than one order, and what comes from outside the
 * field of view, is not in it: `fitTails` scales for them.
 *
 * A photon of energy E is counted with the probability that a normal of mean E and FWHM resolution sqrt(511 E) falls into
 * the window.
 *
 * @param activity image as reconstructed, its border included, in scanner coordinates
 * @param map at 511 keV in 1/cm, on the activity's grid
 * @throws DataError `grid-mismatch`, `bad-window`, those of checkAttenuationMap and imageGrid
 */
export function scatterEstimate(
  activity: Volume,
  map: AttenuationMap,
  layout: SinogramLayout,
  { window, detectors = 48, rings = 6, voxel = 8, points = 16 }: ScatterOptions,
): Sinogram {
  checkAttenuationMap(map, { energy: annihilationEnergy });
  if (!sameGrid(activity, map)) {
    throw new DataError("grid-mismatch", "activity and attenuation are on one grid", {
      expected: activity.shape.join(" x "),
      found: map.shape.join(" x "),
    });
  }
  const { size } = imageGrid(activity);
  const steps = (edge: number): [number, number, number] =>
    size.map((own) => Math.max(1, Math.round(edge / own))) as [number, number, number];
  const [fine, coarse] = [steps(voxel), steps(points)];
  const paths = blockMeans(activity, activity.data, fine);
  const lattice = blockMeans(map, map.data, coarse);
  const block = lattice.size[0] * lattice.size[1] * lattice.size[2];
  const at: number[] = [];
  const strengths: number[] = [];
  for (const [v, mu] of lattice.data.entries()) {
    // 1/cm to 1/mm
    if (!(mu / 10 > thin)) continue;
    const [nx, ny] = lattice.shape;
    const index = [v % nx, Math.floor(v / nx) % ny, Math.floor(v / nx / ny)];
    for (let c = 0; c < 3; c++)
      at.push((lattice.origin[c] as number) + (index[c] as number) * (lattice.size[c] as number));
    strengths.push((mu / 10) * block);
  }
  const scene: ScatterScene = {
    shape: paths.shape,
    size: paths.size,
    origin: paths.origin,
    activity: paths.data,
    attenuation: blockMeans(map, map.data, fine).data.map((mu) => mu / 10),
    efficiency: efficiencyOf(window),
    points: Float64Array.from(at),
    strengths: Float64Array.from(strengths),
  };
  const coarseRing = coarseScanner(layout, detectors, rings);
  const lines = sinogramLines(layout);
  const table = singleScatter(scene, coarseRing, lines.tof);
  return { layout, data: interpolated(table, coarseRing, layout, lines.rays) };
}

/** @throws DataError `bad-window` */
function efficiencyOf({ low, high, resolution }: EnergyWindow): (energy: number) => number {
  if (
    !(
      low > 0 &&
      high > low &&
      low < annihilationEnergy &&
      high > annihilationEnergy &&
      resolution > 0 &&
      resolution < 1
    )
  ) {
    throw new DataError("bad-window", "the energy window holds 511 keV; the resolution is a share of it", {
      expected: "for instance 430 to 610 keV at 0.12",
      found: `${low} to ${high} keV at ${resolution}`,
    });
  }
  const within = (energy: number): number => {
    const sigma = (resolution * Math.sqrt(annihilationEnergy * energy)) / fwhmPerSigma;
    return normalBelow((high - energy) / sigma) - normalBelow((low - energy) / sigma);
  };
  const full = within(annihilationEnergy);
  return (energy) => within(energy) / full;
}

/** Normal distribution function (Abramowitz & Stegun 7.1.26: 1.5e-7). */
function normalBelow(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const tail =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) *
    Math.exp(-x * x);
  return z > 0 ? 1 - tail / 2 : tail / 2;
}

interface CoarseScanner {
  readonly places: Float64Array;
  readonly normals: Float64Array;
  /** Angle of each detector of a ring, rising, radians; z of each ring. */
  readonly angles: Float64Array;
  readonly heights: Float64Array;
}

/** Every m-th detector of a ring at evenly spaced heights. */
function coarseScanner({ scanner }: SinogramLayout, mostDetectors: number, mostRings: number): CoarseScanner {
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

/** Between four coordinates: the angles of both ends and their z. */
function interpolated(
  table: Float32Array,
  { angles, heights }: CoarseScanner,
  layout: SinogramLayout,
  rays: Float64Array,
): Float32Array {
  const [n, rings, tof] = [angles.length, heights.length, layout.timeOfFlight?.bins ?? 1];
  const planes = sinogramPlanes(layout).map(({ za, zb }) => ({ a: between(heights, za), b: between(heights, zb) }));
  const out = new Float32Array(sinogramSize(layout));
  const corner = new Float64Array(rings * rings * tof);
  for (let ray = 0; ray < layout.views * layout.bins; ray++) {
    const a = around(angles, Math.atan2(rays[4 * ray + 1] as number, rays[4 * ray] as number));
    const b = around(angles, Math.atan2(rays[4 * ray + 3] as number, rays[4 * ray + 2] as number));
    corner.fill(0);
    for (const [ia, wa] of a) {
      for (const [ib, wb] of b) {
        for (let ra = 0; ra < rings; ra++) {
          for (let rb = 0; rb < rings; rb++) {
            const from = ((ia * rings + ra) * n * rings + ib * rings + rb) * tof;
            for (let t = 0; t < tof; t++) {
              const to = (ra * rings + rb) * tof + t;
              corner[to] = (corner[to] as number) + wa * wb * (table[from + t] as number);
            }
          }
        }
      }
    }
    for (const [plane, ends] of planes.entries()) {
      for (let t = 0; t < tof; t++) {
        let sum = 0;
        for (const [ra, wa] of ends.a) {
          for (const [rb, wb] of ends.b) sum += wa * wb * (corner[(ra * rings + rb) * tof + t] as number);
        }
        out[(ray * tof + t) * planes.length + plane] = Math.max(0, sum);
      }
    }
  }
  return out;
}

type Neighbours = readonly (readonly [index: number, weight: number])[];

/** The same along z on evenly spaced heights; beyond the ends the last slope goes on, and the value is held. */
function between(list: Float64Array, value: number): Neighbours {
  const last = list.length - 1;
  if (last === 0) return [[0, 1]];
  const at = Math.min(
    last,
    Math.max(0, (last * (value - (list[0] as number))) / ((list[last] as number) - (list[0] as number))),
  );
  const i = Math.min(last - 1, Math.floor(at));
  const weights = new Float64Array(last + 1);
  for (const [k, w] of cubicWeights(at - i).entries()) {
    const to = i + k - 1;
    const add = (index: number, share: number): void => {
      weights[index] = (weights[index] as number) + share;
    };
    if (to >= 0 && to <= last) add(to, w);
    else {
      // 2 f(end) - f(next to it)
      const end = to < 0 ? 0 : last;
      add(end, 2 * w);
      add(end + (to < 0 ? 1 : -1), -w);
    }
  }
  return Array.from(weights, (w, k) => [k, w] as const).filter(([, w]) => w !== 0);
}

/** Keys' cubic convolution (a = -1/2) of four even neighbours, t between the middle two. */
function cubicWeights(t: number): readonly [number, number, number, number] {
  return [
    (((2 - t) * t - 1) * t) / 2,
    ((3 * t - 5) * t * t + 2) / 2,
    (((4 - 3 * t) * t + 1) * t) / 2,
    ((t - 1) * t * t) / 2,
  ];
}

/**
 * Four neighbours on a circle and their weights: scatter falls off steeply towards the tails, where straight lines between
 * detectors would lie above it.
 */
function around(angles: Float64Array, angle: number): Neighbours {
  const n = angles.length;
  let i = n - 1;
  while (i >= 0 && (angles[i] as number) > angle) i--;
  const [low, high] = [angles[(i + n) % n] as number, angles[(i + 1) % n] as number];
  const turn = 2 * Math.PI;
  const gap = (high - low + turn) % turn;
  const t = ((angle - low + turn) % turn) / gap;
  return cubicWeights(t).map((w, k) => [(i + k - 1 + n) % n, w] as const);
}
