/** A person's uptake against a folder of normals: z in every voxel, on the brain's surface, and clusters. */

import { basename } from "node:path";
import { DataError, identityAffine, type Mask, type Surface, sameGrid, type Volume } from "@quintet/core";
import { writeGiftiSurface, writeGiftiValues, writeTsv } from "@quintet/io";
import { readSurface } from "@quintet/io/node";
import { type Cluster, searchClusters } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import {
  atResolution,
  type NormalImage,
  type NormativeMap,
  normativeMap,
  normativeZ,
  surfacePeaks,
} from "@quintet/modalities/pet";
import { type ProjectedSurface, renderProjectionsPage } from "@quintet/view";
import { version } from "../version.ts";
import { brainSurfaces } from "./brain-surfaces.ts";
import { readNormals, scaled } from "./normals-folder.ts";
import { ResultFiles, readPetImage, sourcesOf } from "./pet-image.ts";

export interface ScoreOptions {
  readonly normals: string;
  readonly age: number;
  readonly sex: "F" | "M";
  /** Resolution of the image, mm. */
  readonly fwhm: number;
  /** Of the normals, where their table has no column fwhm_mm. */
  readonly normalsFwhm?: number;
  readonly brain?: string;
  /** A mask: each image is divided by its mean there. */
  readonly reference?: string;
  /** |z| that clusters exceed; default 3. */
  readonly threshold?: number;
  /** Surfaces in the template's space; the outline of the brain mask without. */
  readonly surfaces?: readonly string[];
  /** mm below the surface that are looked through; default 13.5. */
  readonly depth?: number;
  readonly onProgress?: (share: number, note: string) => void;
}

export interface ScoredImage {
  readonly normals: number;
  readonly ages: readonly [number, number];
  readonly fwhm: number;
  readonly threshold: number;
  /** Of all voxels of the brain. */
  readonly mean: number;
  readonly sd: number;
  readonly clusters: readonly Cluster[];
  readonly surface: { readonly vertices: number; readonly lowest: number; readonly highest: number };
  readonly files: readonly string[];
}

/**
 * Writes the z map (NIfTI), its clusters (TSV), z and uptake on the surface (GIFTI), eight fixed views of them (one HTML page) and
 * a JSON of it all.
 *
 * On the surface each person's value is the largest within `depth` along the inward normal, and z is that of these values: what
 * is low is low although the highest was looked for (Minoshima's 3D-SSP).
 *
 * @throws DataError `grid-mismatch` (not in the normals' template), those of readNormals, normativeMap, normativeZ and surfacePeaks
 */
export async function scoreAgainstNormals(path: string, out: string, options: ScoreOptions): Promise<ScoredImage> {
  await loadKernels();
  const { age, sex, fwhm, threshold = 3, depth, onProgress } = options;
  onProgress?.(0, "reading the normals");
  const {
    normals,
    brain,
    files: normalFiles,
  } = await readNormals(options.normals, {
    ...(options.brain === undefined ? {} : { brain: options.brain }),
    ...(options.reference === undefined ? {} : { reference: options.reference }),
    ...(options.normalsFwhm === undefined ? {} : { fwhm: options.normalsFwhm }),
  });
  const { volume } = await readPetImage(path, "template");
  if (!sameGrid(volume, brain)) {
    throw new DataError("grid-mismatch", "the image lies in the template of the normals", {
      file: path,
      expected: `${brain.shape.join(" x ")} voxels as theirs`,
      found: volume.shape.join(" x "),
    });
  }
  const person: NormalImage = { age, sex, fwhm, image: await scaled(volume, path, options.reference) };
  const target = Math.max(fwhm, ...normals.map((normal) => normal.fwhm));
  onProgress?.(0.3, "z of every voxel");
  const norms = normativeMap(normals, brain, target);
  const z = normativeZ(norms, person);
  const { above, below } = searchClusters(z, brain, { threshold });
  const clusters = [...below, ...above].sort((a, b) => a.p - b.p);
  onProgress?.(0.6, "on the surface");
  const surfaces = await surfacesOf(options, brain);
  const projected = surfaces.map(({ name, surface }) => ({
    name,
    surface,
    ...onSurface(surface, normals, person, target, depth),
  }));
  const files = new ResultFiles(out, path);
  const about = {
    Normals: { folder: basename(options.normals), n: norms.n, ages: norms.ages, sexes: norms.sexes },
    Person: { age, sex },
    Resolution_mm: target,
    Sources: await sourcesOf([path, options.reference, options.brain, ...normalFiles]),
  };
  await files.image("desc-normative_z", z, about as never);
  const columns = ["sign", "peak_z", "mean_z", "volume_mL", "x_mm", "y_mm", "z_mm", "p_peak", "p_extent"];
  const rows = clusters.map((c) => [c.sign, c.peak, c.mean, c.volume, ...c.peakPosition, c.p, c.extentP]);
  await files.text("desc-normative_clusters.tsv", writeTsv(columns, rows));
  for (const { name, surface, uptake, z: own } of projected) {
    await files.bytes(`hemi-${name}_brain.surf.gii`, writeGiftiSurface(surface));
    await files.bytes(`hemi-${name}_desc-peak_pet.func.gii`, writeGiftiValues({ peak: finite(uptake) }));
    await files.bytes(`hemi-${name}_desc-normative_z.func.gii`, writeGiftiValues({ z: finite(own) }));
  }
  const drawn: readonly ProjectedSurface[] = projected;
  const page = renderProjectionsPage(drawn, {
    title: `Against ${norms.n} normals`,
    source: basename(path),
    software: { name: "Quintet", version },
    generatedAt: new Date().toISOString().slice(0, 19),
    unit: person.image.unit === "1" ? "ratio to the reference" : person.image.unit,
    notes: notesOf(norms, person, target, depth),
  });
  await files.text("desc-normative_projections.html", page);
  const inside = z.data.filter((_, v) => brain.data[v] !== 0);
  const mean = inside.reduce((sum, value) => sum + value, 0) / inside.length;
  const onAll = projected.flatMap(({ z: own }) => [...own].filter(Number.isFinite));
  const result = {
    normals: norms.n,
    ages: norms.ages,
    fwhm: target,
    threshold,
    mean,
    sd: Math.sqrt(inside.reduce((sum, value) => sum + (value - mean) ** 2, 0) / inside.length),
    clusters,
    surface: {
      vertices: onAll.length,
      lowest: onAll.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
      highest: onAll.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY),
    },
  };
  await files.json("desc-normative", { ...result, ...about });
  return { ...result, files: files.written };
}

