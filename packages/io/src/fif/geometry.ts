/** Surfaces, transforms and digitised points of FIF files. */
import { DataError, type Montage, type Sensor, type SensorKind, type Surface, type Transform } from "@quintet/core";
import { checkedMesh } from "../surface/checked-mesh.ts";
import { blocksOf, type FifBlock, type FifFile, type FifTag, readFifTree, tagOf, tagsBelow } from "./tags.ts";
import { fifInt, fifMatrix, fifNumber, fifTransform, frameName } from "./values.ts";

const [bemBlock, bemSurfaceBlock] = [310, 311];
const [surfaceId, vertexCount, faceCount, vertexTag, faceTag] = [3101, 3103, 3104, 3105, 3106];
const [frameTag, conductivityTag] = [3112, 3113];
const [transformTag, pointTag, pointType] = [222, 213, 33];
const metre = 1000;

export type FifSurfaceName = "inner-skull" | "outer-skull" | "scalp" | "unknown";
const names: Readonly<Record<number, FifSurfaceName>> = { 1: "inner-skull", 3: "outer-skull", 4: "scalp" };

export interface FifSurface extends Surface {
  readonly name: FifSurfaceName;
  /** S/m inside it; absent when the file gives none. */
  readonly conductivity?: number;
}

/**
 * The surfaces of a boundary-element model (NAME-bem.fif, NAME-head.fif), in the file's order; "mri" is FreeSurfer's surface RAS.
 *
 * @returns vertices in mm, in the frame the file names
 * @throws DataError `no-surface`, `bad-mesh` and others of `checkedMesh`, `bad-dimensions`, as `readFifTree`
 */
export function readFifSurfaces(bytes: Uint8Array, { file = "FIF" }: { readonly file?: string } = {}): FifSurface[] {
  const fif = readFifTree(bytes, file);
  const models = blocksOf(fif.root, bemBlock);
  const found = models.flatMap((model) =>
    blocksOf(model, bemSurfaceBlock).map((block) => surfaceOf(fif, block, tagOf(model, frameTag))),
  );
  if (found.length === 0)
    throw new DataError("no-surface", "this FIF file holds no boundary-element surface", { file });
  return found;
}

function surfaceOf(fif: FifFile, block: FifBlock, modelFrame: FifTag | undefined): FifSurface {
  const { file } = fif.reader;
  const need = (kind: number, what: string): FifTag => {
    const tag = tagOf(block, kind);
    if (!tag) throw new DataError("missing-field", `a surface tells its ${what}`, { file, expected: `tag ${kind}` });
    return tag;
  };
  const points = fifMatrix(fif, need(vertexTag, "vertices"));
  const triangles = fifMatrix(fif, need(faceTag, "triangles"));
  const [vertices, faces] = [
    fifInt(fif, need(vertexCount, "number of vertices")),
    fifInt(fif, need(faceCount, "number of triangles")),
  ];
  if (points.columns !== 3 || triangles.columns !== 3 || points.rows !== vertices || triangles.rows !== faces)
    throw new DataError("bad-dimensions", "a surface has three numbers per vertex and triangle, as many as it says", {
      file,
      expected: `${vertices} x 3 and ${faces} x 3`,
      found: `${points.rows} x ${points.columns} and ${triangles.rows} x ${triangles.columns}`,
    });
  const frame = tagOf(block, frameTag) ?? modelFrame;
  const mesh = checkedMesh(
    Float32Array.from(points.data, (v) => v * metre),
    // The file counts vertices from 1.
    Uint32Array.from(triangles.data, (v) => v - 1),
    file,
  );
  const conductivity = tagOf(block, conductivityTag);
  const id = tagOf(block, surfaceId);
  return {
    ...mesh,
    space: frameName(frame ? fifInt(fif, frame) : 5),
    name: (id && names[fifInt(fif, id)]) ?? "unknown",
    ...(conductivity ? { conductivity: fifNumber(fif, conductivity) } : {}),
  };
}

/**
 * All coordinate transforms of a file (NAME-trans.fif, and those of recordings), points in mm.
 *
 * @throws DataError `bad-affine`, as `readFifTree`
 */
export function readFifTransforms(bytes: Uint8Array, { file = "FIF" }: { readonly file?: string } = {}): Transform[] {
  const fif = readFifTree(bytes, file);
  return tagsBelow(fif.root, transformTag).map((tag) => fifTransform(fif, tag));
}

/** Kinds of digitised points: cardinal, head position coil, electrode, head shape. */
const pointKinds: Readonly<Record<number, SensorKind>> = {
  1: "fiducial",
  2: "landmark",
  3: "electrode",
  4: "head-shape",
};
const cardinals: Readonly<Record<number, string>> = { 1: "LPA", 2: "Nz", 3: "RPA" };

/**
 * Digitised points (fiducials, coils, electrodes, head shape) of NAME-fiducials.fif or a recording.
 *
 * @returns positions in mm in the frame the file names (head coordinates of a recording); electrodes are "EEG 000" for the reference
 *   and so on, by their number
 * @throws DataError `no-points`, `wrong-type`, `not-finite`, as `readFifTree`
 */
export function readFifPoints(bytes: Uint8Array, { file = "FIF" }: { readonly file?: string } = {}): Montage {
  const fif = readFifTree(bytes, file);
  const found = digitisedPoints(fif, fif.root);
  if (!found) throw new DataError("no-points", "this FIF file holds no digitised point", { file });
  return found;
}

/** The points of one block and those within it; undefined when there are none. */
export function digitisedPoints(fif: FifFile, block: FifBlock): Montage | undefined {
  const tags = tagsBelow(block, pointTag);
  if (tags.length === 0) return undefined;
  const { reader } = fif;
  const frame = tagsBelow(block, frameTag)[0] ?? tagsBelow(block, 3506)[0];
  const sensors = tags.map((tag): Sensor => {
    if (tag.type !== pointType || tag.size < 20)
      throw new DataError("wrong-type", "a digitised point is kind, number and three coordinates", {
        file: reader.file,
        found: `type ${tag.type}, ${tag.size} bytes`,
      });
    const [kind, number] = [reader.int32(tag.at, "a point's kind"), reader.int32(tag.at + 4, "a point's number")];
    const position = [0, 1, 2].map((k) => metre * reader.float32(tag.at + 8 + 4 * k, "a point")) as [
      number,
      number,
      number,
    ];
    if (!position.every(Number.isFinite))
      throw new DataError("not-finite", "a digitised point has finite coordinates", {
        file: reader.file,
        found: `point ${number}`,
      });
    const sensor = pointKinds[kind] ?? "landmark";
    const name =
      kind === 1
        ? (cardinals[number] ?? `fiducial ${number}`)
        : `${{ electrode: "EEG", "head-shape": "head", landmark: "HPI" }[sensor as string] ?? "point"} ${String(number).padStart(3, "0")}`;
    return { name, kind: sensor, position };
  });
  return { space: frame ? frameName(fifInt(fif, frame)) : "head", sensors };
}
