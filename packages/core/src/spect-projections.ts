import { DataError } from "./data-error.ts";
import type { KiloelectronVolts, Millimetres, Seconds } from "./units.ts";

/**
 * Views of a gamma camera about one axis, with parallel holes or, with a focal length, a fan beam.
 *
 * World mm with the centre of rotation as origin, z the axis. In view v the camera's face stands at radius r_v in the direction
 * (cos a_v, sin a_v) and looks at the axis. Columns rise along (sin a_v, -cos a_v), rows along +z:
 *
 *   column i lies at (i - (columns - 1) / 2) across,   row j at z = (j - (rows - 1) / 2) along
 *
 * Seen from the camera's place with the head up, columns rise from right to left. Of a patient on the back, a = pi/2 is the view
 * from the front, and its columns rise towards the patient's right.
 */
export interface SpectProjections {
  readonly columns: number;
  readonly rows: number;
  /** Size of a pixel. */
  readonly size: readonly [across: Millimetres, along: Millimetres];
  /** Radians, of each view. */
  readonly angles: Float64Array;
  /** From the axis to the camera's face, of each view. */
  readonly radii: Float64Array;
  /** Fan beam: from the camera's face to the focal line behind the patient, which is parallel to z. Absent: parallel holes. */
  readonly focalLength?: Millimetres;
  /** How far the middle of the columns lies from the axis along the rising columns, of each view. Absent: on it. */
  readonly offsets?: Float64Array;
  /** When each view was begun, on the clock of `start`, and how long it took. Absent: not known. */
  readonly viewTimes?: readonly { readonly start: Seconds; readonly duration: Seconds }[];
  /** Start of the first view and length of all, where they are known. */
  readonly start?: Seconds;
  readonly duration?: Seconds;
  readonly window?: { readonly low: KiloelectronVolts; readonly high: KiloelectronVolts };
  /** Counts, C-ordered [view][row][column]. */
  readonly data: Float32Array;
}

/** @throws DataError `bad-projections` */
export function checkProjections(projections: SpectProjections): void {
  const { columns, rows, size, angles, radii, data, focalLength, offsets, viewTimes } = projections;
  const whole = [columns, rows].every((n) => Number.isInteger(n) && n > 0);
  const placed = angles.length > 0 && angles.length === radii.length && angles.every(Number.isFinite);
  const far = radii.every((r) => r > 0 && r < Number.POSITIVE_INFINITY);
  const each = [offsets, viewTimes].every((list) => list === undefined || list.length === angles.length);
  const aside = (focalLength === undefined || focalLength > 0) && (!offsets || offsets.every(Number.isFinite));
  if (
    whole &&
    placed &&
    far &&
    each &&
    aside &&
    size.every((s) => s > 0) &&
    data.length === columns * rows * angles.length
  )
    return;
  throw new DataError("bad-projections", "views of one size, each at its angle and radius", {
    expected: `${columns} x ${rows} values in each of ${angles.length} views`,
    found: `${data.length} values, ${radii.length} radii, pixels of ${size.join(" x ")} mm`,
  });
}
