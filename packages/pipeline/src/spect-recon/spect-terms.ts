/** Raw SPECT and the terms of its model from files. */
import {
  type AttenuationMap,
  DataError,
  type Grid,
  identityAffine,
  type KiloelectronVolts,
  type Millimetres,
  type QcFinding,
  type Radionuclide,
  type SpectProjections,
  type Volume,
} from "@quintet/core";
import { readAttenuationMap, readSpectProjections, readVolume } from "@quintet/io/node";
import { type Random, resample } from "@quintet/kernels";
import {
  attenuationFinding,
  attenuationFromCt,
  attenuationPlace,
  binFactors,
  bodyOutline,
  type CameraResponse,
  type CentreOfRotation,
  centreOfRotation,
  collimatorNamed,
  collimatorResponse,
  downscatter,
  dualWindowScatter,
  floodFactor,
  linearResponse,
  refuseMapElsewhere,
  replicateCounts,
  type SpectTerms,
  tripleWindowScatter,
  uniformAttenuation,
  viewDecay,
} from "@quintet/modalities/spect";

/** Photon energies, keV: NuDat 3 (Tc-99m 140.511, I-123 158.97). */
export const photons: Readonly<Partial<Record<Radionuclide, KiloelectronVolts>>> = { Tc99m: 140.5, I123: 159 };
export const spectNuclides = ["Tc99m", "I123"] as const;

/** Each term of y = f (A x) + s: a file, a way to find it, or "none". */
export interface SpectTermFiles {
  readonly nuclide: (typeof spectNuclides)[number];
  /** A collimator's name, its lengths (see collimatorNamed), "SLOPE,SIGMA0" (mm per mm and mm) or "none". */
  readonly collimator: string;
  /** In the scanner's coordinates, as the image: a mu-map in 1/cm with its energy, "ct:IMAGE" (Hounsfield units), "outline" (water in an ellipse of each row) or "none". */
  readonly attenuation: string;
  /** "tew", "dew" (with `lower`, `upper`) or "none". */
  readonly scatter: "tew" | "dew" | "none";
  readonly lower?: string;
  readonly upper?: string;
  /** Projections in a window above the peak that hold photons scattered down from 511 keV. */
  readonly above?: string;
  /** "find", millimetres, or "none". */
  readonly centre: string;
  /** Whether decay while the camera turned is a term. */
  readonly decay: boolean;
  /** Projections of one view: a uniform source; or "none". */
  readonly flood: string;
}

export interface ReadTerms {
  /** With the offset of the axis. */
  readonly projections: SpectProjections;
  readonly terms: SpectTerms;
  readonly centre?: CentreOfRotation;
  readonly response: CameraResponse | "none";
  /** The estimate of scatter from windows whose counts are drawn anew about those measured; as it is where no window is used. */
  scatterAgain(random: Random): Float32Array | "none";
  /** Where the attenuation map lies, when it comes from a file. */
  readonly findings: readonly QcFinding[];
  readonly notes: readonly string[];
}

/**
 * Terms of the model for these projections on this grid.
 * @throws DataError `missing-window`, `map-elsewhere`, those of what each term is made by
 */
export async function readTerms(measured: SpectProjections, grid: Grid, files: SpectTermFiles): Promise<ReadTerms> {
  const energy = photons[files.nuclide] as number;
  const notes: string[] = [];
  const response = responseOf(files.collimator, energy, measured.focalLength);
  const [projections, centre] = withCentre(measured, files.centre);
  const attenuation = await attenuationOf(files.attenuation, projections, grid, energy);
  const ofFile = !["outline", "none"].includes(files.attenuation);
  const place = ofFile && attenuation !== "none" ? attenuationPlace(attenuation, projections) : undefined;
  if (place) refuseMapElsewhere(place, files.attenuation);
  else if (ofFile)
    notes.push(
      "whether the attenuation map lies where the counts come from could not be told: no outline of the counts",
    );
  if (files.attenuation === "outline")
    notes.push("attenuation: water in an ellipse fitted to each row's outline (Chang's assumption)");
  const windows = await readWindows(files);
  const scatter = scatterOf(projections, windows, files);
  if (files.above !== undefined)
    notes.push("photons scattered down from 511 keV: a level spectrum from the window above is assumed");
  const views = files.decay ? viewDecay(projections, files.nuclide) : undefined;
  const pixels =
    files.flood === "none"
      ? undefined
      : floodFactor(projections, (await readSpectProjections(files.flood)).projections.data);
  const factor = binFactors(projections, { ...(views ? { views } : {}), ...(pixels ? { pixels } : {}) });
  return {
    projections,
    terms: { response, attenuation, scatter, factor },
    ...(centre ? { centre } : {}),
    response,
    scatterAgain(random) {
      const again = Object.entries(windows).map(([name, window]) => [
        name,
        { ...window, data: replicateCounts(window.data, random.fork(name)) },
      ]);
      return again.length === 0 ? scatter : scatterOf(projections, Object.fromEntries(again), files);
    },
    findings: place ? [attenuationFinding(place)] : [],
    notes,
  };
}

