/** EEG of a head that moves with the heart in a magnet, and the ECG beside it, with the truth. */
import type { Channel, Recording } from "@quintet/core";
import { seededRandom } from "@quintet/kernels";
import { background, bandNoise, rms } from "./in-scanner-eeg.ts";

export interface PulseEeg {
  readonly recording: Recording;
  /** [channel][sample], V. */
  readonly truth: readonly Float64Array[];
  readonly artefact: readonly Float64Array[];
  /** R peaks, s. */
  readonly beats: readonly number[];
  readonly rate: number;
}

/**
 * Channel 0: 8 to 12 Hz noise on 1/f background; channel 1: background; then the ECG, with a T wave of twice the R peak's
 * height as the magnet makes it. The artefact is `ratio` times the EEG, changes its size by 15 % with breathing and its
 * shape by 20 % (`twist`) from beat to beat; intervals are 0.95 s, give or take 0.06.
 */
export function pulseEeg({ rate = 250, seconds = 240, ratio = 10, twist: turned = 0.2, seed = 5 } = {}): PulseEeg {
  const random = seededRandom(seed);
  const n = seconds * rate;
  const beats: number[] = [];
  for (let t = 0.8; t < seconds - 1; t += 0.95 + 0.03 * Math.sin(2 * Math.PI * 0.25 * t) + 0.03 * random.normal())
    beats.push(t);
  const alpha = bandNoise(n, rate, 8, 12, 10e-6, random.fork("alpha"));
  const floor = background(n, rate, random.fork("a"));
  const truth = [alpha.map((v, i) => v + floor[i]), background(n, rate, random.fork("b"))];
  const bell = (t: number, at: number, width: number): number => Math.exp(-((t - at) ** 2) / (2 * width * width));
  const shape = (t: number): number => bell(t, 0.16, 0.03) - 1.4 * bell(t, 0.24, 0.04) + 0.8 * bell(t, 0.34, 0.06);
  const turn = (t: number): number => bell(t, 0.2, 0.03) - bell(t, 0.3, 0.05);
  const raw = new Float64Array(n);
  const ecg = new Float64Array(n);
  for (const beat of beats) {
    const size = 1 + 0.15 * Math.sin(2 * Math.PI * 0.25 * beat);
    const twist = turned * random.normal();
    for (let i = Math.max(0, Math.floor((beat - 0.2) * rate)); i < Math.min(n, (beat + 0.8) * rate); i++) {
      const t = i / rate - beat;
      raw[i] += size * (shape(t) + twist * turn(t));
      ecg[i] += 1e-3 * (bell(t, 0, 0.012) - 0.2 * bell(t, 0.035, 0.012) + 2 * bell(t, 0.28, 0.05));
    }
  }
  for (let i = 0; i < n; i++) ecg[i] += 5e-5 * random.normal();
  const artefact = truth.map((signal) => {
    const scale = (ratio * rms(signal)) / rms(raw);
    return raw.map((v) => v * scale);
  });
  const names: readonly (readonly [string, Channel["kind"]])[] = [
    ["O1", "eeg"],
    ["Cz", "eeg"],
    ["ECG", "ecg"],
  ];
  const channels = names.map(([name, kind]): Channel => ({ name, kind, unit: "V", sensors: [name] }));
  const data = new Float64Array(3 * n);
  truth.forEach((signal, c) => {
    data.set(
      signal.map((v, i) => v + artefact[c][i]),
      c * n,
    );
  });
  data.set(ecg, 2 * n);
  return {
    recording: { clock: "device:eeg", groups: [{ rate, channels, segments: [{ start: 0, data }] }] },
    truth,
    artefact,
    beats,
    rate,
  };
}
