/**
 * Optical tomography: light by Monte Carlo against diffusion, and where activations come out on the phantom head.
 *
 *   npm run study -- nirs-dot [--part rings|head] [--photons 2000000] [--targets 24] [--start 0] [--seed 1] [--montage dense|sparse]
 *
 * rings: what leaves a half space (mu_a 0.01, mu_s' 1 / mm, index 1.4) in rings of 5 mm over the analytic reflectance with
 * Fresnel's boundary; `standardError` of the ratio.
 * head: activations (grey matter within 6 mm of a point 15 to 20 mm under the scalp, HbO 10, HbR -2.5 umol/L) in ten minutes of task,
 * with a scalp that answers the task and wanders by itself. Light that makes the data: diffusion in voxels of 2 mm, absorption 10 %
 * above and scattering 10 % below what the inverse takes in voxels of 3 mm. Montages over the left hand area: dense, 30 optodes in
 * a lattice of 13 mm, pairs up to 42 mm; sparse, eight optodes 30 mm apart; both with short detectors at 8 mm. A line per target
 * and way, then their summary; --start N goes on from target N of the same seed.
 */
import { parseArgs } from "node:util";
import { type Montage, type Point, type Sensor, toWorld } from "@quintet/core";
import { distanceTransform, photonWalk, type Random, seededRandom } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import {
  diffuseFields,
  imageResolution,
  type OpticalHead,
  type OptodeField,
  opticalHead,
  opticalTissues,
  pairSensitivity,
  placeOptodes,
  semiInfinite,
  tomography,
} from "@quintet/modalities/fnirs";
import { type PhantomHead, phantomHead, positions1010 } from "@quintet/twin";

const wavelengths = [760, 850] as const;

export async function main(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      part: { type: "string" },
      photons: { type: "string", default: "2000000" },
      targets: { type: "string", default: "24" },
      start: { type: "string", default: "0" },
      seed: { type: "string", default: "1" },
      montage: { type: "string" },
    },
  });
  await loadKernels();
  if (values.part !== "head") rings(Number(values.photons), Number(values.seed));
  if (values.part === "rings") return;
  const head = phantomHead({ seed: Number(values.seed), resolution: 2 });
  for (const kind of ["dense", "sparse"] as const) {
    if (values.montage !== undefined && values.montage !== kind) continue;
    onHead(head, kind, { targets: Number(values.targets), start: Number(values.start), seed: Number(values.seed) });
  }
}

const tell = (line: object): void => console.log(JSON.stringify({ study: "nirs-dot", ...line }));

function rings(photons: number, seed: number): void {
  const tissue = { absorption: 0.01, scattering: 1, anisotropy: 0, index: 1.4 };
  const air = { absorption: 0, scattering: 0, anisotropy: 0, index: 1 };
  const radii = [5, 10, 15, 20, 25, 30, 35, 40];
  // What leaves is caught by the first that holds it: discs in the order of their radius are rings.
  const walk = photonWalk(
    { shape: [1, 1, 1], size: [400, 400, 400], labels: Uint8Array.of(1), media: [air, tissue] },
    { position: [200, 200, -1], inward: [0, 0, 1], radius: 0, beam: "pencil" },
    radii.map((radius) => ({ position: [200, 200, 0], radius })),
    { photons, seed },
  );
  const theory = semiInfinite({ absorption: 0.01, reducedScattering: 1, index: 1.4 });
  for (const [i, { weight, error, paths }] of walk.detectors.entries()) {
    const [from, to] = [radii[i - 1] ?? 0, radii[i]!];
    let [flux, path] = [0, 0];
    for (let k = 0; k < 400; k++) {
      const rho = from + ((k + 0.5) * (to - from)) / 400;
      const part = (2 * Math.PI * rho * theory.reflectance(rho) * (to - from)) / 400;
      flux += part;
      path += part * theory.pathlength(rho);
    }
    tell({
      part: "rings",
      from,
      to,
      photons,
      ratio: Number((weight / (1 - walk.specular) / flux).toFixed(4)),
      standardError: Number((error / weight).toFixed(4)),
      pathRatio: Number((paths[1]! / (path / flux)).toFixed(4)),
    });
  }
}

