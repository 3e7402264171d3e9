/** f and g of exponential.ts by Simpson's rule between the points, with parabolas so short that exp(-k h) is one too. */
export function convolveExponentialReference(
  time: ArrayLike<number>,
  value: ArrayLike<number>,
  rate: number,
  at: number,
): { readonly f: number; readonly g: number } {
  let [f, g] = [0, 0];
  const held = at > time[time.length - 1] ? [...Array.from(time), at] : Array.from(time);
  const values = [...Array.from(value), value[value.length - 1]];
  for (let i = 1; i < held.length; i++) {
    const [a, b] = [held[i - 1], Math.min(held[i], at)];
    if (!(b > a)) continue;
    const pieces = 2000 + Math.ceil(200 * rate * (b - a));
    const h = (b - a) / (2 * pieces);
    for (let j = 0; j <= 2 * pieces; j++) {
      const s = a + j * h;
      const x = values[i - 1] + ((values[i] - values[i - 1]) * (s - a)) / (held[i] - a);
      const weight = j === 0 || j === 2 * pieces ? 1 : j % 2 === 1 ? 4 : 2;
      const y = (weight * h * Math.exp(-rate * (at - s)) * x) / 3;
      f += y;
      g += y * (at - s);
    }
  }
  return { f, g };
}
