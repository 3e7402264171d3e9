import { type Affine, affineOf, DataError, determinant, type Grid, type Space, type Surface } from "@quintet/core";
import { type ByteReader, byteReader } from "../bytes/byte-reader.ts";
import { tkRas } from "../mgh/geometry.ts";
import { checkedMesh } from "../surface/checked-mesh.ts";
import { moveMesh } from "../surface/move-mesh.ts";

/** Where the surface's volume lies, from the footer: all that tkRAS needs. */
export type SurfaceVolume = Pick<Grid, "shape" | "affine">;

export interface FreeSurferSurface extends Surface {
  /** Scanner RAS mm, or FreeSurfer's surface RAS when that was asked for. */
  readonly coordinates: "scanner" | "tkRAS";
  /** The footer's volume; undefined when the file has none or says it is not valid. */
  readonly volume: SurfaceVolume | undefined;
}

export interface FreeSurferSurfaceOptions {
  readonly file?: string;
  /** `"scanner"` (default) turns surface RAS into scanner RAS; `"tkRAS"` keeps the numbers of the file. */
  readonly coordinates?: "scanner" | "tkRAS";
  /** The volume the surface belongs to (orig.mgz, T1.mgz), for a file whose footer does not say; the footer wins. */
  readonly volume?: SurfaceVolume;
  /** Default "scanner"; "tkRAS" when these coordinates are kept. */
  readonly space?: Space;
}

const triangleMagic = 0xfffffe;
const quadMagic = 0xffffff;
const newQuadMagic = 0xfffffd;
const mostText = 65536;

/** Whether bytes begin as one of the three forms. */
export function looksLikeFreeSurferSurface(bytes: Uint8Array): boolean {
  return bytes.length > 9 && bytes[0] === 0xff && bytes[1] === 0xff && (bytes[2] === 0xfe || bytes[2] === 0xfd);
}

/**
 * Reads a FreeSurfer surface (lh.white, lh.pial, inner_skull.surf ...): triangles, or the old quadrangles, each split
 * along the diagonal from its first corner.
 *
 *   scanner = vox2ras inv(vox2ras-tkr) tk    (a shift by c_ras when the volume's axes are the scanner's)
 *
 * Where the map mirrors, faces are turned so that they stay counter-clockwise from outside.
 *
 * @throws DataError `not-freesurfer-surface`, `truncated`, `bad-dimensions`, `bad-face` (a corner that is no vertex),
 *   `not-finite`, `bad-geometry` (a footer that contradicts itself), `no-geometry` (scanner coordinates asked for, but
 *   neither the file nor the options say where the volume lies)
 */
export function readFreeSurferSurface(bytes: Uint8Array, options: FreeSurferSurfaceOptions = {}): FreeSurferSurface {
  const { file = "surface", coordinates = "scanner" } = options;
  const at = byteReader(bytes, file, false);
  const magic = three(at, 0, "the magic number");
  const { points, corners, end } =
    magic === triangleMagic
      ? triangles(at)
      : magic === quadMagic || magic === newQuadMagic
        ? quads(at, magic)
        : none(file, magic);
  const { vertices, faces } = checkedMesh(points, corners, file);
  const footer = magic === triangleMagic ? readFooter(at, end) : { realRas: false, volume: undefined };
  const { space = coordinates === "tkRAS" ? "tkRAS" : "scanner" } = options;
  if (coordinates === "tkRAS" || footer.realRas) {
    if (coordinates === "tkRAS" && footer.realRas) {
      throw new DataError("no-geometry", "this file holds scanner RAS, not surface RAS", { file });
    }
    return { space, vertices, faces, coordinates, volume: footer.volume };
  }
  const volume = footer.volume ?? options.volume;
  if (!volume) {
    throw new DataError("no-geometry", "this surface does not say where its volume lies", {
      file,
      expected: "a valid volume footer, or the volume it belongs to",
      found: "neither",
    });
  }
  const { matrix } = tkRas({ ...volume, space });
  return { space, ...moveMesh(vertices, faces, matrix), coordinates, volume: footer.volume };
}

function none(file: string, magic: number): never {
  throw new DataError("not-freesurfer-surface", "this is no FreeSurfer surface", {
    file,
    expected: "ff ff fe, ff ff ff or ff ff fd",
    found: magic.toString(16),
  });
}

function three(at: ByteReader, place: number, what: string): number {
  return at.uint8(place, what) * 65536 + at.uint16(place + 1, what);
}

interface Mesh {
  readonly points: Float32Array;
  readonly corners: Uint32Array;
  readonly end: number;
}

function counts(at: ByteReader, vertices: number, faces: number): void {
  if (vertices < 3 || faces < 1 || vertices > 2 ** 28 || faces > 2 ** 28) {
    throw new DataError("bad-dimensions", "a surface has at least 3 vertices and a face", {
      file: at.file,
      found: `${vertices} vertices, ${faces} faces`,
    });
  }
}

