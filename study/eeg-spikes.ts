/**
 * How many simulated spikes the envelope detector finds at 0.1 to 1 false positives per minute.
 *
 *   npm run study -- eeg-spikes [--minutes 6] [--seed 3]
 *
 * 32 electrodes on four spheres; background of 80 sources with 1/f amplitudes (20 uV RMS over the channels), alpha of two occipital sources for half of
 * each minute, white noise of 2 uV; spikes of 70 ms with an after-going wave from one temporal source every 6 to 12 s, so large that
 * their peak is a stated multiple of the background's RMS in the channel that shows them most. One JSON line per size: the sensitivity
 * with its 95 % interval at each rate of false positives, by moving the threshold.
 */
import { parseArgs } from "node:util";
import type { Channel, Montage, Point, Recording } from "@quintet/core";
import { type Random, realFft, seededRandom } from "@quintet/kernels";
import { detectSpikes, type SpikeDetection, sphereHead } from "@quintet/modalities/eeg";
import { wilson } from "../testing/binomial.ts";

const rate = 250;
const names = Array.from({ length: 32 }, (_, i) => `E${i + 1}`);
const thresholds = Array.from({ length: 10 }, (_, k) => 2 * 1.1 ** k);

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { minutes: { type: "string", default: "6" }, seed: { type: "string", default: "3" } },
  });
  const minutes = Number(values.minutes);
  for (const size of [1, 1.5, 2, 3, 4]) {
    const { recording, times } = simulated(minutes, size, seededRandom(Number(values.seed)));
    const curve = thresholds.map((threshold) => {
      const found = detectSpikes(recording, { threshold });
      const hits = times.filter((t) => found.some(({ time }) => Math.abs(time - t) < 0.15)).length;
      const wrong = found.filter(({ time }: SpikeDetection) => times.every((t) => Math.abs(time - t) >= 0.15)).length;
      return { threshold, hits, wrong: wrong / minutes };
    });
    const at = [0.1, 0.2, 0.5, 1].map((limit) => {
      // The lowest threshold from which on false positives stay below the limit.
      const first = curve.findIndex((_, k) => curve.slice(k).every(({ wrong }) => wrong <= limit));
      const point = curve[first];
      return point
        ? {
            falsePerMinute: limit,
            threshold: Number(point.threshold.toFixed(2)),
            sensitivity: Number((point.hits / times.length).toFixed(3)),
            interval: wilson(point.hits, times.length),
          }
        : { falsePerMinute: limit };
    });
    const usual = detectSpikes(recording);
    const hits = times.filter((t) => usual.some(({ time }) => Math.abs(time - t) < 0.15)).length;
    const wrong = usual.filter(({ time }) => times.every((t) => Math.abs(time - t) >= 0.15)).length;
    console.log(
      JSON.stringify({
        study: "eeg-spikes",
        peakOverBackground: size,
        spikes: times.length,
        minutes,
        at,
        usual: {
          threshold: 3.65,
          sensitivity: Number((hits / times.length).toFixed(3)),
          falsePerMinute: Number((wrong / minutes).toFixed(2)),
        },
      }),
    );
  }
}