interface Probe {
  readonly montage: Montage;
  readonly long: readonly (readonly [source: string, detector: string])[];
  readonly short: readonly (readonly [source: string, detector: string])[];
}

function probe(head: PhantomHead, kind: "dense" | "sparse"): Probe {
  const places = positions1010(head);
  const at = (name: string): Point => places.get(name)!;
  const middle: Point = [0, 1, 2].map((c) => 0.4 * (at("T7")[c]! + at("T8")[c]! + 0.5 * at("Cz")[c]!)) as never;
  const out = unit(minus(at("C3"), middle));
  const forward = unit(cross(cross(out, minus(at("Fz"), at("Pz"))), out));
  const side = cross(out, forward);
  const [columns, rows, pitch, reach] = kind === "dense" ? [6, 5, 13, 42] : [4, 2, 30, 36];
  const skin = (a: number, b: number): Point => {
    const aim = [0, 1, 2].map((c) => at("C3")[c]! + a * forward[c]! + b * side[c]! - middle[c]!) as unknown as Point;
    return head.scalpAlong(middle, aim);
  };
  const sensors: Sensor[] = [];
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) {
      const source = (r + c) % 2 === 0;
      const name = `${source ? "S" : "D"}${sensors.length + 1}`;
      const position = skin(pitch * (c - (columns - 1) / 2), pitch * (r - (rows - 1) / 2));
      sensors.push({ name, kind: source ? "source" : "detector", position });
    }
  const of = (one: Sensor["kind"]): Sensor[] => sensors.filter((s) => s.kind === one);
  const long = of("source").flatMap((s) =>
    of("detector")
      .filter((d) => apart(s.position!, d.position!) <= reach)
      .map((d) => [s.name, d.name] as const),
  );
  const short = of("source")
    .filter((_, i) => i % Math.max(1, Math.floor(of("source").length / 2)) === 0)
    .slice(0, 2)
    .map((s) => {
      const name = `${s.name}short`;
      const toward = unit(minus(at("C3"), s.position!));
      const aim = minus(s.position!, middle).map(
        (v, c) => v + 8 * (apart(at("C3"), s.position!) > 4 ? toward[c]! : forward[c]!),
      );
      sensors.push({ name, kind: "detector", position: head.scalpAlong(middle, aim as never) });
      return [s.name, name] as const;
    });
  return { montage: { space: head.grid.space, sensors }, long, short };
}

/** Fields of all optodes by name at both wavelengths. */
function fieldsOf(
  head: OpticalHead,
  montage: Montage,
  factors: readonly [number, number],
): ReadonlyMap<number, ReadonlyMap<string, OptodeField>> {
  const optodes = placeOptodes(
    head,
    montage,
    montage.sensors.map(({ name }) => name),
  );
  return new Map(
    wavelengths.map((l) => [
      l,
      new Map(diffuseFields(head, optodes, l, { factors }).map((field) => [field.optode, field])),
    ]),
  );
}

function rowsOf(
  head: OpticalHead,
  fields: ReturnType<typeof fieldsOf>,
  pairs: Probe["long"],
  voxels: Uint32Array,
): { wavelength: number; paths: Float32Array }[] {
  return wavelengths.flatMap((l) =>
    pairs.map(([s, d]) => pairSensitivity(head, fields.get(l)!.get(s)!, fields.get(l)!.get(d)!, { voxels })),
  );
}

const tissueVoxels = ({ labels }: OpticalHead, tissues: readonly string[]): Uint32Array =>
  Uint32Array.from([...labels.keys()].filter((v) => tissues.includes(opticalTissues[labels[v]! - 1] ?? "")));

const placeOf = (head: OpticalHead, v: number): Point => {
  const [nx, ny] = head.grid.shape;
  return toWorld(head.grid, [v % nx, Math.floor(v / nx) % ny, Math.floor(v / (nx * ny))]);
};

