/**
 * EEG as it is recorded inside a running scanner, with its truth: background, 8 to 12 Hz noise, sines, and on top a gradient
 * artefact of 100 times their RMS whose volumes are 2.0003 s apart (10001.5 samples at 5 kHz), jitter by up to 10 us,
 * drift by 5 % in amplitude and change their shape when the head moves once, in the middle of a volume.
 */
import type { Channel, Recording } from "@quintet/core";
import { convolveFir, firDesign, type Random, seededRandom } from "@quintet/kernels";

export interface InScannerOptions {
  readonly rate?: number;
  readonly volumes?: number;
  /** Seconds. */
  readonly repetition?: number;
  readonly slices?: number;
  /** Amplitude at the end over that at the start, minus 1. */
  readonly drift?: number;
  /** Seconds of uniform jitter either way. */
  readonly jitter?: number;
  /** Share of the artefact's amplitude that changes shape at the head step; 0 for none. */
  readonly step?: number;
  /** Artefact RMS over EEG RMS. */
  readonly ratio?: number;
  readonly seed?: number;
}

export interface InScanner {
  readonly recording: Recording;
  /** [channel][sample], V. */
  readonly truth: readonly Float64Array[];
  /** [channel][sample], V. */
  readonly artefact: readonly Float64Array[];
  /** Seconds, true. */
  readonly onsets: readonly number[];
  /** Seconds, as a recorder writes them: on whole samples. */
  readonly triggers: readonly number[];
  readonly rate: number;
  readonly repetition: number;
  readonly slices: number;
  /** Seconds. */
  readonly stepAt: number;
}

/** Channels: a 10 uV sine of 10.24 Hz on 1/f background; 8 to 12 Hz noise; a 10 uV sine of 10.000 Hz on background. */
export const inScannerChannels = ["sine 10.24", "alpha noise", "sine 10.00"] as const;

export function inScannerEeg({
  rate = 5000,
  volumes = 60,
  repetition = 2.0003,
  slices = 30,
  drift = 0.05,
  jitter = 10e-6,
  step = 0.05,
  ratio = 100,
  seed = 7,
}: InScannerOptions = {}): InScanner {
  const random = seededRandom(seed);
  const lead = 3; // seconds before the first volume and after the last
  const n = Math.round((2 * lead + volumes * repetition) * rate);
  const onsets = Array.from(
    { length: volumes },
    (_, k) => lead + 0.0001234 + k * repetition + jitter * (2 * random.uniform() - 1),
  );
  const stepAt = lead + (volumes / 2 + 0.37) * repetition;
  const truth = eeg(n, rate, random);
  const shapes = [gradient(repetition, slices, random.fork("x")), gradient(repetition, slices, random.fork("y"))];
  const plain = shapes.map((shape) => laid(shape, onsets, repetition, n, rate));
  const artefact = truth.map((signal, c) => {
    const [u, v] = [Math.cos(0.4 + c), Math.sin(0.4 + c)];
    const out = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      const t = i / rate;
      const amplitude = 1 + drift * ((t - lead) / (volumes * repetition));
      // Turning the head mixes the gradients' shares.
      const turned = t >= stepAt ? step : 0;
      out[i] = amplitude * ((u - turned * v) * plain[0][i] + (v + turned * u) * plain[1][i]);
    }
    const scale = (ratio * rmsInside(signal, onsets, repetition, rate)) / rmsInside(out, onsets, repetition, rate);
    return out.map((value) => value * scale);
  });
  const data = new Float64Array(truth.length * n);
  truth.forEach((signal, c) => {
    for (let i = 0; i < n; i++) data[c * n + i] = 2e-3 * (c - 1) + signal[i] + artefact[c][i];
  });
  const channels = inScannerChannels.map((name): Channel => ({ name, kind: "eeg", unit: "V", sensors: [name] }));
  const triggers = onsets.map((onset) => Math.round(onset * rate) / rate);
  const recording = { clock: "device:eeg", groups: [{ rate, channels, segments: [{ start: 0, data }] }] };
  return { recording, truth, artefact, onsets, triggers, rate, repetition, slices, stepAt };
}

