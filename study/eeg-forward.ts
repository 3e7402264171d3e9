/**
 * Boundary elements against the exact series of three spheres, and against MNE-Python's on a real head.
 *
 *   npm run study -- eeg-forward [--subdivisions 2,3,4] [--own PREFIX]
 *
 * Spheres of triangles that enclose what the spheres of 78.3, 82.8 and 90 mm enclose (0.33, 0.0042, 0.33 S/m), 60 electrodes, dipoles
 * along one direction at shares of 90 mm. On the real head (where its data are): MNE-Python's lead field on surfaces of 320 triangles,
 * against ours on the same, on the 1280 triangles they were thinned from, and on our own surfaces of its T1
 * (`--own PREFIX` of what `quintet mri head T1.mgz` wrote). RDM = |a/|a| - b/|b||,
 * MAG = |a|/|b|, after the average reference; one JSON line each.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { apply, invert, type Point, type Surface } from "@quintet/core";
import { readFifSurfaces, readFifTransforms, readGiftiSurface, tkRas } from "@quintet/io";
import { readVolume } from "@quintet/io/node";
import {
  type BoundaryShell,
  boundaryHead,
  boundaryLeadField,
  isInside,
  meshTopology,
  spherePotential,
} from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import { icosphere } from "../packages/modalities/src/mri/quantify/sphere.ts";
import { median } from "../testing/bench-line.ts";
import { dataFolder } from "../testing/real-data.ts";
import { lattice, threeSpheres } from "../testing/sphere-head.ts";

type Weighting = "collocation" | "galerkin";
const shares = [0.02, 0.3, 0.5, 0.6, 0.7, 0.8];

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      subdivisions: { type: "string", default: "2,3" },
      own: { type: "string" },
      weighting: { type: "string", default: "collocation,galerkin" },
    },
  });
  const weightings = (["collocation", "galerkin"] as const).filter((name) =>
    values.weighting.split(",").includes(name),
  );
  await loadKernels();
  const electrodes = lattice(60, -0.3, 90);
  const sizes = values.subdivisions.split(",").map(Number);
  for (const [subdivisions, weighting] of sizes.flatMap((n) => weightings.map((name) => [n, name] as const))) {
    const start = performance.now();
    const head = boundaryHead(shellsOf(subdivisions), electrodes, { weighting });
    const seconds = (performance.now() - start) / 1000;
    for (const share of shares) {
      const place: Point = [0.36 * share * 90, 0.48 * share * 90, 0.8 * share * 90];
      const ours = boundaryLeadField(head, [place]);
      const truth = spherePotential(electrodes.map(metres), metres(place), threeSpheres);
      const found = [0, 1, 2].map((k) =>
        compared(
          ours.map((row) => row[k] as number),
          electrodes.map((_, e) => truth[3 * e + k] as number),
        ),
      );
      console.log(
        JSON.stringify({
          study: "eeg-forward",
          head: "three spheres",
          vertices: 10 * 4 ** subdivisions + 2,
          weighting,
          eccentricity: share,
          rdm: round(median(found.map(([r]) => r))),
          mag: round(median(found.map(([, m]) => m))),
          seconds: round(seconds),
        }),
      );
    }
  }
  await realHead(values.own, weightings);
}

interface Reference {
  readonly electrode_head_m: readonly Point[];
  readonly source_mri_m: readonly Point[];
  readonly bem3_leadfield_V_per_Am: readonly (readonly number[])[];
}

async function realHead(own: string | undefined, weightings: readonly Weighting[]): Promise<void> {
  const sample = join(dataFolder, "multimodal/mne_sample");
  const reference = join(dataFolder, "multimodal/reference_computed/mne_eeg_forward_sample.json");
  if (!existsSync(reference)) return;
  const truth = JSON.parse(await readFile(reference, "utf8")) as Reference;
  const [toMri] = readFifTransforms(await readFile(join(sample, "sample_audvis_trunc-trans.fif")));
  const matrix = toMri?.matrix as Float64Array;
  const turn = invert(matrix);
  const electrodes = truth.electrode_head_m.map((p) => apply(matrix, [1000 * p[0], 1000 * p[1], 1000 * p[2]]));
  const places = truth.source_mri_m.map((p): Point => [1000 * p[0], 1000 * p[1], 1000 * p[2]]);
  const heads: (readonly [string, readonly Surface[]])[] = [];
  for (const count of [320, 1280]) {
    const file = join(sample, `sample-${count}-${count}-${count}-bem.fif`);
    heads.push([`${count} triangles of the sample`, readFifSurfaces(await readFile(file), { file }).toReversed()]);
  }
  if (own !== undefined) {
    const names = ["innerskull", "outerskull", "scalp"];
    // Ours are in the world of the T1, the reference in FreeSurfer's coordinates of it.
    const t1 = await readVolume(join(sample, "T1.mgz"));
    const toSurface = invert(tkRas(t1).matrix);
    const surfaces = await Promise.all(
      names.map(async (name) => {
        const { faces, vertices, space } = readGiftiSurface(await readFile(`${own}_desc-${name}_surf.gii`));
        const moved = new Float32Array(vertices.length);
        for (let i = 0; i < vertices.length; i += 3)
          moved.set(apply(toSurface, [vertices[i] as number, vertices[i + 1] as number, vertices[i + 2] as number]), i);
        return { faces, vertices: moved, space };
      }),
    );
    heads.push(["our own surfaces", surfaces]);
  }
  for (const [weighting, name, surfaces] of weightings.flatMap((way) => heads.map((one) => [way, ...one] as const))) {
    const start = performance.now();
    const shells = surfaces.map(({ vertices, faces }, k) => ({
      vertices,
      faces,
      conductivity: [0.3, 0.006, 0.3][k] as number,
    }));
    const inside = places.flatMap((p, i) => (isInside(p, surfaces[0] as Surface) ? [i] : []));
    const head = boundaryHead(shells, electrodes, { weighting });
    const field = boundaryLeadField(
      head,
      inside.map((i) => places[i] as Point),
    );
    const found = inside.flatMap((source, i) =>
      [0, 1, 2].map((k) =>
        compared(
          field.map((row) =>
            [0, 1, 2].reduce((sum, m) => sum + (row[3 * i + m] as number) * (turn[4 * k + m] as number), 0),
          ),
          truth.bem3_leadfield_V_per_Am.map((row) => row[3 * source + k] as number),
        ),
      ),
    );
    const rdm = found.map(([r]) => r);
    const mag = found.map(([, m]) => m);
    console.log(
      JSON.stringify({
        study: "eeg-forward",
        head: name,
        weighting,
        faces: (shells[0] as BoundaryShell).faces.length / 3,
        sources: inside.length,
        rdm: { median: round(median(rdm)), most: round(Math.max(...rdm)) },
        mag: { median: round(median(mag)), least: round(Math.min(...mag)), most: round(Math.max(...mag)) },
        movedMost: round(Math.max(...head.moved)),
        seconds: round((performance.now() - start) / 1000),
      }),
    );
  }
}

const round = (v: number): number => Number(v.toPrecision(3));
const metres = (p: Point): Point => [p[0] / 1000, p[1] / 1000, p[2] / 1000];

function shellsOf(subdivisions: number): BoundaryShell[] {
  const mesh = icosphere(subdivisions);
  const unit = { vertices: Float32Array.from(mesh.vertices), faces: Uint32Array.from(mesh.faces) };
  const scale = (((4 / 3) * Math.PI) / (1000 * meshTopology(unit).volume)) ** (1 / 3);
  return threeSpheres.map(({ radius, conductivity }) => ({
    vertices: Float64Array.from(mesh.vertices, (v) => v * 1000 * radius * scale),
    faces: unit.faces,
    conductivity,
  }));
}

function compared(ours: readonly number[], theirs: readonly number[]): readonly [rdm: number, mag: number] {
  const centred = (v: readonly number[]): number[] => v.map((x) => x - v.reduce((a, b) => a + b, 0) / v.length);
  const [a, b] = [centred(ours), centred(theirs)];
  const [na, nb] = [Math.hypot(...a), Math.hypot(...b)];
  return [Math.hypot(...a.map((v, i) => v / na - (b[i] as number) / nb)), na / nb];
}
