import {
  type AttenuationMap,
  checkAttenuationMap,
  checkHounsfield,
  checkProjections,
  DataError,
  type Grid,
  type KiloelectronVolts,
  type SpectProjections,
  type Volume,
} from "@quintet/core";
import { linearAttenuation } from "@quintet/kernels";

/** Effective energy of a CT of 120 kV, keV; the table of materials begins at 80. */
const ctEnergy = 80;

/**
 * mu of a CT at an emission energy: water and air up to 0 HU, water and cortical bone above,
 *
 *   mu = mu_w(E) (1 + HU / 1000)                                                       HU <= 0
 *   mu = mu_w(E) + HU / 1000 mu_w(E_ct) (mu_b(E) - mu_w(E)) / (mu_b(E_ct) - mu_w(E_ct))  HU > 0
 *
 * with E_ct = 80 keV. Grid and space are the CT's: resample it onto the image's grid afterwards.
 *
 * @param ct Hounsfield units
 * @throws DataError `bad-energy`, those of checkHounsfield (`not-finite`, `not-hounsfield`) and checkAttenuationMap
 */
export function attenuationFromCt(ct: Volume, energy: KiloelectronVolts): AttenuationMap {
  checkHounsfield(ct.data);
  const [water, bone] = [linearAttenuation("water", energy), linearAttenuation("cortical-bone", energy)];
  const [waterCt, boneCt] = [linearAttenuation("water", ctEnergy), linearAttenuation("cortical-bone", ctEnergy)];
  const slope = (waterCt * (bone - water)) / (boneCt - waterCt);
  const data = ct.data.map((hu) => (hu <= 0 ? Math.max(0, water * (1 + hu / 1000)) : water + (slope * hu) / 1000));
  return checkAttenuationMap({ ...ct, unit: "1/cm", energy, data });
}

/** The outline of one row: centre, mm, and its shape matrix: half the width along a direction n is sqrt(n' S n). */
export interface OutlineEllipse {
  readonly centre: readonly [x: number, y: number];
  readonly shape: readonly [xx: number, xy: number, yy: number];
}

/** Share of a row's highest profile where the body is taken to begin: chosen here. */
const edgeShare = 0.2;
/** Rows with less than this share of the fullest row's counts are outside the body: chosen here. */
const leastRow = 0.05;

/**
 * An ellipse for each row from where the views' profiles begin and end:
 *
 *   (right + left) / 2 = c . n,   ((right - left) / 2)^2 = n' S n,   n = (sin a, -cos a)
 *
 * by least squares over the views. Profiles are means of five rows.
 *
 * @returns one ellipse a row; undefined where there is no body
 * @throws DataError `bad-projections`, `no-outline`, `fan-beam`
 */
