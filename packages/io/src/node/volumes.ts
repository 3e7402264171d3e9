import { DataError, type LabelVolume, type Space, type Volume, type VoxelUnit } from "@quintet/core";
import { looksLikeDicom } from "../dicom/tags.ts";
import { readEcat } from "../ecat/ecat.ts";
import { looksLikeEcat } from "../ecat/header.ts";
import { freeSurferRegionNames } from "../freesurfer/region-names.ts";
import { looksLikeInterfile } from "../interfile/header.ts";
import { looksLikeMgh } from "../mgh/header.ts";
import { readMgh, readMghLabels } from "../mgh/read.ts";
import { looksLikeNifti, readNiftiHeader } from "../nifti/header.ts";
import type { OrientationChoice } from "../nifti/orientation.ts";
import { type NiftiOptions, readNifti, readNiftiLabels } from "../nifti/read.ts";
import { convertDicom, type DicomSeries } from "./dicom.ts";
import { seriesAround } from "./dicom-input.ts";
import { kindOfPath, readUnpacked } from "./files.ts";
import { readInterfileVolume } from "./interfile.ts";
import { readLabelNames } from "./volumes-label-names.ts";

export interface VolumeOptions {
  readonly space?: Space;
  readonly unit?: VoxelUnit;
  readonly clock?: string;
  readonly orientation?: OrientationChoice;
  readonly nonFinite?: NonNullable<NiftiOptions["nonFinite"]>;
  readonly complex?: NonNullable<NiftiOptions["complex"]>;
  /** Name of the series wanted from a DICOM folder that holds several. */
  readonly series?: string;
}

/**
 * Reads one image, whatever holds it, told by content and not by name: NIfTI (.nii, .nii.gz, .hdr + .img), MGH (.mgh, .mgz),
 * ECAT 7 (.v, .v.gz), an Interfile header (.hv) with its data file, a DICOM file with the rest of its series, or a folder
 * of DICOM.
 *
 * @throws DataError `not-found`, `unknown-format`, `several-series`, `missing-image`, `missing-data`, and those of readNifti,
 *   readMgh, readEcat, readInterfileImage and convertDicom
 */
export async function readVolume(path: string, options: VolumeOptions = {}): Promise<Volume> {
  const kind = await kindOfPath(path);
  if (kind === "missing") throw new DataError("not-found", "there is no such file or folder", { file: path });
  if (kind === "folder") return oneSeries(await convertDicom(path, options), path, options);
  const { bytes, image } = await readParts(path);
  if (looksLikeDicom(bytes))
    return oneSeries(await convertDicom(await seriesAround(path, bytes), options), path, options);
  const { series: _, ...rest } = options;
  if (looksLikeEcat(bytes)) {
    const { volume } = readEcat(bytes, { file: path, ...rest });
    return rest.unit === undefined ? volume : { ...volume, unit: rest.unit };
  }
  if (looksLikeInterfile(bytes)) return readInterfileVolume(path, rest);
  if (looksLikeMgh(bytes)) return readMgh(bytes, { ...rest, file: path });
  if (!looksLikeNifti(bytes)) throw unknown(path, bytes);
  return readNifti(bytes, { file: path, ...rest, ...(image ? { image } : {}) });
}

/**
 * Reads a label image (NIfTI, MGH) and the names of its labels when a table stands beside it: NAME.tsv (BIDS `index`,
 * `name`), NAME.nii.txt or NAME.txt (number, name). MGH without a table has FreeSurfer's names.
 *
 * @throws DataError those of readNiftiLabels and readMghLabels; `unknown-format`, `bad-label-names`
 */
export async function readLabels(
  path: string,
  options: Omit<VolumeOptions, "series" | "unit" | "clock"> & { readonly names?: ReadonlyMap<number, string> } = {},
): Promise<LabelVolume> {
  const { bytes, image } = await readParts(path);
  const names = options.names ?? (await readLabelNames(path));
  if (looksLikeMgh(bytes)) {
    return readMghLabels(bytes, { ...options, file: path, names: names ?? freeSurferRegionNames });
  }
  if (!looksLikeNifti(bytes)) throw unknown(path, bytes);
  return readNiftiLabels(bytes, { ...options, file: path, ...(names ? { names } : {}), ...(image ? { image } : {}) });
}

function unknown(path: string, bytes: Uint8Array): DataError {
  return new DataError("unknown-format", "this is no image that can be read", {
    file: path,
    expected: "NIfTI-1, NIfTI-2, MGH, DICOM, ECAT 7 or an Interfile header",
    found: bytes.length === 0 ? "an empty file" : `bytes ${[...bytes.subarray(0, 4)].join(" ")}`,
  });
}

/** The unpacked file and, of a pair, its image. Either half of a pair may be named. */
async function readParts(path: string): Promise<{ bytes: Uint8Array; image?: Uint8Array }> {
  const half = path.match(/^(.*)\.(hdr|img)(\.gz)?$/i);
  const header = half && /img/i.test(half[2] as string) ? await neighbour(half[1] as string, "hdr") : path;
  const bytes = await readUnpacked(header ?? path);
  if (!half || !looksLikeNifti(bytes) || readNiftiHeader(bytes, { file: path }).storage === "single") return { bytes };
  const image = /img/i.test(half[2] as string) ? path : await neighbour(half[1] as string, "img");
  if (!image) throw new DataError("missing-image", "the .img file of this header is missing", { file: path });
  return { bytes, image: await readUnpacked(image) };
}

async function neighbour(stem: string, ending: string): Promise<string | undefined> {
  for (const name of [`.${ending}`, `.${ending}.gz`, `.${ending.toUpperCase()}`]) {
    if ((await kindOfPath(stem + name)) === "file") return stem + name;
  }
  return undefined;
}

function oneSeries(found: readonly DicomSeries[], path: string, options: VolumeOptions): Volume {
  const wanted = options.series === undefined ? found : found.filter(({ name }) => name === options.series);
  const [only] = wanted;
  if (!only || wanted.length > 1) {
    throw new DataError("several-series", "say which series of this folder is meant", {
      file: path,
      expected: options.series ?? "one series",
      found: found.map(({ name }) => name).join(", "),
    });
  }
  const { space = only.volume.space, unit = only.volume.unit, clock = only.volume.clock } = options;
  return { ...only.volume, space, unit, clock };
}
