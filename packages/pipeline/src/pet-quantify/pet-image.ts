/** A PET image with its side file, and masks and regions on its grid. */
import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import {
  DataError,
  type Grid,
  identityAffine,
  type LabelVolume,
  type Mask,
  type Metadata,
  nearestWords,
  type Volume,
} from "@quintet/core";
import { withSidecar, writeNifti } from "@quintet/io";
import { readFileBounded, readLabels, readVolume, sha256File, writeFileAtomic } from "@quintet/io/node";
import { resampleLabels } from "@quintet/kernels";
import { imageCorrectedAsStated } from "@quintet/modalities/pet";
import { version } from "../version.ts";

const ending = /(\.nii(\.gz)?|\.mg[hz]|\.v|\.hv)$/i;
const sidecarBytes = 2 ** 24;

export interface PetImage {
  readonly path: string;
  readonly volume: Volume;
  readonly metadata: Metadata;
  /** What was done to it on the way in. */
  readonly note?: string;
}

/**
 * An image of activity, corrected for decay: one whose side file says that it is not is corrected to TimeZero with the radionuclide and
 * the times stated, or refused (imageCorrectedAsStated).
 *
 * @throws DataError those of readStoredImage, `not-decay-corrected`, `unknown-radionuclide`
 */
export async function readPetImage(path: string, space?: string): Promise<PetImage> {
  const { volume, metadata } = await readStoredImage(path, space);
  const { value, note, metadata: told } = imageCorrectedAsStated(volume, metadata, sideFileOf(path));
  return { path, volume: value, metadata: told, ...(note === undefined ? {} : { note }) };
}

/** As it is stored, in the unit and frames of its side file. @throws DataError those of readVolume and withSidecar, `bad-json` */
export async function readStoredImage(path: string, space = "scanner:pet"): Promise<PetImage> {
  const volume = await readVolume(path, { space, clock: "pet" });
  const metadata = await readSideFile(path);
  return { path, volume: withSidecar(volume, metadata, sideFileOf(path)), metadata };
}

/** The JSON beside an image; empty where there is none. @throws DataError `bad-json` */
export async function readSideFile(path: string): Promise<Metadata> {
  return jsonFile(sideFileOf(path));
}

/** One object of JSON; empty where there is no such file. @throws DataError `bad-json` */
export async function jsonFile(path: string): Promise<Metadata> {
  if (!existsSync(path)) return {};
  return jsonOf(new TextDecoder().decode(await readFileBounded(path, sidecarBytes)), path);
}

/** The name of the JSON beside an image. */
export function sideFileOf(path: string): string {
  return path.replace(ending, "").concat(".json");
}

function jsonOf(text: string, file: string): Metadata {
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === "object" && !Array.isArray(value)) return value as Metadata;
  } catch (cause) {
    throw new DataError("bad-json", "a side file is JSON", { file, cause });
  }
  throw new DataError("bad-json", "a side file holds one object", { file });
}

/** What `act` refuses, now knowing which file it is about. */
export function inFile<T>(file: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw error instanceof DataError ? error.inFile(file) : error;
  }
}

/** Labels brought onto an image's grid; both are in one world. @throws DataError those of readLabels, `no-overlap` */
export async function labelsOn(grid: Grid, path: string): Promise<LabelVolume> {
  const labels = resampleLabels({ ...(await readLabels(path)), space: grid.space }, grid, identityAffine());
  if (labels.data.some((label) => label !== 0)) return labels;
  throw new DataError("no-overlap", "no region lies where the image does", {
    file: path,
    expected: "regions in the world of the image",
    found: "background everywhere in it",
  });
}

/** Every voxel with a label. @throws DataError as labelsOn */
export async function maskOn(grid: Grid, path: string): Promise<Mask> {
  const { data, names: _, ...place } = await labelsOn(grid, path);
  return { ...place, data: Uint8Array.from(data, (label) => (label === 0 ? 0 : 1)) };
}

