/**
 * The analytic brain in canonical mm (RAS, origin near the anterior commissure): every surface is a signed distance.
 *
 * Cerebrum: a hull of two hemispheres with temporal lobes, cut by sheets of CSF (the interhemispheric and Sylvian
 * fissures, the central, superior temporal, calcarine and cingulate sulci, and the zero set of a random wave field for
 * all others). Grey matter is what lies within the cortical thickness of hull or sheet:
 *   pial(p)  = -min(-hull(p), gap(p)),   gap = distance to the nearest sheet minus its half-width
 *   white(p) = pial(p) + thickness
 * Sizes and places follow common population anatomy in MNI space, rounded; the folding is invented.
 */
import type { Random } from "@quintet/kernels";
import type { WaveField } from "./folding.ts";
import { waveField } from "./folding.ts";
import { ellipsoid, smoothUnion, taperedCapsule } from "./shapes.ts";

export interface BrainShape {
  /** Cortical thickness, mm. */
  readonly thickness: number;
  /** Extra half-width of every sulcus, mm, and growth of the ventricles. */
  readonly atrophy: number;
  /** Share (0..1) of the folding's variance that is the individual's own, side by side different. */
  readonly ownFolding: number;
}

/** Signed distances (mm) at one point; `deep` is the nucleus there. */
export interface BrainPoint {
  hull: number;
  pial: number;
  white: number;
  /** Depth below the nearest of hull and fissures, mm. */
  depth: number;
  /** Inside (negative) the core round which the cingulate gyrus bends: callosum, septum, thalami. */
  core: number;
  ventricle: number;
  cerebellum: number;
  cerebellarWhite: number;
  stem: number;
  deep: number;
  deepName: DeepName;
}

export type DeepName = "caudate" | "putamen" | "pallidum" | "thalamus" | "hippocampus" | "amygdala" | "none";

export function emptyBrainPoint(): BrainPoint {
  const far = 999;
  return {
    hull: far,
    pial: far,
    white: far,
    depth: -far,
    core: far,
    ventricle: far,
    cerebellum: far,
    cerebellarWhite: far,
    stem: far,
    deep: far,
    deepName: "none",
  };
}

/** Height of the Sylvian fissure at y. */
function sylvianHeight(y: number): number {
  return -10 + 0.38 * (5 - y);
}

function mainHull(X: number, y: number, z: number): number {
  return ellipsoid(X, y + 17.5, z - 12, 69, 87.5, z > 12 ? 67 : 35);
}

/** Outer surface of the cerebrum. */
function cerebralHull(X: number, y: number, z: number): number {
  const cisterns = ellipsoid(X, y + 12, z + 29, 18, 27, 17);
  const cerebrum = Math.max(mainHull(X, y, z), -cisterns);
  const temporal = taperedCapsule(X, y, z, [41, 5, -27], [50, -45, -10], 16, 19);
  const mesial = taperedCapsule(X, y, z, [23, -5, -22], [27, -34, -13], 9, 9);
  return smoothUnion(smoothUnion(cerebrum, temporal, 3), mesial, 6);
}

function cerebellumShape(X: number, y: number, z: number): number {
  return smoothUnion(ellipsoid(X - 22, y + 63, z + 40, 30, 27, 21), ellipsoid(X, y + 62, z + 37, 10, 24, 19), 5);
}

function stemShape(X: number, y: number, z: number): number {
  const midbrain = taperedCapsule(X * 0.85, y, z, [0, -24, -4], [0, -27, -20], 13, 12);
  const pons = ellipsoid(X, y + 26, z + 32, 17, 13, 13);
  const medulla = taperedCapsule(X, y, z, [0, -33, -42], [0, -43, -68], 9, 6.5);
  const cord = taperedCapsule(X, y, z, [0, -43, -68], [0, -52, -125], 6.5, 5.5);
  return smoothUnion(smoothUnion(midbrain, pons, 5), Math.min(medulla, cord), 5);
}

/** The cavity that holds brain and CSF, to the inner table of the skull, without the spinal canal. */
export function cranialCavity(X: number, y: number, z: number): number {
  const vault = ellipsoid(X, y + 17.5, z - 12, 71.3, 89.8, z > 12 ? 69.3 : 38);
  const temporal = taperedCapsule(X, y, z, [41, 5, -27], [50, -45, -10], 17.8, 21);
  const posteriorFossa = ellipsoid(X, y + 59, z + 36, 54, 35, 28);
  const sella = ellipsoid(X, y + 22, z + 26, 24, 30, 22);
  return smoothUnion(smoothUnion(vault, temporal, 8), smoothUnion(posteriorFossa, sella, 10), 8);
}

