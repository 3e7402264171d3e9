import { DataError } from "@quintet/core";
import { tofWeight } from "../joseph/joseph.ref.ts";
import type { TofBins } from "../joseph/lines.ts";
import {
  comptonCrossSection,
  electronEnergy,
  kleinNishina,
  type ScatterScene,
  scatteredEnergy,
} from "./single-scatter.ref.ts";

export interface ScatterDetectors {
  /** [detector][x, y, z] in mm. */
  readonly places: Float64Array;
  /** Inward normals of length 1, [detector][x, y, z]. */
  readonly normals: Float64Array;
}

/**
 * Single scatter of every pair of detectors: s_ab of singleScatterReference, in the unit of the activity's line integrals.
 *
 * What one point and one detector share is walked once: the attenuation between them, and the activity as a profile in
 * steps of a quarter of the time resolution. Pairs then only add profiles, shifted by (R_aS - R_bS) / 2, and the time
 * response is applied once a pair. Energy, cross section and efficiency are tabulated in the cosine of the angle.
 *
 * Tolerance against the reference at the same points: 1 % of the largest value (steps of half a voxel, profiles of a
 * quarter of the time resolution; measured 0.3 %).
 *
 * @returns [a][b][tof], for all a and b; 0 where a = b
 * @throws DataError `shape-mismatch`, `too-large`
 */
export function singleScatter(scene: ScatterScene, { places, normals }: ScatterDetectors, tof?: TofBins): Float32Array {
  const n = places.length / 3;
  const points = scene.strengths.length;
  if (normals.length !== places.length || scene.points.length !== 3 * points) {
    throw new DataError("shape-mismatch", "detectors have a place and a normal, points a place and a strength", {
      expected: `${places.length} and ${3 * points}`,
      found: `${normals.length} and ${scene.points.length}`,
    });
  }
  const bins = tof?.bins ?? 1;
  const reach = farthest(scene, places);
  const pitch = tof ? tof.sigma / 4 : 2 * reach;
  const half = tof ? Math.ceil(reach / pitch) + 1 : 0;
  const cells = 2 * half + 1;
  if (n * n * Math.max(cells, bins) > 2 ** 28) {
    throw new DataError("too-large", "scatter is estimated between fewer detectors", { found: `${n} detectors` });
  }
  const arrived = new Float32Array(n * n * cells);
  const table = angleTable(scene.efficiency);
  const mu = new Float64Array(n);
  const range = new Float64Array(n);
  const toPoint = new Float64Array(3 * n);
  const facing = new Float64Array(n);
  const profile = new Float64Array(n * (half + 1));
  const last = new Int32Array(n);
  const straight = straightLines(places, normals);
  for (let p = 0; p < points; p++) {
    const [sx, sy, sz] = [scene.points[3 * p], scene.points[3 * p + 1], scene.points[3 * p + 2]];
    profile.fill(0);
    const strength = scene.strengths[p];
    for (let a = 0; a < n; a++) {
      const d = [places[3 * a] - sx, places[3 * a + 1] - sy, places[3 * a + 2] - sz];
      const r = Math.hypot(d[0], d[1], d[2]);
      range[a] = r;
      for (let c = 0; c < 3; c++) toPoint[3 * a + c] = d[c] / r;
      facing[a] = -(d[0] * normals[3 * a] + d[1] * normals[3 * a + 1] + d[2] * normals[3 * a + 2]) / r ** 3;
      const own = profile.subarray(a * (half + 1), (a + 1) * (half + 1));
      mu[a] = walk(scene, [sx, sy, sz], [d[0] / r, d[1] / r, d[2] / r], r, pitch, own);
      last[a] = 0;
      for (let c = 0; c <= half; c++) if (own[c] > 0) last[a] = c;
    }
    for (let a = 0; a < n; a++) {
      if (!(facing[a] > 0)) continue;
      for (let b = a + 1; b < n; b++) {
        if (!(facing[b] > 0)) continue;
        const cosine = -(
          toPoint[3 * a] * toPoint[3 * b] +
          toPoint[3 * a + 1] * toPoint[3 * b + 1] +
          toPoint[3 * a + 2] * toPoint[3 * b + 2]
        );
        const at = Math.min(angles - 1, ((cosine + 1) / 2) * angles);
        const cell = Math.max(0, Math.floor(at));
        const rest = at - cell;
        const seen = table.weight[cell] * (1 - rest) + table.weight[cell + 1] * rest;
        if (seen === 0) continue;
        const weight = strength * facing[a] * facing[b] * straight[a * n + b] * seen;
        if (!(weight > 0)) continue;
        const k = table.ratio[cell] * (1 - rest) + table.ratio[cell + 1] * rest;
        const fromA = weight * Math.exp(-mu[a] - k * mu[b]);
        const fromB = weight * Math.exp(-k * mu[a] - mu[b]);
        const to = (a * n + b) * cells + half;
        if (half === 0) {
          arrived[to] += fromA * profile[a] + fromB * profile[b];
          continue;
        }
        // Cells are pitch wide; the middle lies between two of them.
        const middle = (range[a] - range[b]) / 2 / pitch;
        const base = Math.floor(middle);
        const share = middle - base;
        const [profileA, profileB] = [a * (half + 1), b * (half + 1)];
        addProfile(arrived, to, base, share, half, -1, fromA, profile, profileA, last[a]);
        addProfile(arrived, to, base, share, half, 1, fromB, profile, profileB, last[b]);
      }
    }
  }
  return intoBins(arrived, n, { half, pitch, tof });
}

