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
  const now = Float64Array.from(surface.vertices);
  const sum = new Float64Array(now.length);
  const centre = meanVertex(now);
  for (let round = 0; round < rounds; round++) {
    sum.fill(0);
    // Each neighbour is met once as the next corner of a face of a closed mesh.
    for (let f = 0; f < faces.length; f += 3) {
      for (let k = 0; k < 3; k++) {
        const [a, b] = [3 * faces[f + k], 3 * faces[f + ((k + 1) % 3)]];
        sum[a] += now[b];
        sum[a + 1] += now[b + 1];
        sum[a + 2] += now[b + 2];
      }
    }
    for (let v = 0; v < count; v++) {
      if (degree[v] === 0) continue;
      for (let i = 3 * v; i < 3 * v + 3; i++) now[i] += 0.5 * (sum[i] / degree[v] - now[i]);
    }
    const mean = meanVertex(now);
    const grow = Math.sqrt(total / vertexAreas({ vertices: now, faces }).reduce((a, b) => a + b, 0));
    for (let i = 0; i < now.length; i++) now[i] = centre[i % 3] + grow * (now[i] - mean[i % 3]);
  }
  const after = vertexAreas({ vertices: now, faces });
  const logs = after.map((a, v) => Math.log(a / before[v])).filter(Number.isFinite);
  const mean = logs.reduce((a, b) => a + b, 0) / logs.length;
  const areaDistortion = Math.sqrt(logs.reduce((s, l) => s + (l - mean) ** 2, 0) / logs.length);
  return { surface: { ...surface, vertices: Float32Array.from(now) }, areaDistortion };
}

function meanVertex(vertices: Float64Array): readonly [number, number, number] {
  const sum: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < vertices.length; i++) sum[i % 3] += vertices[i];
  const n = vertices.length / 3;
  return [sum[0] / n, sum[1] / n, sum[2] / n];
}
