import { DataError } from "@quintet/core";
import { type ByteReader, byteReader, checkedProduct } from "../bytes/byte-reader.ts";
import { type DatatypeRow, datatypeByCode } from "./datatypes.ts";

/** A NIfTI header as the file states it, with sizes checked and nothing interpreted. */
export interface NiftiHeader {
  readonly version: 1 | 2;
  readonly littleEndian: boolean;
  /** Header and voxels in one file (.nii) or in two (.hdr + .img). */
  readonly storage: "single" | "pair";
  /** Extents x, y, z, t; missing ones are 1. */
  readonly shape: readonly [nx: number, ny: number, nz: number, nt: number];
  /** Number of stated dimensions, `dim[0]`. */
  readonly rank: number;
  readonly datatype: DatatypeRow;
  /** pixdim[0..7]: [0] is qfac, [1..3] voxel size, [4] time step, in the file's units. */
  readonly pixdim: readonly number[];
  /** First byte of the voxels. */
  readonly voxelOffset: number;
  readonly slope: number;
  readonly intercept: number;
  readonly spatialUnit: "mm" | "m" | "um" | "unknown";
  readonly timeUnit: "s" | "ms" | "us" | "unknown" | "not-time";
  /** Time of the first frame in the file's unit of time. */
  readonly timeOffset: number;
  readonly qformCode: number;
  readonly sformCode: number;
  /** Quaternion b, c, d. */
  readonly quaternion: readonly [number, number, number];
  readonly qoffset: readonly [number, number, number];
  /** srow_x, srow_y, srow_z: 12 numbers. */
  readonly srows: readonly number[];
  readonly intentCode: number;
  /** Free text a person may have filled: descrip, aux_file, intent_name, db_name. */
  readonly texts: Readonly<Record<string, string>>;
  /** First byte after the fixed header, and after its extensions. */
  readonly extensionBytes: number;
}

/** Places of the fields: nifti1.h and nifti2.h. */
const layouts = {
  1: {
    size: 348,
    magic: 344,
    dim: 40,
    datatype: 70,
    bitpix: 72,
    pixdim: 76,
    vox: 108,
    slope: 112,
    inter: 116,
    xyzt: 123,
    toffset: 136,
    descrip: 148,
    aux: 228,
    qform: 252,
    sform: 254,
    quatern: 256,
    srow: 280,
    intentCode: 68,
    intentName: 328,
  },
  2: {
    size: 540,
    magic: 4,
    dim: 16,
    datatype: 12,
    bitpix: 14,
    pixdim: 104,
    vox: 168,
    slope: 176,
    inter: 184,
    xyzt: 500,
    toffset: 216,
    descrip: 240,
    aux: 320,
    qform: 344,
    sform: 348,
    quatern: 352,
    srow: 400,
    intentCode: 504,
    intentName: 508,
  },
} as const;

export const headerLayouts: typeof layouts = layouts;

export function looksLikeNifti(bytes: Uint8Array): boolean {
  return bytes.length >= 348 && identify(bytes) !== undefined;
}

function identify(bytes: Uint8Array): { version: 1 | 2; littleEndian: boolean } | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const littleEndian of [true, false]) {
    for (const version of [1, 2] as const) {
      if (view.getInt32(0, littleEndian) === layouts[version].size) return { version, littleEndian };
    }
  }
  return undefined;
}

/**
 * Reads the header of NIfTI-1 or NIfTI-2 in either byte order (uncompressed bytes).
 *
 * @throws DataError `truncated`, `not-nifti`, `analyze-file` (ANALYZE 7.5 does not say left from right),
 *   `bad-dimensions`, `unsupported-datatype`, `bad-header`
 * @see nifti1.h, nifti2.h (nifti.nimh.nih.gov)
 */
