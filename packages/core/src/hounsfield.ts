import { DataError } from "./data-error.ts";

/** More air than half and something as dense as fat, in HU; nothing of a head reaches the largest. Chosen here. */
const limits = { air: -500, tissue: -200, metal: 40_000 };

/**
 * CT numbers, once they are known to be ones: a map in 1/cm or 1/mm, raw stored values without their offset or a CT without air
 * would turn into attenuation that looks sound (0 to 0.2 is water everywhere).
 *
 * @throws DataError `not-finite`, `not-hounsfield`
 */
export function checkHounsfield(data: Float32Array): void {
  let [lowest, largest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let v = 0; v < data.length; v++) {
    const value = data[v] as number;
    if (!Number.isFinite(value)) {
      throw new DataError("not-finite", "the CT has voxels without value", { found: `${value} in voxel ${v}` });
    }
    if (value < lowest) lowest = value;
    if (value > largest) largest = value;
  }
  if (lowest < limits.air && largest > limits.tissue && largest < limits.metal) return;
  throw new DataError("not-hounsfield", "a CT of a head holds air near -1000 HU and tissue near 0", {
    expected: "Hounsfield units",
    found: `${lowest} to ${largest}`,
  });
}
