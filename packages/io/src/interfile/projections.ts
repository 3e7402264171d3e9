/** SPECT projections of Interfile 3.3 as STIR and SIMIND write them (.hs with .s): read and written. */
import { checkProjections, DataError, type SpectProjections } from "@quintet/core";
import { type DataSets, dataSetsOf, readFrame } from "./data-sets.ts";
import { type InterfileFacts, interfileFacts, type PatientPosition } from "./frames.ts";
import {
  type InterfileHeader,
  interfileCount,
  interfileNumbers,
  interfileText,
  requiredNumber,
  requiredText,
  standardKey,
} from "./header.ts";
import { encodeFloats } from "./numbers.ts";

export interface InterfileProjections {
  readonly facts: InterfileFacts;
  readonly dataFile?: string;
  readonly columns: number;
  readonly rows: number;
  readonly size: readonly [across: number, along: number];
  /** Of SpectProjections, view by view. */
  readonly angles: Float64Array;
  readonly radii: Float64Array;
  /** Whether columns and rows are stored the other way round than SpectProjections has them. */
  readonly flipped: { readonly columns: boolean; readonly rows: boolean };
  readonly sets: DataSets;
  /** What a reader must know: a position assumed. */
  readonly notes: readonly string[];
}

/** Whether the header describes SPECT projections. */
export function isInterfileProjections(header: InterfileHeader): boolean {
  const modality = standardKey(interfileText(header, "imaging modality") ?? "");
  const status = standardKey(interfileText(header, "process status") ?? "");
  return (
    modality === "nucmed" && status !== "reconstructed" && interfileText(header, "number of projections") !== undefined
  );
}

/**
 * World angle of the camera from STIR's theta: its place is (-sin, cos) in the gantry's axes, its columns rise along (cos, sin),
 * x to the right as one faces the scanner from the bed, y down. `flips`: whether that is against our columns; rows are
 * stored along the gantry's z, out along the bed.
 */
const toWorld: Readonly<
  Record<
    PatientPosition,
    { readonly turn: 1 | -1; readonly at: number; readonly columns: boolean; readonly rows: boolean }
  >
> = {
  HFS: { turn: 1, at: -Math.PI / 2, columns: false, rows: true },
  HFP: { turn: 1, at: Math.PI / 2, columns: false, rows: true },
  FFS: { turn: -1, at: -Math.PI / 2, columns: true, rows: false },
  FFP: { turn: -1, at: Math.PI / 2, columns: true, rows: false },
};

/**
 * Geometry of a header of SPECT projections; needs no data file.
 *
 *   theta_v = start angle + v extent / projections (CCW),   - v extent / projections (CW)
 *
 * Angle and direction are read from the header and not assumed: they turn or mirror the whole image.
 *
 * @throws DataError `not-projections`, `unsupported-layout` (several heads or energy windows in one file, a fan beam), `missing-key`,
 *   `bad-number`, `axis-order`, `bad-orbit`, `bad-frames`
 * @see STIR 6.5-dev, src/IO/InterfilePDFSHeaderSPECT.cxx, src/recon_buildblock/SPECTUB_Tools.cxx (fill_ang)
 */
