import { join } from "node:path";
import { DataError, type LabelVolume, type Space, type Surface } from "@quintet/core";
import { freeSurferRegionNames } from "../freesurfer/region-names.ts";
import { kindOfPath } from "./files.ts";
import { readSurface, type SurfaceOptions } from "./surfaces.ts";
import { readLabels } from "./volumes.ts";

export interface SurferFolder {
  /** The label image that was taken. */
  readonly file: string;
  readonly regions: LabelVolume;
  /** By side: half way between lh.white and lh.pial, where both are there. */
  readonly cortex: ReadonlyMap<"left" | "right", Surface>;
}

/** Where FreeSurfer and FastSurfer put their labels, richest first. */
const candidates: readonly string[] = [
  "mri/aparc+aseg.mgz",
  "mri/aparc.DKTatlas+aseg.mapped.mgz",
  "mri/aparc.DKTatlas+aseg.deep.mgz",
  "mri/aseg.mgz",
  "mri/aseg.auto.mgz",
  "mri/synthseg.mgz",
  "aparc+aseg.mgz",
  "aseg.mgz",
];

/**
 * Reads what FreeSurfer, FastSurfer or SynthSeg made of a head: a subject's folder, or one label image (.mgz, NIfTI).
 *
 * @throws DataError `not-found`, `no-labels`, and those of readLabels and readSurface
 */
export async function readSurferOutput(path: string, options: { readonly space?: Space } = {}): Promise<SurferFolder> {
  const kind = await kindOfPath(path);
  if (kind === "missing") throw new DataError("not-found", "there is no such file or folder", { file: path });
  const file = kind === "file" ? path : await firstThere(path);
  const regions = await readLabels(file, { ...options, names: freeSurferRegionNames });
  const cortex = new Map<"left" | "right", Surface>();
  for (const [side, files] of await surferCortexFiles(path))
    cortex.set(side, await readMidCortex(files, { ...options, volume: regions }));
  return { file, regions, cortex };
}

export interface CortexFiles {
  readonly white: string;
  readonly pial: string;
}

/** White and pial surfaces of a FreeSurfer or FastSurfer subject, of each side that has both; none for a file. */
export async function surferCortexFiles(path: string): Promise<ReadonlyMap<"left" | "right", CortexFiles>> {
  const found = new Map<"left" | "right", CortexFiles>();
  if ((await kindOfPath(path)) !== "folder") return found;
  for (const [side, prefix] of [
    ["left", "lh"],
    ["right", "rh"],
  ] as const) {
    const [white, pial] = [join(path, "surf", `${prefix}.white`), join(path, "surf", `${prefix}.pial`)];
    if ((await kindOfPath(white)) === "file" && (await kindOfPath(pial)) === "file") found.set(side, { white, pial });
  }
  return found;
}

/** The surface half way between white and pial. @throws DataError `shape-mismatch`, and those of readSurface */
export async function readMidCortex({ white, pial }: CortexFiles, options: SurfaceOptions = {}): Promise<Surface> {
  return between(await readSurface(white, options), await readSurface(pial, options), pial);
}

async function firstThere(folder: string): Promise<string> {
  for (const name of candidates) if ((await kindOfPath(join(folder, name))) === "file") return join(folder, name);
  throw new DataError("no-labels", "this is no subject's folder of FreeSurfer or FastSurfer", {
    file: folder,
    expected: candidates.join(", "),
    found: "none of them",
  });
}

/** The surface half way between two with the same faces. */
function between(white: Surface, pial: Surface, file: string): Surface {
  if (white.vertices.length !== pial.vertices.length) {
    throw new DataError("shape-mismatch", "white and pial surface must have the same vertices", {
      file,
      expected: `${white.vertices.length / 3}`,
      found: `${pial.vertices.length / 3}`,
    });
  }
  return { ...white, vertices: white.vertices.map((x, i) => (x + (pial.vertices[i] as number)) / 2) };
}
