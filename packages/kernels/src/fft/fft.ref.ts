/** Reference discrete Fourier transform: the sum itself, O(n^2), float64. */
export function referenceDft(
  re: ArrayLike<number>,
  im: ArrayLike<number>,
): { readonly re: Float64Array; readonly im: Float64Array } {
  const n = re.length;
  const out = { re: new Float64Array(n), im: new Float64Array(n) };
  for (let k = 0; k < n; k++) {
    let [sumRe, sumIm] = [0, 0];
    for (let t = 0; t < n; t++) {
      const angle = (-2 * Math.PI * ((k * t) % n)) / n;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      sumRe += (re[t] as number) * c - (im[t] as number) * s;
      sumIm += (re[t] as number) * s + (im[t] as number) * c;
    }
    out.re[k] = sumRe;
    out.im[k] = sumIm;
  }
  return out;
}
