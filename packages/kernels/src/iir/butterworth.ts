import { DataError } from "@quintet/core";

/** One second-order section: (b0 + b1 z^-1 + b2 z^-2) / (1 + a1 z^-1 + a2 z^-2). */
export interface Section {
  readonly b: readonly [number, number, number];
  readonly a: readonly [number, number];
}

/**
 * Digital Butterworth filter as second-order sections, by the bilinear transform with pre-warped cutoff:
 *
 *   w = 2 rate tan(pi cutoff / rate),   p_k = w exp(i pi (2k + n - 1) / 2n),   z_k = (2 rate + p_k) / (2 rate - p_k)
 *
 * zeros at z = -1 (low-pass) or z = 1 (high-pass), gain 1 at 0 Hz or at the Nyquist frequency, -3 dB at `cutoff`.
 * Sections keep their accuracy where one polynomial would not (order 5 at 0.002 of the rate).
 *
 * @throws DataError `bad-rate`, `bad-order`, `bad-band`
 */
export function butterworth(order: number, kind: "low" | "high", cutoff: number, rate: number): Section[] {
  if (!(rate > 0 && Number.isFinite(rate)))
    throw new DataError("bad-rate", "a sampling rate is positive", { found: `${rate}` });
  if (!(Number.isInteger(order) && order >= 1 && order <= 20)) {
    throw new DataError("bad-order", "a filter's order is a whole number", { expected: "1 to 20", found: `${order}` });
  }
  if (!(cutoff > 0 && cutoff < rate / 2)) {
    throw new DataError("bad-band", "the cutoff is outside the band", {
      expected: `0 to ${rate / 2} Hz`,
      found: `${cutoff}`,
    });
  }
  const w = Math.tan((Math.PI * cutoff) / rate);
  const zero = kind === "low" ? -1 : 1;
  const sections: Section[] = [];
  for (let k = 1; k <= Math.ceil(order / 2); k++) {
    const angle = (Math.PI * (2 * k + order - 1)) / (2 * order);
    const [re, im] = [w * Math.cos(angle), w * Math.sin(angle)];
    const scale = (1 - re) ** 2 + im ** 2;
    const [zr, zi] = [(1 - re * re - im * im) / scale, (2 * im) / scale];
    const real = order % 2 === 1 && k === (order + 1) / 2;
    const a: [number, number] = real ? [-zr, 0] : [-2 * zr, zr * zr + zi * zi];
    const b: [number, number, number] = real ? [1, -zero, 0] : [1, -2 * zero, 1];
    // Value at z = -zero: the middle of the pass band's edge.
    const gain = (1 - a[0] * zero + a[1]) / (b[0] - b[1] * zero + b[2]);
    sections.push({ b: [b[0] * gain, b[1] * gain, b[2] * gain], a });
  }
  return sections;
}

/** The sections multiplied out: numerator and denominator in powers of z^-1. */
export function transferFunction(sections: readonly Section[]): { readonly b: number[]; readonly a: number[] } {
  let [b, a] = [[1], [1]];
  for (const section of sections) {
    const first = section.a[1] === 0 && section.b[2] === 0;
    b = product(b, first ? section.b.slice(0, 2) : section.b);
    a = product(a, first ? [1, section.a[0]] : [1, ...section.a]);
  }
  return { b, a };
}

function product(p: readonly number[], q: readonly number[]): number[] {
  const out = new Array<number>(p.length + q.length - 1).fill(0);
  p.forEach((x, i) => {
    q.forEach((y, j) => {
      out[i + j] = (out[i + j] as number) + x * y;
    });
  });
  return out;
}
