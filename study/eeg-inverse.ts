/**
 * How many sources are found at their own place, when each alone sends without noise, by every inverse method.
 *
 *   npm run study -- eeg-inverse [--channels 60] [--seed 5] [--head spheres|real]
 *
 * A head of three spheres, electrodes over its upper 65 %, sources on shells 70, 60, 50, 40 and 30 mm from the centre;
 * radial (fixed) or free moments. `--head real`: boundary elements on the sample's surfaces of 1280 triangles (where its data are),
 * places of the reference lead field, moments free or away from their middle. One JSON line per method with the 95 % interval of the share.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { apply, type Point, type Surface } from "@quintet/core";
import { readFifSurfaces, readFifTransforms } from "@quintet/io";
import {
  boundaryHead,
  boundaryLeadField,
  depthVariance,
  distributedInverse,
  isInside,
  type SourceModel,
  seededRandom,
  sourceAmplitudes,
  spherePotential,
} from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { wilson } from "../testing/binomial.ts";
import { dataFolder } from "../testing/real-data.ts";
import { lattice, threeSpheres } from "../testing/sphere-head.ts";

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      channels: { type: "string", default: "60" },
      seed: { type: "string", default: "5" },
      head: { type: "string", default: "spheres" },
    },
  });
  const real = values.head === "real" ? await realModels() : undefined;
  const electrodes = lattice(Number(values.channels), -0.3, 0.09);
  const places = real?.places ?? [0.07, 0.06, 0.05, 0.04, 0.03].flatMap((radius) => lattice(100, -0.2, radius));
  for (const orientations of [1, 3] as const) {
    const model = real?.model(orientations) ?? modelOf(electrodes, places, orientations);
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
          head: values.head,
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

interface RealModels {
  readonly places: readonly Point[];
  readonly model: (orientations: 1 | 3) => SourceModel;
}

async function realModels(): Promise<RealModels> {
  await loadKernels();
  const sample = join(dataFolder, "multimodal/mne_sample");
  const reference = JSON.parse(
    await readFile(join(dataFolder, "multimodal/reference_computed/mne_eeg_forward_sample.json"), "utf8"),
  ) as { readonly electrode_head_m: readonly Point[]; readonly source_mri_m: readonly Point[] };
  const [toMri] = readFifTransforms(await readFile(join(sample, "sample_audvis_trunc-trans.fif")));
  const surfaces = readFifSurfaces(await readFile(join(sample, "sample-1280-1280-1280-bem.fif"))).toReversed();
  const shells = surfaces.map(({ vertices, faces }, k) => ({
    vertices,
    faces,
    conductivity: [0.3, 0.006, 0.3][k] as number,
  }));
  const millimetres = (p: Point): Point => [1000 * p[0], 1000 * p[1], 1000 * p[2]];
  const electrodes = reference.electrode_head_m.map((p) => apply(toMri?.matrix as Float64Array, millimetres(p)));
  const places = reference.source_mri_m.map(millimetres).filter((p) => isInside(p, surfaces[0] as Surface));
  const rows = boundaryLeadField(boundaryHead(shells, electrodes), places);
  const n = rows.length;
  const centred = (field: readonly Float64Array[]): Float64Array[] => {
    const mean = Float64Array.from(
      { length: field[0]?.length ?? 0 },
      (_, k) => field.reduce((s, row) => s + (row[k] as number), 0) / n,
    );
    return field.map((row) => row.map((v, k) => v - (mean[k] as number)));
  };
  const noise = rows.map((_, a) => Float64Array.from({ length: n }, (_, b) => (a === b ? 1 : 0) - 1 / n));
  const middle = [0, 1, 2].map((k) => places.reduce((s, p) => s + (p[k] as number), 0) / places.length);
  return {
    places,
    model: (orientations) => {
      if (orientations === 3) return { leadField: centred(rows), orientations, noise };
      const along = places.map((p) => {
        const d = p.map((v, k) => v - (middle[k] as number));
        return d.map((v) => v / Math.hypot(...d));
      });
      const fixed = rows.map((row) =>
        Float64Array.from(along, (d, i) => d.reduce((s, v, k) => s + v * (row[3 * i + k] as number), 0)),
      );
      return { leadField: centred(fixed), orientations, noise };
    },
  };
}

/** Against the average of the electrodes, with white noise referenced likewise. */
function modelOf(electrodes: readonly Point[], places: readonly Point[], orientations: 1 | 3): SourceModel {
  const n = electrodes.length;
  const rows = electrodes.map(() => new Float64Array(places.length * orientations));
  for (const [i, place] of places.entries()) {
    const lead = spherePotential(electrodes, place, threeSpheres);
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
