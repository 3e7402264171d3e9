/**
 * fNIRS with known content: finger tapping, left and right hand in turn, answered by the other side's hand area, in
 * light intensities at 760 and 850 nm by the modified Beer-Lambert law:
 *
 *   I(t) = I0 exp(-OD(t)) (1 + noise),   OD = ln(10) d DPF(l, age) (e_HbO dHbO + e_HbR dHbR)
 *
 * with the extinction and pathlength factors of the fNIRS wing (one model: the wing inverts what is made here).
 */
import type { Channel, Events, Montage, Point, Recording, Transform } from "@quintet/core";
import { apply } from "@quintet/core";
import type { Random } from "@quintet/kernels";
import { dpf, extinction } from "@quintet/modalities/fnirs";
import type { PhantomHead } from "../head/phantom-head.ts";
import { pinkNoise, rhythm } from "./noise-course.ts";
import type { OpticalPairing } from "./optodes.ts";
import { optodeLayout } from "./optodes.ts";
import { distance, mean, minus } from "./positions.ts";

export interface NirsActivation {
  /** Pair name, "S1_D1". */
  readonly pair: string;
  readonly hand: "left" | "right";
  /** Peak of the response, mol/L. */
  readonly hbo: number;
  readonly hbr: number;
}

export interface NirsTruth {
  readonly activations: readonly NirsActivation[];
  /** Where the hand areas project on the scalp, world mm of the head grid. */
  readonly handArea: { readonly left: Point; readonly right: Point };
  /** The pair whose optode sits badly. */
  readonly poorPair: string;
  readonly heartRate: number;
}

export interface NirsSession {
  readonly recording: Recording;
  readonly events: Events;
  /** Optodes and fiducials as digitised, in the cap's own frame. */
  readonly montage: Montage;
  readonly truth: NirsTruth;
}

export interface NirsOptions {
  readonly pose: Transform;
  readonly startedAt: string;
  /** Years. */
  readonly age: number;
  /** Blocks of each hand; 8 when not given. */
  readonly blocks?: number;
}

const [clock, task, rest, lead] = ["device:nirs", 10, 15, 20] as const;
/** Hz. */
export const nirsRate = 10;
const rate = nirsRate;
const wavelengths = [760, 850] as const;

export function nirsSession(head: PhantomHead, random: Random, options: NirsOptions): NirsSession {
  const layout = optodeLayout(head);
  const blocks = 2 * (options.blocks ?? 8);
  const n = Math.round(rate * (lead + blocks * (task + rest) + 5));
  const first = random.uniform() < 0.5;
  const list = Array.from({ length: blocks }, (_, k) => ({
    onset: lead + k * (task + rest),
    duration: task,
    type: (k % 2 === 0) === first ? "left-hand" : "right-hand",
  }));
  const course = {
    left: response(
      list.filter((e) => e.type === "left-hand").map((e) => e.onset),
      n,
    ),
    right: response(
      list.filter((e) => e.type === "right-hand").map((e) => e.onset),
      n,
    ),
  };
  const area = { left: handArea(head, "left"), right: handArea(head, "right") };
  const systemic = systemicCourses(random.fork("systemic"), n);
  const long = layout.pairs.filter((p) => !p.short);
  const poor = long[random.integer(long.length)] as OpticalPairing;
  const position = (name: string): Point => layout.montage.sensors.find((s) => s.name === name)?.position ?? [0, 0, 0];

  const channels: Channel[] = [];
  const rows: Float32Array[] = [];
  const activations: NirsActivation[] = [];
  for (const wavelength of wavelengths) {
    const { hbo: eo, hbr: er } = extinction("prahl", wavelength);
    for (const pair of layout.pairs) {
      const name = `${pair.source}_${pair.detector}`;
      const own = random.fork(`${name} tissue`);
      const [a, b] = [position(pair.source), position(pair.detector)];
      const centimetres = distance(a, b) / 10;
      const peaks = (["left", "right"] as const).map((hand) => {
        const gain = pair.short ? 0 : amplitude(mean(a, b), area, hand);
        if (gain > 0 && wavelength === wavelengths[0]) {
          activations.push({ pair: name, hand, hbo: gain, hbr: -gain / 4 });
        }
        return gain;
      }) as [number, number];
      const [scalpGain, drift] = [0.8 + 0.4 * own.uniform(), pinkNoise(own, n, rate, 0.003)];
      const light = random.fork(`${name} ${wavelength}`);
      const grain = pair === poor ? 0.06 : pair.short ? 0.0004 : 0.0012;
      const level = (pair.short ? 2 : 0.15) * (0.7 + 0.6 * light.uniform()) * (pair === poor ? 0.05 : 1);
      const path = Math.LN10 * centimetres * dpf(options.age, wavelength);
      rows.push(
        Float32Array.from({ length: n }, (_, i) => {
          const brain = peaks[0] * (course.left[i] as number) + peaks[1] * (course.right[i] as number);
          const scalp = scalpGain * (systemic[i] as number) + 0.12e-6 * (drift[i] as number);
          const shared = pair === poor ? 0.1 : 1;
          const od = path * (eo * (brain + shared * scalp) + er * (-brain / 4 - 0.12 * shared * scalp));
          return level * Math.exp(-od) * (1 + grain * light.normal());
        }),
      );
      channels.push({
        name: `${name} ${wavelength}`,
        kind: "nirs-intensity",
        unit: "{intensity}",
        sensors: [pair.source, pair.detector],
        wavelength,
      });
    }
  }
  const data = new Float32Array(rows.length * n);
  for (const [k, row] of rows.entries()) data.set(row, k * n);
  return {
    recording: {
      clock,
      startedAt: options.startedAt,
      groups: [{ rate, channels, segments: [{ start: 0, data }] }],
    },
    events: { clock, list },
    montage: {
      space: options.pose.to,
      sensors: layout.montage.sensors.map((s) => ({
        ...s,
        position: apply(options.pose.matrix, s.position ?? [0, 0, 0]),
      })),
    },
    truth: { activations, handArea: area, poorPair: `${poor.source}_${poor.detector}`, heartRate: 1.1 },
  };
}

