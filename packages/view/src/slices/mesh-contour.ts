import type { Surface } from "@quintet/core";
import type { SlicePlane } from "./plane.ts";
import { onPlane } from "./plane.ts";

/**
 * Where a triangle mesh meets a cut: for each triangle with corners on both sides of the plane the segment between
 * the two crossed edges, each crossing at p + (q - p) d_p / (d_p - d_q), d the signed distances.
 * A corner that lies in the plane counts as in front of it, so that no segment is drawn twice.
 *
 * @returns an SVG path in pixel coordinates (pixel centres at integers), "" when they do not meet
 */
export function meshContourPath(slice: SlicePlane, { vertices, faces }: Surface): string {
  const n = vertices.length / 3;
  const column = new Float64Array(n);
  const row = new Float64Array(n);
  const ahead = new Float64Array(n);
  for (let v = 0; v < n; v++) {
    const at = onPlane(slice, [
      vertices[3 * v] as number,
      vertices[3 * v + 1] as number,
      vertices[3 * v + 2] as number,
    ]);
    column[v] = at.column;
    row[v] = at.row;
    ahead[v] = at.distance;
  }
  const parts: string[] = [];
  for (let f = 0; f < faces.length; f += 3) {
    const corners = [faces[f], faces[f + 1], faces[f + 2]] as [number, number, number];
    const [a, b, c] = corners.map((v) => (ahead[v] as number) >= 0) as [boolean, boolean, boolean];
    if (a === b && b === c) continue;
    const alone = b === c ? 0 : a === c ? 1 : 2;
    const from = corners[alone] as number;
    const ends = [1, 2].map((step) => {
      const to = corners[(alone + step) % 3] as number;
      const t = (ahead[from] as number) / ((ahead[from] as number) - (ahead[to] as number));
      const between = (of: Float64Array): string =>
        ((of[from] as number) + t * ((of[to] as number) - (of[from] as number))).toFixed(1);
      return `${between(column)} ${between(row)}`;
    });
    parts.push(`M${ends[0]}L${ends[1]}`);
  }
  return parts.join("");
}
