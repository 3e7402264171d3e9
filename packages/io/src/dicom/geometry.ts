import { type Affine, affineOf, apply, DataError, type Point } from "@quintet/core";
import { readCsaHeader } from "./csa.ts";
import type { DicomDataset } from "./tags.ts";
import { dicomNumber, dicomTexts, numbersOf, privateElement, requiredNumbers } from "./values.ts";

export interface DicomGeometry {
  /** Columns, rows, slices: index i runs along a row, j down the columns, k over the slices. */
  readonly shape: readonly [columns: number, rows: number, slices: number];
  /** (i, j, k) -> world mm, RAS+. */
  readonly affine: Affine;
  /** Images of one time point each hold all slices, tiled. */
  readonly mosaic: boolean;
  /** Order of the given data sets: [time][slice], of a mosaic [time][0]. */
  readonly order: readonly (readonly number[])[];
}

type Vector = readonly [number, number, number];
const dot = (a: Vector, b: Vector): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
];

/**
 * Where the voxels of a series lie, from its own tags alone.
 *
 *   LPS(i, j, k) = S + F_row dx i + F_col dy j + step k,    RAS = (-L, -P, S)
 *
 * with F_row, F_col from ImageOrientationPatient, dx = PixelSpacing[1] (between columns), dy = PixelSpacing[0]
 * (between rows), S the first slice's ImagePositionPatient (centre of its first voxel) and `step` the vector between
 * slices. A Siemens mosaic states the corner of the whole tiled picture (C x R) instead of that of a tile (c x r):
 *
 *   S = IPP + F_row dx (C - c) / 2 + F_col dy (R - r) / 2,    step = normal x SpacingBetweenSlices
 *
 * @throws DataError `missing-tag`, `bad-dicom`, `mixed-series` (images of different size or orientation),
 *   `uneven-slices` (a missing or shifted slice), `multiframe` (many frames in one file are read by convertDicom only)
 * @see DICOM PS3.3 C.7.6.2.1.1; nibabel.readthedocs.io/en/stable/dicom/dicom_mosaic.html
 */
export function dicomSeriesGeometry(series: readonly DicomDataset[]): DicomGeometry {
  const [first] = series;
  if (!first) throw new DataError("no-images", "a series has at least one image");
  if ((dicomNumber(first, "NumberOfFrames") ?? 1) > 1) {
    throw new DataError("multiframe", "many frames in one file are not read from tags", { file: first.file });
  }
  const planes = series.map(planeOf);
  const plane = planes[0] as Plane;
  for (const [i, other] of planes.entries()) {
    const same =
      other.columns === plane.columns &&
      other.rows === plane.rows &&
      [0, 1, 2].every(
        (k) =>
          Math.abs((other.row[k] as number) - (plane.row[k] as number)) < 1e-4 &&
          Math.abs((other.column[k] as number) - (plane.column[k] as number)) < 1e-4,
      ) &&
      Math.abs(other.dx - plane.dx) < 1e-4 &&
      Math.abs(other.dy - plane.dy) < 1e-4;
    if (!same) {
      throw new DataError("mixed-series", "images of one series share size and orientation", {
        file: (series[i] as DicomDataset).file,
      });
    }
  }
  return mosaicCount(first) === undefined ? stackGeometry(series, planes) : mosaicGeometry(series, plane);
}

export interface Plane {
  readonly columns: number;
  readonly rows: number;
  readonly row: Vector;
  readonly column: Vector;
  readonly dx: number;
  readonly dy: number;
  readonly position: Vector;
}

