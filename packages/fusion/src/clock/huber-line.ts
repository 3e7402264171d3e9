import { DataError, type Seconds } from "@quintet/core";

export interface Line {
  readonly intercept: number;
  readonly slope: number;
}

/**
 * Robust line through clock offsets, value = intercept + slope time, with the numbers of pyxdf:
 *
 *   minimise sum huber((c0 + c1 t_i - v_i) / W),   huber(r) = r^2 / 2 for |r| <= 1, |r| - 1/2 beyond
 *
 * by the alternating direction method of multipliers, rho = 1, 1000 iterations, on t / W and v / W with the least
 * t / W subtracted. With W = 0.1 ms an offset that is off by more pulls no harder the further it is off.
 *
 * @param times seconds @param values seconds
 * @throws DataError `too-few-probes` (fewer than two), `singular-fit` (all at one time)
 * @see Boyd et al., Found Trends Mach Learn 2011;3:1-122, section 6.1; behaviour of pyxdf 1.17
 */
export function huberLine(
  times: ArrayLike<Seconds>,
  values: ArrayLike<Seconds>,
  { winsor = 1e-4, iterations = 1000 }: { readonly winsor?: Seconds; readonly iterations?: number } = {},
): Line {
  const n = times.length;
  if (n < 2 || values.length !== n) {
    throw new DataError("too-few-probes", "a line needs two clock offsets", { found: `${n} and ${values.length}` });
  }
  const scaled = Float64Array.from(times, (t) => t / winsor);
  const least = scaled.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const a = scaled.map((t) => t - least);
  const y = Float64Array.from(values, (v) => v / winsor);
  const [sa, saa] = a.reduce<[number, number]>(([s, ss], v) => [s + v, ss + v * v], [0, 0]);
  const determinant = n * saa - sa * sa;
  if (!(determinant > 1e-12 * n * saa)) throw new DataError("singular-fit", "all clock offsets are of one time");
  const [z, u] = [new Float64Array(n), new Float64Array(n)];
  let [x0, x1] = [0, 0];
  for (let step = 0; step < iterations; step++) {
    let [b0, b1] = [0, 0];
    for (let i = 0; i < n; i++) {
      const wanted = (y[i] as number) + (z[i] as number) - (u[i] as number);
      b0 += wanted;
      b1 += (a[i] as number) * wanted;
    }
    x0 = (saa * b0 - sa * b1) / determinant;
    x1 = (n * b1 - sa * b0) / determinant;
    for (let i = 0; i < n; i++) {
      const d = x0 + x1 * (a[i] as number) - (y[i] as number) + (u[i] as number);
      const shrunk = d === 0 ? 0 : Math.max(0, 1 - 2 / Math.abs(d)) * d;
      z[i] = (d + shrunk) / 2;
      u[i] = d - (z[i] as number);
    }
  }
  return { intercept: (x0 - x1 * least) * winsor, slope: x1 };
}