export function bodyOutline(projections: SpectProjections): readonly (OutlineEllipse | undefined)[] {
  checkProjections(projections);
  const { angles, columns, rows, size, data, offsets, focalLength } = projections;
  if (focalLength !== undefined) throw new DataError("fan-beam", "an outline is read from views with parallel holes");
  const profile = (view: number, row: number): Float64Array => {
    const out = new Float64Array(columns);
    for (let r = Math.max(0, row - 2); r <= Math.min(rows - 1, row + 2); r++) {
      for (let i = 0; i < columns; i++) out[i] = (out[i] as number) + (data[(view * rows + r) * columns + i] as number);
    }
    return out;
  };
  const totals = new Float64Array(rows);
  for (let k = 0; k < data.length; k++) {
    const row = Math.floor(k / columns) % rows;
    totals[row] = (totals[row] as number) + (data[k] as number);
  }
  const fullest = Math.max(...totals);
  const outline = Array.from(totals, (total, row): OutlineEllipse | undefined => {
    if (!(total >= leastRow * fullest && total > 0)) return undefined;
    const edges = Array.from(angles, (a, v) => {
      const values = profile(v, row);
      const limit = edgeShare * Math.max(...values);
      const shift = -(columns - 1) / 2;
      const [first, last] = [values.findIndex((y) => y >= limit), values.findLastIndex((y) => y >= limit)];
      const at = (i: number): number => (i + shift) * size[0] + (offsets?.[v] ?? 0);
      return { a, left: at(first) - size[0] / 2, right: at(last) + size[0] / 2 };
    });
    const centre = solve(
      edges.map(({ a, left, right }) => ({ x: [Math.sin(a), -Math.cos(a)], y: (left + right) / 2 })),
    );
    const shape = solve(
      edges.map(({ a, left, right }) => ({
        x: [Math.sin(a) ** 2, -2 * Math.sin(a) * Math.cos(a), Math.cos(a) ** 2],
        y: ((right - left) / 2) ** 2,
      })),
    );
    const [xx, xy, yy] = shape as [number, number, number];
    return xx > 0 && yy > 0 && xx * yy > xy * xy
      ? { centre: centre as [number, number], shape: [xx, xy, yy] }
      : undefined;
  });
  if (outline.some((ellipse) => ellipse)) return outline;
  throw new DataError("no-outline", "no row of the views shows an outline", {
    found: `${fullest} counts in the fullest row`,
  });
}

/**
 * One mu inside the outline, 0 outside: Chang's assumption, here a term of the model instead of a factor on the image.
 *
 * @param mu 1/cm; water at the photons' energy unless it is given
 * @throws DataError `shape-mismatch`, `bad-energy`, those of checkAttenuationMap
 * @see Chang, IEEE Trans Nucl Sci 1978;25:638-43 (from the literature, not re-checked)
 */
export function uniformAttenuation(
  grid: Grid,
  outline: readonly (OutlineEllipse | undefined)[],
  energy: KiloelectronVolts,
  mu: number = linearAttenuation("water", energy),
): AttenuationMap {
  const [nx, ny, nz] = grid.shape;
  if (outline.length !== nz) {
    throw new DataError("shape-mismatch", "an outline has one ellipse a slice", {
      expected: `${nz}`,
      found: `${outline.length}`,
    });
  }
  const data = new Float32Array(nx * ny * nz);
  const m = grid.affine;
  for (const [z, ellipse] of outline.entries()) {
    if (!ellipse) continue;
    const [xx, xy, yy] = ellipse.shape;
    const determinant = xx * yy - xy * xy;
    for (let j = 0; j < nx * ny; j++) {
      const x = (m[0] as number) * (j % nx) + (m[3] as number) - ellipse.centre[0];
      const y = (m[5] as number) * Math.floor(j / nx) + (m[7] as number) - ellipse.centre[1];
      // n' S^-1 n <= 1
      if ((yy * x * x - 2 * xy * x * y + xx * y * y) / determinant <= 1) data[z * nx * ny + j] = mu;
    }
  }
  const frames = [{ start: 0, duration: 0 }];
  return checkAttenuationMap({ ...grid, unit: "1/cm", energy, frames, clock: "scanner", data });
}

/** Least squares by the normal equations. */
function solve(points: readonly { readonly x: readonly number[]; readonly y: number }[]): readonly number[] {
  const n = points[0]?.x.length ?? 0;
  const m = Array.from({ length: n }, (_, i) => [
    ...Array.from({ length: n }, (_, j) => points.reduce((s, { x }) => s + (x[i] as number) * (x[j] as number), 0)),
    points.reduce((s, { x, y }) => s + (x[i] as number) * y, 0),
  ]);
  for (let k = 0; k < n; k++) {
    const pivot = m[k] as number[];
    for (let r = 0; r < n; r++) {
      if (r === k) continue;
      const row = m[r] as number[];
      const f = (row[k] as number) / (pivot[k] as number);
      for (let c = k; c <= n; c++) row[c] = (row[c] as number) - f * (pivot[c] as number);
    }
  }
  return m.map((row, i) => (row[n] as number) / (row[i] as number));
}