export function planeOf(dataset: DicomDataset): Plane {
  const orientation = requiredNumbers(dataset, "ImageOrientationPatient", 6);
  const [dy, dx] = requiredNumbers(dataset, "PixelSpacing", 2) as [number, number];
  const [columns] = requiredNumbers(dataset, "Columns", 1) as [number];
  const [rows] = requiredNumbers(dataset, "Rows", 1) as [number];
  const row = orientation.slice(0, 3) as unknown as Vector;
  const column = orientation.slice(3, 6) as unknown as Vector;
  // Direction cosines carry 6 digits or more: 1e-3 is far above their rounding and far below any other meaning.
  const right = Math.abs(dot(row, row) - 1) < 1e-3 && Math.abs(dot(column, column) - 1) < 1e-3;
  if (!right || Math.abs(dot(row, column)) > 1e-3 || !(dx > 0 && dy > 0) || columns < 1 || rows < 1) {
    throw new DataError(
      "bad-dicom",
      "orientation must be two unit vectors at right angles, spacing and size positive",
      {
        file: dataset.file,
        found: `${orientation.join(" ")}; ${dy} x ${dx} mm; ${columns} x ${rows}`,
      },
    );
  }
  return {
    columns,
    rows,
    row,
    column,
    dx,
    dy,
    position: requiredNumbers(dataset, "ImagePositionPatient", 3) as unknown as Vector,
  };
}

export function planeAffine(plane: Plane, start: Vector, step: Vector): Affine {
  const rows = [0, 1, 2].map((k) => {
    const sign = k < 2 ? -1 : 1;
    return [
      (plane.row[k] as number) * plane.dx,
      (plane.column[k] as number) * plane.dy,
      step[k] as number,
      start[k] as number,
    ].map((value) => sign * value);
  });
  return affineOf(rows.flat());
}

function stackGeometry(series: readonly DicomDataset[], planes: readonly Plane[]): DicomGeometry {
  const plane = planes[0] as Plane;
  const normal = cross(plane.row, plane.column);
  const heights = planes.map((p) => dot(p.position, normal));
  const sorted = [...series.keys()].sort(
    (a, b) =>
      (heights[a] as number) - (heights[b] as number) ||
      (dicomNumber(series[a] as DicomDataset, "InstanceNumber") ?? 0) -
        (dicomNumber(series[b] as DicomDataset, "InstanceNumber") ?? 0),
  );
  const stacks: number[][] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const i of sorted) {
    if ((heights[i] as number) - last > 1e-3) stacks.push([]);
    last = heights[i] as number;
    (stacks.at(-1) as number[]).push(i);
  }
  const times = (stacks[0] as number[]).length;
  const uneven = stacks.find((stack) => stack.length !== times);
  if (uneven) {
    throw new DataError("uneven-slices", "every slice must be there at every time", {
      file: (series[uneven[0] as number] as DicomDataset).file,
      expected: `${times}`,
      found: `${uneven.length}`,
    });
  }
  const place = (slice: number): Vector => (planes[(stacks[slice] as number[])[0] as number] as Plane).position;
  const count = stacks.length;
  const start = place(0);
  const end = place(count - 1);
  const thickness =
    dicomNumber(series[0] as DicomDataset, "SpacingBetweenSlices") ??
    dicomNumber(series[0] as DicomDataset, "SliceThickness") ??
    1;
  const step: Vector =
    count > 1
      ? ([0, 1, 2].map((k) => ((end[k] as number) - (start[k] as number)) / (count - 1)) as unknown as Vector)
      : (normal.map((v) => v * thickness) as unknown as Vector);
  for (let slice = 1; slice < count; slice++) {
    const off = Math.hypot(
      ...[0, 1, 2].map((k) => (place(slice)[k] as number) - (start[k] as number) - slice * (step[k] as number)),
    );
    if (!(off <= 0.01 * Math.hypot(...step) + 1e-3)) {
      throw new DataError("uneven-slices", "slices must be evenly spaced", {
        file: (series[(stacks[slice] as number[])[0] as number] as DicomDataset).file,
        found: `${off.toPrecision(3)} mm off its place`,
      });
    }
  }
  return {
    shape: [plane.columns, plane.rows, count],
    affine: planeAffine(plane, start, step),
    mosaic: false,
    order: Array.from({ length: times }, (_, t) => stacks.map((stack) => stack[t] as number)),
  };
}

