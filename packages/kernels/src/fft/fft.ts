/**
 * Discrete Fourier transform of any length, float64, unnormalised:
 *
 *   X[k] = sum_t x[t] exp(-2 pi i k t / n),   k = 0 .. n-1
 *
 * Lengths without a prime factor above 31 go through the compiled transform where one is registered, powers of two else
 * through fft.js (radix 4); other lengths through Bluestein's chirp (IEEE Trans. Audio Electroacoust. 1970;18:451-5): with kt = (k^2 + t^2 - (k-t)^2)/2 the sum is a convolution, done in powers of two.
 * The chirp's phase is taken modulo 2n in integers, so the error stays near 1e-15 log2(n) relative to the largest bin.
 */
import FFT from "fft.js";
import { compiledForward } from "../fft-double/fft-double.ts";

export interface Spectrum {
  readonly re: Float64Array;
  readonly im: Float64Array;
}

interface Plan {
  readonly size: number;
  /** Transforms interleaved [re, im, re, im, ...] of `size` points. */
  forward(out: Float64Array, data: Float64Array): void;
}

interface Radix4 {
  transform(out: ArrayLike<number>, data: ArrayLike<number>): void;
}

const plans = new Map<number, Plan>();
/** Enough for the handful of lengths a recipe uses; beyond it the oldest plan is made anew when asked for. */
const planLimit = 32;

export function isPowerOfTwo(n: number): boolean {
  return Number.isInteger(n) && n > 0 && 2 ** Math.round(Math.log2(n)) === n;
}

export function nextPowerOfTwo(n: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, n)));
}

/** The plan for interleaved complex data of `n` points; made once per length. */
export function fftPlan(n: number): Plan {
  const known = plans.get(n);
  if (known) return known;
  const made = n === 1 ? trivialPlan : (compiledPlan(n) ?? (isPowerOfTwo(n) ? radixPlan(n) : bluesteinPlan(n)));
  if (plans.size >= planLimit) plans.delete(plans.keys().next().value as number);
  plans.set(n, made);
  return made;
}

const trivialPlan: Plan = { size: 1, forward: (out, data) => out.set(data.subarray(0, 2)) };

function compiledPlan(n: number): Plan | undefined {
  const forward = compiledForward(n);
  return forward && { size: n, forward };
}

function radixPlan(n: number): Plan {
  const engine = new FFT(n) as unknown as Radix4;
  return { size: n, forward: (out, data) => engine.transform(out, data) };
}

function bluesteinPlan(n: number): Plan {
  const m = nextPowerOfTwo(2 * n - 1);
  const inner = fftPlan(m);
  const [cosine, sine] = [new Float64Array(n), new Float64Array(n)];
  for (let k = 0; k < n; k++) {
    const angle = (Math.PI * ((k * k) % (2 * n))) / n;
    cosine[k] = Math.cos(angle);
    sine[k] = Math.sin(angle);
  }
  const chirp = new Float64Array(2 * m);
  for (let k = 0; k < n; k++) {
    for (const at of k === 0 ? [0] : [k, m - k]) {
      chirp[2 * at] = cosine[k] as number;
      chirp[2 * at + 1] = sine[k] as number;
    }
  }
  const kernel = new Float64Array(2 * m);
  inner.forward(kernel, chirp);
  const [a, b] = [new Float64Array(2 * m), new Float64Array(2 * m)];
  return {
    size: n,
    forward: (out, data) => {
      a.fill(0);
      for (let k = 0; k < n; k++) {
        const [re, im] = [data[2 * k] as number, data[2 * k + 1] as number];
        const [c, s] = [cosine[k] as number, sine[k] as number];
        a[2 * k] = re * c + im * s;
        a[2 * k + 1] = im * c - re * s;
      }
      inner.forward(b, a);
      for (let k = 0; k < m; k++) {
        const [re, im] = [b[2 * k] as number, b[2 * k + 1] as number];
        const [kr, ki] = [kernel[2 * k] as number, kernel[2 * k + 1] as number];
        // The conjugate, so that a second forward transform is the inverse.
        a[2 * k] = re * kr - im * ki;
        a[2 * k + 1] = -(re * ki + im * kr);
      }
      inner.forward(b, a);
      for (let k = 0; k < n; k++) {
        const [re, im] = [(b[2 * k] as number) / m, -(b[2 * k + 1] as number) / m];
        const [c, s] = [cosine[k] as number, sine[k] as number];
        out[2 * k] = re * c + im * s;
        out[2 * k + 1] = im * c - re * s;
      }
    },
  };
}

function interleaved(re: ArrayLike<number>, im: ArrayLike<number> | undefined): Float64Array {
  const data = new Float64Array(2 * re.length);
  for (let i = 0; i < re.length; i++) {
    data[2 * i] = re[i] as number;
    if (im) data[2 * i + 1] = im[i] as number;
  }
  return data;
}

/** Forward transform of complex data, unnormalised. Length 0 gives length 0. */
export function fft(re: ArrayLike<number>, im?: ArrayLike<number>): Spectrum {
  const n = re.length;
  const out = { re: new Float64Array(n), im: new Float64Array(n) };
  if (n === 0) return out;
  const data = interleaved(re, im);
  const result = new Float64Array(2 * n);
  fftPlan(n).forward(result, data);
  for (let k = 0; k < n; k++) {
    out.re[k] = result[2 * k] as number;
    out.im[k] = result[2 * k + 1] as number;
  }
  return out;
}

/** Inverse transform, divided by n: inverseFft(fft(x)) = x. */
export function inverseFft({ re, im }: Spectrum): Spectrum {
  const n = re.length;
  // Swapping the parts before and after turns a forward transform into the inverse.
  const turned = fft(im, re);
  return { re: turned.im.map((x) => x / n), im: turned.re.map((x) => x / n) };
}

/** Bins 0 .. floor(n/2) of the transform of a real signal; the others are their conjugates. */
export function realFft(x: ArrayLike<number>): Spectrum {
  const bins = Math.floor(x.length / 2) + 1;
  const { re, im } = fft(x);
  return { re: re.subarray(0, bins), im: im.subarray(0, bins) };
}
