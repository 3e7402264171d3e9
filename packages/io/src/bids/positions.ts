/** electrodes.tsv and optodes.tsv with their coordsystem.json, read into a Montage and written from one. */
import { DataError, type Metadata, type Montage, type Point, type Sensor, type SensorKind } from "@quintet/core";
import { describeSpace, frameOf, landmarksOf } from "./frame.ts";
import { quoted } from "./text.ts";
import { cell, numberCell, readTsv, requireColumns, type Table, writeTsv } from "./tsv.ts";

export interface PositionsOptions {
  readonly file: string;
  /** Parsed coordsystem.json; without it the positions mean nothing. */
  readonly coordsystem?: Metadata;
  readonly coordsystemFile?: string;
}

/**
 * Electrodes as RAS mm in the frame that coordsystem.json names, fiducials (Nz, LPA, RPA, Iz) included.
 *
 * @throws DataError `no-coordsystem`, `missing-field`, `unknown-units`, `missing-column`, `not-a-number`, `duplicate-sensor`
 */
export function readElectrodesTsv(text: string, options: PositionsOptions): Montage {
  return readPositions(text, options, "EEG", () => "electrode");
}

/**
 * Optodes as RAS mm; where x, y, z are n/a the template position is taken and marked so.
 *
 * @throws DataError as `readElectrodesTsv`, and `bad-optode-type`
 */
export function readOptodesTsv(text: string, options: PositionsOptions): Montage {
  return readPositions(text, options, "NIRS", (table, row) => {
    const type = cell(table, row, "type")?.toLowerCase();
    if (type === "source" || type === "detector") return type;
    throw new DataError("bad-optode-type", `line ${row + 2}`, {
      file: options.file,
      expected: "source or detector",
      found: quoted(type ?? "n/a"),
    });
  });
}

function readPositions(
  text: string,
  { file, coordsystem, coordsystemFile = file }: PositionsOptions,
  prefix: "EEG" | "NIRS",
  kindOf: (table: Table, row: number) => SensorKind,
): Montage {
  const table = readTsv(text, file);
  requireColumns(table, prefix === "NIRS" ? ["name", "type", "x", "y", "z"] : ["name", "x", "y", "z"]);
  if (coordsystem === undefined) {
    throw new DataError("no-coordsystem", "positions without a coordsystem.json have no frame and no unit", {
      file,
      expected: "a coordsystem.json beside it",
      found: "none",
    });
  }
  const frame = frameOf(coordsystem, prefix, coordsystemFile);
  const sensors: Sensor[] = table.rows.map((_, row) => {
    const name = cell(table, row, "name") ?? "";
    const measured = pointAt(table, row, ["x", "y", "z"]);
    const ideal = measured ? undefined : pointAt(table, row, ["template_x", "template_y", "template_z"]);
    const point = measured ?? ideal;
    return {
      name,
      kind: kindOf(table, row),
      ...(point === undefined ? {} : { position: frame.toRas(point) }),
      ...(ideal === undefined ? {} : { template: true }),
    };
  });
  const names = new Set<string>();
  for (const { name, kind } of sensors) {
    if (names.has(name))
      throw new DataError("duplicate-sensor", `${kind} name occurs twice`, { file, found: quoted(name) });
    names.add(name);
  }
  for (const source of ["AnatomicalLandmark", "Fiducials"] as const) {
    const landmarks = landmarksOf(coordsystem, source, prefix, coordsystemFile);
    if (landmarks === undefined || landmarks.space !== frame.space) continue;
    for (const { name, position } of landmarks.points) {
      if (names.has(name)) continue;
      names.add(name);
      sensors.push({ name, kind: fiducials.includes(name) ? "fiducial" : "landmark", position });
    }
  }
  return { space: frame.space, sensors };
}

const fiducials: readonly string[] = ["Nz", "LPA", "RPA", "Iz"];

function pointAt(table: Table, row: number, columns: readonly [string, string, string]): Point | undefined {
  const [x, y, z] = columns.map((column) => numberCell(table, row, column));
  return x === undefined || y === undefined || z === undefined ? undefined : [x, y, z];
}

/** electrodes.tsv: the montage's electrodes, mm. */
export function writeElectrodesTsv(montage: Montage): string {
  const electrodes = montage.sensors.filter((sensor) => sensor.kind === "electrode");
  return writeTsv(
    ["name", "x", "y", "z"],
    electrodes.map(({ name, position: p }) => [name, p?.[0], p?.[1], p?.[2]]),
  );
}

/** optodes.tsv: the montage's sources and detectors, mm; template positions in their own columns. */
export function writeOptodesTsv(montage: Montage): string {
  const optodes = montage.sensors.filter((sensor) => sensor.kind === "source" || sensor.kind === "detector");
  const anyTemplate = optodes.some((sensor) => sensor.template);
  return writeTsv(
    ["name", "type", "x", "y", "z", ...(anyTemplate ? ["template_x", "template_y", "template_z"] : [])],
    optodes.map(({ name, kind, position, template }) => {
      const written = [position?.[0], position?.[1], position?.[2]];
      const none = [undefined, undefined, undefined];
      const cells = template ? [...none, ...written] : [...written, ...none];
      return [name, kind, ...(anyTemplate ? cells : written)];
    }),
  );
}

const headSpace = /^head:(CapTrak|ElektaNeuromag|ChietiItab)$/;

/**
 * coordsystem.json of a montage (RAS mm). A RAS head frame or a template keeps its BIDS keyword; anything else is
 * "Other" with a description that says which space it is.
 */
export function coordsystemOf(montage: Montage, prefix: "EEG" | "NIRS"): Record<string, unknown> {
  const keyword =
    montage.space.match(headSpace)?.[1] ?? (/^MNI152|^MNIColin27$/.test(montage.space) ? montage.space : undefined);
  const system = keyword ?? "Other";
  const description = describeSpace(montage.space);
  const marks = montage.sensors.filter((s) => (s.kind === "fiducial" || s.kind === "landmark") && s.position);
  const bidsName = (name: string): string => (name === "Nz" ? "NAS" : name);
  return {
    [`${prefix}CoordinateSystem`]: system,
    [`${prefix}CoordinateUnits`]: "mm",
    [`${prefix}CoordinateSystemDescription`]: description,
    ...(marks.length > 0
      ? {
          AnatomicalLandmarkCoordinates: Object.fromEntries(marks.map((m) => [bidsName(m.name), m.position])),
          AnatomicalLandmarkCoordinateSystem: system,
          AnatomicalLandmarkCoordinateUnits: "mm",
          AnatomicalLandmarkCoordinateSystemDescription: description,
        }
      : {}),
  };
}