function eeg(n: number, rate: number, random: Random): Float64Array[] {
  const sine = (f: number): Float64Array =>
    Float64Array.from({ length: n }, (_, i) => 10e-6 * Math.sin((2 * Math.PI * f * i) / rate + 0.3));
  const sum = (a: Float64Array, b: Float64Array): Float64Array => a.map((value, i) => value + b[i]);
  return [
    sum(sine(10.24), background(n, rate, random.fork("a"))),
    sum(bandNoise(n, rate, 8, 12, 10e-6, random.fork("b")), background(n, rate, random.fork("c"))),
    sum(sine(10), background(n, rate, random.fork("d"))),
  ];
}

/** Noise that falls about as 1/f in power, 5 uV RMS: white noise through first-order low-passes of 1, 4, 16 and 64 Hz. */
export function background(n: number, rate: number, random: Random, size: number = 5e-6): Float64Array {
  const out = new Float64Array(n);
  for (const cutoff of [1, 4, 16, 64]) {
    const keep = Math.exp((-2 * Math.PI * cutoff) / rate);
    const gain = Math.sqrt(1 - keep * keep);
    let y = 0;
    for (let i = 0; i < n; i++) {
      y = keep * y + gain * random.normal();
      out[i] += y;
    }
  }
  const scale = size / rms(out);
  return out.map((value) => value * scale);
}

/** White noise of a band, of a given RMS. */
export function bandNoise(
  n: number,
  rate: number,
  low: number,
  high: number,
  size: number,
  random: Random,
): Float64Array {
  const white = Float64Array.from({ length: n }, () => random.normal());
  const [noise] = convolveFir([white], firDesign(rate, { low, high, lowTransition: 0.5, highTransition: 0.5 }));
  const scale = size / rms(noise);
  return noise.map((value) => value * scale);
}

/** One volume's artefact: bursts of 40 to 600 Hz for each slice, alike but for 3 %, and a spoiler at the start. */
function gradient(repetition: number, slices: number, random: Random): (t: number) => number {
  const slice = repetition / slices;
  const bursts = Array.from({ length: 10 }, () => ({
    at: slice * (0.1 + 0.8 * random.uniform()),
    width: 0.004 * (0.5 + random.uniform()),
    f: 40 + 560 * random.uniform(),
    a: random.normal(),
  }));
  const own = Array.from({ length: slices }, () => bursts.map(({ a }) => a * (1 + 0.03 * random.normal())));
  return (t) => {
    const s = Math.min(slices - 1, Math.floor(t / slice));
    let sum = 0;
    // Bursts reach into the neighbouring slices.
    for (let near = Math.max(0, s - 1); near <= Math.min(slices - 1, s + 1); near++) {
      for (let b = 0; b < bursts.length; b++) {
        const { at, width, f } = bursts[b];
        const u = t - near * slice - at;
        if (Math.abs(u) > 7 * width) continue;
        sum += own[near][b] * Math.exp(-(u * u) / (2 * width * width)) * Math.sin(2 * Math.PI * f * u);
      }
    }
    const u = t - 0.02;
    return sum + (Math.abs(u) < 0.04 ? Math.exp(-(u * u) / (2 * 0.005 ** 2)) * Math.sin(2 * Math.PI * 90 * u) : 0);
  };
}

/** Points of the table per second: cubic interpolation of 640 Hz from 80 kHz errs by 1e-5. */
const fine = 80_000;

function laid(
  shape: (t: number) => number,
  onsets: readonly number[],
  repetition: number,
  n: number,
  rate: number,
): Float64Array {
  const out = new Float64Array(n);
  const table = Float64Array.from({ length: Math.ceil(repetition * fine) + 4 }, (_, j) => shape((j - 1) / fine));
  for (const onset of onsets)
    for (let i = Math.ceil(onset * rate); i < Math.min(n, (onset + repetition) * rate); i++) {
      const at = (i / rate - onset) * fine;
      const j = Math.floor(at);
      const u = at - j;
      const [a, b, c, d] = [table[j], table[j + 1], table[j + 2], table[j + 3]];
      out[i] += b + 0.5 * u * (c - a + u * (2 * a - 5 * b + 4 * c - d + u * (3 * (b - c) + d - a)));
    }
  return out;
}

export function rms(x: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] ** 2;
  return Math.sqrt(sum / x.length);
}

function rmsInside(x: Float64Array, onsets: readonly number[], repetition: number, rate: number): number {
  const last = onsets[onsets.length - 1] + repetition;
  return rms(x.subarray(Math.round(onsets[0] * rate), Math.round(last * rate)));
}
