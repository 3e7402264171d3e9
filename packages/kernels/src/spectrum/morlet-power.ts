import { DataError } from "@quintet/core";
import { fftPlan } from "../fft/fft.ts";
import { laneRoom, lanesKernel, laneThreads } from "../fft-lanes/fft-lanes.ts";
import { lanePlan, lanePlanBytes, quickLength, writeLanePlan } from "../fft-lanes/fft-lanes-plan.ts";
import { type Morlet, morletTransform, morletWavelets } from "./morlet.ts";

/** Mean power over time and frequency. */
export interface MorletPower {
  /** [channel][frequency]: mean over epochs of |w x|^2 at every sample. */
  readonly power: readonly (readonly Float64Array[])[];
  /** [frequency]: samples at each end whose wavelet reaches beyond the epoch, where zeros were taken. */
  readonly edge: readonly number[];
}

/**
 * Mean over epochs of the power of Morlet transforms,
 *
 *   P_f[t] = (1/E) sum_e |sum_k w_f[k] x_e[t - k]|^2
 *
 * A wavelet's transform is real (w[-k] is the conjugate of w[k]), two epochs are the lanes of one transform, and only the
 * power leaves the kernel. Each wavelet has room for its own length: n + half samples, since what wraps round from either
 * end meets the same zeros. Equal to `morletTransform` within 1e-13 of the largest power.
 *
 * @param epochs [epoch][channel][sample], all of one length
 * @param cycles one number, or one per frequency
 * @throws DataError as `morletTransform`; `too-few-epochs`
 */
export function morletPower(
  epochs: readonly (readonly ArrayLike<number>[])[],
  rate: number,
  frequencies: readonly number[],
  cycles: number | readonly number[] = 7,
  zeroMean = true,
): MorletPower {
  const channels = epochs[0]?.length ?? 0;
  const n = epochs[0]?.[0]?.length ?? 0;
  if (epochs.length === 0) throw new DataError("too-few-epochs", "a mean needs an epoch", { found: "0" });
  if (epochs.some((epoch) => epoch.length !== channels || epoch.some((signal) => signal.length !== n)))
    throw new DataError("shape-mismatch", "epochs differ in channels or length");
  const wavelets = morletWavelets(n, rate, frequencies, cycles, zeroMean);
  const edge = wavelets.map(({ half }) => half);
  const compiled = powerByLanes(epochs, wavelets, n);
  if (compiled) return { power: compiled, edge };
  const power = Array.from({ length: channels }, () => frequencies.map(() => new Float64Array(n)));
  for (const epoch of epochs)
    for (const [c, { values }] of morletTransform(epoch, rate, frequencies, cycles, zeroMean).entries())
      for (const [f, value] of values.entries()) {
        const sum = power[c]?.[f] as Float64Array;
        for (let t = 0; t < n; t++) sum[t] += (value[2 * t] ** 2 + value[2 * t + 1] ** 2) / epochs.length;
      }
  return { power, edge };
}

/** Spectra that are kept at a time, bytes, so that they stay in a third-level cache. */
const spectraBytes = 8 * 2 ** 20;

/** Wavelets that are done at one length. */
interface LengthClass {
  readonly size: number;
  readonly wavelets: readonly number[];
}

function classesOf(wavelets: readonly Morlet[], n: number): LengthClass[] {
  const sizes = wavelets.map(({ half }) => quickLength(n + half));
  return [...new Set(sizes)].map((size) => ({ size, wavelets: sizes.flatMap((s, i) => (s === size ? [i] : [])) }));
}

function powerByLanes(
  epochs: readonly (readonly ArrayLike<number>[])[],
  wavelets: readonly Morlet[],
  n: number,
): Float64Array[][] | undefined {
  const channels = epochs[0]?.length ?? 0;
  const pairs = Math.ceil(epochs.length / 2);
  const power: Float64Array[][] = Array.from({ length: channels }, () => []);
  for (const { size, wavelets: chosen } of classesOf(wavelets, n)) {
    const plan = lanePlan(size);
    if (!plan) return undefined;
    const together = Math.max(1, Math.min(channels, Math.floor(spectraBytes / (32 * size * pairs))));
    const room = laneRoom([
      64,
      64,
      lanePlanBytes(plan),
      16 * n * pairs * together,
      32 * size * pairs * together,
      8 * size * chosen.length,
      8 * n * chosen.length * together,
      12 * chosen.length * together,
      laneThreads() * (64 * size + 16 * Math.max(size / 4, n)),
    ]);
    if (!room) return undefined;
    const { crew, buffer, at } = room;
    const [first, second, planAt, rowsAt, spectraAt, weightsAt, outAt, tableAt, workAt] = at;
    writeLanePlan(buffer, planAt, plan);
    new Uint32Array(buffer, first, 6).set([n, size, planAt, rowsAt, spectraAt, workAt]);
    new Uint32Array(buffer, second, 7).set([n, size, pairs, planAt, spectraAt, tableAt, workAt]);
    const weights = new Float64Array(buffer, weightsAt, size * chosen.length);
    for (const [i, f] of chosen.entries())
      weights.set(realSpectrum(wavelets[f] as Morlet, size, epochs.length), i * size);
    const rows = new Float64Array(buffer, rowsAt, 2 * n * pairs * together);
    const out = new Float64Array(buffer, outAt, n * chosen.length * together);
    for (let from = 0; from < channels; from += together) {
      const now = Math.min(together, channels - from);
      for (let c = 0; c < now; c++) {
        for (const [e, epoch] of epochs.entries())
          rows.set(epoch[from + c] as ArrayLike<number>, (2 * pairs * c + e) * n);
        if (epochs.length % 2 === 1) rows.fill(0, (2 * pairs * (c + 1) - 1) * n, 2 * pairs * (c + 1) * n);
      }
      crew.run(`${lanesKernel}.spectra`, now * pairs, first);
      const table = Array.from({ length: now * chosen.length }, (_, k) => {
        const [c, i] = [Math.floor(k / chosen.length), k % chosen.length];
        return [c * pairs, weightsAt + 8 * size * i, outAt + 8 * n * k];
      });
      new Uint32Array(buffer, tableAt, 3 * table.length).set(table.flat());
      crew.run(`${lanesKernel}.wavelet`, table.length, second);
      for (let k = 0; k < table.length; k++) {
        const [c, f] = [from + Math.floor(k / chosen.length), chosen[k % chosen.length] as number];
        (power[c] as Float64Array[])[f] = Float64Array.from(out.subarray(k * n, (k + 1) * n));
      }
    }
  }
  return power;
}

/** The wavelet's transform with its middle at sample 0, divided so that the mean power over epochs comes out. */
function realSpectrum({ re, im, half }: Morlet, size: number, epochs: number): Float64Array {
  const [data, out] = [new Float64Array(2 * size), new Float64Array(2 * size)];
  for (let i = -half; i <= half; i++) {
    const at = 2 * ((i + size) % size);
    data[at] = re[half + i];
    data[at + 1] = im[half + i];
  }
  fftPlan(size).forward(out, data);
  const scale = 1 / (size * Math.sqrt(epochs));
  return Float64Array.from({ length: size }, (_, k) => scale * out[2 * k]);
}
