/** sqrt of the sum over sets or coils of |x|^2, [point]. */
export function setMagnitude(x: Float32Array, sets: number): Float32Array {
  const points = x.length / (2 * sets);
  return Float32Array.from({ length: points }, (_, i) => {
    let square = 0;
    for (let s = 0; s < sets; s++) {
      const at = 2 * (s * points + i);
      square += (x[at] as number) ** 2 + (x[at + 1] as number) ** 2;
    }
    return Math.sqrt(square);
  });
}

/** Pearson's correlation, and |a x - t| / |t| after the one factor a that makes it least. */
export function compareMagnitude(x: ArrayLike<number>, t: ArrayLike<number>): { correlation: number; nrmse: number } {
  const n = x.length;
  let [sx, st, xx, xt, tt] = [0, 0, 0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [a, b] = [x[i] as number, t[i] as number];
    sx += a;
    st += b;
    xx += a * a;
    xt += a * b;
    tt += b * b;
  }
  const correlation = (n * xt - sx * st) / Math.sqrt((n * xx - sx * sx) * (n * tt - st * st));
  return { correlation, nrmse: Math.sqrt(Math.max(0, 1 - (xt * xt) / (xx * tt))) };
}
