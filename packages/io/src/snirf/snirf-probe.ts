import type { Montage, Point, Sensor } from "@quintet/core";
import { DataError } from "@quintet/core";
import { type Hdf5Group, hdf5Numbers, hdf5Texts } from "../hdf5/hdf5-tree.ts";
import { fiducialName } from "../signal/fiducial.ts";
import { child, type Matrix, matrix, note, type SnirfContext, scalarText, untilNul, vector } from "./snirf-fields.ts";
import { dataTypes } from "./snirf-rules.ts";
import { lengthFactor } from "./snirf-time.ts";

export interface SnirfProbe {
  readonly wavelengths: Float64Array;
  readonly sources: readonly string[];
  readonly detectors: readonly string[];
  /** The frequency, delay or moment that a type's index names, with its unit; "" where the type has none or the probe does not list it. */
  readonly listed: (dataType: number, index: number) => string;
  readonly montage?: Montage;
}

/**
 * Wavelengths, optodes and landmarks. 3-D positions are used where they are, else 2-D ones (z = 0, told of);
 * everything in mm. Optodes are named by their labels, or S1, S2 ... D1, D2 ...
 *
 * @param counts how many sources and detectors the channels speak of
 * @throws DataError `bad-shape`, `unknown-unit`
 */
export function readProbe(
  probe: Hdf5Group,
  counts: { readonly sources: number; readonly detectors: number },
  lengthUnit: string | undefined,
  context: SnirfContext,
  units: { readonly time: string; readonly frequency: string } = { time: "", frequency: "" },
): SnirfProbe {
  const wavelengths = vector(probe, "wavelengths", "probe", context) ?? new Float64Array(0);
  const positions = {
    source: optodes(probe, "source", counts.sources, context),
    detector: optodes(probe, "detector", counts.detectors, context),
  };
  const sources = labels(probe, "sourceLabels", "S", Math.max(counts.sources, positions.source?.rows ?? 0), context);
  const detectors = labels(
    probe,
    "detectorLabels",
    "D",
    Math.max(counts.detectors, positions.detector?.rows ?? 0),
    context,
  );
  const landmarks = landmarkSensors(probe, context);
  const any = positions.source ?? positions.detector;
  const scale = lengthFactor(lengthUnit, context.file);
  if (any !== undefined && scale === undefined)
    note(context, `LengthUnit is ${lengthUnit || "missing"}; millimetres were assumed`);
  const mm = scale ?? 1;
  const place = (table: Matrix | undefined, i: number): { position?: Point } => {
    if (table === undefined || i >= table.rows) return {};
    const value = (c: number): number => (c < table.columns ? (table.data[i * table.columns + c] as number) * mm : 0);
    const point: Point = [value(0), value(1), value(2)];
    return point.every(Number.isFinite) ? { position: point } : {};
  };
  const sensors: Sensor[] = [
    ...sources.map((name, i): Sensor => ({ name, kind: "source", ...place(positions.source, i) })),
    ...detectors.map((name, i): Sensor => ({ name, kind: "detector", ...place(positions.detector, i) })),
    ...landmarks.map(({ name, row, table }): Sensor => {
      const fiducial = fiducialName(name);
      return { name: fiducial ?? name, kind: fiducial === undefined ? "landmark" : "fiducial", ...place(table, row) };
    }),
  ];
  if (any === undefined) note(context, "the probe gives no positions");
  else if (sensors.every((s) => s.position === undefined || s.position[2] === 0)) {
    note(context, "the optode positions are flat: they lie in a plane, not on a head");
  }
  const system = scalarText(probe, "coordinateSystem", "probe", context);
  const montage: Montage = { space: system === undefined || system === "" ? "device:nirs" : system, sensors };
  const listed = (dataType: number, index: number): string => {
    const list = dataTypes.get(dataType)?.listed;
    const value = list === undefined ? undefined : hdf5Numbers(child(probe, list))?.[index - 1];
    if (list === undefined || value === undefined) return "";
    const unit = list === "frequencies" ? units.frequency : list === "momentOrders" ? "" : units.time;
    return `${Number(value.toPrecision(6))}${unit === "" ? "" : ` ${unit}`}`;
  };
  return { wavelengths, sources, detectors, listed, ...(sensors.length > 0 ? { montage } : {}) };
}

function optodes(
  probe: Hdf5Group,
  which: "source" | "detector",
  needed: number,
  context: SnirfContext,
): Matrix | undefined {
  const table =
    matrix(probe, `${which}Pos3D`, "probe", context, [3]) ?? matrix(probe, `${which}Pos2D`, "probe", context, [2, 3]);
  if (table === undefined || table.rows === 0) return undefined;
  if (table.rows < needed || table.columns < 2 || table.columns > 3) {
    throw new DataError("bad-shape", `probe/${which}Pos`, {
      file: context.file,
      expected: `at least ${needed} x 3 (or x 2)`,
      found: `${table.rows} x ${table.columns}`,
    });
  }
  return table;
}

function labels(probe: Hdf5Group, field: string, letter: string, count: number, context: SnirfContext): string[] {
  const stored = hdf5Texts(child(probe, field))?.map(untilNul) ?? [];
  const usable = stored.length >= count && stored.every((l) => l !== "") && new Set(stored).size === stored.length;
  if (stored.length > 0 && !usable)
    note(context, `probe/${field} does not name each optode once; ${letter}1, ${letter}2 ... are used`);
  return usable ? [...stored] : Array.from({ length: count }, (_, i) => `${letter}${i + 1}`);
}

/** Landmarks; an optional fourth column is the number of the label. */
function landmarkSensors(probe: Hdf5Group, context: SnirfContext): { name: string; row: number; table: Matrix }[] {
  const table =
    matrix(probe, "landmarkPos3D", "probe", context, [3, 4]) ??
    matrix(probe, "landmarkPos2D", "probe", context, [2, 3]);
  const names = hdf5Texts(child(probe, "landmarkLabels")) ?? [];
  if (table === undefined || table.rows === 0) return [];
  if (table.columns < 2 || table.columns > 4) {
    note(context, `probe/landmarkPos is ${table.rows} x ${table.columns}, not N x 3 or N x 4, and is left out`);
    return [];
  }
  return Array.from({ length: table.rows }, (_, row) => {
    const index = table.columns === 4 ? (table.data[row * 4 + 3] as number) - 1 : row;
    return { name: untilNul(names[index] ?? `landmark ${row + 1}`), row, table };
  });
}
