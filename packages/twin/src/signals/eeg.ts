/**
 * EEG with known content: posterior alpha, 1/f background, blinks, line noise and, with a focus, focal slowing,
 * interictal spikes and a seizure-like discharge, all from dipoles in one homogeneous sphere fitted to the electrodes.
 */
import type { Event, Events, Montage, Point, Recording, Transform } from "@quintet/core";
import { apply } from "@quintet/core";
import type { Random } from "@quintet/kernels";
import type { PhantomHead } from "../head/phantom-head.ts";
import type { Focus } from "../images/focus.ts";
import { envelope, pinkNoise, rhythm } from "./noise-course.ts";
import { cross, direction, distance, minus, plus, positions1010, scale } from "./positions.ts";
import type { Sphere } from "./sphere-potential.ts";
import { fitSphere, spherePotential } from "./sphere-potential.ts";

/** 64 electrodes of the 10-10 system. */
export const eegNames: readonly string[] = (
  "Fp1 Fpz Fp2 AF7 AF3 AFz AF4 AF8 F7 F5 F3 F1 Fz F2 F4 F6 F8 FT7 FC5 FC3 FC1 FCz FC2 FC4 FC6 FT8 T7 C5 C3 C1 Cz C2 " +
  "C4 C6 T8 TP7 CP5 CP3 CP1 CPz CP2 CP4 CP6 TP8 P7 P5 P3 P1 Pz P2 P4 P6 P8 PO7 PO3 POz PO4 PO8 O1 Oz O2"
).split(" ");

export interface EegTruth {
  readonly sphere: Sphere;
  /** Onsets (s) of the interictal spikes; none without a focus. */
  readonly spikes: readonly number[];
  readonly seizureOnset?: number;
  /** Injection of the ictal SPECT tracer. */
  readonly injection?: number;
  readonly alphaFrequency: number;
}

export interface EegSession {
  readonly recording: Recording;
  readonly events: Events;
  /** Electrodes and fiducials as digitised, in the cap's own frame. */
  readonly montage: Montage;
  readonly truth: EegTruth;
}

export interface EegOptions {
  /** Subject's T1w world -> frame of the digitiser. */
  readonly pose: Transform;
  readonly startedAt: string;
  readonly rate?: number;
  readonly duration?: number;
  /** Size of the interictal spikes over the usual one, which lies below the background; 1 when not given. */
  readonly spikeSize?: number;
}

const clock = "device:eeg";
/** Hz, unless asked otherwise. */
export const eegRate = 256;

interface Source {
  readonly position: Point;
  /** A m at unit course. */
  readonly moment: Point;
  readonly course: Float64Array;
}