export function spinalCanal(X: number, y: number, z: number): number {
  return taperedCapsule(X, y, z, [0, -38, -52], [0, -52, -125], 12, 9.5);
}

function ventricles(X: number, y: number, z: number, grow: number): number {
  const horn = taperedCapsule(X, y, z, [11, 30, 3], [11, 2, 18], 4.4, 5);
  const body = taperedCapsule(X, y, z, [11, 2, 18], [17, -34, 20], 5, 5.4);
  const atrium = taperedCapsule(X, y, z, [17, -34, 20], [27, -46, 6], 5.4, 6);
  const temporal = taperedCapsule(X, y, z, [27, -44, 4], [35, -16, -15], 3.2, 2.2);
  const occipital = taperedCapsule(X, y, z, [27, -46, 6], [25, -70, 3], 4.2, 1.6);
  const lateral = Math.min(smoothUnion(horn, body, 3), smoothUnion(atrium, Math.min(temporal, occipital), 2));
  const third = Math.max(X - 1.6, ellipsoid(0, y + 14, z - 1, 5, 12, 9));
  const aqueduct = taperedCapsule(X, y, z, [0, -27, -4], [0, -38, -22], 1.1, 1.3);
  const fourth = ellipsoid(X, y + 42, z + 33, 7, 4.5, 11);
  return Math.min(Math.min(lateral, third) - grow, aqueduct, fourth - 0.5 * grow);
}

function deepNuclei(X: number, y: number, z: number, out: BrainPoint): void {
  let nearest = 999;
  let name: DeepName = "none";
  const take = (d: number, candidate: DeepName): void => {
    if (d >= nearest) return;
    nearest = d;
    name = candidate;
  };
  const head = ellipsoid(X - 15.5, y - 14, z - 4, 5, 9, 8.5);
  const tail = taperedCapsule(X, y, z, [17, 6, 13], [21, -22, 20], 4.2, 2.4);
  take(smoothUnion(head, tail, 4), "caudate");
  take(ellipsoid(X - 26.5 + 0.12 * (y - 3), y - 2, z - 1, 4.8, 15, 9.5), "putamen");
  take(ellipsoid(X - 19.5, y + 4, z, 4, 8, 6), "pallidum");
  take(ellipsoid(X - 11, y + 19, z - 7, 8.5, 14, 9), "thalamus");
  take(taperedCapsule(X, y, z, [24, -13, -19], [30, -34, -6], 5.2, 3.6), "hippocampus");
  take(ellipsoid(X - 23, y + 3, z + 19, 6.5, 7, 7), "amygdala");
  out.deep = nearest;
  out.deepName = name;
}

/** Distance (mm) to the interhemispheric and Sylvian fissures, less their half-widths. */
function fissureDistance(X: number, y: number, z: number, core: number): number {
  const medial = (core < 0 ? Math.hypot(X, core) : X) - 0.9;
  const zs = sylvianHeight(y);
  const inner = y < 8 ? 38 : 38 - 1.3 * (y - 8);
  const widening = X > 55 ? 0.05 * (X - 55) : 0;
  const sylvian = Math.hypot(0.93 * (z - zs), Math.max(0, inner - X), Math.max(0, y - 32, -42 - y)) - 0.8 - widening;
  const insular = Math.hypot(X - 38, Math.max(0, Math.abs(z - zs - 2) - 11), Math.max(0, Math.abs(y + 1) - 21)) - 0.8;
  return Math.min(medial, sylvian, insular);
}

/** Distance (mm) to the central, superior temporal, calcarine and cingulate sulci, less their half-widths. */
function namedSulcus(X: number, y: number, z: number, core: number, hull: number): number {
  const below = Math.max(0, -hull - 16);
  const ycs = -36 + 0.58 * (X - 5) + 2.5 * Math.sin(0.15 * z);
  const central = Math.hypot((y - ycs) / 1.16, Math.max(0, 14 - z), Math.max(0, 3 - X), below) - 0.9;
  const dz = z - sylvianHeight(y) + 15;
  const temporal = Math.hypot(0.93 * dz, Math.max(0, 46 - X), Math.max(0, y - 12, -55 - y), below) - 0.6;
  const calcarine = Math.hypot(z - 4 + 0.05 * (y + 60), Math.max(0, X - 20), Math.max(0, y + 58)) - 0.6;
  const cingulate = Math.hypot(core - 13, Math.max(0, X - 11), Math.max(0, -z - 2, -44 - y)) - 0.6;
  return Math.min(central, temporal, calcarine, cingulate);
}

/** How deep sulci reach here, mm. */
function sulcalDepth(x: number, y: number, z: number): number {
  return 14.5 + 4 * Math.sin(0.093 * y + 0.05 * x + 1) * Math.cos(0.11 * z - 0.04 * x);
}

