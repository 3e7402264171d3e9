/** Blood inside the region: fixed or fitted, the same for all compartment models. */
import { DataError } from "@quintet/core";
import { type RateColumn, sampleCurve } from "@quintet/kernels";
import { checkBloodAgainstTissue } from "./blood-against-tissue.ts";
import type { Wanted } from "./estimate.ts";
import type { BloodVolume, InputFunction } from "./input-function.ts";
import type { KineticData } from "./kinetic-data.ts";
import type { SeparableModel } from "./separable-model.ts";

/**
 *   C_PET(t) = (1 - vB) C_T(t) + vB C_B(t)
 *
 * Fitted, vB is one more linear column; fixed, its share is taken off the data.
 *
 * @throws DataError `missing-blood`, `out-of-range`, `disagreement` (units)
 */
export function bloodTerms(
  data: KineticData,
  input: InputFunction,
  volume: BloodVolume,
): Pick<SeparableModel, "offset" | "share"> & { readonly column: readonly RateColumn[] } {
  checkBloodAgainstTissue(data, input);
  const { blood } = input;
  if (volume === 0) return { column: [] };
  if (!blood) {
    throw new DataError("missing-blood", "a blood volume needs the whole-blood curve", {
      expected: "whole_blood_radioactivity, or a blood volume of 0",
      found: "none",
    });
  }
  const curve = sampleCurve(blood, data.samples);
  if (volume === "fit") return { column: [{ value: curve }] };
  if (!(volume > 0 && volume < 1)) {
    throw new DataError("out-of-range", "the blood volume is a share of the region", {
      expected: "0 to 1",
      found: `${volume}`,
    });
  }
  return { column: [], offset: curve.map((c) => volume * c), share: 1 - volume };
}

/** vB itself, held against 0.05: a share of 0.00 +- 0.01 is a result. */
export function bloodEstimate(at: number): Wanted {
  return {
    name: "vB",
    unit: "1",
    of: (parameters) => parameters[at] as number,
    against: (value) => Math.max(0.05, value),
  };
}

/**
 * A fitted share below 0 has no meaning: the model without blood fits better there.
 * Above 0.2 the vessels inside the region explain more than tissue can hold. Chosen here.
 */
export function bloodRefusal(share: number | undefined): string | undefined {
  if (share === undefined || (share >= -0.02 && share <= 0.2)) return undefined;
  return `the best fit has a blood volume of ${share.toFixed(3)}`;
}
