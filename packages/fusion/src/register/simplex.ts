/**
 * The lowest point of a function of few variables by the downhill simplex.
 *
 * @param start first corner; the others lie one `step` away along each axis
 * @returns the best point after `evaluations` calls or once the corners' values differ by less than `tolerance`
 * @see Nelder & Mead, Computer Journal 1965;7:308-313
 */
export function downhillSimplex(
  f: (x: readonly number[]) => number,
  start: readonly number[],
  steps: readonly number[],
  { evaluations = 300, tolerance = 1e-6 }: { readonly evaluations?: number; readonly tolerance?: number } = {},
): { readonly x: readonly number[]; readonly value: number } {
  const n = start.length;
  let calls = 0;
  const corner = (x: readonly number[]): { x: readonly number[]; value: number } => {
    calls++;
    return { x, value: f(x) };
  };
  const corners = [corner(start)];
  for (let i = 0; i < n; i++) corners.push(corner(start.map((v, j) => (i === j ? v + (steps[i] as number) : v))));
  for (;;) {
    corners.sort((a, b) => a.value - b.value);
    const [best, worst] = [corners[0] as (typeof corners)[0], corners[n] as (typeof corners)[0]];
    if (calls >= evaluations || worst.value - best.value < tolerance) return best;
    const centre = start.map((_, j) => corners.slice(0, n).reduce((sum, c) => sum + (c.x[j] as number), 0) / n);
    const along = (t: number): readonly number[] => centre.map((c, j) => c + t * ((worst.x[j] as number) - c));
    const reflected = corner(along(-1));
    if (reflected.value < best.value) {
      const stretched = corner(along(-2));
      corners[n] = stretched.value < reflected.value ? stretched : reflected;
    } else if (reflected.value < (corners[n - 1] as (typeof corners)[0]).value) {
      corners[n] = reflected;
    } else {
      const inward = corner(along(reflected.value < worst.value ? -0.5 : 0.5));
      if (inward.value < Math.min(reflected.value, worst.value)) {
        corners[n] = inward;
      } else {
        for (let i = 1; i <= n; i++) {
          const old = corners[i] as (typeof corners)[0];
          corners[i] = corner(old.x.map((v, j) => ((best.x[j] as number) + v) / 2));
        }
      }
    }
  }
}
