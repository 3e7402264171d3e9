/** The cortex of one hemisphere as GIFTI: mid-grey, and the inflated copy for viewing. */
import type { Surface } from "@quintet/core";
import { writeGiftiSurface } from "@quintet/io";
import type { PublishedFile } from "./publish.ts";
import type { HeadCortex } from "./recipes/head/outcome.ts";

/** @param prefix of the names: "sub-01_" or "sub-01/anat/sub-01_" */
export function cortexSurfaces(prefix: string, key: string, { side, made }: HeadCortex): readonly PublishedFile[] {
  if (!made) return [];
  const file = (name: string, surface: Surface, geometry: string): PublishedFile => ({
    path: cortexPath(prefix, side, name),
    key,
    content: () =>
      writeGiftiSurface(surface, {
        metadata: {
          AnatomicalStructurePrimary: side === "left" ? "CortexLeft" : "CortexRight",
          AnatomicalStructureSecondary: "MidThickness",
          GeometricType: geometry,
        },
      }),
  });
  return [file("midthickness", made.surface, "Anatomical"), file("inflated", made.inflated, "Inflated")];
}

export function cortexPath(prefix: string, side: HeadCortex["side"], name: string): string {
  return `${prefix}hemi-${side === "left" ? "L" : "R"}_${name}.surf.gii`;
}