export function interfileProjections(header: InterfileHeader): InterfileProjections {
  const { file } = header;
  if (!isInterfileProjections(header)) {
    throw new DataError("not-projections", "this header describes no SPECT projections", {
      file,
      expected: "imaging modality := nucmed and a number of projections",
      found: `${interfileText(header, "imaging modality") ?? "no modality"}, ${interfileText(header, "process status") ?? "no status"}`,
    });
  }
  const views = interfileCount(header, "number of projections", 1, 100_000);
  for (const [key, what] of [
    ["number of detector heads", "heads"],
    ["number of energy windows", "energy windows"],
  ] as const) {
    const count = interfileCount(header, key, 1, 100);
    if (count > 1) throw unsupported(file, `the views of one head in one energy window`, `${count} ${what}`);
  }
  const beam = standardKey(interfileText(header, "collimator type") ?? "parallel");
  if (/fan|cone|pin/.test(beam)) throw unsupported(file, "parallel holes", beam);
  for (const [i, label] of ["bin coordinate", "axial coordinate"].entries()) {
    const found = standardKey(interfileText(header, "matrix axis label", i + 1) ?? label);
    if (found !== label) throw new DataError("axis-order", "the axes of a view", { file, expected: label, found });
  }
  const [columns, rows] = [1, 2].map((i) => requiredNumber(header, "matrix size", i)) as [number, number];
  const size = [1, 2].map((i) => requiredNumber(header, "scaling factor (mm/pixel)", i)) as [number, number];
  const extent = requiredNumber(header, "extent of rotation");
  if (!(extent > 0 && extent <= 360) || size.some((s) => !(s > 0))) {
    throw new DataError("bad-number", "a camera turns by up to 360 degrees, and pixels have a size", {
      file,
      found: `${extent} degrees, ${size.join(" x ")} mm`,
    });
  }
  const start = requiredNumber(header, "start angle");
  const direction = requiredText(header, "direction of rotation").toUpperCase();
  if (direction !== "CW" && direction !== "CCW") {
    throw new DataError("bad-orbit", "direction of rotation", {
      file,
      expected: "CW or CCW",
      found: direction.slice(0, 40),
    });
  }
  const facts = interfileFacts(header);
  const { turn, at, ...flipped } = toWorld[facts.position ?? "HFS"];
  const step = (direction === "CW" ? -extent : extent) / views;
  const dataFile = interfileText(header, "name of data file");
  return {
    facts,
    ...(dataFile === undefined ? {} : { dataFile }),
    columns,
    rows,
    size,
    angles: Float64Array.from({ length: views }, (_, v) => at + (turn * (start + v * step) * Math.PI) / 180),
    radii: radiiOf(header, views),
    flipped,
    sets: dataSetsOf(header, [columns, rows, views], facts.frames.length),
    notes: facts.position === undefined ? ["how the patient lay is not stated; read as head first, supine"] : [],
  };
}

function unsupported(file: string, expected: string, found: string): DataError {
  return new DataError("unsupported-layout", "these projections are not read", { file, expected, found });
}

/** @throws DataError `bad-orbit`, `missing-key` */
function radiiOf(header: InterfileHeader, views: number): Float64Array {
  const { file } = header;
  const orbit = standardKey(interfileText(header, "orbit") ?? "circular").replaceAll(/[\s-]/g, "");
  if (orbit !== "circular" && orbit !== "noncircular") {
    throw new DataError("bad-orbit", "orbit", {
      file,
      expected: "circular or non-circular",
      found: orbit.slice(0, 40),
    });
  }
  const list = orbit === "circular" ? [requiredNumber(header, "radius")] : (interfileNumbers(header, "radii") ?? []);
  const radii = orbit === "circular" ? Array<number>(views).fill(list[0] as number) : list;
  if (radii.length === views && radii.every((r) => r > 0)) return Float64Array.from(radii);
  throw new DataError("bad-orbit", "a radius above 0 for each view, mm", {
    file,
    expected: `${views}`,
    found: `${radii.length}, the least ${radii.length > 0 ? Math.min(...radii) : "none"}`,
  });
}

/**
 * Reads the projections of one time frame.
 *
 * @param frame counted from 1
 * @param dataFile its name, for messages
 * @throws DataError those of interfileProjections; `size-mismatch`, `not-finite`, `bad-scaling`, `no-such-frame`
 */
export function readInterfileProjections(
  header: InterfileHeader,
  data: Uint8Array,
  { frame = 1, dataFile }: { readonly frame?: number; readonly dataFile?: string } = {},
): SpectProjections {
  const about = interfileProjections(header);
  const { sets, columns, rows, size, angles, radii, facts, flipped } = about;
  const stored = readFrame(header, data, sets, frame, dataFile ?? about.dataFile ?? header.file);
  const time = facts.frames[frame - 1];
  const [window] = facts.energyWindows;
  return {
    columns,
    rows,
    size,
    angles,
    radii,
    ...(time && time.duration > 0 ? { start: time.start, duration: time.duration } : {}),
    ...(window ? { window } : {}),
    data: turned(stored, columns, rows, flipped),
  };
}

