/**
 * Where a triangle mesh meets a cut, as line segments in the window's pixels.
 *
 * A triangle with corners on both sides of the cut gives the segment between the two crossed edges, each crossing at
 * p + (q - p) d_p / (d_p - d_q), d the signed distances. A corner in the cut counts as in front of it.
 *
 * @returns [x0, y0, x1, y1] per segment, pixels from the window's upper left corner
 */
import type { Surface } from "@quintet/core";
import type { PlaneView } from "./plane-view.ts";
import { pixelAt, planeNormal } from "./plane-view.ts";

export function planeSegments(view: PlaneView, { vertices, faces }: Pick<Surface, "vertices" | "faces">): Float32Array {
  const normal = planeNormal(view.plane);
  const { at } = view;
  const ahead = (v: number): number => (vertices[3 * v + normal] as number) - at;
  const found: number[] = [];
  for (let f = 0; f < faces.length; f += 3) {
    const [a, b, c] = [faces[f] as number, faces[f + 1] as number, faces[f + 2] as number];
    const [fa, fb, fc] = [ahead(a) >= 0, ahead(b) >= 0, ahead(c) >= 0];
    if (fa === fb && fb === fc) continue;
    const alone = fb === fc ? a : fa === fc ? b : c;
    for (const to of alone === a ? [b, c] : alone === b ? [c, a] : [a, b]) {
      const t = ahead(alone) / (ahead(alone) - ahead(to));
      const between = (k: 0 | 1 | 2): number => {
        const p = vertices[3 * alone + k] as number;
        return p + t * ((vertices[3 * to + k] as number) - p);
      };
      const { x, y } = pixelAt(view, [between(0), between(1), between(2)]);
      found.push(x, y);
    }
  }
  return Float32Array.from(found);
}
