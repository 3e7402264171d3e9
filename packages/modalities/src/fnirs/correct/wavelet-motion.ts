import { DataError, type Recording } from "@quintet/core";
import { changeDetails, mapSignals, quantile, summarise } from "@quintet/kernels";

/**
 * Motion repair by wavelets: in each level of a translation-invariant Daubechies transform (two vanishing moments) the details of a
 * channel that lie more than `iqr` interquartile ranges outside the quartiles are set to 0. Quiet details are normal noise, motion is
 * rare and large. The four coarsest levels stay, and with them a shift of the level: spikes go, shifts do not. The signal's mean is taken out, and zeros fill it to a power of two; quartiles are
 * those of the details of the signal itself.
 *
 * @param iqr default 1.5; smaller takes more
 * @throws DataError `no-channels`, `not-positive`, `segment-too-short` (fewer than 64 samples)
 * @see Molavi & Dumont, Physiol Meas 2012;33:259-70; levels as in Homer3's hmrR_MotionCorrectWavelet
 */
export function waveletMotion(od: Recording, iqr = 1.5): Recording {
  if (!(iqr > 0)) throw new DataError("not-positive", "a limit in interquartile ranges", { found: `${iqr}` });
  if (!od.groups.some(({ channels }) => channels.some(({ kind }) => kind === "nirs-od")))
    throw new DataError("no-channels", "the recording has no optical density");
  return mapSignals(
    od,
    ({ kind }) => kind === "nirs-od",
    (signals) => signals.map((signal) => repaired(signal, iqr)),
  );
}

/** Levels that are not touched: the coarsest, 2^4 details and fewer. */
const kept = 4;

function repaired(signal: Float32Array | Float64Array, iqr: number): Float64Array {
  const n = signal.length;
  if (n < 64) {
    throw new DataError("segment-too-short", "nothing to tell motion from", { expected: "64 samples", found: `${n}` });
  }
  const { mean } = summarise(signal);
  const scale = Math.ceil(Math.log2(n));
  const padded = new Float64Array(2 ** scale);
  for (let t = 0; t < n; t++) padded[t] = (signal[t] as number) - mean;
  const clean = changeDetails(padded, scale - kept - 1, (details, level) => {
    const own = details.subarray(0, Math.max(1, Math.floor(n / 2 ** level)));
    const [low, high] = [quantile(own, 0.25), quantile(own, 0.75)];
    const [least, most] = [low - iqr * (high - low), high + iqr * (high - low)];
    for (let k = 0; k < details.length; k++) {
      const v = details[k] as number;
      if (v < least || v > most) details[k] = 0;
    }
  });
  return clean.subarray(0, n).map((v) => v + mean);
}
