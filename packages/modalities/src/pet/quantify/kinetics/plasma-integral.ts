/** What the graphical methods with plasma input need at the middle of every frame. */
import { sampleCurve, sampleIntegral } from "@quintet/kernels";
import { bloodTerms } from "./compartments.ts";
import type { InputFunction } from "./input-function.ts";
import { integralAtMiddles, type KineticData } from "./kinetic-data.ts";
import { withoutBlood } from "./linear-model.ts";

export interface PlasmaIntegrals {
  /** C_T: the data freed of a fixed share of blood. */
  readonly tissue: Float64Array;
  /** int_0^t C_T */
  readonly tissueIntegral: Float64Array;
  readonly plasma: Float64Array;
  readonly plasmaIntegral: Float64Array;
  /** C_PET of a C_T. */
  readonly measuredOf: (tissue: Float64Array) => Float64Array;
}

/** @throws DataError `missing-blood`, `out-of-range` */
export function plasmaIntegrals(data: KineticData, input: InputFunction, bloodVolume: number): PlasmaIntegrals {
  const middles = { start: data.time, end: data.time };
  const { offset, share = 1 } = bloodTerms({ ...data, samples: middles }, input, bloodVolume);
  const tissue = data.values.map((value, i) => (value - (offset?.[i] ?? 0)) / share);
  return {
    tissue,
    tissueIntegral: integralAtMiddles(offset ? withoutBlood(data, tissue) : data),
    plasma: sampleCurve(input.plasma, middles),
    plasmaIntegral: sampleIntegral(input.plasma, middles),
    measuredOf: (c) => c.map((value, i) => value * share + (offset?.[i] ?? 0)),
  };
}