/** Slices of a Siemens mosaic image; undefined when it is none. */
function mosaicCount(dataset: DicomDataset): number | undefined {
  if (!dicomTexts(dataset, "ImageType").includes("MOSAIC")) return undefined;
  const stated = numbersOf(dataset, privateElement(dataset, 0x0019, "SIEMENS MR HEADER", 0x0a), "US")[0];
  const count = stated ?? Number(csaOf(dataset)?.get("NumberOfImagesInMosaic")?.[0]);
  if (!(Number.isInteger(count) && count >= 1 && count <= 4096)) {
    throw new DataError("missing-tag", "a mosaic must say how many slices it holds", {
      file: dataset.file,
      expected: "NumberOfImagesInMosaic",
      found: `${count}`,
    });
  }
  return count;
}

function csaOf(dataset: DicomDataset): ReadonlyMap<string, readonly string[]> | undefined {
  const element = privateElement(dataset, 0x0029, "SIEMENS CSA HEADER", 0x10);
  return element && element.value.length > 0 ? readCsaHeader(element.value, dataset.file) : undefined;
}

function mosaicGeometry(series: readonly DicomDataset[], plane: Plane): DicomGeometry {
  const first = series[0] as DicomDataset;
  const slices = mosaicCount(first) as number;
  const tiles = Math.ceil(Math.sqrt(slices));
  const [columns, rows] = [plane.columns / tiles, plane.rows / tiles];
  const spacing = dicomNumber(first, "SpacingBetweenSlices") ?? dicomNumber(first, "SliceThickness");
  if (!Number.isInteger(columns) || !Number.isInteger(rows) || spacing === undefined || !(spacing > 0)) {
    throw new DataError("bad-dicom", "a mosaic is a square of tiles with a known slice spacing", {
      file: first.file,
      found: `${plane.columns} x ${plane.rows} in ${tiles} x ${tiles}, spacing ${spacing}`,
    });
  }
  const computed = cross(plane.row, plane.column);
  // Slices may run against row x column; only the private header says so.
  const stated = csaOf(first)?.get("SliceNormalVector")?.map(Number);
  const against = stated?.length === 3 && dot(stated as unknown as Vector, computed) < 0;
  const step = computed.map((v) => (against ? -v : v) * spacing) as unknown as Vector;
  const start = [0, 1, 2].map(
    (k) =>
      (plane.position[k] as number) +
      ((plane.row[k] as number) * plane.dx * (plane.columns - columns)) / 2 +
      ((plane.column[k] as number) * plane.dy * (plane.rows - rows)) / 2,
  ) as unknown as Vector;
  const key = (i: number): number => dicomNumber(series[i] as DicomDataset, "InstanceNumber") ?? i;
  return {
    shape: [columns, rows, slices],
    affine: planeAffine(plane, start, step),
    mosaic: true,
    order: [...series.keys()].sort((a, b) => key(a) - key(b)).map((i) => [i]),
  };
}

/**
 * Acquisition time of each slice in seconds after the first, from the scanner's own list (Siemens MosaicRefAcqTimes,
 * ms), in the order of {@link dicomSeriesGeometry}'s slices; undefined when the file has none.
 *
 * @throws DataError `bad-dicom` when there are not as many times as slices
 */
export function dicomSliceTimes(dataset: DicomDataset): readonly number[] | undefined {
  const count = mosaicCount(dataset);
  if (count === undefined) return undefined;
  const own = numbersOf(dataset, privateElement(dataset, 0x0019, "SIEMENS MR HEADER", 0x29), "FD");
  const times = own.length > 0 ? own : (csaOf(dataset)?.get("MosaicRefAcqTimes")?.map(Number) ?? []);
  if (times.length === 0) return undefined;
  if (times.length !== count || !times.every(Number.isFinite)) {
    throw new DataError("bad-dicom", "a mosaic states one time for each slice", {
      file: dataset.file,
      expected: `${count}`,
      found: `${times.length}`,
    });
  }
  const first = Math.min(...times);
  return times.map((t) => (t - first) / 1000);
}

/** World mm of the eight corner voxels, x fastest. */
export function cornerPoints({ shape, affine }: Pick<DicomGeometry, "shape" | "affine">): readonly Point[] {
  return Array.from({ length: 8 }, (_, corner) =>
    apply(affine, shape.map((n, axis) => (corner & (1 << axis) ? n - 1 : 0)) as unknown as Point),
  );
}
