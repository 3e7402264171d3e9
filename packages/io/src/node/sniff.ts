/** What a file is, by its first bytes; the name decides only between formats that share a container. */
import { open } from "node:fs/promises";
import { constants, gunzipSync } from "node:zlib";
import { isGzip } from "../bytes/gunzip.ts";
import { looksLikeDicom } from "../dicom/tags.ts";
import { looksLikeEcat } from "../ecat/header.ts";
import { looksLikeFif } from "../fif/tags.ts";
import { looksLikeFreeSurferSurface } from "../freesurfer/surface.ts";
import { looksLikeGifti } from "../gifti/gifti.ts";
import { looksLikeInterfile } from "../interfile/header.ts";
import { looksLikeMgh } from "../mgh/header.ts";
import { looksLikeNifti } from "../nifti/header.ts";
import { looksLikePetsird } from "../petsird/petsird.ts";
import { looksLikeTwix } from "../twix/twix-measurements.ts";
import { isHdf5 } from "./hdf5.ts";

export type FileKind =
  | "DICOM"
  | "NIfTI"
  | "Interfile"
  | "ECAT"
  | "PETSIRD"
  | "PMOD"
  | "DFT"
  | "MGH"
  | "GIFTI"
  | "FreeSurfer"
  | "EDF"
  | "BDF"
  | "BrainVision"
  | "EEGLAB"
  | "FIF"
  | "SNIRF"
  | "Homer"
  | "NIRx"
  | "MRD"
  | "Siemens twix"
  | "XDF"
  | "JSON"
  | "TSV"
  | "partner"
  | "note"
  | "unknown";

const headBytes = 4096;

/** The first bytes of a file; fewer when it is shorter. */
export async function headOf(path: string): Promise<Uint8Array> {
  const handle = await open(path, "r");
  try {
    const head = new Uint8Array(headBytes);
    const { bytesRead } = await handle.read(head, 0, headBytes, 0);
    return head.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** The kind of the file at `path`. */
export async function sniffFile(path: string): Promise<FileKind> {
  return sniff(path.split(/[\\/]/).at(-1) ?? path, await headOf(path));
}

/** As many bytes as the head of a gzip stream holds, at most 1 MiB; nothing when it is damaged there. */
export function unpackedHead(head: Uint8Array): Uint8Array {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 2 ** 20 });
  } catch {
    return new Uint8Array(0);
  }
}

/** Values and regions of FreeSurfer's surfaces have no mark of their own. */
const perVertex = /^[lr]h\..*(curv|thickness|sulc|area|annot)$/;

/** The kind of a file from its name and first bytes. */
export function sniff(name: string, head: Uint8Array): FileKind {
  const lower = name.toLowerCase();
  if (looksLikeDicom(head)) return "DICOM";
  const bytes = isGzip(head) ? unpackedHead(head) : head;
  if (looksLikeNifti(bytes) || /\.nii(\.gz)?$/.test(lower)) return "NIfTI";
  if (looksLikeMgh(bytes) || /\.mg[hz]$/.test(lower)) return "MGH";
  if (looksLikeGifti(bytes) || /\.gii(\.gz)?$/.test(lower)) return "GIFTI";
  if (looksLikeFreeSurferSurface(bytes) || perVertex.test(lower)) return "FreeSurfer";
  if (looksLikeInterfile(bytes)) return "Interfile";
  if (looksLikeEcat(bytes)) return "ECAT";
  if (looksLikePetsird(bytes)) return "PETSIRD";
  if (looksLikeFif(bytes) || /\.fif(\.gz)?$/.test(lower)) return "FIF";
  const start = String.fromCharCode(...bytes.subarray(0, 128));
  if (start.startsWith("XDF:") || /\.xdfz?$/.test(lower)) return "XDF";
  if (start.startsWith("\u00ffBIOSEMI")) return "BDF";
  if (/^0 {7}/.test(start) && bytes.length >= 256) return "EDF";
  if (/^\uFEFF?(?:\u00ef\u00bb\u00bf)?Brain ?Vision Data Exchange Header/i.test(start)) return "BrainVision";
  if (/^(?:\u00ef\u00bb\u00bf)?Brain ?Vision Data Exchange Marker/i.test(start)) return "partner";
  if (start.startsWith("[GeneralInfo]") && lower.endsWith(".hdr")) return "NIRx";
  if (nirxPartner.test(lower) || (/\.set$/.test(lower) && /^[-\d.\s]+$/.test(start))) return "partner";
  if (isHdf5(bytes)) return hdf5Kinds.find(([pattern]) => pattern.test(lower))?.[1] ?? "SNIRF";
  if (/^MATLAB (5\.0|7\.3) MAT-file/.test(start))
    return /\.nirs$/.test(lower) ? "Homer" : /\.set$/.test(lower) ? "EEGLAB" : "unknown";
  if (/\.dat$/.test(lower) && looksLikeTwix(bytes)) return "Siemens twix";
  const byName = kindByName.find(([pattern]) => pattern.test(lower));
  return byName?.[1] ?? "unknown";
}

/** Beside the light of NIRx: places and settings. Its .set is a table of gains, where EEGLAB's is a MAT-file. */
const nirxPartner = /_(probeinfo\.mat|config\.txt)$/;

/** Of formats that share the HDF5 container. */
const hdf5Kinds: readonly (readonly [RegExp, FileKind])[] = [
  [/\.set$/, "EEGLAB"],
  [/\.(h5|hdf5|mrd|ismrmrd)$/, "MRD"],
];

/** For text, and for damaged files: so that a truncated recording is refused by its own reader, with its reason. */
const kindByName: readonly (readonly [RegExp, FileKind])[] = [
  [/^(readme|changes|changelog|licen[cs]e|copying|citation)(\.\w+)?$/, "note"],
  [/\.json$/, "JSON"],
  [/\.tsv$/, "TSV"],
  [/\.(eeg|dat|vmrk|fdt|img|bval|bvec|wl\d|evt|inf|tpl|avg)$/, "partner"],
  [/\.(h[vs])$/, "Interfile"],
  [/\.(v|s)(\.gz)?$/, "partner"],
  [/\.petsird$/, "PETSIRD"],
  [/\.(tac|bld)$/, "PMOD"],
  [/\.dft$/, "DFT"],
  [/\.edf$/, "EDF"],
  [/\.bdf$/, "BDF"],
  [/\.vhdr$/, "BrainVision"],
  [/\.set$/, "EEGLAB"],
  [/\.snirf$/, "SNIRF"],
  [/\.nirs$/, "Homer"],
  [/\.(mrd|ismrmrd)$/, "MRD"],
  [/\.(dcm|ima)$/, "DICOM"],
];
