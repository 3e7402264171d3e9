import { besselI0 } from "../fir/fractional-delay.ts";
import { type RateRatio, rateRatio, resampledLength } from "./rate-ratio.ts";

/**
 * A signal at another rate by a polyphase filter: filled up with zeros p-fold, low-passed, every q-th sample kept, only
 * those computed:
 *
 *   y[m] = sum_k x[k] h[m q - k p],   h a sinc low-pass at the lower Nyquist frequency, Kaiser window of beta 5,
 *
 * of 10 max(p, q) samples on either side and gain p; ends are mirrored. SciPy's `resample_poly` with MNE-Python's padding.
 * It reaches 10 samples of the lower rate, so that a jump stays local; the Fourier way is sharper and rings.
 *
 * @param signals [signal][sample]
 * @returns [signal][round(n to / from)], the first sample at the same time
 * @throws DataError `bad-rate`
 */
export function resamplePolyphase(signals: readonly ArrayLike<number>[], from: number, to: number): Float64Array[] {
  const ratio = rateRatio(from, to);
  if (ratio.p === ratio.q) return signals.map((signal) => Float64Array.from(signal));
  const { p, q } = ratio;
  const { taps, half } = lowPass(ratio);
  return signals.map((x) => {
    const n = x.length;
    const y = new Float64Array(resampledLength(n, ratio));
    for (let m = 0; m < y.length; m++) {
      const centre = m * q;
      const [first, last] = [Math.ceil((centre - half) / p), Math.floor((centre + half) / p)];
      let sum = 0;
      for (let k = first; k <= last; k++) sum += taps[half + centre - k * p] * mirrored(x, k, n);
      y[m] = sum;
    }
    return y;
  });
}

const beta = 5;

function lowPass({ p, q }: RateRatio): { readonly taps: Float64Array; readonly half: number } {
  const rate = Math.max(p, q);
  const half = 10 * rate;
  const taps = new Float64Array(2 * half + 1);
  let sum = 0;
  for (let i = 0; i <= 2 * half; i++) {
    const x = (i - half) / rate;
    const share = (i - half) / half;
    taps[i] = (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)) * besselI0(beta * Math.sqrt(1 - share * share));
    sum += taps[i];
  }
  return { taps: taps.map((tap) => (tap * p) / sum), half };
}

function mirrored(x: ArrayLike<number>, i: number, n: number): number {
  if (n === 1) return x[0];
  const period = 2 * n - 2;
  const at = ((i % period) + period) % period;
  return x[at < n ? at : period - at];
}
