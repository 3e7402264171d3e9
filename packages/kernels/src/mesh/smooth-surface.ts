import type { Surface } from "@quintet/core";

/**
 * Smooths without shrinking: steps of +lambda and -mu towards the neighbours' mean in turn.
 * @see Taubin, SIGGRAPH 1995, 351-358 (pass band kPB = 1/lambda - 1/mu = 0.1)
 */
export function smoothSurface(surface: Surface, rounds = 10): Surface {
  const [lambda, mu] = [0.5, 0.5263];
  const count = surface.vertices.length / 3;
  const degree = new Int32Array(count);
  for (const v of surface.faces) degree[v] = (degree[v] as number) + 1;
  let from = Float64Array.from(surface.vertices);
  for (let half = 0; half < 2 * rounds; half++) {
    const sum = new Float64Array(from.length);
    // Each neighbour is met once as the next corner of a face of a closed mesh.
    for (let f = 0; f < surface.faces.length; f += 3) {
      for (let k = 0; k < 3; k++) {
        const a = surface.faces[f + k] as number;
        const b = surface.faces[f + ((k + 1) % 3)] as number;
        for (let c = 0; c < 3; c++) sum[a * 3 + c] = (sum[a * 3 + c] as number) + (from[b * 3 + c] as number);
      }
    }
    const step = half % 2 === 0 ? lambda : -mu;
    from = from.map((v, i) => {
      const n = degree[Math.floor(i / 3)] as number;
      return n === 0 ? v : v + step * ((sum[i] as number) / n - v);
    });
  }
  return { ...surface, vertices: Float32Array.from(from) };
}