function notesOf(
  { n, ages, sexes }: NormativeMap,
  { age, sex }: NormalImage,
  target: number,
  depth = 13.5,
): readonly string[] {
  return [
    `${n} normals of ${ages[0]} to ${ages[1]} years, ${sexes.join(" and ")}; this person: ${age} years, ${sex}; age and sex are part of the model.`,
    `All images at ${target.toFixed(1)} mm FWHM; peak value within ${depth} mm along the inward normal of each vertex.`,
  ];
}

async function surfacesOf(
  { surfaces }: ScoreOptions,
  brain: Mask,
): Promise<readonly { readonly name: string; readonly surface: Surface }[]> {
  if (!surfaces || surfaces.length === 0) {
    const [left, right] = brainSurfaces(brain);
    return [
      { name: "L", surface: left },
      { name: "R", surface: right },
    ];
  }
  return Promise.all(
    surfaces.map(async (file) => {
      const surface = { ...(await readSurface(file)), space: brain.space };
      const x = surface.vertices.reduce((sum, value, i) => sum + (i % 3 === 0 ? value : 0), 0);
      return { name: x < 0 ? "L" : "R", surface };
    }),
  );
}

/** Peaks of all people on the surface, and this person's z among them. */
function onSurface(
  surface: Surface,
  normals: readonly NormalImage[],
  person: NormalImage,
  target: number,
  depth: number | undefined,
): { readonly uptake: Float32Array; readonly z: Float32Array } {
  const peaks = (one: NormalImage): NormalImage => {
    const image = atResolution(one.image, one.fwhm, target);
    const values = surfacePeaks(image, surface, { pick: "largest", ...(depth === undefined ? {} : { depth }) });
    return { ...one, fwhm: target, image: asRow(values, one.image) };
  };
  const all = normals.map(peaks);
  const own = peaks(person);
  const known = own.image.data.map((value, v) =>
    Number.isFinite(value) && all.every(({ image }) => Number.isFinite(image.data[v])) ? 1 : 0,
  );
  const { shape, affine, space } = own.image;
  const mask: Mask = { shape, affine, space, data: Uint8Array.from(known) };
  const z = normativeZ(normativeMap(all, mask, target), own).data;
  return { uptake: own.image.data, z: z.map((value, v) => (known[v] === 1 ? value : Number.NaN)) };
}

/** Vertices as voxels of a row: the same statistics for both. */
function asRow(values: Float32Array, { unit, frames, clock }: Volume): Volume {
  return {
    shape: [values.length, 1, 1],
    affine: identityAffine(),
    space: "surface",
    unit,
    frames,
    clock,
    data: values,
  };
}

/** GIFTI holds no gaps: 0 where nothing is known. */
function finite(values: Float32Array): Float32Array {
  return values.map((value) => (Number.isFinite(value) ? value : 0));
}
