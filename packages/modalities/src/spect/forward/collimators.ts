import { DataError, type KiloelectronVolts, type Millimetres } from "@quintet/core";
import { fwhmPerSigma } from "@quintet/kernels";

/** A lead collimator with hexagonal holes. */
export interface Collimator {
  readonly name: string;
  /** Where the lengths come from. */
  readonly source: string;
  /** Hole from flat to flat, wall between two holes, length of a hole. */
  readonly hole: Millimetres;
  readonly septum: Millimetres;
  readonly length: Millimetres;
  /** From the patient's face to the focal line of a fan beam; absent: parallel holes. */
  readonly focalLength?: Millimetres;
}

const simindTable = "SIMIND's collimator table (collim.col of PyTomography)";

/**
 * Collimators by name. From where the table counts focal lengths it does not say: they are taken from the patient's face; from the
 * crystal they would be shorter by the holes' length, 5 % of 500 mm, and the magnification at 150 mm larger by 2.5 %. A scan's own
 * focal length comes from its file.
 */
export const collimators: readonly Collimator[] = [
  {
    name: "siemens-lehr",
    source: "SIMIND 7.0.3, code sy-lehr, as its output file prints it: 0.111, 0.016 and 2.405 cm",
    hole: 1.11,
    septum: 0.16,
    length: 24.05,
  },
  {
    name: "ge-infinia-lehr",
    source: `${simindTable}, code GI-LEHR: 0.150, 0.020 and 3.5 cm`,
    hole: 1.5,
    septum: 0.2,
    length: 35,
  },
  {
    name: "prism-lehr-fan",
    source: `${simindTable}, code PR-HRFB (Picker PRISM 2000 and 3000): 0.140, 0.018, 2.7 and 50 cm`,
    hole: 1.4,
    septum: 0.18,
    length: 27,
    focalLength: 500,
  },
  {
    name: "prism-leuhr-fan",
    source: `${simindTable}, code PR-URFB (Picker PRISM 2000 and 3000): 0.140, 0.015, 3.49 and 50 cm`,
    hole: 1.4,
    septum: 0.15,
    length: 34.9,
    focalLength: 500,
  },
  {
    name: "ge-millennium-leuhr-fan",
    source: `${simindTable}, code GV-LEUR (GE Millennium VG): 0.150, 0.020, 4.0 and 35 cm`,
    hole: 1.5,
    septum: 0.2,
    length: 40,
    focalLength: 350,
  },
];

/**
 * A collimator by its name, or by its lengths in mm: "hole=1.11,septum=0.16,length=24.05", of a fan beam with "focus=500".
 *
 * @throws DataError `unknown-collimator`
 */
export function collimatorNamed(text: string): Collimator {
  const found = collimators.find((collimator) => collimator.name === text.toLowerCase()) ?? byLengths(text);
  if (found) return found;
  throw new DataError(
    "unknown-collimator",
    "collimators are known by name, or given by hole, septum and length in mm",
    {
      expected: `${collimators.map((collimator) => collimator.name).join(", ")}, or hole=1.11,septum=0.16,length=24.05`,
      found: text,
    },
  );
}

/** undefined where the three lengths are not all there, each once, as numbers. */
function byLengths(text: string): Collimator | undefined {
  const parts = text.split(",").map((part) => /^\s*(hole|septum|length|focus)\s*=\s*(\d+(?:\.\d+)?)\s*$/.exec(part));
  const given = new Map(parts.map((part) => [part?.[1] ?? "", Number(part?.[2])]));
  const [hole, septum, length, focalLength] = ["hole", "septum", "length", "focus"].map((name) => given.get(name));
  if (hole === undefined || septum === undefined || length === undefined) return undefined;
  if (given.size !== parts.length || given.has("")) return undefined;
  return {
    name: text,
    source: "as given",
    hole,
    septum,
    length,
    ...(focalLength === undefined ? {} : { focalLength }),
  };
}

/** mu/rho of lead, cm2/g, at these energies, keV: Hubbell & Seltzer, NIST SRD 126, Table 3. Density 11.35 g/cm3, Table 1. */
const leadEnergies = [100, 150, 200, 300, 400, 500, 600] as const;
const lead = [5.549, 2.014, 0.9985, 0.4031, 0.2323, 0.1614, 0.1248] as const;
const leadDensity = 11.35;

/** mu of lead, 1/cm, along straight lines in ln E, ln mu. @throws DataError `bad-energy` (100 to 600 keV) */
export function leadAttenuation(energy: KiloelectronVolts): number {
  const above = leadEnergies.findIndex((e) => e >= energy);
  if (!(energy >= leadEnergies[0]) || above < 0) {
    throw new DataError("bad-energy", "lead's attenuation is tabulated for these photon energies", {
      expected: `${leadEnergies[0]} to ${leadEnergies.at(-1)} keV`,
      found: `${energy}`,
    });
  }
  const i = Math.max(1, above);
  const [e0, e1] = [leadEnergies[i - 1] as number, leadEnergies[i] as number];
  const [m0, m1] = [lead[i - 1] as number, lead[i] as number];
  const t = Math.log(energy / e0) / Math.log(e1 / e0);
  return leadDensity * Math.exp(Math.log(m0) + t * Math.log(m1 / m0));
}

/** How wide a point at a distance from the collimator's face appears, meant in the object: sigma in mm. */
export type CameraResponse = (distance: Millimetres) => Millimetres;

/**
 * Response of collimator and detector:
 *
 *   FWHM(d)^2 = (h (L_e + d) / L_e)^2 + (R_i / m(d))^2,   L_e = L - 2 / mu,   sigma = FWHM / 2.355
 *
 * with hole h, length L, mu of lead and the detector's own resolution R_i; m(d) = F / (F - d) is the magnification of a fan beam of
 * focal length F, 1 of parallel holes. The crystal is taken to lie at the collimator's back.
 *
 * @param intrinsic R_i, mm; default 3.8, of a 9.5-mm crystal at 140 keV (as in the SIMIND file of siemens-lehr)
 * @throws DataError `bad-energy`, `bad-collimator`
 * @see Anger, J Nucl Med 1964;5:515-31 (from the literature, not re-checked)
 */
export function collimatorResponse(
  collimator: Collimator,
  energy: KiloelectronVolts,
  intrinsic: Millimetres = 3.8,
): CameraResponse {
  const { hole, septum, length, focalLength, name } = collimator;
  const effective = length - 20 / leadAttenuation(energy);
  if (!(hole > 0 && septum > 0 && effective > 0 && intrinsic >= 0 && (focalLength === undefined || focalLength > 0))) {
    throw new DataError("bad-collimator", `${name}: holes have a width, walls and a length that stops photons`, {
      expected: "hole, septum and effective length above 0 mm",
      found: `${hole}, ${septum}, ${effective} mm at ${energy} keV`,
    });
  }
  return (d) => {
    const magnification = focalLength === undefined ? 1 : focalLength / (focalLength - d);
    return Math.hypot((hole * (effective + d)) / effective, intrinsic / magnification) / fwhmPerSigma;
  };
}

/** sigma(d) = sigma0 + slope d, as STIR and measurements state it; mm and mm per mm. @throws DataError `bad-collimator` */
export function linearResponse(slope: number, sigma0: Millimetres): CameraResponse {
  if (!(slope >= 0 && sigma0 >= 0 && Number.isFinite(slope + sigma0))) {
    throw new DataError("bad-collimator", "a response widens from a width of 0 or more", {
      found: `${slope}, ${sigma0} mm`,
    });
  }
  return (d) => sigma0 + slope * d;
}
