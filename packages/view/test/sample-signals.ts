/** EEG with slowing on the left and fNIRS with a weak response there, with the sensors on the sample head. */
import type { Point, Sensor } from "@quintet/core";
import type { ReportModel } from "../src/report/model.ts";
import { brainCentre, noise } from "./sample-head.ts";

const names1020: readonly (readonly [string, number, number])[] = [
  ["Fp1", -18, 90],
  ["Fp2", 18, 90],
  ["F7", -54, 88],
  ["F3", -40, 55],
  ["Fz", 0, 45],
  ["F4", 40, 55],
  ["F8", 54, 88],
  ["T7", -90, 90],
  ["C3", -90, 45],
  ["Cz", 0, 0],
  ["C4", 90, 45],
  ["T8", 90, 90],
  ["P7", -126, 88],
  ["P3", -140, 55],
  ["Pz", 180, 45],
  ["P4", 140, 55],
  ["P8", 126, 88],
  ["O1", -162, 90],
  ["O2", 162, 90],
];

/** Azimuth from the nose (left negative) and angle from the vertex, on the scalp ellipsoid. */
function onScalp(azimuth: number, polar: number, scale = 1): Point {
  const [a, t] = [(azimuth * Math.PI) / 180, (polar * Math.PI) / 180];
  return [
    80 * scale * Math.sin(t) * Math.sin(a),
    -14 + 100 * scale * Math.sin(t) * Math.cos(a),
    6 + 84 * scale * Math.cos(t),
  ];
}

export const electrodes: Sensor[] = names1020.map(([name, a, t]) => ({
  name,
  kind: "electrode",
  position: onScalp(a, t),
}));

export function cortexUnder(p: Point): Point {
  return p.map((c, k) => (brainCentre[k] as number) + 0.79 * (c - (brainCentre[k] as number))) as unknown as Point;
}

const spikeTimes = Float64Array.from({ length: 81 }, (_, i) => i / 100 - 0.3);
const spike = (t: number): number => -6e-5 * Math.exp(-((t / 0.02) ** 2)) + 2e-5 * Math.exp(-(((t - 0.2) / 0.08) ** 2));

export function eegView(): NonNullable<ReportModel["eeg"]> {
  const rate = 250;
  const channels = electrodes.map((e) => e.name);
  const near = (name: string): number => ({ T7: 1, F7: 0.6, P7: 0.6, C3: 0.35 })[name] ?? 0;
  const data = channels.map((name, k) => {
    const back = name.startsWith("O") || name.startsWith("P") ? 18 : 7;
    return Float64Array.from({ length: 10 * rate }, (_, i) => {
      const t = i / rate;
      const slow = near(name) * 26 * Math.sin(2 * Math.PI * 4.6 * t + k / 9) * (0.6 + 0.4 * Math.sin(t));
      return (
        1e-6 * (back * Math.sin(2 * Math.PI * 10.1 * t + k) * (0.7 + 0.3 * Math.sin(0.9 * t)) + slow + 7 * noise())
      );
    });
  });
  const frequencies = Float64Array.from({ length: 91 }, (_, i) => i / 2);
  const power = (name: string): Float64Array =>
    frequencies.map((f) => {
      const back = name.startsWith("O") || name.startsWith("P") ? 1 : 0.25;
      const peak = (c: number, w: number, a: number): number => a * Math.exp(-0.5 * ((f - c) / w) ** 2);
      return (
        1e-12 *
        (22 / (f + 0.8) ** 1.6 + peak(10.1, 0.9, 16 * back) + peak(4.6, 0.8, 22 * near(name)) + 0.03) *
        (1 + 0.15 * noise())
      );
    });
  return {
    note: "19 electrodes, average reference, zero-phase FIR 0.5–45 Hz.",
    sensors: electrodes,
    badChannels: ["Fp2"],
    excerpt: {
      channels,
      rate,
      start: 62,
      data,
      events: { clock: "eeg", list: [{ onset: 66.4, duration: 0, type: "eyes closed" }] },
    },
    spectra: {
      frequencies,
      channels: channels.map((name) => ({ name, power: power(name) })),
      marked: ["T7", "O1"],
      method: "Welch, 4 s Hann windows, half overlapping, median of 148 windows.",
    },
    bands: [
      { name: "δ", low: 1, high: 4 },
      { name: "θ", low: 4, high: 8 },
      { name: "α", low: 8, high: 13 },
      { name: "β", low: 13, high: 30 },
    ],
    cleaning: {
      steps: ["No channel was found bad.", "8 independent components; taken out: 0 (eye)."],
      findings: [
        {
          modality: "eeg",
          name: "gradient-removed",
          value: -62.4,
          unit: "dB",
          verdict: "ok",
          note: "at the slices' multiples",
        },
        { modality: "eeg", name: "alpha-kept", value: 0.97, unit: "1", verdict: "ok", note: "8 to 13 Hz" },
      ],
      before: { frequencies, density: power("Fp1").map((p) => 3 * p) },
      after: { frequencies, density: power("Fp1") },
      components: [
        {
          index: 0,
          label: "eye",
          rule: "frontal poles 0.93",
          removed: true,
          share: 0.31,
          pattern: channels.map((channel) => ({ channel, value: channel.startsWith("F") ? 12 : 1 })),
        },
        { index: 1, label: "other", rule: "no rule holds", removed: false, share: 0.1, pattern: [] },
      ],
    },
    evoked: [
      {
        name: "spikes",
        time: spikeTimes,
        trials: 12,
        channels: [{ name: "T7", mean: spikeTimes.map(spike), se: spikeTimes.map(() => 2e-6) }],
        single: {
          channel: "T7",
          times: spikeTimes,
          trials: Array.from({ length: 12 }, (_, k) => spikeTimes.map((t) => (0.8 + k / 30) * spike(t))),
        },
        maps: [
          {
            name: "peak, 0 ms",
            unit: "µV",
            scale: 1e6,
            colourMap: "cool-warm",
            values: channels.map((channel) => ({ channel, value: -6e-5 * near(channel) })),
          },
        ],
      },
    ],
    topographies: [
      {
        name: "θ power, 4–8 Hz",
        unit: "µV²",
        scale: 1e12,
        values: channels.map((channel) => ({ channel, value: (3 + 16 * near(channel)) * 1e-12 })),
        range: [0, 20],
      },
      {
        name: "α power, 8–13 Hz",
        unit: "µV²",
        scale: 1e12,
        values: channels.map((channel) => ({
          channel,
          value: (channel.startsWith("O") ? 38 : channel.startsWith("P") ? 26 : 9) * 1e-12,
        })),
      },
      {
        name: "θ left–right",
        unit: "dB",
        colourMap: "cool-warm",
        values: channels.map((channel) => ({
          channel,
          value: near(channel) * 6 - (["T8", "F8", "P8"].includes(channel) ? 3 : 0),
        })),
      },
    ],
  };
}

