import { DataError, type Grid, spacing } from "@quintet/core";
import type { ImageGrid } from "./lines.ts";

/** A grid as projectors take it. @throws DataError `oblique-grid` */
export function imageGrid(grid: Grid): ImageGrid {
  const m = grid.affine;
  const aside = [1, 2, 4, 6, 8, 9].some((k) => Math.abs(m[k] ?? Number.NaN) > 1e-9);
  if (aside || [0, 5, 10].some((k) => !((m[k] as number) > 0))) {
    throw new DataError("oblique-grid", "an image to project has its axes along the scanner's x, y and z", {
      expected: "a diagonal affine with positive spacing",
      found: Array.from(m).join(" "),
    });
  }
  return { shape: grid.shape, size: spacing(grid), origin: [m[3], m[7], m[11]] as [number, number, number] };
}
