import type { Surface } from "@quintet/core";

/**
 * Smooths without shrinking: steps of +lambda and -mu towards the neighbours' mean in turn.
 * @see Taubin, SIGGRAPH 1995, 351-358 (pass band kPB = 1/lambda - 1/mu = 0.1)
 */
export function smoothSurface(surface: Surface, rounds = 10): Surface {
  const [lambda, mu] = [0.5, 0.5263];
  const count = surface.vertices.length / 3;
  const degree = new Int32Array(count);
  for (const v of surface.faces) degree[v]++;
  const now = Float64Array.from(surface.vertices);
  const sum = new Float64Array(now.length);
  const { faces } = surface;
  for (let half = 0; half < 2 * rounds; half++) {
    sum.fill(0);
    // Each neighbour is met once as the next corner of a face of a closed mesh.
    for (let f = 0; f < faces.length; f += 3) {
      for (let k = 0; k < 3; k++) {
        const [a, b] = [3 * faces[f + k], 3 * faces[f + (k === 2 ? 0 : k + 1)]];
        sum[a] += now[b];
        sum[a + 1] += now[b + 1];
        sum[a + 2] += now[b + 2];
      }
    }
    const step = half % 2 === 0 ? lambda : -mu;
    for (let v = 0; v < count; v++) {
      const n = degree[v];
      if (n === 0) continue;
      for (let i = 3 * v; i < 3 * v + 3; i++) now[i] += step * (sum[i] / n - now[i]);
    }
  }
  return { ...surface, vertices: Float32Array.from(now) };
}
