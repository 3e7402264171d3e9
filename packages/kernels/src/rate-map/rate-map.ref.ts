/** One curve: every rate of a dense grid by a straight linear fit, then golden section. The columns are those of the model. */
export function rateMapReference(
  y: ArrayLike<number>,
  weights: ArrayLike<number>,
  columns: (rate: number) => readonly ArrayLike<number>[],
  low: number,
  high: number,
): { readonly rate: number; readonly coefficients: readonly number[]; readonly weightedSquares: number } {
  const squares = (x: number): number => fit(y, weights, columns(Math.exp(x))).weightedSquares;
  const n = 400;
  const at = (i: number): number => Math.log(low) + (i * Math.log(high / low)) / n;
  let best = 0;
  for (let i = 1; i <= n; i++) if (squares(at(i)) < squares(at(best))) best = i;
  let [a, b] = [at(Math.max(0, best - 1)), at(Math.min(n, best + 1))];
  const share = (Math.sqrt(5) - 1) / 2;
  while (b - a > 1e-9) {
    const [x1, x2] = [b - share * (b - a), a + share * (b - a)];
    if (squares(x1) < squares(x2)) b = x2;
    else a = x1;
  }
  const rate = Math.exp((a + b) / 2);
  return { rate, ...fit(y, weights, columns(rate)) };
}

/** Gram-Schmidt, twice. */
function fit(
  y: ArrayLike<number>,
  weights: ArrayLike<number>,
  columns: readonly ArrayLike<number>[],
): { readonly coefficients: readonly number[]; readonly weightedSquares: number } {
  const root = Array.from(weights, Math.sqrt);
  const q: number[][] = [];
  const r: number[][] = [];
  for (const column of columns) {
    let own = Array.from(column, (v, t) => v * root[t]);
    const row = q.map(() => 0);
    for (let round = 0; round < 2; round++) {
      q.forEach((other, i) => {
        const along = own.reduce((sum, v, t) => sum + v * other[t], 0);
        own = own.map((v, t) => v - along * other[t]);
        row[i] += along;
      });
    }
    const size = Math.hypot(...own);
    q.push(own.map((v) => v / size));
    r.push([...row, size]);
  }
  let rest = Array.from(y, (v, t) => v * root[t]);
  const dots = q.map((one) => {
    const along = rest.reduce((sum, v, t) => sum + v * one[t], 0);
    rest = rest.map((v, t) => v - along * one[t]);
    return along;
  });
  const coefficients = [...dots];
  for (let j = dots.length - 1; j >= 0; j--) {
    for (let k = j + 1; k < dots.length; k++) coefficients[j] -= r[k][j] * coefficients[k];
    coefficients[j] /= r[j][j];
  }
  return { coefficients, weightedSquares: rest.reduce((sum, v) => sum + v * v, 0) };
}
