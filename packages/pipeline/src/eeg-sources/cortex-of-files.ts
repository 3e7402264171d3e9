/** Sources on the cortex that `quintet mri head` made: places across it, and values over the whole surface as GIFTI. */
import { readFile } from "node:fs/promises";
import { DataError, type Point, type Surface } from "@quintet/core";
import { readGiftiSurface, writeGiftiValues } from "@quintet/io";
import { vertexNormals } from "@quintet/kernels";
import { type CortexSources, cortexSources, overCortex } from "@quintet/modalities/eeg";
import { cortexPath } from "../publish-cortex.ts";
import type { SourceSpace } from "./head-of-files.ts";

export interface CortexOfFiles {
  readonly sides: readonly { readonly name: "L" | "R"; readonly on: CortexSources }[];
  readonly places: readonly Point[];
  readonly normals: readonly Point[];
}

/**
 * @param prefix what leads the names: heads/sub-01_T1w of heads/sub-01_T1w_hemi-L_midthickness.surf.gii
 * @throws DataError of the reader, `space-mismatch`, `empty-region` (no vertex lies in the model)
 */
export async function cortexOfFiles(
  prefix: string,
  { head, holds }: SourceSpace,
  spacing: number,
): Promise<CortexOfFiles> {
  const sides = await Promise.all(
    (["left", "right"] as const).map(async (side) => {
      const file = cortexPath(`${prefix}_`, side, "midthickness");
      const surface: Surface = readGiftiSurface(await readFile(file), { file });
      // GIFTI knows scanner, Talairach and MNI; a file that tells none of them is taken to be where the electrodes are.
      if (surface.space !== "unknown" && surface.space !== head.space)
        throw new DataError("space-mismatch", "cortex and electrodes must be in one space", {
          file,
          expected: head.space,
          found: surface.space,
        });
      const on = cortexSources(surface, vertexNormals(surface), { spacing, inside: holds });
      return { name: side === "left" ? ("L" as const) : ("R" as const), on };
    }),
  );
  return {
    sides,
    places: sides.flatMap(({ on }) => on.places),
    normals: sides.flatMap(({ on }) => on.normals),
  };
}

/** The values of all places, over each side: 0 on a part that holds none. */
export function cortexFiles(
  { sides }: CortexOfFiles,
  values: readonly number[],
): { readonly name: string; readonly bytes: Uint8Array }[] {
  let from = 0;
  return sides.map(({ name, on }) => {
    const own = values.slice(from, from + on.places.length);
    from += on.places.length;
    const painted = overCortex(on, own).map((v) => (Number.isNaN(v) ? 0 : v));
    return { name: `hemi-${name}`, bytes: writeGiftiValues({ sources: painted }) };
  });
}
