import { type Affine, affineOf, DataError, determinant } from "@quintet/core";
import { type ByteReader, byteReader, checkedProduct } from "../bytes/byte-reader.ts";

/** Voxel types of the format that hold plain numbers, by their code. */
export const mghTypes = [
  { name: "uint8", code: 0, bytes: 1, range: [0, 255] },
  { name: "int32", code: 1, bytes: 4, range: [-2147483648, 2147483647] },
  { name: "float32", code: 3, bytes: 4 },
  { name: "int16", code: 4, bytes: 2, range: [-32768, 32767] },
  { name: "uint16", code: 10, bytes: 2, range: [0, 65535] },
] as const;
export type MghType = (typeof mghTypes)[number]["name"];

export interface MghHeader {
  readonly shape: readonly [nx: number, ny: number, nz: number, frames: number];
  readonly type: MghType;
  /** Voxel index -> scanner RAS mm (vox2ras), row-major 4x4; undefined when the file says it knows none. */
  readonly affine: Affine | undefined;
  /** Repetition time in seconds from the footer; undefined when it is absent or 0. */
  readonly repetitionTime: number | undefined;
}

/** Voxels begin here, whatever the header holds. */
export const mghHeaderBytes = 284;
/** Tags after the voxels (command lines, transforms, colour tables) stay far below this. */
const mostFooter = 16 * 2 ** 20;

/** Whether bytes (unpacked) may be MGH: version 1 in the low byte, extents that can be, a type that is known. */
export function looksLikeMgh(bytes: Uint8Array): boolean {
  if (bytes.length < mghHeaderBytes || bytes[0] !== 0 || bytes[3] !== 1) return false;
  const at = byteReader(bytes, "", false);
  const extents = [4, 8, 12, 16].map((place) => at.int32(place, "extents"));
  const code = at.int32(20, "type");
  const flag = at.int16(28, "flag");
  return extents.every((n) => n >= 1) && code >= 0 && code <= 10 && (flag === 0 || flag === 1);
}

/**
 * Header and footer of an unpacked .mgh file, big-endian:
 *
 *   int32 version, nx, ny, nz, frames, type, dof; int16 goodRAS; float32 d[3], Mdc[3][3] (columns), c_ras[3]
 *   vox2ras = [ Mdc diag(d) | c_ras - Mdc diag(d) n/2 ]
 *
 * The low byte of the version is 1; bits 8 to 23 say what the numbers mean (0 image, 1 labels, 2 values on a surface;
 * others, such as warps, are no image). The tags behind the voxels are counted, not read.
 *
 * @throws DataError `truncated`, `not-mgh`, `unsupported-intent`, `bad-dimensions`, `unsupported-datatype`,
 *   `bad-geometry` (directions that are no axes, sizes that are not positive), `trailing-bytes`
 */
export function readMghHeader(bytes: Uint8Array, { file }: { readonly file: string }): MghHeader {
  const at = byteReader(bytes, file, false);
  const version = at.uint32(0, "the version");
  if ((version & 0xff) !== 1 || version > 0xffffff) {
    throw new DataError("not-mgh", "an MGH file begins with version 1", { file, found: `${version}` });
  }
  const intent = version >>> 8;
  if (intent > 2) {
    throw new DataError("unsupported-intent", "this holds no image but something else (a warp, for one)", {
      file,
      expected: "intent 0, 1 or 2",
      found: `${intent}`,
    });
  }
  const extents = [4, 8, 12, 16].map((place) => at.int32(place, "its extents"));
  const count = checkedProduct(extents, "extents", file);
  const code = at.int32(20, "its voxel type");
  const row = mghTypes.find((type) => type.code === code);
  if (!row) {
    throw new DataError("unsupported-datatype", "voxels must be plain numbers", {
      file,
      expected: mghTypes.map(({ name, code: c }) => `${c} ${name}`).join(", "),
      found: `type ${code}`,
    });
  }
  at.bytes(mghHeaderBytes, count * row.bytes, `its ${extents.join(" x ")} voxels`);
  const end = mghHeaderBytes + count * row.bytes;
  if (bytes.length - end > mostFooter) {
    throw new DataError("trailing-bytes", "far more follows the voxels than tags", {
      file,
      expected: `at most ${mostFooter} bytes`,
      found: `${bytes.length - end}`,
    });
  }
  const shape = extents as [number, number, number, number];
  const good = at.int16(28, "goodRASFlag") === 1;
  return {
    shape,
    type: row.name,
    affine: good ? voxToRas(at, shape, file) : undefined,
    repetitionTime: repetitionTime(at, end),
  };
}

function voxToRas(at: ByteReader, shape: MghHeader["shape"], file: string): Affine {
  const numbers = (place: number, n: number): number[] =>
    Array.from({ length: n }, (_, i) => at.float32(place + 4 * i, "its geometry"));
  const [sizes, cosines, centre] = [numbers(30, 3), numbers(42, 9), numbers(78, 3)];
  const affine = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  const directions = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  for (let row = 0; row < 3; row++) {
    let half = 0;
    for (let column = 0; column < 3; column++) {
      const cosine = cosines[column * 3 + row] as number;
      const step = cosine * (sizes[column] as number);
      directions[row * 4 + column] = cosine;
      affine[row * 4 + column] = step;
      half += (step * (shape[column] as number)) / 2;
    }
    affine[row * 4 + 3] = (centre[row] as number) - half;
  }
  const unit = [0, 1, 2].every(
    (column) => Math.abs(Math.hypot(...cosines.slice(3 * column, 3 * column + 3)) - 1) < 1e-2,
  );
  const sound = [...sizes, ...cosines, ...centre].every(Number.isFinite) && sizes.every((size) => size > 0);
  // Oblique axes are at right angles; a shear of 10 degrees already brings the determinant below 0.99.
  if (!sound || !unit || Math.abs(determinant(affineOf(directions))) < 0.98) {
    throw new DataError("bad-geometry", "voxel sizes must be positive and axes at right angles", {
      file,
      found: `sizes ${sizes.join(" ")}, directions ${cosines.join(" ")}, centre ${centre.join(" ")}`,
    });
  }
  return affineOf(affine);
}

/** Footer: TR (ms), flip angle, TE, TI. */
function repetitionTime(at: ByteReader, end: number): number | undefined {
  if (at.length < end + 16) return undefined;
  const seconds = at.float32(end, "TR") / 1000;
  return seconds > 0 && seconds < 3600 ? seconds : undefined;
}