export const optodes: Sensor[] = [
  { name: "S1", kind: "source", position: onScalp(-75, 70) },
  { name: "S2", kind: "source", position: onScalp(-100, 78) },
  { name: "S3", kind: "source", position: onScalp(75, 70) },
  { name: "S4", kind: "source", position: onScalp(100, 78) },
  { name: "D1", kind: "detector", position: onScalp(-88, 58) },
  { name: "D2", kind: "detector", position: onScalp(-92, 90) },
  { name: "D3", kind: "detector", position: onScalp(88, 58) },
  { name: "D4", kind: "detector", position: onScalp(92, 90) },
];
export const pairs = ["S1-D1", "S1-D2", "S2-D1", "S2-D2", "S3-D3", "S3-D4", "S4-D3", "S4-D4"] as const;

export function fnirsView(): NonNullable<ReportModel["fnirs"]> {
  const time = Float64Array.from({ length: 120 }, (_, i) => -4 + i / 5);
  const bump = (t: number): number => (t > 0 ? (t / 6) ** 2 * Math.exp(2 - t / 3) : 0);
  const response = (name: string, size: number, channels: string[]) => ({
    name,
    condition: "tapping",
    time,
    trials: 12,
    stimulus: 5,
    channels,
    hbo: { mean: time.map((t) => size * 1e-6 * bump(t)), se: time.map((t) => 0.08e-6 * (1 + bump(t))) },
    hbr: { mean: time.map((t) => -0.35 * size * 1e-6 * bump(t - 1)), se: time.map((t) => 0.05e-6 * (1 + bump(t))) },
  });
  const n = 1500;
  const course = (sign: number): Float64Array =>
    Float64Array.from({ length: n }, (_, i) => 1e-6 * (sign * 0.6 * bump((i / 5) % 25) + 0.12 * noise()));
  return {
    note: "760 and 850 nm, modified Beer–Lambert law, DPF by age and wavelength, 0.01–0.2 Hz.",
    sensors: optodes,
    channels: pairs.map((name, k) => ({
      name,
      source: name.slice(0, 2),
      detector: name.slice(3),
      distance: 30 + (k % 3),
      coupling: k === 5 ? 0.31 : 0.97 - k * 0.03,
      status: k === 5 ? ("bad" as const) : ("good" as const),
    })),
    events: {
      clock: "nirs",
      list: Array.from({ length: 12 }, (_, i) => ({ onset: 25 * i, duration: 5, type: "tapping" })),
    },
    responses: [
      response("Left temporal", 0.35, ["S1-D1", "S1-D2", "S2-D1", "S2-D2"]),
      response("Right temporal", 0.92, ["S3-D3", "S4-D3", "S4-D4"]),
      response("Right parietal", 0.6, ["S4-D4"]),
    ],
    course: { channel: "S3-D3", rate: 5, start: 0, hbo: course(1), hbr: course(-0.4) },
  };
}
