/**
 * The Kaiser-Bessel window of `width` grid cells and its Fourier transform:
 *
 *   phi(u) = I0(beta sqrt(1 - (2u / W)^2)) / I0(beta),   |u| <= W / 2
 *   PHI(f) = (W / I0(beta)) sinh(s) / s,   s = sqrt(beta^2 - (pi W f)^2), sin in place of sinh beyond the root
 *
 * with the shape that makes the aliasing of a grid oversampled by sigma smallest,
 *
 *   beta = pi sqrt((W / sigma)^2 (sigma - 1/2)^2 - 0.8)
 *
 * @see Jackson et al., IEEE Trans Med Imaging 1991;10:473-8 (window); Beatty, Nishimura & Pauly, IEEE Trans Med
 *   Imaging 2005;24:799-808, equation 5 (beta)
 */
export interface KaiserBessel {
  readonly width: number;
  /** u in grid cells. */
  weight(u: number): number;
  /** f in cycles per grid cell. */
  transform(f: number): number;
}

export function kaiserBessel(width: number, oversampling: number): KaiserBessel {
  const beta = Math.PI * Math.sqrt((width / oversampling) ** 2 * (oversampling - 0.5) ** 2 - 0.8);
  const top = besselI0(beta);
  return {
    width,
    weight: (u) => {
      const inside = 1 - ((2 * u) / width) ** 2;
      return inside < 0 ? 0 : besselI0(beta * Math.sqrt(inside)) / top;
    },
    transform: (f) => {
      const square = beta * beta - (Math.PI * width * f) ** 2;
      const s = Math.sqrt(Math.abs(square));
      const ratio = s < 1e-8 ? 1 : square > 0 ? Math.sinh(s) / s : Math.sin(s) / s;
      return (width / top) * ratio;
    },
  };
}

/** Modified Bessel function of the first kind and order 0: sum over k of (x^2 / 4)^k / k!^2, all terms positive. */
export function besselI0(x: number): number {
  const quarter = (x * x) / 4;
  let [term, sum] = [1, 1];
  for (let k = 1; term > 1e-17 * sum; k++) {
    term *= quarter / (k * k);
    sum += term;
  }
  return sum;
}