/** Peak HbO (mol/L) at a channel: 0.8 uM above the other hand's area, falling off over 20 mm; a fifth on the same side. */
function amplitude(middle: Point, area: NirsTruth["handArea"], hand: "left" | "right"): number {
  const near = (side: "left" | "right"): number => Math.exp(-0.5 * (distance(middle, area[side]) / 20) ** 2);
  const [other, same] = hand === "left" ? [near("right"), near("left")] : [near("left"), near("right")];
  return 0.8e-6 * (other + 0.2 * same);
}

function handArea(head: PhantomHead, side: "left" | "right"): Point {
  const sign = side === "left" ? -1 : 1;
  const [cortex, centre] = [head.fromCanonical([38 * sign, -20, 56]), head.fromCanonical([0, -17, 8])];
  return head.scalpAlong(centre, minus(cortex, centre));
}

/**
 * Double gamma response to blocks, peak 1 for one block alone: h(t) = t^5 e^-t / 5! - t^15 e^-t / (6 15!).
 * @see Glover, NeuroImage 1999;9:416-29, and the canonical form of SPM (from the literature, not re-checked)
 */
function response(onsets: readonly number[], n: number): Float64Array {
  const length = 40 * rate;
  const kernel = Float64Array.from({ length }, (_, i) => {
    const t = i / rate;
    return (t ** 5 * Math.exp(-t)) / 120 - (t ** 15 * Math.exp(-t)) / (6 * 1307674368000);
  });
  const block = new Float64Array(length + task * rate);
  for (let i = 0; i < length; i++) {
    for (let k = 0; k < task * rate; k++) block[i + k] = (block[i + k] as number) + (kernel[i] as number);
  }
  const peak = block.reduce((most, v) => Math.max(most, v), 0);
  const out = new Float64Array(n);
  for (const onset of onsets) {
    const start = Math.round(onset * rate);
    for (let i = 0; i < block.length && start + i < n; i++) {
      out[start + i] = (out[start + i] as number) + (block[i] as number) / peak;
    }
  }
  return out;
}

/** Oxygenated blood of scalp and brain alike, mol/L: heart 1.1 Hz, breathing 0.25 Hz, Mayer waves 0.1 Hz. */
function systemicCourses(random: Random, n: number): Float64Array {
  const heart = rhythm(random, n, rate, 1.1, 0.03);
  const breath = rhythm(random, n, rate, 0.25, 0.03);
  const mayer = rhythm(random, n, rate, 0.1, 0.03);
  return heart.map((h, i) => 0.13e-6 * h + 0.06e-6 * (breath[i] as number) + 0.15e-6 * (mayer[i] as number));
}
