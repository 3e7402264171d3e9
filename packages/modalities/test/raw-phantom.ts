/** Raw readouts of a head phantom, as a scanner would store them, with the truth. */
import type { EncodingCounters, KSpace, KSpaceEncoding, Point, Readout } from "@quintet/core";
import { fftN, seededRandom } from "@quintet/kernels";
import { ringCoils, sheppLogan } from "./mri-phantom.ts";

export interface RawPhantomOptions {
  readonly matrix?: readonly [nx: number, ny: number];
  readonly coils?: number;
  /** SD per part of a unitary transform's k-space. */
  readonly noise?: number;
  readonly noiseReadouts?: number;
  readonly oversampling?: number;
  readonly acceleration?: number;
  /** Lines of calibration round the centre. */
  readonly reference?: number;
  /** Share of the lines measured, from the first on. */
  readonly share?: number;
  readonly averages?: number;
  readonly repetitions?: number;
  /** Order in which slices are counted: places along the normal, mm. */
  readonly slices?: readonly number[];
  /** Echo-planar: every second line runs backwards, with this phase; three navigators of each slice. */
  readonly epi?: { readonly constant: number; readonly linear: number };
  readonly directions?: Readout["directions"];
  readonly position?: Point;
  /** Lines (of ky) that are lost. */
  readonly without?: readonly number[];
}

export interface RawPhantom {
  readonly kspace: KSpace;
  /** Root sum of squares of the noiseless coil images within the image's field of view, [y][x]. */
  readonly truth: Float32Array;
  readonly object: Float32Array;
}

const none: EncodingCounters = {
  line: 0,
  partition: 0,
  slice: 0,
  average: 0,
  contrast: 0,
  phase: 0,
  repetition: 0,
  set: 0,
  segment: 0,
};
const axes: Readout["directions"] = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];