export function eegSession(
  head: PhantomHead,
  focus: Focus | undefined,
  random: Random,
  options: EegOptions,
): EegSession {
  const [rate, duration] = [options.rate ?? eegRate, options.duration ?? 240];
  const n = Math.round(rate * duration);
  const places = positions1010(head);
  const electrodes = eegNames.map((name) => places.get(name) ?? ([0, 0, 0] as const));
  const sphere = fitSphere(electrodes);
  const blocks = Array.from({ length: Math.ceil(duration / 30) }, (_, k) => [30 * k, Math.min(duration, 30 * k + 30)]);
  const closed = blocks.filter((_, k) => k % 2 === 1) as [number, number][];
  const alphaFrequency = 9.5 + random.uniform();
  const seizureOnset = focus ? Math.min(duration - 40, 190) : undefined;
  const injection = seizureOnset === undefined ? undefined : seizureOnset + 11 + Math.round(4 * random.uniform());

  const sources: Source[] = [
    ...background(head, sphere, random.fork("background"), n, rate),
    ...alpha(head, sphere, random.fork("alpha"), n, rate, alphaFrequency, envelope(n, rate, closed, 1)),
  ];
  const spikes: number[] = [];
  if (focus) {
    const own = random.fork("focus");
    sources.push(...focal(focus, sphere, own, { n, rate, size: options.spikeSize ?? 1 }, seizureOnset ?? 0, spikes));
  }
  const data = new Float32Array(electrodes.length * n);
  for (const { position, moment, course } of sources) {
    electrodes.forEach((electrode, channel) => {
      const gain = spherePotential(sphere, inside(sphere, position), moment, electrode);
      const row = data.subarray(channel * n, (channel + 1) * n);
      for (let i = 0; i < n; i++) row[i] = (row[i] as number) + gain * (course[i] as number);
    });
  }
  addBlinks(data, electrodes, places.get("Fpz") ?? [0, 90, 0], random.fork("blinks"), n, rate, closed);
  addElectrodeNoise(data, electrodes.length, random.fork("electrodes"), n, rate);
  averageReference(data, electrodes.length, n);

  const list: Event[] = blocks.map(([start, end], k) => ({
    onset: start as number,
    duration: (end as number) - (start as number),
    type: k % 2 === 1 ? "eyes-closed" : "eyes-open",
  }));
  if (seizureOnset !== undefined && injection !== undefined) {
    list.push({ onset: seizureOnset, duration: 25, type: "seizure-onset" });
    list.push({ onset: injection, duration: 0, type: "injection" });
  }
  const truth = { sphere, spikes, alphaFrequency };
  return {
    recording: {
      clock,
      startedAt: options.startedAt,
      groups: [
        {
          rate,
          channels: eegNames.map((name) => ({ name, kind: "eeg", unit: "V", sensors: [name] })),
          segments: [{ start: 0, data }],
        },
      ],
      notes: { reference: "average" },
    },
    events: { clock, list: list.sort((a, b) => a.onset - b.onset) },
    montage: {
      space: options.pose.to,
      sensors: [
        ...["Nz", "LPA", "RPA"].map((name) => ({ name, kind: "fiducial" as const })),
        ...eegNames.map((name) => ({ name, kind: "electrode" as const })),
      ].map(({ name, kind }) => ({ name, kind, position: apply(options.pose.matrix, places.get(name) ?? [0, 0, 0]) })),
    },
    truth: seizureOnset === undefined || injection === undefined ? truth : { ...truth, seizureOnset, injection },
  };
}

/** A source nearer to the surface than 4 % of the radius is drawn in: the closed form diverges there. */
function inside(sphere: Sphere, position: Point): Point {
  const offset = minus(position, sphere.centre);
  const share = Math.hypot(...offset) / sphere.radius;
  return share < 0.9 ? position : plus(sphere.centre, scale(offset, 0.9 / share));
}

function radial(sphere: Sphere, position: Point, size: number): Point {
  return scale(direction(minus(position, sphere.centre)), size);
}

function background(head: PhantomHead, sphere: Sphere, random: Random, n: number, rate: number): Source[] {
  return Array.from({ length: 80 }, () => {
    const side = random.uniform() < 0.5 ? -1 : 1;
    const towards: Point = [random.normal(), random.normal(), Math.abs(random.normal())];
    const [x, y, z] = scale(direction(towards), 58);
    const position = head.fromCanonical([side * Math.abs(x), y * 1.2 - 15, z + 5]);
    const turned = direction([random.normal(), random.normal(), random.normal()]);
    const moment = plus(radial(sphere, position, 6.5e-9), scale(turned, 6.5e-9));
    return { position, moment, course: pinkNoise(random, n, rate, 0.5) };
  });
}

function alpha(
  head: PhantomHead,
  sphere: Sphere,
  random: Random,
  n: number,
  rate: number,
  frequency: number,
  closed: Float64Array,
): Source[] {
  const places: readonly Point[] = [
    [-14, -88, 8],
    [14, -88, 8],
    [-26, -72, 30],
    [26, -72, 30],
  ];
  const common = rhythm(random, n, rate, frequency, 0.8);
  return places.map((canonical, k) => {
    const position = head.fromCanonical(canonical);
    const own = rhythm(random, n, rate, frequency, 0.8);
    const size = (k < 2 ? 30e-9 : 20e-9) * (0.9 + 0.2 * random.uniform());
    const course = own.map((v, i) => (0.8 * (common[i] as number) + 0.6 * v) * (0.3 + 0.7 * (closed[i] as number)));
    return { position, moment: radial(sphere, position, size), course };
  });
}