/** Columns and rows of every view in rising order or back. */
function turned(
  data: Float32Array,
  columns: number,
  rows: number,
  flipped: InterfileProjections["flipped"],
): Float32Array {
  const out = new Float32Array(data.length);
  for (let row = 0, from = 0; from < data.length; row++, from += columns) {
    const [view, j] = [Math.floor(row / rows), row % rows];
    const to = (view * rows + (flipped.rows ? rows - 1 - j : j)) * columns;
    for (let i = 0; i < columns; i++) out[to + (flipped.columns ? columns - 1 - i : i)] = data[from + i] as number;
  }
  return out;
}

/**
 * Writes projections as STIR reads them: header .hs and little-endian float32 .s.
 *
 * @param position how the patient lay; angles are turned into the gantry's accordingly
 * @throws DataError `bad-projections`, `not-finite`, `bad-name`, `unsupported-layout` (angles that are not evenly spaced)
 */
export function writeInterfileProjections(
  projections: SpectProjections,
  { name, position = "HFS" }: { readonly name: string; readonly position?: PatientPosition },
): readonly { readonly name: string; readonly bytes: Uint8Array }[] {
  if (!/^[\w.+-]{1,200}$/.test(name)) {
    throw new DataError("bad-name", "name of the files", { expected: "letters, digits, . + - _", found: name });
  }
  checkProjections(projections);
  const { columns, rows, size, angles, radii, start, duration, window, data } = projections;
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0)
    throw new DataError("not-finite", `value ${bad + 1} of the projections is no number`, { found: `${data[bad]}` });
  const { turn, at, ...flipped } = toWorld[position];
  const degrees = Array.from(angles, (a) => (turn * (a - at) * 180) / Math.PI);
  const [first = 0, second = first + 360] = degrees;
  const step = second - first;
  const even = degrees.every((theta, v) => Math.abs(theta - first - v * step) < 1e-6);
  if (!even || step === 0 || Math.abs(step) * angles.length > 360 + 1e-6) {
    throw unsupported(name, "angles in even steps within one turn", degrees.slice(0, 4).join(", "));
  }
  const circular = radii.every((r) => r === radii[0]);
  const lines = [
    "!INTERFILE :=",
    "!imaging modality := nucmed",
    "!version of keys := 3.3",
    `name of data file := ${name}.s`,
    "!GENERAL IMAGE DATA :=",
    "!type of data := Tomographic",
    "imagedata byte order := LITTLEENDIAN",
    "!number format := float",
    "!number of bytes per pixel := 4",
    "!SPECT STUDY (General) :=",
    `patient orientation := ${position.startsWith("HF") ? "head_in" : "feet_in"}`,
    `patient rotation := ${position.endsWith("S") ? "supine" : "prone"}`,
    `!matrix size [1] := ${columns}`,
    `!scaling factor (mm/pixel) [1] := ${size[0]}`,
    `!matrix size [2] := ${rows}`,
    `!scaling factor (mm/pixel) [2] := ${size[1]}`,
    `!number of projections := ${angles.length}`,
    `!extent of rotation := ${rounded(Math.abs(step) * angles.length)}`,
    "!process status := acquired",
    ...(duration === undefined
      ? []
      : [
          "number of time frames := 1",
          `image relative start time (sec)[1] := ${start ?? 0}`,
          `image duration (sec)[1] := ${duration}`,
        ]),
    ...(window
      ? [
          "number of energy windows := 1",
          `energy window lower level[1] := ${window.low}`,
          `energy window upper level[1] := ${window.high}`,
        ]
      : []),
    "!SPECT STUDY (acquired data) :=",
    `!direction of rotation := ${step > 0 ? "CCW" : "CW"}`,
    `start angle := ${rounded(((first % 360) + 360) % 360)}`,
    ...(circular
      ? ["orbit := circular", `radius := ${radii[0]}`]
      : ["orbit := non-circular", `radii := {${[...radii].join(", ")}}`]),
    "!END OF INTERFILE :=",
  ];
  return [
    { name: `${name}.hs`, bytes: new TextEncoder().encode(`${lines.join("\n")}\n`) },
    { name: `${name}.s`, bytes: encodeFloats(turned(data, columns, rows, flipped)) },
  ];
}

/** Without what radians and back have left in the last digits. */
function rounded(degrees: number): number {
  return Number(degrees.toFixed(9));
}
