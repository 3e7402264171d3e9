/**
 * Wilson's score interval of a proportion (J Am Stat Assoc 1927;22:209-212), 95 %.
 * @param hits successes of `n`
 */
export function wilson(hits: number, n: number): readonly [number, number] {
  const z = 1.959963984540054;
  const p = hits / n;
  const centre = (p + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}