/** @throws DataError `unknown-collimator`, `bad-collimator`, `beam-mismatch` (a fan beam's views, parallel holes, or the reverse) */
function responseOf(
  text: string,
  energy: KiloelectronVolts,
  focalLength: Millimetres | undefined,
): CameraResponse | "none" {
  if (text === "none") return "none";
  const [, slope, sigma0] = /^([\d.]+),([\d.]+)$/.exec(text) ?? [];
  if (slope !== undefined && sigma0 !== undefined) return linearResponse(Number(slope), Number(sigma0));
  const collimator = collimatorNamed(text);
  if ((collimator.focalLength === undefined) !== (focalLength === undefined))
    throw new DataError("beam-mismatch", "collimator and views must be of one kind", {
      expected: focalLength === undefined ? "parallel holes, as the views are" : "a fan beam, as the views are",
      found: text,
    });
  return collimatorResponse({ ...collimator, ...(focalLength === undefined ? {} : { focalLength }) }, energy);
}

/** @throws DataError `bad-centre`, those of centreOfRotation */
function withCentre(measured: SpectProjections, how: string): [SpectProjections, CentreOfRotation | undefined] {
  if (how === "none") return [measured, undefined];
  const found = how === "find" ? centreOfRotation(measured) : undefined;
  const offset = found?.offset ?? Number(how);
  if (how.trim() === "" || !Number.isFinite(offset)) {
    throw new DataError("bad-centre", "centre of rotation", { expected: "find, none or millimetres", found: how });
  }
  const own = measured.offsets ?? new Float64Array(measured.angles.length);
  return [{ ...measured, offsets: own.map((o) => o + offset) }, found];
}

/** @throws DataError those of readAttenuationMap, attenuationFromCt, bodyOutline; `empty-map` when nothing lies in the image */
async function attenuationOf(
  text: string,
  projections: SpectProjections,
  grid: Grid,
  energy: KiloelectronVolts,
): Promise<AttenuationMap | "none"> {
  if (text === "none") return "none";
  if (text === "outline") return uniformAttenuation(grid, bodyOutline(projections), energy);
  const map = text.startsWith("ct:")
    ? await mapOfCt(text.slice(3), energy)
    : await readAttenuationMap(text, { energy });
  const moved = onto(grid, map);
  if (moved.data.some((mu) => mu > 0)) return { ...moved, unit: "1/cm", energy };
  throw new DataError("empty-map", "nothing of the attenuation map lies in the image", {
    file: text,
    expected: "a map in the scanner's space, about the axis of rotation",
    found: "air everywhere in the field of view",
  });
}

/** @throws DataError those of readVolume and attenuationFromCt, with the CT's name */
async function mapOfCt(file: string, energy: KiloelectronVolts): Promise<AttenuationMap> {
  const ct = await readVolume(file);
  try {
    return attenuationFromCt(ct, energy);
  } catch (error) {
    throw error instanceof DataError ? error.inFile(file) : error;
  }
}

/** What lies in the scanner's coordinates, on the image's grid. */
export function onto(grid: Grid, volume: Volume): Volume {
  return resample({ ...volume, space: grid.space }, grid, identityAffine());
}

type Windows = Readonly<Partial<Record<"lower" | "upper" | "above", SpectProjections>>>;

/** @throws DataError `missing-window`, those of readSpectProjections */
async function readWindows(files: SpectTermFiles): Promise<Windows> {
  if (files.scatter !== "none" && files.lower === undefined) {
    throw new DataError("missing-window", "scatter is estimated from a window below the photopeak", {
      expected: "--lower FILE",
      found: "none",
    });
  }
  const wanted = [...(files.scatter === "none" ? [] : (["lower", "upper"] as const)), "above" as const];
  const read: (readonly [string, SpectProjections])[] = [];
  for (const name of wanted) {
    const path = files[name];
    if (path !== undefined) read.push([name, (await readSpectProjections(path)).projections]);
  }
  return Object.fromEntries(read);
}

/** @throws DataError those of the windows' functions */
function scatterOf(
  peak: SpectProjections,
  { lower, upper, above }: Windows,
  how: SpectTermFiles,
): Float32Array | "none" {
  const parts: Float32Array[] = [];
  if (how.scatter !== "none" && lower) {
    parts.push(
      how.scatter === "tew"
        ? tripleWindowScatter({ peak, lower, upper: upper ?? "none" })
        : dualWindowScatter({ peak, lower }),
    );
  }
  if (above) parts.push(downscatter({ peak, upper: above }));
  const [first, second] = parts;
  if (!first) return "none";
  return second ? first.map((s, i) => s + (second[i] as number)) : first;
}
