/**
 * How many sources are found at their own place, when each alone sends without noise, by every inverse method.
 *
 *   npm run study -- eeg-inverse [--channels 60] [--seed 5]
 *
 * A head of three spheres, electrodes over its upper 65 %, sources on shells 70, 60, 50, 40 and 30 mm from the centre;
 * radial (fixed) or free moments. One JSON line per method with the 95 % interval of the share.
 */
import { parseArgs } from "node:util";
import type { Point } from "@quintet/core";
import {
  depthVariance,
  distributedInverse,
  type SourceModel,
  seededRandom,
  sourceAmplitudes,
  spherePotential,
} from "@quintet/kernels";
import { wilson } from "../testing/binomial.ts";

const shells = [
  { radius: 0.0783, conductivity: 0.33 },
  { radius: 0.0828, conductivity: 0.0042 },
  { radius: 0.09, conductivity: 0.33 },
];

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { channels: { type: "string", default: "60" }, seed: { type: "string", default: "5" } },
  });
  const electrodes = lattice(Number(values.channels), -0.3, 0.09);
  const places = [0.07, 0.06, 0.05, 0.04, 0.03].flatMap((radius) => lattice(100, -0.2, radius));
  for (const orientations of [1, 3] as const) {
    const model = modelOf(electrodes, places, orientations);
    const depth = { ...model, variance: depthVariance(model) };
    for (const [method, name, used] of [
      ["minimum-norm", "minimum norm", model],
      ["minimum-norm", "minimum norm, depth 0.8", depth],
      ["dspm", "dSPM, depth 0.8", depth],
      ["sloreta", "sLORETA", model],
      ["eloreta", "eLORETA", model],
    ] as const) {
      const inverse = distributedInverse(used, method);
      const random = seededRandom(Number(values.seed));
      const found = places.filter((_, i) => {
        const moment = Array.from({ length: orientations }, () => random.normal());
        const map = model.leadField.map((row) =>
          moment.reduce((sum, q, k) => sum + q * (row[i * orientations + k] as number), 0),
        );
        const amplitude = sourceAmplitudes(inverse, map);
        return amplitude.every((a) => a <= (amplitude[i] as number));
      }).length;
      const share = found / places.length;
      console.log(
        JSON.stringify({
          study: "eeg-inverse",
          method: name,
          moments: orientations === 1 ? "radial" : "free",
          sources: places.length,
          found,
          share,
          interval: wilson(found, places.length),
          rounds: inverse.rounds,
        }),
      );
    }
  }
}

/** Points of a Fibonacci lattice from the top of a sphere down to a height. */
function lattice(n: number, lowest: number, radius: number): Point[] {
  return Array.from({ length: n }, (_, i) => {
    const z = 1 - ((1 - lowest) * (i + 0.5)) / n;
    const [r, phi] = [Math.sqrt(1 - z * z), i * Math.PI * (3 - Math.sqrt(5))];
    return [radius * r * Math.cos(phi), radius * r * Math.sin(phi), radius * z];
  });
}

/** Against the average of the electrodes, with white noise referenced likewise. */
function modelOf(electrodes: readonly Point[], places: readonly Point[], orientations: 1 | 3): SourceModel {
  const n = electrodes.length;
  const rows = electrodes.map(() => new Float64Array(places.length * orientations));
  for (const [i, place] of places.entries()) {
    const lead = spherePotential(electrodes, place, shells);
    const size = Math.hypot(...place);
    for (let o = 0; o < orientations; o++) {
      const along = (c: number): number =>
        orientations === 3
          ? (lead[3 * c + o] as number)
          : place.reduce((sum, p, k) => sum + ((lead[3 * c + k] as number) * p) / size, 0);
      const mean = electrodes.reduce((sum, _, c) => sum + along(c), 0) / n;
      for (const [c, row] of rows.entries()) row[i * orientations + o] = along(c) - mean;
    }
  }
  const noise = rows.map((_, a) => Float64Array.from({ length: n }, (_, b) => (a === b ? 1 : 0) - 1 / n));
  return { leadField: rows, orientations, noise };
}