function simulated(minutes: number, size: number, random: Random): { recording: Recording; times: number[] } {
  const n = 60 * minutes * rate;
  const montage: Montage = {
    space: "head",
    sensors: lattice(32, -0.3, 90).map((position, i) => ({ name: names[i] as string, kind: "electrode", position })),
  };
  const head = sphereHead(montage, names);
  const data = new Float32Array(32 * n);
  const add = (place: Point, moment: Point, course: Float64Array): void => {
    const lead = head.leadField([place]);
    for (const [c, row] of lead.entries()) {
      const gain = moment.reduce((s, q, k) => s + q * (row[k] as number), 0);
      for (let t = 0; t < n; t++) data[c * n + t] += gain * (course[t] as number);
    }
  };
  const draw = (): Point => [random.normal(), random.normal(), random.normal()];
  for (let s = 0; s < 80; s++) {
    const p = draw();
    const scale = (45 + 20 * random.uniform()) / Math.hypot(...p);
    add([p[0] * scale, p[1] * scale, Math.abs(p[2] * scale)], draw(), pink(n, random));
  }
  const level = Math.sqrt(data.reduce((s, v) => s + v * v, 0) / data.length);
  for (let i = 0; i < data.length; i++) data[i] = (20e-6 / level) * (data[i] as number);
  const alpha = Float64Array.from({ length: n }, (_, t) =>
    Math.floor((2 * t) / (60 * rate)) % 2 === 0 ? Math.sin((2 * Math.PI * 10 * t) / rate + Math.sin(t / 900)) : 0,
  );
  for (const x of [-15, 15]) add([x, -60, 20], [0, -4e-8, 1e-8], alpha);
  const place: Point = [-55, -5, 5];
  const lead = head.leadField([place]);
  const gains = lead.map((row) => -0.9 * (row[0] as number) + 0.3 * (row[2] as number));
  const mean = gains.reduce((a, b) => a + b, 0) / 32;
  const largest = Math.max(...gains.map((g) => Math.abs(g - mean)));
  const course = new Float64Array(n);
  const times: number[] = [];
  for (let at = 8; at < 60 * minutes - 8; at += 6 + 6 * random.uniform()) {
    times.push(at);
    const own = 0.8 + 0.4 * random.uniform();
    for (let t = -25; t < 100; t++) {
      const s = t / rate;
      course[Math.round(at * rate) + t] +=
        own * (Math.exp(-((s / 0.02) ** 2)) - 0.35 * Math.exp(-(((s - 0.15) / 0.07) ** 2)));
    }
  }
  const strength = (size * 20e-6) / largest;
  for (const [c, gain] of gains.entries())
    for (let t = 0; t < n; t++)
      data[c * n + t] += strength * (gain - mean) * (course[t] as number) + 2e-6 * random.normal();
  const channels = names.map((name): Channel => ({ name, kind: "eeg", unit: "V", sensors: [name] }));
  return { recording: { clock: "eeg", groups: [{ rate, channels, segments: [{ start: 0, data }] }] }, times };
}

/** Amplitude 1/f above 0.5 Hz, variance 1: white noise shaped in its transform. */
function pink(n: number, random: Random): Float64Array {
  // One transform over the whole: pieces set side by side would jump where they meet, as spikes do.
  const block = 2 ** Math.ceil(Math.log2(n));
  const out = new Float64Array(n);
  for (let from = 0; from < n; from += block) {
    const white = Float64Array.from({ length: block }, () => random.normal());
    const { re, im } = realFft(white);
    for (let k = 0; k < re.length; k++) {
      const f = Math.max(0.5, (k * rate) / block);
      re[k] = (re[k] as number) / f;
      im[k] = -(im[k] as number) / f;
    }
    const full = Float64Array.from({ length: block }, (_, k) =>
      k < re.length ? (re[k] as number) : (re[block - k] as number),
    );
    // A real signal from the real and imaginary parts of a Hermitian spectrum, by a second transform of each.
    const imaginary = Float64Array.from({ length: block }, (_, k) =>
      k < im.length ? (im[k] as number) : -(im[block - k] as number),
    );
    const [a, b] = [realFft(full), realFft(imaginary)];
    for (let t = 0; t < block && from + t < n; t++) {
      const k = t < a.re.length ? t : block - t;
      const sign = t < a.re.length ? 1 : -1;
      out[from + t] = ((a.re[k] as number) + sign * (b.im[k] as number)) / block;
    }
  }
  return out;
}

function lattice(n: number, lowest: number, radius: number): Point[] {
  return Array.from({ length: n }, (_, i) => {
    const z = 1 - ((1 - lowest) * (i + 0.5)) / n;
    const [r, phi] = [Math.sqrt(1 - z * z), i * Math.PI * (3 - Math.sqrt(5))];
    return [radius * r * Math.cos(phi), radius * r * Math.sin(phi), radius * z];
  });
}