function onHead(
  phantom: PhantomHead,
  kind: "dense" | "sparse",
  { targets, start, seed }: { targets: number; start: number; seed: number },
): void {
  const { montage, long, short } = probe(phantom, kind);
  const near = montage.sensors.map(({ position }) => position!);
  // The truth: finer, and of a person whose tissue is not the table's.
  const truth = opticalHead(phantom.tissue, { spacing: 2, near });
  const truthFields = fieldsOf(truth, montage, [1.1, 0.9]);
  const [grey, scalp] = [tissueVoxels(truth, ["grey"]), tissueVoxels(truth, ["scalp"])];
  const model = opticalHead(phantom.tissue, { spacing: 3, near });
  const modelFields = fieldsOf(model, montage, [1, 1]);
  const cortex = tissueVoxels(model, ["grey"]);
  const places = Array.from(cortex, (v) => placeOf(model, v));
  const rows = rowsOf(model, modelFields, long, cortex);
  const noise = Float64Array.from(rows, (_, i) => noiseOf(montage, long[i % long.length]!));
  const inverse = tomography(rows, { noise });
  const depth = depths(truth);
  const all = [...grey].filter((v) => depth[v]! >= 15 && depth[v]! <= 20);
  // Under the lattice, not beyond its edge.
  const seen = (p: Point): number => Math.min(...long.map(([s, d]) => apart(p, between(montage, s, d))));
  const inside = all.filter((v) => seen(placeOf(truth, v)) < 22);
  const random = seededRandom(seed).fork(kind);
  const chosen = Array.from({ length: targets }, () => inside[random.integer(inside.length)]!);
  const greyPlaces = Array.from(grey, (v) => placeOf(truth, v));
  const toBrain = tomography(rowsOf(truth, truthFields, [...long, ...short], grey)).predict;
  const toScalp = tomography(rowsOf(truth, truthFields, [...long, ...short], scalp)).predict;
  const scalpData = toScalp(new Float64Array(scalp.length).fill(1), new Float64Array(scalp.length).fill(-0.12));
  const errors: Record<string, number[]> = {};
  for (const [i, voxel] of chosen.entries()) {
    const own = random.fork(`target ${i}`);
    if (i < start) continue;
    const centre = placeOf(truth, voxel);
    const active = greyPlaces.map((p) => (apart(p, centre) <= 6 ? 1e-5 : 0));
    const middle = weightedMiddle(greyPlaces, active);
    const brain = toBrain(
      active,
      active.map((v) => -v / 4),
    );
    for (const [way, amount, regress] of [
      ["no scalp signal", 0, false],
      ["scalp signal, no short channels", 1e-6, false],
      ["scalp signal, short channels", 1e-6, true],
    ] as const) {
      const beta = betas(own.fork("noise"), brain, scalpData, amount, { long, short, montage, regress });
      const { hbo } = inverse.image(beta);
      let peak = 0;
      for (let v = 1; v < hbo.length; v++) if (hbo[v]! > hbo[peak]!) peak = v;
      const error = apart(places[peak]!, middle);
      const half = hbo.map((v) => (v >= hbo[peak]! / 2 ? v : 0));
      tell({
        part: "head",
        montage: kind,
        target: i,
        way,
        depth: Number(depth[voxel]!.toFixed(1)),
        peakError: Number(error.toFixed(1)),
        middleError: Number(apart(weightedMiddle(places, [...half]), middle).toFixed(1)),
      });
      errors[way] = [...(errors[way] ?? []), error];
    }
  }
  for (const [way, list] of Object.entries(errors)) {
    const sorted = list.toSorted((a, b) => a - b);
    const quantile = (q: number): number =>
      Number(sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!.toFixed(1));
    const within = sorted.filter((e) => e <= 10).length / sorted.length;
    tell({
      part: "head",
      montage: kind,
      way,
      targets: list.length,
      pairs: long.length,
      median: quantile(0.5),
      p90: quantile(0.9),
      within10mm: Number(within.toFixed(2)),
    });
  }
  const sampled = [...cortex.keys()].filter((v) => seen(places[v]!) < 22 && v % 40 === 0);
  const spread = imageResolution(inverse, places, sampled);
  const medianOf = (key: "localisation" | "fwhm" | "effective" | "crosstalk"): number =>
    Number(
      spread
        .map((s) => s[key])
        .toSorted((a, b) => a - b)
        [spread.length >> 1]!.toFixed(2),
    );
  tell({
    part: "resolution",
    montage: kind,
    voxels: sampled.length,
    localisation: medianOf("localisation"),
    fwhm: medianOf("fwhm"),
    effective: medianOf("effective"),
    crosstalk: medianOf("crosstalk"),
  });
}

