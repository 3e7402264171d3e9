import type { Curve } from "@quintet/kernels";

/** What blood brought to the tissue; minutes from the injection, Bq/mL. */
export interface InputFunction {
  /** Unchanged tracer in plasma, C_p. */
  readonly plasma: Curve;
  /** Whole blood, C_B: the activity of the vessels inside the region. */
  readonly blood?: Curve;
}

/** Share of the region that is blood: fixed, or fitted with the rates. */
export type BloodVolume = number | "fit";