const angles = 512;

/** Cross section times efficiency, and sigma(E) / sigma(511), at cosines from -1 to 1. */
function angleTable(efficiency: (energy: number) => number): {
  readonly weight: Float64Array;
  readonly ratio: Float64Array;
} {
  const total = comptonCrossSection(electronEnergy);
  const cosines = Float64Array.from({ length: angles + 1 }, (_, i) => (2 * i) / angles - 1);
  const weight = cosines.map((c) => (kleinNishina(c) * efficiency(scatteredEnergy(c))) / total);
  const largest = weight.reduce((most, w) => Math.max(most, w), 0);
  return {
    // Below 1e-4 of the largest a pair is not looked at.
    weight: weight.map((w) => (w > 1e-4 * largest ? w : 0)),
    ratio: cosines.map((c) => comptonCrossSection(scatteredEnergy(c)) / total),
  };
}

/** R_ab^2 over the cosines at both ends; 0 where the two do not face each other. */
function straightLines(places: Float64Array, normals: Float64Array): Float64Array {
  const n = places.length / 3;
  const out = new Float64Array(n * n);
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < n; b++) {
      const d = [0, 1, 2].map((c) => places[3 * b + c] - places[3 * a + c]);
      const along = (at: number): number =>
        d[0] * normals[3 * at] + d[1] * normals[3 * at + 1] + d[2] * normals[3 * at + 2];
      const faces = -along(a) * along(b);
      const square = d[0] ** 2 + d[1] ** 2 + d[2] ** 2;
      out[a * n + b] = faces > 0 && along(a) > 0 ? square ** 2 / faces : 0;
    }
  }
  return out;
}

/** Farthest that anything in the image can seem to come from along a line. */
function farthest({ shape, size, origin }: ScatterScene, places: Float64Array): number {
  let image = 0;
  for (let c = 0; c < 3; c++) {
    image += Math.max(Math.abs(origin[c] - size[c]), Math.abs(origin[c] + shape[c] * size[c])) ** 2;
  }
  let ring = 0;
  for (let a = 0; a < places.length; a += 3) ring = Math.max(ring, Math.hypot(places[a], places[a + 1], places[a + 2]));
  return 2 * Math.sqrt(image) + ring;
}

/**
 * Walks from a point towards a detector: attenuation in all, activity into cells of `pitch` mm by its distance from the
 * point, split between the two nearest cells.
 */
