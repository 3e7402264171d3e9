/**
 * Units of a voxel value, in UCUM spelling; "1" is a plain ratio, "{label}" an integer label, "{count}" a count, "{count}/mm"
 * what a PET reconstruction gives before it is calibrated: counts of a frame per mm of line.
 */
export const voxelUnits = [
  "1",
  "Bq/mL",
  "g/mL",
  "{count}",
  "{count}/mm",
  "mol/L",
  "%",
  "1/cm",
  "{label}",
  "{z}",
  "{probability}",
  "{arbitrary}",
  "mm",
  "V",
  "A/m2",
  "1/min",
  "mL/cm3/min",
  "mL/cm3",
] as const;
export type VoxelUnit = (typeof voxelUnits)[number];

/** Units of a sampled signal inside Quintet: one per quantity; readers convert at the door. */
export const signalUnits = [
  "V",
  "V/m2",
  "T",
  "{intensity}",
  "{od}",
  "mol/L",
  "1",
  "{count}",
  "K",
  "Cel",
  "S",
  "m/s2",
  "rad/s",
  "Pa",
  "{arbitrary}",
] as const;
export type SignalUnit = (typeof signalUnits)[number];

export type Seconds = number;
export type Hertz = number;
export type Millimetres = number;
/** Photon energy in keV. */
export type KiloelectronVolts = number;
/** Light wavelength in nanometres. */
export type Nanometres = number;

/** A scalar that can kill a result carries its unit along. */
export interface Quantity<U extends string = string> {
  readonly value: number;
  readonly unit: U;
}

/** Half-lives in seconds. Source: NuDat 3 / ENSDF evaluated values (see docs/conventions.md). */
export type Radionuclide = "F18" | "C11" | "O15" | "N13" | "Ga68" | "Tc99m" | "I123";
export const halfLives: Readonly<Record<Radionuclide, Seconds>> = {
  F18: 6586.2, // 109.77 min
  C11: 1221.84, // 20.364 min
  O15: 122.266,
  N13: 597.9, // 9.965 min
  Ga68: 4062.6, // 67.71 min
  Tc99m: 21625.92, // 6.0072 h
  I123: 47604.24, // 13.2234 h
};

const siPrefixes: Readonly<Record<string, number>> = {
  "": 1,
  f: 1e-15,
  p: 1e-12,
  n: 1e-9,
  u: 1e-6,
  µ: 1e-6,
  μ: 1e-6,
  m: 1e-3,
  c: 1e-2,
  k: 1e3,
  M: 1e6,
  G: 1e9,
};

/**
 * Factor that turns a value in `unit` into the base unit `base` (both with an optional SI prefix on `base`).
 *
 * @example siFactor("uV", "V") === 1e-6
 * @returns undefined when `unit` is not `base` with an SI prefix; the caller decides what to say
 */
export function siFactor(unit: string, base: string): number | undefined {
  const trimmed = unit.trim();
  if (!trimmed.endsWith(base)) return undefined;
  return siPrefixes[trimmed.slice(0, trimmed.length - base.length)];
}
