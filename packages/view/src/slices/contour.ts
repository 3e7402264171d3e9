/**
 * Level lines of a cut by marching squares with linear interpolation on the edges.
 * @returns an SVG path in pixel coordinates (pixel centres at integers), "" when the level is nowhere crossed
 */
export function contourPath(values: Float32Array, size: number, level: number): string {
  const at = (column: number, row: number): number => values[row * size + column] as number;
  const parts: string[] = [];
  const cut = (a: number, b: number): number => (level - a) / (b - a);
  for (let row = 0; row + 1 < size; row++) {
    for (let column = 0; column + 1 < size; column++) {
      const [a, b, c, d] = [at(column, row), at(column + 1, row), at(column + 1, row + 1), at(column, row + 1)];
      if (!Number.isFinite(a + b + c + d)) continue;
      const [sa, sb, sc, sd] = [a >= level, b >= level, c >= level, d >= level];
      const edges: [number, number][] = [];
      if (sa !== sb) edges.push([column + cut(a, b), row]);
      if (sb !== sc) edges.push([column + 1, row + cut(b, c)]);
      if (sc !== sd) edges.push([column + cut(d, c), row + 1]);
      if (sd !== sa) edges.push([column, row + cut(a, d)]);
      // Saddle: edges come in ring order; joining neighbours keeps the corner that is above the level apart.
      if (edges.length === 4 && sa) edges.push(edges.shift() as [number, number]);
      for (let k = 0; k + 1 < edges.length; k += 2) {
        const [p, q] = [edges[k] as [number, number], edges[k + 1] as [number, number]];
        parts.push(`M${p[0].toFixed(1)} ${p[1].toFixed(1)}L${q[0].toFixed(1)} ${q[1].toFixed(1)}`);
      }
    }
  }
  return parts.join("");
}