/** Focal slowing (1.5-3 Hz, waxing), interictal spikes with after-going slow wave, and one rhythmic discharge. */
function focal(
  focus: Focus,
  sphere: Sphere,
  random: Random,
  { n, rate, size: spikeSize }: { readonly n: number; readonly rate: number; readonly size: number },
  seizure: number,
  spikes: number[],
): Source[] {
  const outward = direction(minus(focus.ball, sphere.centre));
  const aside = direction(cross(outward, [random.normal(), random.normal(), random.normal()]));
  const tilt = (35 * Math.PI * random.uniform()) / 180;
  const orientation = plus(scale(outward, Math.cos(tilt)), scale(aside, Math.sin(tilt)));
  const slow = rhythm(random, n, rate, 2.2, 0.9);
  const wax = pinkNoise(random, n, rate, 0.02);
  const delta = slow.map((v, i) => v * (1 + 0.4 * Math.tanh(wax[i] as number)));
  const course = new Float64Array(n);
  for (let t = 3 + 4 * random.uniform(); t < seizure - 3; t += 3 + 8 * random.uniform()) {
    spikes.push(t);
    const size = spikeSize * (0.8 + 0.4 * random.uniform());
    addSpike(course, t, rate, size);
  }
  for (let i = Math.floor(seizure * rate); i < Math.min(n, (seizure + 25) * rate); i++) {
    const t = i / rate - seizure;
    const grow = Math.min(1, t / 6) * Math.min(1, (25 - t) / 2);
    const phase = 2 * Math.PI * (6.5 * t - 0.07 * t * t);
    course[i] = (course[i] as number) + 0.9 * grow * (Math.sin(phase) + 0.35 * Math.sin(2 * phase));
  }
  return [
    { position: focus.ball, moment: scale(orientation, 32e-9), course: delta },
    { position: focus.ball, moment: scale(orientation, -75e-9), course },
  ];
}

/** A sharp wave of about 70 ms and a slow wave of the other sign of about 300 ms. */
function addSpike(course: Float64Array, onset: number, rate: number, size: number): void {
  for (let i = Math.floor((onset - 0.2) * rate); i < Math.min(course.length, (onset + 0.7) * rate); i++) {
    if (i < 0) continue;
    const t = i / rate - onset;
    const value = Math.exp(-0.5 * (t / 0.018) ** 2) - 0.4 * Math.exp(-0.5 * ((t - 0.19) / 0.08) ** 2);
    course[i] = (course[i] as number) + size * value;
  }
}

/** Blinks while the eyes are open: about 150 uV at Fpz, falling off over the forehead. */
function addBlinks(
  data: Float32Array,
  electrodes: readonly Point[],
  forehead: Point,
  random: Random,
  n: number,
  rate: number,
  closed: readonly (readonly [number, number])[],
): void {
  const gains = electrodes.map((e) => Math.exp(-distance(e, forehead) / 42));
  const last = n / rate - 1;
  for (let t = 1 + 3 * random.uniform(); t < last; t += 2.5 + 4 * random.uniform()) {
    if (closed.some(([start, end]) => t > start - 0.5 && t < end + 0.5)) continue;
    const size = 150e-6 * (0.8 + 0.4 * random.uniform());
    for (let i = Math.floor((t - 0.2) * rate); i < (t + 0.35) * rate; i++) {
      const s = i / rate - t;
      const value = size * Math.exp(-0.5 * (s / (s < 0 ? 0.055 : 0.1)) ** 2);
      gains.forEach((gain, channel) => {
        data[channel * n + i] = (data[channel * n + i] as number) + gain * value;
      });
    }
  }
}

/** White noise of 1 uV and 50 Hz hum of some microvolts, different in each channel. */
function addElectrodeNoise(data: Float32Array, channels: number, random: Random, n: number, rate: number): void {
  for (let channel = 0; channel < channels; channel++) {
    const [hum, phase] = [1e-6 + 2e-6 * random.uniform(), 2 * Math.PI * random.uniform()];
    const row = data.subarray(channel * n, (channel + 1) * n);
    for (let i = 0; i < n; i++) {
      const line = hum * Math.sin((2 * Math.PI * 50 * i) / rate + phase);
      row[i] = (row[i] as number) + line + 1e-6 * random.normal();
    }
  }
}

function averageReference(data: Float32Array, channels: number, n: number): void {
  for (let i = 0; i < n; i++) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel++) sum += data[channel * n + i] as number;
    for (let channel = 0; channel < channels; channel++) {
      data[channel * n + i] = (data[channel * n + i] as number) - sum / channels;
    }
  }
}
