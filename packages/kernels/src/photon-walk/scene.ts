/** What photons walk through, where they start and what is counted. Lengths in mm from the outer corner of the grid. */
import { DataError, type Point } from "@quintet/core";

/** Optical properties of one medium. */
export interface OpticalMedium {
  /** Absorption coefficient, 1/mm (natural). */
  readonly absorption: number;
  /** Scattering coefficient, 1/mm: the reduced one divided by 1 - anisotropy. */
  readonly scattering: number;
  /** Mean cosine of the scattering angle, above -1 and below 1; 0 scatters alike in all directions. */
  readonly anisotropy: number;
  /** Refractive index. */
  readonly index: number;
}

export interface PhotonScene {
  readonly shape: readonly [nx: number, ny: number, nz: number];
  /** mm */
  readonly size: readonly [x: number, y: number, z: number];
  /** Medium of each voxel, [z][y][x]; 0 is what surrounds: a photon that gets there has left. So has one that leaves the grid. */
  readonly labels: Uint8Array;
  /** Label 0, the surroundings, first; of it only the index is used. */
  readonly media: readonly OpticalMedium[];
}

export interface PhotonSource {
  /** Middle of the emitting disc. */
  readonly position: Point;
  /** Unit vector into the tissue. */
  readonly inward: Point;
  /** mm; 0 is a point. */
  readonly radius: number;
  /** Along `inward`, or from each point with Lambert's cosine, as a diode on the skin shines and a detector of full aperture sees. */
  readonly beam: "pencil" | "lambert";
}

export interface PhotonDetector {
  readonly position: Point;
  /** mm; what leaves within is caught, whatever its direction. */
  readonly radius: number;
}

export interface PhotonWalkOptions {
  readonly photons: number;
  readonly seed: number;
  /** Whether the fluence of each voxel is wanted. */
  readonly fluence?: boolean;
  /** Time of flight of what is caught in this many gates of `gate` ps, the last one open. Default 1. */
  readonly gates?: number;
  readonly gate?: number;
}

export interface CaughtPhotons {
  /** Weight caught, share of what was launched, and its standard error from the blocks. */
  readonly weight: number;
  readonly error: number;
  /** Weighted mean path in each medium, mm; NaN where nothing was caught. */
  readonly paths: Float64Array;
  /** Share of what was launched in each gate of time of flight. */
  readonly gates: Float64Array;
}

/** Shares of the launched weight: `specular` + `missed` + `escaped` + `absorbed` + `roulette` = 1. */
export interface PhotonWalk {
  readonly photons: number;
  /** Turned back by the first surface. */
  readonly specular: number;
  /** Never met a medium. */
  readonly missed: number;
  /** By the direction of the face that was left: -x, +x, -y, +y, -z, +z. */
  readonly escaped: Float64Array;
  readonly escapedErrors: Float64Array;
  /** By medium. */
  readonly absorbed: Float64Array;
  /** Weight that the roulette took less what it gave: 0 but for chance. */
  readonly roulette: number;
  readonly detectors: readonly CaughtPhotons[];
  /** Fluence of each voxel for one unit launched, 1/mm^2, [z][y][x]; empty where it was not asked for. */
  readonly fluence: Float32Array;
}

/** Photons of one stream of random numbers. Sums of a block do not depend on which thread walked it. */
export const blockPhotons = 2000;
/** A walk below this weight survives one time in ten, with ten times the weight. */
export const rouletteBelow = 1e-3;
export const rouletteChance = 0.1;
/** Path x weight in a voxel is summed in integers, 2^-32 mm each: sums of integers are the same in any order. */
export const pathUnit: number = 2 ** -32;
/** mm/ps */
export const lightSpeed = 0.299792458;
export const mostPhotons = 1e8;
export const mostMedia = 64;

/**
 * Sums of one block of photons, float64: launched-specular, missed, roulette, 6 of escape, absorbed of each medium; then per
 * detector the weight, weight x path of each medium, weight of each gate.
 */
export interface BlockLayout {
  readonly media: number;
  readonly detectors: number;
  readonly gates: number;
  readonly fixed: number;
  readonly perDetector: number;
  readonly length: number;
}

export function blockLayout(media: number, detectors: number, gates: number): BlockLayout {
  const [fixed, perDetector] = [9 + media, 1 + media + gates];
  return { media, detectors, gates, fixed, perDetector, length: fixed + detectors * perDetector };
}

/** @throws DataError `bad-grid`, `bad-medium`, `bad-source`, `bad-photons` */
export function checkPhotonScene(
  { shape, size, labels, media }: PhotonScene,
  { position, inward, radius }: PhotonSource,
  detectors: readonly PhotonDetector[],
  { photons, seed, gates = 1, gate = 100 }: PhotonWalkOptions,
): void {
  const [nx, ny, nz] = shape;
  if (![nx, ny, nz].every((n) => Number.isInteger(n) && n > 0) || !size.every((s) => s > 0 && Number.isFinite(s)))
    throw new DataError("bad-grid", "a grid has voxels of some size", { found: `${shape} of ${size} mm` });
  if (labels.length !== nx * ny * nz)
    throw new DataError("bad-grid", "one label for each voxel", {
      expected: `${nx * ny * nz}`,
      found: `${labels.length}`,
    });
  if (media.length < 2 || media.length > mostMedia)
    throw new DataError("bad-medium", "the surroundings and at least one medium", { found: `${media.length}` });
  for (const [m, { absorption, scattering, anisotropy, index }] of media.entries()) {
    const sound = m === 0 || (absorption >= 0 && scattering >= 0 && absorption + scattering > 0);
    if (
      !sound ||
      !(Math.abs(anisotropy) < 1) ||
      !(index >= 1 && index < 4) ||
      !Number.isFinite(absorption + scattering)
    )
      throw new DataError("bad-medium", `medium ${m} is no tissue`, {
        expected: "absorption and scattering of 0 or more 1/mm, not both 0, |anisotropy| < 1, index from 1 to 4",
        found: `${absorption}, ${scattering}, ${anisotropy}, ${index}`,
      });
  }
  let most = 0;
  for (const label of labels) if (label > most) most = label;
  if (most >= media.length)
    throw new DataError("bad-medium", "every label has its medium", {
      expected: `labels below ${media.length}`,
      found: `${most}`,
    });
  if (![...position, ...inward, radius].every(Number.isFinite) || Math.abs(Math.hypot(...inward) - 1) > 1e-6)
    throw new DataError("bad-source", "a source has a place and a direction of length 1", {
      found: `${position}, ${inward}`,
    });
  if (!(radius >= 0) || detectors.some((d) => !(d.radius > 0) || !d.position.every(Number.isFinite)))
    throw new DataError("bad-source", "detectors have a place and a radius above 0 mm", { found: `${radius}` });
  if (!(Number.isInteger(photons) && photons >= 1 && photons <= mostPhotons))
    throw new DataError("bad-photons", "photons of one walk", { expected: `1 to ${mostPhotons}`, found: `${photons}` });
  if (!Number.isInteger(seed) || !(Number.isInteger(gates) && gates >= 1 && gates <= 1000) || !(gate > 0))
    throw new DataError("bad-photons", "a whole seed, 1 to 1000 gates of some ps", {
      found: `seed ${seed}, ${gates} gates of ${gate} ps`,
    });
}
