/**
 * Monte Carlo of annihilation photons: pairs are emitted, scatter any number of times and are counted where they leave, which a
 * simulation of single scatter can be held against. It shares with that one the cross section and nothing else.
 */
import { DataError, type KiloelectronVolts, type Millimetres } from "@quintet/core";
import { comptonCrossSection, electronEnergy, type Random, seededRandom } from "@quintet/kernels";
import type { Sphere } from "./phantoms.ts";

export interface PhotonScene {
  /** A cylinder about the world's origin along z, filled evenly with what scatters. */
  readonly radius: Millimetres;
  readonly height: Millimetres;
  /** Linear attenuation coefficient at 511 keV, 1/mm; all of it Compton scattering. */
  readonly attenuation: number;
  /** Activity is 1 but in these; of overlapping ones the last counts. */
  readonly spheres?: readonly Sphere[];
  /** Where photons are counted: a cylinder's surface, open at both ends. */
  readonly detector: { readonly radius: Millimetres; readonly height: Millimetres };
  /** Photons below this energy are no longer followed. */
  readonly least: KiloelectronVolts;
}

/** Both photons of a pair as they are counted. One object is used again for every pair. */
export interface PhotonPair {
  /** Scatterings of each. */
  readonly scatters: [number, number];
  readonly energy: [KiloelectronVolts, KiloelectronVolts];
  /** Azimuth (-pi to pi) and z on the detector's surface. */
  readonly angle: [number, number];
  readonly z: [Millimetres, Millimetres];
  /** Length of each one's way from the emission on. */
  readonly path: [Millimetres, Millimetres];
}

/**
 * Emits `pairs` pairs evenly over the activity, both ways of a random direction (no acollinearity, no positron range), and
 * hands on those of which both photons reach the detector. The free path is drawn with mu(E) = mu sigma(E) / sigma(511), the angle
 * from Klein-Nishina's cross section at the photon's energy (Butcher & Messel's mixed method; Nucl Phys 1960;20:15, from the
 * literature, not re-checked).
 *
 * @returns the activity's volume in mm3 times its activity: emissions drawn per that are pairs / activity
 * @throws DataError `bad-scene`
 */
export function tracePhotonPairs(
  scene: PhotonScene,
  { pairs, seed }: { readonly pairs: number; readonly seed: number },
  counted: (pair: PhotonPair) => void,
): number {
  const { radius, height, attenuation, spheres = [], detector } = scene;
  const fits = detector.radius > radius && height > 0 && radius > 0 && attenuation >= 0 && scene.least > 0;
  const inside = spheres.every(({ centre: [x, y, z], radius: r, contrast }) => {
    return contrast >= 0 && Math.hypot(x, y) + r <= radius && Math.abs(z) + r <= height / 2;
  });
  if (!fits || !inside || !(pairs >= 0)) {
    throw new DataError("bad-scene", "photons leave a cylinder inside a ring of detectors", {
      expected: "a detector around the cylinder, spheres wholly inside it",
      found: `cylinder of ${radius} mm, detector of ${detector.radius} mm, ${spheres.length} spheres`,
    });
  }
  const random = seededRandom(seed);
  const most = spheres.reduce((top, { contrast }) => Math.max(top, contrast), 1);
  const table = freePathTable(attenuation);
  const pair: PhotonPair = { scatters: [0, 0], energy: [0, 0], angle: [0, 0], z: [0, 0], path: [0, 0] };
  let [tried, made] = [0, 0];
  while (made < pairs) {
    tried++;
    const [r, phi] = [radius * Math.sqrt(random.uniform()), 2 * Math.PI * random.uniform()];
    const [x, y, z] = [r * Math.cos(phi), r * Math.sin(phi), height * (random.uniform() - 0.5)];
    if (random.uniform() * most >= activityAt(spheres, x, y, z)) continue;
    made++;
    const cosine = 2 * random.uniform() - 1;
    const sine = Math.sqrt(1 - cosine * cosine);
    const turn = 2 * Math.PI * random.uniform();
    const d: [number, number, number] = [sine * Math.cos(turn), sine * Math.sin(turn), cosine];
    if (follow(scene, table, random, [x, y, z], [...d], pair, 0))
      if (follow(scene, table, random, [x, y, z], [-d[0], -d[1], -d[2]], pair, 1)) counted(pair);
  }
  return tried === 0 ? 0 : (Math.PI * radius * radius * height * most * made) / tried;
}

function activityAt(spheres: readonly Sphere[], x: number, y: number, z: number): number {
  for (let i = spheres.length - 1; i >= 0; i--) {
    const { centre: c, radius, contrast } = spheres[i] as Sphere;
    if ((x - c[0]) ** 2 + (y - c[1]) ** 2 + (z - c[2]) ** 2 <= radius * radius) return contrast;
  }
  return 1;
}