/** A comment that ends in two line feeds, the counts, float32 vertices, int32 faces. */
function triangles(at: ByteReader): Mesh {
  let place = 3;
  while (!(at.uint8(place, "the comment's end") === 10 && at.uint8(place + 1, "the comment's end") === 10)) {
    if (++place > mostText) {
      throw new DataError("not-freesurfer-surface", "the comment does not end", { file: at.file });
    }
  }
  place += 2;
  const [nv, nf] = [at.int32(place, "the number of vertices"), at.int32(place + 4, "the number of faces")];
  counts(at, nv, nf);
  place += 8;
  at.bytes(place, 12 * (nv + nf), `its ${nv} vertices and ${nf} faces`);
  const points = Float32Array.from({ length: 3 * nv }, (_, i) => at.float32(place + 4 * i, "a vertex"));
  const corners = Uint32Array.from({ length: 3 * nf }, (_, i) => at.uint32(place + 12 * nv + 4 * i, "a face"));
  return { points, corners, end: place + 12 * (nv + nf) };
}

/** 3-byte counts; vertices in int16 hundredths of a mm (old) or float32; four 3-byte corners a face. */
function quads(at: ByteReader, magic: number): Mesh {
  const [nv, nf] = [three(at, 3, "the number of vertices"), three(at, 6, "the number of faces")];
  counts(at, nv, nf);
  const size = magic === quadMagic ? 2 : 4;
  const start = 9 + 3 * size * nv;
  at.bytes(9, 3 * size * nv + 12 * nf, `its ${nv} vertices and ${nf} faces`);
  const points = Float32Array.from({ length: 3 * nv }, (_, i) =>
    size === 2 ? at.int16(9 + 2 * i, "a vertex") / 100 : at.float32(9 + 4 * i, "a vertex"),
  );
  const corners = new Uint32Array(6 * nf);
  for (let f = 0; f < nf; f++) {
    const corner = [0, 3, 6, 9].map((offset) => three(at, start + 12 * f + offset, "a face"));
    corners.set(
      [0, 1, 2, 0, 2, 3].map((k) => corner[k] as number),
      6 * f,
    );
  }
  return { points, corners, end: start + 12 * nf };
}

/** Tags behind the faces: 2 with a flag (vertices are scanner RAS already), then 20 with the volume as text. */
function readFooter(at: ByteReader, end: number): { realRas: boolean; volume: SurfaceVolume | undefined } {
  let [place, realRas] = [end, false];
  if (at.length >= place + 8 && at.int32(place, "a tag") === 2) {
    realRas = at.int32(place + 4, "a tag") !== 0;
    place += 8;
  }
  if (at.length < place + 4 || at.int32(place, "a tag") !== 20) return { realRas, volume: undefined };
  const text = at.text(place + 4, Math.min(mostText, at.length - place - 4), "the volume's geometry");
  const lines = new Map(
    text
      .split("\n")
      .slice(0, 8)
      .map((line) => {
        const [key = "", value = ""] = line.split("=");
        return [key.trim(), value.replace(/#.*/, "").trim()];
      }),
  );
  if (lines.get("valid") !== "1") return { realRas, volume: undefined };
  const numbers = (key: string): number[] => (lines.get(key) ?? "").split(/\s+/).filter(Boolean).map(Number);
  const [shape, sizes, centre] = [numbers("volume"), numbers("voxelsize"), numbers("cras")];
  const axes = [numbers("xras"), numbers("yras"), numbers("zras")];
  const sound =
    [shape, sizes, centre, ...axes].every((row) => row.length === 3 && row.every(Number.isFinite)) &&
    shape.every((n) => Number.isInteger(n) && n >= 1) &&
    sizes.every((d) => d > 0);
  const affine = sound ? volumeAffine(shape, sizes, axes, centre) : undefined;
  if (!affine || Math.abs(determinant(affine)) < 0.98 * sizes.reduce((product, d) => product * d, 1)) {
    throw new DataError("bad-geometry", "the volume's geometry in the footer is not one", {
      file: at.file,
      found: text.slice(0, 200),
    });
  }
  return { realRas, volume: { shape: shape as [number, number, number], affine } };
}

function volumeAffine(
  shape: readonly number[],
  sizes: readonly number[],
  axes: readonly (readonly number[])[],
  centre: readonly number[],
): Affine {
  const rows: number[] = [];
  for (let row = 0; row < 3; row++) {
    const steps = [0, 1, 2].map((column) => ((axes[column] as number[])[row] as number) * (sizes[column] as number));
    const half = steps.reduce((sum, step, column) => sum + (step * (shape[column] as number)) / 2, 0);
    rows.push(...steps, (centre[row] as number) - half);
  }
  return affineOf(rows);
}
