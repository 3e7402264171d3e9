import { DataError, type Space, type Surface } from "@quintet/core";
import { checkedMesh } from "../surface/checked-mesh.ts";
import { moveMesh } from "../surface/move-mesh.ts";
import type { VertexLabels } from "../surface/vertex-labels.ts";
import { type Gifti, type GiftiArray, readGifti } from "./gifti.ts";

export interface GiftiSurfaceOptions {
  readonly file?: string;
  /**
   * `"transformed"` (default): the file's coordinate transform, when it leads to a known space, is applied.
   * `"stored"`: the numbers of the file.
   */
  readonly coordinates?: "transformed" | "stored";
  /** Default: what the file's coordinate system says: "scanner", "aligned", "Talairach", "MNI152", else "unknown". */
  readonly space?: Space;
}

/** NIFTI_XFORM codes as `readNifti` names them. */
const spaces: Readonly<Record<string, Space>> = {
  scanner_anat: "scanner",
  aligned_anat: "aligned",
  talairach: "Talairach",
  mni_152: "MNI152",
};

/**
 * Reads the surface of a GIFTI file (.surf.gii): one pointset, one set of triangles.
 * Where the coordinate transform mirrors, faces are turned so that they stay counter-clockwise from outside.
 *
 * @throws DataError those of {@link readGifti}; `no-surface`, `bad-face`, `not-finite`, `shape-mismatch`
 */
export function readGiftiSurface(bytes: Uint8Array, options: GiftiSurfaceOptions = {}): Surface {
  const { file = "surface.gii", coordinates = "transformed" } = options;
  const gifti = readGifti(bytes, { file });
  const points = triples(gifti, "pointset", file);
  const triangles = triples(gifti, "triangle", file);
  const { vertices, faces } = checkedMesh(points.data, triangles.data, file);
  const told = points.transforms.find(({ to }) => to in spaces);
  const stored = points.transforms.find(({ from }) => from in spaces);
  if (coordinates === "transformed" && told) {
    return { space: options.space ?? (spaces[told.to] as Space), ...moveMesh(vertices, faces, told.matrix) };
  }
  return { space: options.space ?? spaces[stored?.from ?? ""] ?? "unknown", vertices, faces };
}

function triples(gifti: Gifti, intent: string, file: string): GiftiArray {
  const found = gifti.arrays.filter((array) => array.intent === intent);
  const [only] = found;
  if (!only || found.length > 1 || only.shape.length !== 2 || only.shape[1] !== 3) {
    throw new DataError("no-surface", `a surface has one ${intent} of three columns`, {
      file,
      expected: "1",
      found: only ? found.map(({ shape }) => shape.join(" x ")).join(", ") : "none",
    });
  }
  return only;
}

/**
 * Values at the vertices of a surface (.shape.gii, .func.gii): one array per map.
 * @throws DataError those of readGifti; `no-values`
 */
export function readGiftiValues(bytes: Uint8Array, options: { readonly file?: string } = {}): readonly Float32Array[] {
  const { file = "values.gii" } = options;
  const maps = readGifti(bytes, { file }).arrays.filter(
    ({ intent, shape }) => intent !== "pointset" && intent !== "triangle" && shape.slice(1).every((n) => n === 1),
  );
  if (maps.length === 0) throw new DataError("no-values", "there is no array with a value per vertex", { file });
  return maps.map(({ data }) => Float32Array.from(data));
}

/** @throws DataError those of readGifti; `no-values`, `not-labels` */
export function readGiftiLabels(bytes: Uint8Array, options: { readonly file?: string } = {}): VertexLabels {
  const { file = "labels.gii" } = options;
  const { arrays, labels } = readGifti(bytes, { file });
  const map = arrays.find(({ intent }) => intent === "label");
  if (!map) throw new DataError("no-values", "there is no array of labels", { file });
  if (!map.data.every((label) => Number.isInteger(label))) {
    throw new DataError("not-labels", "labels are whole numbers", { file });
  }
  return {
    data: Int32Array.from(map.data),
    names: new Map([...labels].map(([key, { name }]) => [key, name])),
  };
}
