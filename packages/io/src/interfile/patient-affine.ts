/** From the gantry's axes to the patient's: x right as one faces the scanner from the bed, y down, z out along the bed. */
import { type Affine, affineOf } from "@quintet/core";
import type { PatientPosition } from "./frames.ts";

/** Sign of RAS along gantry x, y, z for each way to lie. */
const toRas: Readonly<Record<PatientPosition, readonly [number, number, number]>> = {
  HFS: [-1, -1, -1],
  HFP: [1, 1, -1],
  FFS: [1, -1, 1],
  FFP: [-1, 1, 1],
};

/**
 * Voxel index to RAS mm for a patient who lies as stated in the gantry.
 *
 * @param sizes mm
 * @param first gantry mm of voxel 0, 0, 0
 */
export function patientAffine(
  sizes: readonly [number, number, number],
  first: readonly [number, number, number],
  position: PatientPosition,
): Affine {
  const [x, y, z] = toRas[position];
  const [dx, dy, dz] = sizes;
  return affineOf(
    [x * dx, 0, 0, x * first[0], 0, y * dy, 0, y * first[1], 0, 0, z * dz, z * first[2]].map((value) => value + 0),
  );
}
