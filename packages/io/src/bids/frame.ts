/**
 * Coordinate systems of sensor positions, and how their axes become RAS mm.
 *
 * RAS: x right, y anterior, z superior. ALS: x anterior, y left, z superior, so RAS = (-y, x, z).
 * The origin stays where the system puts it (between the ears, not the scanner's centre): the system's name stays with the
 * positions as the montage's space until something registers it to an image.
 * Axes: https://bids-specification.readthedocs.io/en/stable/appendices/coordinate-systems.html
 */
import { DataError, type Metadata, type Point, type Space } from "@quintet/core";
import { numbersField, textField } from "./json.ts";
import { quoted } from "./text.ts";

type Axes = "RAS" | "ALS";

const headFrames: Readonly<Record<string, Axes>> = {
  CapTrak: "RAS",
  EEGLAB: "ALS",
  "EEGLAB-HJ": "ALS",
  CTF: "ALS",
  ElektaNeuromag: "RAS",
  "4DBti": "ALS",
  KitYokogawa: "ALS",
  ChietiItab: "RAS",
};

/** Keyword of a template space in BIDS: its world axes are RAS. */
const template = /^(MNI|ICBM|IXI549Space|fsaverage|fsLR|OASIS|NIHPD|UNC|Talairach|ACPC$|individual$)/;

export interface Frame3d {
  readonly space: Space;
  /** Positions as written to RAS mm. */
  readonly toRas: (point: Point) => Point;
  /** False when the side file does not say which way the axes point: numbers are mm along axes as written. */
  readonly axesKnown: boolean;
}

const perMillimetre: Readonly<Record<string, number>> = { m: 1000, cm: 10, mm: 1 };

/**
 * The frame that `prefix`CoordinateSystem and `prefix`CoordinateUnits of a coordsystem.json name.
 *
 * Spaces: "head:CapTrak", "head:CTF" ... (axes turned to RAS), "subject:T1w" for ScanRAS, a template's own name, and
 * "head:Other" for what only a text describes (axes as written). Where that text is the sentence Quintet itself writes,
 * "RAS millimetres in the space "NAME"", it names the space directly.
 *
 * @throws DataError `unknown-units`, `missing-field`
 */
export function frameOf(
  coordsystem: Metadata,
  prefix: "EEG" | "NIRS" | "AnatomicalLandmark" | "Fiducials",
  file: string,
): Frame3d {
  const system = textField(coordsystem, `${prefix}CoordinateSystem`);
  const units = textField(coordsystem, `${prefix}CoordinateUnits`);
  if (system === undefined || units === undefined) {
    throw new DataError("missing-field", "positions need a coordinate system and units", {
      file,
      expected: `${prefix}CoordinateSystem and ${prefix}CoordinateUnits`,
      found: `${system ?? "nothing"} and ${units ?? "nothing"}`,
    });
  }
  const scale = perMillimetre[units];
  if (scale === undefined) {
    throw new DataError("unknown-units", `${prefix}CoordinateUnits`, {
      file,
      expected: "m, cm or mm",
      found: quoted(units),
    });
  }
  const described = textField(coordsystem, `${prefix}CoordinateSystemDescription`);
  const ours = system.toLowerCase() === "other" ? described?.match(ownDescription)?.[1] : undefined;
  const name = Object.keys(headFrames).find((known) => known.toLowerCase() === system.toLowerCase());
  const axes = name === undefined ? "RAS" : headFrames[name];
  const toRas = ([x, y, z]: Point): Point =>
    axes === "ALS" ? [-y * scale, x * scale, z * scale] : [x * scale, y * scale, z * scale];
  if (ours !== undefined) return { space: ours, toRas, axesKnown: true };
  if (name !== undefined) return { space: `head:${name}`, toRas, axesKnown: true };
  if (system.toLowerCase() === "scanras") return { space: "subject:T1w", toRas, axesKnown: true };
  if (template.test(system)) return { space: system, toRas, axesKnown: true };
  return { space: "head:Other", toRas, axesKnown: false };
}

const ownDescription = /^RAS millimetres in the space "([\w:.+-]{1,80})"$/;

/** The description by which a space that BIDS has no keyword for is found again. */
export function describeSpace(space: Space): string {
  return `RAS millimetres in the space "${space}"`;
}

export interface NamedPoint {
  readonly name: string;
  readonly position: Point;
}

/** Landmarks or fiducials of a coordsystem.json as RAS mm with their space; empty when it gives none. */
export function landmarksOf(
  coordsystem: Metadata,
  prefix: "AnatomicalLandmark" | "Fiducials",
  fallback: "EEG" | "NIRS",
  file: string,
): { readonly space: Space; readonly points: readonly NamedPoint[] } | undefined {
  const given = coordsystem[`${prefix}Coordinates`];
  if (typeof given !== "object" || given === null || Array.isArray(given)) return undefined;
  const own = textField(coordsystem, `${prefix}CoordinateSystem`) !== undefined;
  const frame = frameOf(coordsystem, own ? prefix : fallback, file);
  const points = Object.keys(given).flatMap((name): NamedPoint[] => {
    const xyz = numbersField(given as Metadata, name);
    if (xyz === undefined || xyz.length !== 3) return [];
    return [{ name: fiducialNames[name.toUpperCase()] ?? name, position: frame.toRas(xyz as unknown as Point) }];
  });
  return { space: frame.space, points };
}

const fiducialNames: Readonly<Record<string, string>> = {
  NAS: "Nz",
  NASION: "Nz",
  NZ: "Nz",
  LPA: "LPA",
  RPA: "RPA",
  INI: "Iz",
  INION: "Iz",
  IZ: "Iz",
};
