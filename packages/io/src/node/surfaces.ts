import { basename } from "node:path";
import { DataError, type Space, type Surface } from "@quintet/core";
import { readFreeSurferAnnot } from "../freesurfer/annot.ts";
import { readFreeSurferCurv } from "../freesurfer/curv.ts";
import { looksLikeFreeSurferSurface, readFreeSurferSurface, type SurfaceVolume } from "../freesurfer/surface.ts";
import { looksLikeGifti, readGifti } from "../gifti/gifti.ts";
import { readGiftiSurface } from "../gifti/surface.ts";
import { readUnpacked } from "./files.ts";

export interface SurfaceOptions {
  readonly space?: Space;
  /** For a FreeSurfer surface whose footer does not say where its volume lies. */
  readonly volume?: SurfaceVolume;
}

/**
 * Reads one surface, GIFTI or FreeSurfer, told by content, in world (scanner RAS) mm.
 *
 * @throws DataError `not-found`, `unknown-format`, and those of readGiftiSurface and readFreeSurferSurface
 */
export async function readSurface(path: string, options: SurfaceOptions = {}): Promise<Surface> {
  const bytes = await readUnpacked(path);
  if (looksLikeGifti(bytes)) return readGiftiSurface(bytes, { ...options, file: path });
  if (!looksLikeFreeSurferSurface(bytes)) {
    throw new DataError("unknown-format", "this is no surface that can be read", {
      file: path,
      expected: "GIFTI or a FreeSurfer surface",
      found: bytes.length === 0 ? "an empty file" : `bytes ${[...bytes.subarray(0, 4)].join(" ")}`,
    });
  }
  const { space, vertices, faces } = readFreeSurferSurface(bytes, { ...options, file: path });
  return { space, vertices, faces };
}

/** What a file on surfaces holds: a mesh with its faces, or a value or region for each vertex. */
export async function surfaceFacts(
  path: string,
): Promise<{ vertices: number; faces?: number; unit?: string; space?: Space }> {
  const bytes = await readUnpacked(path);
  if (looksLikeGifti(bytes)) {
    const { arrays } = readGifti(bytes, { file: path });
    if (arrays.some(({ intent }) => intent === "pointset")) return meshFacts(readGiftiSurface(bytes, { file: path }));
    return { vertices: arrays[0]?.shape[0] ?? 0 };
  }
  if (/annot$/i.test(basename(path))) return { vertices: readFreeSurferAnnot(bytes, { file: path }).data.length };
  if (!looksLikeFreeSurferSurface(bytes) && /^[lr]h\./i.test(basename(path))) {
    return { vertices: readFreeSurferCurv(bytes, { file: path }).length };
  }
  return meshFacts(readFreeSurferSurface(bytes, { file: path, coordinates: "tkRAS" }));
}

function meshFacts({ vertices, faces, space }: Surface): {
  vertices: number;
  faces: number;
  unit: string;
  space: Space;
} {
  return { vertices: vertices.length / 3, faces: faces.length / 3, unit: "mm", space };
}