/** Standard deviation of one second's optical density: 0.03 % at 13 mm, 0.1 % at 30, 0.24 % at 42. */
function noiseOf(montage: Montage, [s, d]: readonly [string, string]): number {
  const at = (name: string): Point => montage.sensors.find((one) => one.name === name)!.position!;
  return 3e-4 * Math.exp(Math.max(0, apart(at(s), at(d)) - 13) / 14);
}

/** Amplitudes of the task in each long measurement: ten minutes at 1 Hz, least squares on the task and the short channels' mean. */
function betas(
  random: Random,
  brain: Float64Array,
  scalp: Float64Array,
  amount: number,
  { long, short, montage, regress }: Probe & { readonly regress: boolean },
): Float64Array {
  const n = 600;
  const task = Float64Array.from({ length: n }, (_, t) => (t % 30 >= 5 && t % 30 < 17 ? 1 : 0));
  const course = new Float64Array(n);
  for (let t = 1; t < n; t++) course[t] = 0.9 * course[t - 1]! + 0.44 * random.normal();
  for (let t = 0; t < n; t++) course[t] = course[t]! + 0.7 * task[t]!;
  const pairs = [...long, ...short];
  const signal = (w: number, p: number): Float64Array => {
    const row = w * pairs.length + p;
    const sd = noiseOf(montage, pairs[p]!);
    return task.map((x, t) => brain[row]! * x + amount * scalp[row]! * course[t]! + sd * random.normal());
  };
  return Float64Array.from(
    wavelengths.flatMap((_, w) => {
      const all = pairs.map((__, p) => signal(w, p));
      const mean = course.map((__, t) => short.reduce((s, ___, k) => s + all[long.length + k]![t]! / short.length, 0));
      return long.map((__, p) => taskAmplitude(all[p]!, task, regress ? mean : undefined));
    }),
  );
}

function taskAmplitude(y: Float64Array, task: Float64Array, short: Float64Array | undefined): number {
  const centred = (x: Float64Array): Float64Array => {
    const mean = x.reduce((s, v) => s + v, 0) / x.length;
    return x.map((v) => v - mean);
  };
  const dot = (a: Float64Array, b: Float64Array): number => a.reduce((s, v, t) => s + v * b[t]!, 0);
  const [a, v] = [centred(task), centred(y)];
  if (!short) return dot(a, v) / dot(a, a);
  const b = centred(short);
  const [aa, ab, bb] = [dot(a, a), dot(a, b), dot(b, b)];
  return (bb * dot(a, v) - ab * dot(b, v)) / (aa * bb - ab * ab);
}

/** mm to the nearest air. */
function depths({ labels, grid, spacing }: OpticalHead): Float32Array {
  const air = Uint8Array.from(labels, (label) => (label === 0 ? 1 : 0));
  return distanceTransform(air, grid.shape, [spacing, spacing, spacing]).map((d) => d - spacing / 2);
}

function between(montage: Montage, s: string, d: string): Point {
  const [p, q] = [s, d].map((name) => montage.sensors.find((one) => one.name === name)!.position!) as [Point, Point];
  return [(p[0] + q[0]) / 2, (p[1] + q[1]) / 2, (p[2] + q[2]) / 2];
}

function weightedMiddle(places: readonly Point[], weights: readonly number[]): Point {
  const whole = weights.reduce((s, w) => s + w, 0);
  return [0, 1, 2].map((c) => places.reduce((s, p, i) => s + (weights[i]! * p[c]!) / whole, 0)) as never;
}

const minus = (p: Point, q: Point): Point => [p[0] - q[0], p[1] - q[1], p[2] - q[2]];
const apart = (p: Point, q: Point): number => Math.hypot(...minus(p, q));
const unit = (p: Point): Point => p.map((v) => v / Math.hypot(...p)) as never;
const cross = (p: Point, q: Point): Point => [
  p[1] * q[2] - p[2] * q[1],
  p[2] * q[0] - p[0] * q[2],
  p[0] * q[1] - p[1] * q[0],
];
