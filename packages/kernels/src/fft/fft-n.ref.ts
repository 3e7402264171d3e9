/** Reference multi-dimensional transform: the sum itself along each axis in turn, float64, as fft-n.ts says it. */
export function fftNReference(
  data: ArrayLike<number>,
  shape: readonly number[],
  axes: readonly number[],
  { inverse = false, centred = false, norm = "backward" }: { inverse?: boolean; centred?: boolean; norm?: string } = {},
): Float64Array {
  let from = Float64Array.from(data);
  for (const axis of axes) {
    const n = shape[axis] as number;
    const stride = shape.slice(0, axis).reduce((a, b) => a * b, 1);
    const origin = centred ? Math.floor(n / 2) : 0;
    const scale = norm === "ortho" ? 1 / Math.sqrt(n) : norm === "backward" && inverse ? 1 / n : 1;
    const to = new Float64Array(from.length);
    for (let at = 0; at < from.length / 2; at++) {
      const k = Math.floor(at / stride) % n;
      const first = at - k * stride;
      let [re, im] = [0, 0];
      for (let t = 0; t < n; t++) {
        // The product of the indices modulo n, so that the phase keeps its digits.
        const turns = ((((k - origin) * (t - origin)) % n) + n) % n;
        const angle = ((inverse ? 2 : -2) * Math.PI * turns) / n;
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        const [x, y] = [from[2 * (first + t * stride)] as number, from[2 * (first + t * stride) + 1] as number];
        re += x * c - y * s;
        im += x * s + y * c;
      }
      to[2 * at] = scale * re;
      to[2 * at + 1] = scale * im;
    }
    from = to;
  }
  return from;
}