/**
 * The brain as a function of position.
 *
 * @param random seeds the individual's own folding; the shared folding is the same for every brain
 * @returns a function that writes the distances at canonical (x, y, z) mm into `out` and returns it
 */
export function brainAnatomy(
  shape: BrainShape,
  shared: Random,
  random: Random,
): (x: number, y: number, z: number, out: BrainPoint) => BrainPoint {
  const common: WaveField = waveField(shared, 20, 23.5, 0.2);
  const own: WaveField = waveField(random, 20, 23.5, 0.2);
  const [a, b] = [Math.sqrt(1 - shape.ownFolding), Math.sqrt(shape.ownFolding)];
  const [g, h] = [new Float64Array(3), new Float64Array(3)];
  const centre = [25, -17, 9] as const;
  const radii = [45, 87, 62] as const;

  /**
   * Distance to the nearest sheet of the random sulci; the field is constant along rays from the hemisphere's centre,
   * where the rays meet there are none.
   */
  const foldDistance = (side: number, X: number, y: number, z: number): number => {
    const vx = X - centre[0];
    const vy = y - centre[1];
    const vz = z - centre[2];
    const dx = vx / radii[0] ** 2;
    const dy = vy / radii[1] ** 2;
    const dz = vz / radii[2] ** 2;
    const square = vx * dx + vy * dy + vz * dz;
    const rho = Math.sqrt(square) + 1e-6;
    if (rho < 0.45) return 999;
    const qx = centre[0] + vx / rho;
    const qy = centre[1] + vy / rho;
    const qz = centre[2] + vz / rho;
    let f = a * common.at(qx, qy, qz, g);
    for (let k = 0; k < 3; k++) g[k] = a * (g[k] as number);
    if (b > 0) {
      f += b * own.at(side * qx, qy, qz, h);
      g[0] = (g[0] as number) + b * side * (h[0] as number);
      g[1] = (g[1] as number) + b * (h[1] as number);
      g[2] = (g[2] as number) + b * (h[2] as number);
    }
    const along = (vx * (g[0] as number) + vy * (g[1] as number) + vz * (g[2] as number)) / (square + 1e-9);
    const gx = (g[0] as number) - dx * along;
    const gy = (g[1] as number) - dy * along;
    const gz = (g[2] as number) - dz * along;
    const slope = Math.sqrt(gx * gx + gy * gy + gz * gz + 4e-4) / rho;
    return Math.abs(f) / slope + 22 * Math.max(0, 0.66 - rho);
  };

  return (x, y, z, out) => {
    const X = Math.abs(x);
    const hull = cerebralHull(X, y, z);
    out.hull = hull;
    out.pial = hull;
    out.white = 999;
    out.depth = -hull;
    out.deep = 999;
    out.ventricle = 999;
    out.core = ellipsoid(0, y + 4, z - 8, 1e3, 40, 19);
    if (hull < 3) {
      const fissures = fissureDistance(X, y, z, out.core);
      const depth = Math.min(-hull, fissures);
      let gap = fissures;
      if (depth > -3 && depth < 24) {
        const reach = sulcalDepth(x, y, z);
        const halfWidth = 0.2 + shape.atrophy + 0.03 * Math.max(0, reach - depth);
        const beyond = Math.max(0, depth - reach);
        const sheet = foldDistance(x < 0 ? -1 : 1, X, y, z) - halfWidth;
        const random = beyond > 0 ? Math.hypot(Math.max(0, sheet), beyond) : sheet;
        const named = namedSulcus(X, y, z, out.core, hull) - shape.atrophy;
        gap = Math.min(gap, random, named);
      }
      out.depth = depth;
      out.pial = Math.max(hull, -gap);
      out.white = out.pial + shape.thickness;
      if (out.core < 0 && X < 16) out.white = Math.min(out.white, Math.max(out.core, X - 15, out.pial));
      if (z < 32 && z > -30) {
        out.ventricle = ventricles(X, y, z, 1.2 * shape.atrophy);
        deepNuclei(X, y, z, out);
      }
    }
    out.stem = z < 4 ? stemShape(X, y, z) : 999;
    if (z < -8 && y < -28) {
      out.cerebellum = Math.max(cerebellumShape(X, y, z), 1.3 - hull, 1 - out.stem);
      const branch = 3.2 * Math.sin(0.42 * (z + 0.5 * y + 4)) + 1.2 * Math.cos(0.3 * y);
      out.cerebellarWhite = out.cerebellum + 8.5 + branch;
      out.ventricle = Math.min(out.ventricle, ventricles(X, y, z, 1.2 * shape.atrophy));
    } else {
      out.cerebellum = 999;
      out.cerebellarWhite = 999;
    }
    return out;
  };
}
