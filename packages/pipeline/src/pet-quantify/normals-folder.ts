/** A folder of normals: images in one template, and a table of who they are of. */
import { existsSync, readdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { DataError, type Mask, type Volume, voxelCount } from "@quintet/core";
import { cell, numberCell, readTsv } from "@quintet/io";
import type { NormalImage } from "@quintet/modalities/pet";
import { maskOn, readPetImage } from "./pet-image.ts";

export interface NormalsFolder {
  readonly normals: readonly NormalImage[];
  readonly brain: Mask;
  /** Files behind it. */
  readonly files: readonly string[];
}

export interface NormalsOptions {
  /** Default brain.nii.gz (or .nii) in the folder. */
  readonly brain?: string;
  /** Each image is divided by its mean in this mask; images that are ratios already need none. */
  readonly reference?: string;
  /** Resolution of all images in mm, where the table has no column fwhm_mm. */
  readonly fwhm?: number;
}

/**
 * participants.tsv with participant_id, age, sex (F, M) and, where they differ, fwhm_mm; of each person one image whose name begins
 * with the participant_id, all on one grid.
 *
 * @throws DataError `missing-file`, `missing-column`, `no-age`, `no-sex`, `no-resolution`, `several-images`, those of the readers
 */
export async function readNormals(folder: string, { brain, reference, fwhm }: NormalsOptions): Promise<NormalsFolder> {
  const file = join(folder, "participants.tsv");
  if (!existsSync(file)) {
    throw new DataError("missing-file", "ages and sexes of the normals are in a table", {
      file: folder,
      expected: "participants.tsv with participant_id, age, sex",
      found: existsSync(folder) ? "no such table in the folder" : "no such folder",
    });
  }
  const table = readTsv(await readFile(file, "utf8"), file);
  for (const name of ["participant_id", "age", "sex"]) {
    if (table.columns.includes(name)) continue;
    throw new DataError("missing-column", "the table of normals", {
      file,
      expected: name,
      found: table.columns.join(", "),
    });
  }
  const names = readdirSync(folder).filter((name) => /\.nii(\.gz)?$/i.test(name));
  const normals: NormalImage[] = [];
  const files = [file];
  let mask: Mask | undefined;
  for (const [row] of table.rows.entries()) {
    const id = cell(table, row, "participant_id") ?? "";
    const [age, sex] = [numberCell(table, row, "age"), cell(table, row, "sex")];
    const own = numberCell(table, row, "fwhm_mm") ?? fwhm;
    const where = { file, found: id };
    if (age === undefined) throw new DataError("no-age", "a normal without an age", where);
    if (sex !== "F" && sex !== "M")
      throw new DataError("no-sex", "a normal's sex is F or M", {
        file,
        expected: "F or M",
        found: `${id}: ${sex ?? "n/a"}`,
      });
    if (own === undefined) {
      throw new DataError("no-resolution", "nothing says how sharp the images are", {
        file,
        expected: "a column fwhm_mm, or --normals-fwhm",
        found: id,
      });
    }
    const mine = names.filter((name) => name.startsWith(`${id}_`) || name.replace(/\.nii(\.gz)?$/i, "") === id);
    const [image] = mine;
    if (image === undefined || mine.length > 1) {
      throw new DataError(image === undefined ? "missing-file" : "several-images", `images of ${id}`, {
        file: folder,
        expected: "one image whose name begins with it",
        found: mine.join(", ") || "none",
      });
    }
    const path = join(folder, image);
    const { volume } = await readPetImage(path, "template");
    mask ??= await brainOf(folder, brain, volume);
    normals.push({ age, sex, fwhm: own, image: await scaled(volume, path, reference) });
    files.push(path);
  }
  if (!mask)
    throw new DataError("too-few-normals", "the table of normals is empty", {
      file,
      expected: "10 rows or more",
      found: "0",
    });
  return { normals, brain: mask, files };
}

async function brainOf(folder: string, given: string | undefined, grid: Volume): Promise<Mask> {
  const found =
    given ?? ["brain.nii.gz", "brain.nii"].map((name) => join(folder, name)).find((path) => existsSync(path));
  if (found !== undefined) return maskOn(grid, found);
  throw new DataError("missing-file", "which voxels are brain", {
    file: folder,
    expected: "brain.nii.gz in the folder, or --brain",
    found: "neither",
  });
}

/**
 * One frame, as a ratio to its mean in the reference where one is given.
 * @throws DataError `several-frames`, `not-positive`
 */
export async function scaled(volume: Volume, path: string, reference: string | undefined): Promise<Volume> {
  if (volume.data.length !== voxelCount(volume)) {
    throw new DataError("several-frames", "normals are compared in one frame", {
      file: path,
      expected: "1 frame",
      found: `${volume.frames.length}`,
    });
  }
  const bad = volume.data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new DataError("not-finite", "an image to compare", {
      file: path,
      expected: "numbers",
      found: `${volume.data[bad]} at voxel ${bad}`,
    });
  if (reference === undefined) return volume;
  const mask = await maskOn(volume, reference);
  let [sum, n] = [0, 0];
  for (let v = 0; v < mask.data.length; v++) {
    if (mask.data[v] === 0) continue;
    sum += volume.data[v] as number;
    n++;
  }
  const mean = sum / n;
  if (!(mean > 0))
    throw new DataError("not-positive", "uptake of the reference region", {
      file: path,
      expected: "> 0",
      found: `${mean}`,
    });
  return { ...volume, unit: "1", data: volume.data.map((value) => value / mean) };
}