export function rawPhantom(options: RawPhantomOptions = {}): RawPhantom {
  const { matrix: [nx, ny] = [64, 64], coils = 8, noise = 0, noiseReadouts = 0, oversampling = 2 } = options;
  const { acceleration = 1, reference = 0, share = 1, averages = 1, repetitions = 1, slices = [0] } = options;
  const { epi, directions = axes, position = [0, 0, 0], without = [] } = options;
  const wide = nx * oversampling;
  const [object, maps] = [sheppLogan(nx, ny), ringCoils(nx, ny, coils)];
  const first = Math.floor(wide / 2) - Math.floor(nx / 2);
  const images = new Float32Array(2 * coils * wide * ny);
  const truth = new Float32Array(nx * ny);
  for (let c = 0; c < coils; c++)
    for (let i = 0; i < nx * ny; i++) {
      const [re, im] = [0, 1].map((part) => (maps[2 * (c * nx * ny + i) + part] as number) * (object[i] as number)) as [
        number,
        number,
      ];
      truth[i] = Math.hypot(truth[i] as number, re, im);
      const to = 2 * ((c * ny + Math.floor(i / nx)) * wide + first + (i % nx));
      images[to] = re;
      images[to + 1] = im;
    }
  const full = fftN(images, [wide, ny, coils], [0, 1], { centred: true, norm: "ortho" });
  const { normal } = seededRandom(7);
  const at = (y: number): Float32Array => {
    const line = new Float32Array(2 * coils * wide);
    for (let c = 0; c < coils; c++)
      line.set(full.subarray(2 * (c * ny + y) * wide, 2 * ((c * ny + y) * wide + wide)), 2 * c * wide);
    return line;
  };
  let stamp = 1000;
  const readout = (counters: Partial<EncodingCounters>, data: Float32Array, more: Partial<Readout> = {}): Readout => ({
    purpose: "image",
    counters: { ...none, ...counters },
    reversed: false,
    samples: wide,
    centre: Math.floor(wide / 2),
    discard: [0, 0],
    dwell: 5e-6,
    encoding: 0,
    stamp: stamp++,
    physiology: [0, 0, 0],
    position,
    directions,
    ...more,
    data: data.map((v) => v + noise * normal()),
  });
  const readouts: Readout[] = Array.from({ length: noiseReadouts }, () =>
    readout({}, new Float32Array(2 * coils * wide), { purpose: "noise" }),
  );
  const centre = Math.floor(ny / 2);
  const low = centre - Math.floor(reference / 2);
  for (let repetition = 0; repetition < repetitions; repetition++)
    for (const [slice, height] of slices.entries()) {
      const normalTo = directions[2];
      const here: Partial<Readout> = {
        position: position.map((p, axis) => p + height * (normalTo[axis] as number)) as unknown as Point,
      };
      const scaled = (y: number): Float32Array => at(y).map((v) => v * (1 + slice));
      if (epi) {
        const middle = scaled(centre);
        for (const back of [true, false, true])
          readouts.push(
            readout({ slice, repetition, line: centre }, back ? backwards(middle, wide, epi) : middle, {
              ...here,
              purpose: "navigator",
              reversed: back,
            }),
          );
      }
      for (let average = 0; average < averages; average++)
        for (let y = 0; y < ny * share; y++) {
          const calibrates = y >= low && y < low + reference;
          if ((y % acceleration !== 0 && !calibrates) || without.includes(y)) continue;
          const back = epi !== undefined && y % 2 === 1;
          const data = back && epi ? backwards(scaled(y), wide, epi) : scaled(y);
          const purpose = !calibrates ? "image" : y % acceleration === 0 ? "image-and-calibration" : "calibration";
          const counters = { line: y, slice, repetition, average };
          readouts.push(
            readout(counters, data, { ...here, purpose: reference > 0 ? purpose : "image", reversed: back }),
          );
        }
    }
  const encoding: KSpaceEncoding = {
    encoded: { matrix: [wide, ny, 1], fieldOfView: [2 * nx * oversampling, 2 * ny, 5] },
    image: { matrix: [nx, ny, 1], fieldOfView: [2 * nx, 2 * ny, 5] },
    trajectory: epi ? "epi" : "cartesian",
    lines: { first: 0, last: ny - 1, centre },
    ...(acceleration > 1 ? { acceleration: [acceleration, 1] as const } : {}),
  };
  const kspace: KSpace = {
    space: "scanner:mri",
    clock: "scanner:mri",
    tick: 0.0025,
    coils,
    encodings: [encoding],
    readouts,
    waveforms: [],
    receiverBandwidth: 1,
    facts: { vendor: "code-made" },
  };
  return { kspace, truth, object };
}

/** A line as the receiver stores it when the gradient runs backwards: its phase along x, then the order of its samples. */
function backwards(
  line: Float32Array,
  n: number,
  { constant, linear }: { constant: number; linear: number },
): Float32Array {
  const lines = line.length / 2 / n;
  const x = fftN(line, [n, lines], [0], { inverse: true, centred: true, norm: "ortho" });
  for (let i = 0; i < x.length / 2; i++) {
    const phase = constant + linear * ((i % n) - Math.floor(n / 2));
    const [c, s, a, b] = [Math.cos(phase), Math.sin(phase), x[2 * i] as number, x[2 * i + 1] as number];
    x[2 * i] = a * c - b * s;
    x[2 * i + 1] = a * s + b * c;
  }
  const k = fftN(x, [n, lines], [0], { centred: true, norm: "ortho" });
  const out = new Float32Array(k.length);
  const twice = 2 * Math.floor(n / 2);
  for (let l = 0; l < lines; l++)
    for (let i = 0; i < n; i++) {
      const [to, from] = [2 * (l * n + i), 2 * (l * n + ((twice - i) % n))];
      out[to] = k[from] as number;
      out[to + 1] = k[from + 1] as number;
    }
  return out;
}