export function readNiftiHeader(bytes: Uint8Array, { file }: { readonly file: string }): NiftiHeader {
  if (bytes.length < 348) {
    throw new DataError("truncated", "a NIfTI header has 348 bytes or more", { file, found: `${bytes.length} bytes` });
  }
  const identity = identify(bytes);
  if (!identity) {
    throw new DataError("not-nifti", "the file does not begin with a NIfTI header", {
      file,
      expected: "348 or 540 in the first four bytes",
      found: [...bytes.subarray(0, 4)].join(" "),
    });
  }
  const { version, littleEndian } = identity;
  const reader = byteReader(bytes, file, littleEndian);
  const at = layouts[version];
  const wide = version === 2;
  const storage = readMagic(reader, version);
  const integer = (offset: number, what: string): number =>
    wide ? reader.int32(offset, what) : reader.int16(offset, what);
  const real = (offset: number, what: string): number =>
    wide ? reader.float64(offset, what) : reader.float32(offset, what);
  const width = wide ? 8 : 4;

  const { rank, shape } = readShape(reader, version);
  const datatype = datatypeByCode(reader.int16(at.datatype, "datatype"), file);
  const bitpix = reader.int16(at.bitpix, "bitpix");
  if (bitpix !== datatype.bytes * 8) {
    throw new DataError("bad-header", `bitpix does not fit the datatype ${datatype.name}`, {
      file,
      expected: `${datatype.bytes * 8}`,
      found: `${bitpix}`,
    });
  }
  const voxelOffset = wide ? reader.int64(at.vox, "vox_offset") : reader.float32(at.vox, "vox_offset");
  const extensionBytes = storage === "single" ? checkExtensions(reader, at.size, voxelOffset) : 0;
  const xyzt = wide ? reader.int32(at.xyzt, "xyzt_units") : reader.uint8(at.xyzt, "xyzt_units");
  const three = (offset: number, step: number): [number, number, number] => [
    real(offset, "orientation"),
    real(offset + step, "orientation"),
    real(offset + 2 * step, "orientation"),
  ];
  return {
    version,
    littleEndian,
    storage,
    rank,
    shape,
    datatype,
    pixdim: Array.from({ length: 8 }, (_, i) => real(at.pixdim + width * i, "pixdim")),
    voxelOffset,
    slope: real(at.slope, "scl_slope"),
    intercept: real(at.inter, "scl_inter"),
    spatialUnit: spatialUnit(xyzt & 7, file),
    timeUnit: timeUnit(xyzt & 56),
    timeOffset: real(at.toffset, "toffset"),
    qformCode: integer(at.qform, "qform_code"),
    sformCode: integer(at.sform, "sform_code"),
    quaternion: three(at.quatern, width),
    qoffset: three(at.quatern + 3 * width, width),
    srows: Array.from({ length: 12 }, (_, i) => real(at.srow + width * i, "srow")),
    intentCode: integer(at.intentCode, "intent_code"),
    texts: {
      descrip: reader.text(at.descrip, 80, "descrip"),
      aux_file: reader.text(at.aux, 24, "aux_file"),
      intent_name: reader.text(at.intentName, 16, "intent_name"),
      ...(wide ? {} : { db_name: reader.text(14, 18, "db_name") }),
    },
    extensionBytes,
  };
}

function readMagic(reader: ByteReader, version: 1 | 2): "single" | "pair" {
  const magic = reader.text(layouts[version].magic, 4, "magic");
  if (magic === `n+${version}`) return "single";
  if (magic === `ni${version}`) return "pair";
  if (version === 1 && magic === "") {
    throw new DataError("analyze-file", "an ANALYZE 7.5 header does not say which side is left; convert it to NIfTI", {
      file: reader.file,
    });
  }
  throw new DataError("not-nifti", "the magic word is wrong", {
    file: reader.file,
    expected: `n+${version} or ni${version}`,
    found: JSON.stringify(magic),
  });
}

function readShape(
  reader: ByteReader,
  version: 1 | 2,
): { rank: number; shape: readonly [number, number, number, number] } {
  const { file } = reader;
  const dim = Array.from({ length: 8 }, (_, i) =>
    version === 2 ? reader.int64(layouts[2].dim + 8 * i, "dim") : reader.int16(layouts[1].dim + 2 * i, "dim"),
  );
  const rank = dim[0] as number;
  if (!(rank >= 1 && rank <= 7)) {
    throw new DataError("bad-dimensions", "dim[0] must be 1 to 7", { file, found: `${rank}` });
  }
  const stated = dim.slice(1, rank + 1);
  checkedProduct(stated, "the image extents", file);
  if (stated.slice(4).some((n) => n !== 1)) {
    throw new DataError("unsupported-dimensions", "voxels must hold one number each (dimensions 5 to 7 are 1)", {
      file,
      found: stated.join(" x "),
    });
  }
  const extent = (axis: number): number => stated[axis] ?? 1;
  return { rank, shape: [extent(0), extent(1), extent(2), extent(3)] };
}

/** Walks the extensions of a single file by their stated sizes; none may reach into the voxels. */
function checkExtensions(reader: ByteReader, headerSize: number, voxelOffset: number): number {
  const { file } = reader;
  const bad = (message: string, found: string): DataError =>
    new DataError("bad-header", message, { file, expected: `${headerSize + 4} or more`, found });
  if (!Number.isInteger(voxelOffset) || voxelOffset < headerSize || voxelOffset > reader.length) {
    throw bad(
      voxelOffset > reader.length ? "the voxels begin behind the end of the file" : "vox_offset points into the header",
      `vox_offset ${voxelOffset} of ${reader.length} bytes`,
    );
  }
  if (voxelOffset < headerSize + 4 || reader.uint8(headerSize, "extension flag") === 0) return 0;
  let at = headerSize + 4;
  while (at + 8 <= voxelOffset) {
    const size = reader.int32(at, "extension size");
    if (size < 8 || at + size > voxelOffset) throw bad("a header extension lies about its size", `${size} bytes`);
    at += size;
  }
  return at - headerSize - 4;
}

function spatialUnit(code: number, file: string): NiftiHeader["spatialUnit"] {
  const unit = (["unknown", "m", "mm", "um"] as const)[code];
  if (!unit) throw new DataError("bad-header", "this code is no unit of length", { file, found: `${code}` });
  return unit;
}

function timeUnit(code: number): NiftiHeader["timeUnit"] {
  return ({ 0: "unknown", 8: "s", 16: "ms", 24: "us" } as const)[code] ?? "not-time";
}