const energies = 1024;

/** mu at energies from 0 to 511 keV, 1/mm. */
function freePathTable(attenuation: number): Float64Array {
  const total = comptonCrossSection(electronEnergy);
  return Float64Array.from({ length: energies + 1 }, (_, i) => {
    return (attenuation * comptonCrossSection((electronEnergy * Math.max(i, 0.01)) / energies)) / total;
  });
}

/** One photon to the detector's surface; false where it misses it or has lost too much energy. Writes on `at` and `d`. */
function follow(
  { radius, height, detector, least }: PhotonScene,
  table: Float64Array,
  random: Random,
  at: [number, number, number],
  d: [number, number, number],
  pair: PhotonPair,
  side: 0 | 1,
): boolean {
  let [energy, path, scatters] = [electronEnergy, 0, 0];
  for (;;) {
    const leave = wayOut(at, d, radius, height);
    const cell = Math.min(energies - 1, Math.floor((energy / electronEnergy) * energies));
    const rest = (energy / electronEnergy) * energies - cell;
    const mu = (table[cell] as number) * (1 - rest) + (table[cell + 1] as number) * rest;
    const free = mu > 0 ? -Math.log(1 - random.uniform()) / mu : Number.POSITIVE_INFINITY;
    if (free >= leave) break;
    for (let c = 0; c < 3; c++) at[c] = (at[c] as number) + free * (d[c] as number);
    path += free;
    scatters++;
    const cosine = scatterCosine(energy, random);
    energy /= 1 + (energy / electronEnergy) * (1 - cosine);
    if (energy < least) return false;
    turned(d, cosine, 2 * Math.PI * random.uniform());
  }
  const across = d[0] * d[0] + d[1] * d[1];
  if (across < 1e-12) return false;
  const b = at[0] * d[0] + at[1] * d[1];
  const c = at[0] * at[0] + at[1] * at[1] - detector.radius ** 2;
  const way = (-b + Math.sqrt(b * b - across * c)) / across;
  const z = at[2] + way * d[2];
  if (Math.abs(z) > detector.height / 2) return false;
  pair.scatters[side] = scatters;
  pair.energy[side] = energy;
  pair.angle[side] = Math.atan2(at[1] + way * d[1], at[0] + way * d[0]);
  pair.z[side] = z;
  pair.path[side] = path + way;
  return true;
}

/** From a point inside to the cylinder's surface. */
function wayOut(at: readonly number[], d: readonly [number, number, number], radius: number, height: number): number {
  const [x, y, z] = at as readonly [number, number, number];
  const across = d[0] * d[0] + d[1] * d[1];
  const b = x * d[0] + y * d[1];
  const c = x * x + y * y - radius * radius;
  const side = across > 0 ? (-b + Math.sqrt(Math.max(0, b * b - across * c))) / across : Number.POSITIVE_INFINITY;
  const end = d[2] === 0 ? Number.POSITIVE_INFINITY : ((d[2] > 0 ? height / 2 : -height / 2) - z) / d[2];
  return Math.max(0, Math.min(side, end));
}

/** Drawn from Klein-Nishina's differential cross section at an energy. */
function scatterCosine(energy: number, random: Random): number {
  const a = energy / electronEnergy;
  const e0 = 1 / (1 + 2 * a);
  const [one, two] = [-Math.log(e0), (1 - e0 * e0) / 2];
  for (;;) {
    const first = random.uniform() * (one + two) < one;
    const u = random.uniform();
    const e = first ? Math.exp(-one * u) : Math.sqrt(e0 * e0 + (1 - e0 * e0) * u);
    const t = (1 - e) / (a * e);
    if (random.uniform() < 1 - (e * t * (2 - t)) / (1 + e * e)) return 1 - t;
  }
}

/** A direction turned by an angle about a random axis across it. */
function turned(d: [number, number, number], cosine: number, phi: number): void {
  const sine = Math.sqrt(Math.max(0, 1 - cosine * cosine));
  const [x, y, z] = d;
  const [c, s] = [sine * Math.cos(phi), sine * Math.sin(phi)];
  if (Math.abs(z) > 0.999999) {
    d[0] = c;
    d[1] = s;
    d[2] = Math.sign(z) * cosine;
    return;
  }
  const r = Math.sqrt(1 - z * z);
  d[0] = cosine * x + (c * x * z - s * y) / r;
  d[1] = cosine * y + (c * y * z + s * x) / r;
  d[2] = cosine * z - c * r;
}
