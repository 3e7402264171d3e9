import type { Point } from "./affine.ts";
import type { Space } from "./volume.ts";

export type SensorKind = "electrode" | "source" | "detector" | "fiducial" | "landmark" | "head-shape";

export interface Sensor {
  readonly name: string;
  readonly kind: SensorKind;
  /** RAS mm in the montage's space; absent when the file gives none. */
  readonly position?: Point;
  readonly template?: boolean;
}

/** Where electrodes, optodes and fiducials (Nz, LPA, RPA, Iz) are. */
export interface Montage {
  readonly space: Space;
  readonly sensors: readonly Sensor[];
}

export function sensorNamed(montage: Montage, name: string): Sensor | undefined {
  return montage.sensors.find((sensor) => sensor.name === name);
}
