import type { Surface } from "@quintet/core";
import { vertexAreas } from "./vertex-normals.ts";

export interface InflatedSurface {
  readonly surface: Surface;
  /** Standard deviation over the vertices of ln(area after / area before): 0 keeps every area. */
  readonly areaDistortion: number;
}

/**
 * A smooth copy of a folded surface for viewing, with the same vertices and faces: steps of half the way to the
 * neighbours' mean, the whole scaled after each to the area it had.
 *
 * @param rounds more unfold more
 * @see Fischl, Sereno & Dale, NeuroImage 1999;9:195-207 (inflation; here without its metric term)
 */
export function inflateSurface(surface: Surface, rounds = 100): InflatedSurface {
  const { faces } = surface;
  const count = surface.vertices.length / 3;
  const before = vertexAreas(surface);
  const total = before.reduce((a, b) => a + b, 0);
  const degree = new Int32Array(count);
  for (const v of faces) degree[v]++;
  let now = Float64Array.from(surface.vertices);
  const centre = [0, 1, 2].map((k) => now.reduce((s, x, i) => s + (i % 3 === k ? x : 0), 0) / count);
  for (let round = 0; round < rounds; round++) {
    const sum = new Float64Array(now.length);
    // Each neighbour is met once as the next corner of a face of a closed mesh.
    for (let f = 0; f < faces.length; f += 3) {
      for (let k = 0; k < 3; k++) {
        const [a, b] = [3 * faces[f + k], 3 * faces[f + ((k + 1) % 3)]];
        for (let c = 0; c < 3; c++) sum[a + c] += now[b + c];
      }
    }
    const moved = now.map((x, i) => {
      const n = degree[Math.floor(i / 3)];
      return n === 0 ? x : x + 0.5 * (sum[i] / n - x);
    });
    const mean = [0, 1, 2].map((k) => moved.reduce((s, x, i) => s + (i % 3 === k ? x : 0), 0) / count);
    const grow = Math.sqrt(total / vertexAreas({ vertices: moved, faces }).reduce((a, b) => a + b, 0));
    now = moved.map((x, i) => centre[i % 3] + grow * (x - mean[i % 3]));
  }
  const after = vertexAreas({ vertices: now, faces });
  const logs = after.map((a, v) => Math.log(a / before[v])).filter(Number.isFinite);
  const mean = logs.reduce((a, b) => a + b, 0) / logs.length;
  const areaDistortion = Math.sqrt(logs.reduce((s, l) => s + (l - mean) ** 2, 0) / logs.length);
  return { surface: { ...surface, vertices: Float32Array.from(now) }, areaDistortion };
}