function walk(
  { shape: [nx, ny, nz], size, origin, activity, attenuation }: ScatterScene,
  from: readonly [number, number, number],
  direction: readonly [number, number, number],
  length: number,
  pitch: number,
  profile: Float64Array,
): number {
  // Only inside the box of voxel centres and one voxel around it.
  let leave = length;
  for (let c = 0; c < 3; c++) {
    const most = [nx, ny, nz][c];
    const edge = direction[c] > 0 ? origin[c] + most * size[c] : origin[c] - size[c];
    if (Math.abs(direction[c]) > 1e-12) leave = Math.min(leave, Math.max(0, (edge - from[c]) / direction[c]));
  }
  const steps = Math.max(1, Math.ceil(leave / (Math.min(size[0], size[1], size[2]) / 2)));
  const step = leave / steps;
  let mu = 0;
  for (let i = 0; i < steps; i++) {
    const l = (i + 0.5) * step;
    const x = (from[0] + l * direction[0] - origin[0]) / size[0];
    const y = (from[1] + l * direction[1] - origin[1]) / size[1];
    const z = (from[2] + l * direction[2] - origin[2]) / size[2];
    const [ix, iy, iz] = [Math.floor(x), Math.floor(y), Math.floor(z)];
    const [fx, fy, fz] = [x - ix, y - iy, z - iz];
    let [e, m] = [0, 0];
    for (let dz = 0; dz < 2; dz++) {
      const cz = iz + dz;
      if (cz < 0 || cz >= nz) continue;
      for (let dy = 0; dy < 2; dy++) {
        const cy = iy + dy;
        if (cy < 0 || cy >= ny) continue;
        const weight = (dz ? fz : 1 - fz) * (dy ? fy : 1 - fy);
        const row = nx * (cy + ny * cz);
        if (ix >= 0 && ix < nx) {
          e += weight * (1 - fx) * activity[row + ix];
          m += weight * (1 - fx) * attenuation[row + ix];
        }
        if (ix + 1 >= 0 && ix + 1 < nx) {
          e += weight * fx * activity[row + ix + 1];
          m += weight * fx * attenuation[row + ix + 1];
        }
      }
    }
    mu += m * step;
    if (e !== 0) {
      const at = profile.length === 1 ? 0 : l / pitch;
      const cell = Math.floor(at);
      const rest = at - cell;
      profile[cell] += e * step * (1 - rest);
      if (rest > 0) profile[cell + 1] += e * step * rest;
    }
  }
  return mu;
}

/** Plain arguments: this is called once for every point, pair and end, and an object for each costs more than the sum. */
function addProfile(
  to: Float32Array,
  centre: number,
  base: number,
  share: number,
  half: number,
  sign: 1 | -1,
  scale: number,
  from: Float64Array,
  at: number,
  last: number,
): void {
  const [low, high] = [scale * (1 - share), scale * share];
  for (let c = 0; c <= last; c++) {
    const cell = base + sign * c;
    if (cell < -half || cell >= half) continue;
    const value = from[at + c];
    to[centre + cell] += low * value;
    to[centre + cell + 1] += high * value;
  }
}

function intoBins(
  arrived: Float32Array,
  n: number,
  { half, pitch, tof }: { readonly half: number; readonly pitch: number; readonly tof: TofBins | undefined },
): Float32Array {
  const bins = tof?.bins ?? 1;
  const cells = 2 * half + 1;
  const response = new Float64Array(cells * bins).fill(1);
  if (tof) {
    for (let c = 0; c < cells; c++) {
      for (let bin = 0; bin < bins; bin++) {
        const centre = (bin - (bins - 1) / 2) * tof.width;
        response[c * bins + bin] = tofWeight((c - half) * pitch, centre, tof.width, tof.sigma);
      }
    }
  }
  const out = new Float32Array(n * n * bins);
  for (let a = 0; a < n; a++) {
    for (let b = a + 1; b < n; b++) {
      for (let bin = 0; bin < bins; bin++) {
        let sum = 0;
        for (let c = 0; c < cells; c++) sum += arrived[(a * n + b) * cells + c] * response[c * bins + bin];
        out[(a * n + b) * bins + bin] = sum;
        out[(b * n + a) * bins + (bins - 1 - bin)] = sum;
      }
    }
  }
  return out;
}