/** The union of regions by name, or by /part/ of it. @throws DataError `unknown-region` */
export function regionsNamed(labels: LabelVolume, wanted: readonly string[], file: string): Mask {
  const chosen = new Set<number>();
  for (const name of wanted) {
    const part = name.match(/^\/(.+)\/$/)?.[1]?.toLowerCase();
    const found = [...labels.names].filter(([label, text]) =>
      part === undefined ? text === name || String(label) === name : text.toLowerCase().includes(part),
    );
    if (found.length === 0) {
      throw new DataError("unknown-region", `no region is called ${name}`, {
        file,
        expected: oneOfNames(part ?? name, [...labels.names.values()]),
        found: name,
      });
    }
    for (const [label] of found) chosen.add(label);
  }
  const { shape, affine, space } = labels;
  const data = Uint8Array.from(labels.data, (label) => (chosen.has(label) ? 1 : 0));
  if (data.includes(1)) return { shape, affine, space, data };
  throw new DataError("empty-region", "no voxel of the region lies in the image", { file, found: wanted.join(", ") });
}

/** Fields of tracer, dose, times, decay and person that hold of all that is made of an image. */
const carried = [
  "TracerName",
  "TracerRadionuclide",
  "InjectedRadioactivity",
  "InjectedRadioactivityUnits",
  "ModeOfAdministration",
  "InjectionStart",
  "InjectionEnd",
  "TimeZero",
  "ScanStart",
  "ImageDecayCorrected",
  "ImageDecayCorrectionTime",
  "PatientWeight",
] as const;

/** The part of an image's side file that goes with its curves and with images made of it in the same unit. */
export function carriedFields(metadata: Metadata): Metadata {
  return Object.fromEntries(carried.flatMap((key) => (metadata[key] === undefined ? [] : [[key, metadata[key]]])));
}

/** Few names whole, of many the nearest: "Left-Thalamus; did you mean that?" */
function oneOfNames(name: string, names: readonly string[]): string {
  const distinct = [...new Set(names)];
  if (distinct.length <= 6) return `one of ${distinct.join(", ")}`;
  return `one of ${distinct.length} names; did you mean ${nearestWords(name, distinct).join(", ")}?`;
}

/** Files of one result, each whole. */
export class ResultFiles {
  readonly #stem: string;
  readonly written: string[] = [];

  /** @param source the image measured: its name leads those of the results */
  constructor(folder: string, source: string) {
    this.#stem = join(folder, basename(source).replace(ending, ""));
  }

  async text(name: string, content: string): Promise<string> {
    return this.#write(name, content);
  }

  async bytes(name: string, content: Uint8Array): Promise<string> {
    return this.#write(name, content);
  }

  /** A NIfTI with its side file. */
  async image(name: string, volume: Volume, about: Metadata): Promise<string> {
    const path = await this.#write(`${name}.nii.gz`, writeNifti(volume, { gzip: true }));
    await this.json(name, { Units: volume.unit === "1" ? "unitless" : volume.unit, ...frameFields(volume), ...about });
    return path;
  }

  async json(name: string, content: object): Promise<string> {
    const full = { ...content, GeneratedBy: [{ Name: "quintet", Version: version }], note: researchUse };
    return this.#write(`${name}.json`, `${JSON.stringify(full, null, 1)}\n`);
  }

  async #write(name: string, content: string | Uint8Array): Promise<string> {
    const path = `${this.#stem}_${name}`;
    await writeFileAtomic(path, content);
    this.written.push(path);
    return path;
  }
}

/**
 * Several files of one result: each is written beside its place first, so that a full disk or a refused folder leaves none of them.
 */
export async function writeAll(
  files: readonly (readonly [path: string, content: string | Uint8Array])[],
): Promise<void> {
  const marks: (readonly [mark: string, path: string])[] = [];
  try {
    for (const [path, content] of files) {
      await mkdir(dirname(path), { recursive: true });
      const mark = `${path}.making-${process.pid}`;
      marks.push([mark, path]);
      await writeFile(mark, content);
    }
    for (const [mark, path] of marks) await rename(mark, path);
  } finally {
    for (const [mark] of marks) await rm(mark, { force: true });
  }
}

export const researchUse = "Research use only: not a medical device.";

function frameFields({ frames }: Volume): Metadata {
  if (frames.every(({ duration }) => duration === 0)) return {};
  return {
    FrameTimesStart: frames.map(({ start }) => start),
    FrameDuration: frames.map(({ duration }) => duration),
  };
}

/** Names and contents of the files behind a result. */
export function sourcesOf(paths: readonly (string | undefined)[]): Promise<readonly object[]> {
  return Promise.all(
    paths
      .filter((path) => path !== undefined)
      .map(async (path) => ({ file: basename(path), sha256: await sha256File(path) })),
  );
}
