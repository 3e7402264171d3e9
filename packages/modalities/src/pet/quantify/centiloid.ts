import { DataError } from "@quintet/core";

export type AmyloidTracer = "PiB" | "florbetaben" | "flutemetamol" | "florbetapir";

export interface CentiloidEquation {
  readonly slope: number;
  readonly intercept: number;
  /** Minutes after the injection. */
  readonly window: readonly [number, number];
  readonly source: string;
}

/** Means of young controls and of Alzheimer patients in PiB SUVR: 0 and 100 CL (Klunk et al., Alzheimers Dement 2015;11:1-15). */
export const centiloidAnchors = { young: 1.009, alzheimer: 2.076 } as const;

/**
 * SUVR to Centiloid, CL = slope SUVR + intercept, for the standard regions and whole cerebellum as reference.
 * Each equation belongs to its own window and to the standard pipeline (SPM8, GAAIN regions).
 */
export const centiloidEquations: Readonly<Record<AmyloidTracer, CentiloidEquation>> = {
  PiB: {
    slope: 100 / (centiloidAnchors.alzheimer - centiloidAnchors.young),
    intercept: (-100 * centiloidAnchors.young) / (centiloidAnchors.alzheimer - centiloidAnchors.young),
    window: [50, 70],
    source: "Klunk et al., Alzheimers Dement 2015;11:1-15 (from the literature, not re-checked)",
  },
  florbetaben: {
    slope: 153.4,
    intercept: -154.9,
    window: [90, 110],
    source: "Rowe et al., Eur J Nucl Med Mol Imaging 2017;44:2053-9, abstract",
  },
  flutemetamol: {
    slope: 121.42,
    intercept: -121.16,
    window: [90, 110],
    source: "Battle et al., EJNMMI Res 2018;8:107, abstract; its window from the literature, not re-checked",
  },
  florbetapir: {
    slope: 175,
    intercept: -182,
    window: [50, 60],
    source:
      "as public pipelines have it (Navitsky et al., Alzheimers Dement 2018;14:1565-71), not re-checked; another group found 179.64 and -186.95",
  },
};

export interface CentiloidInput {
  readonly suvr: number;
  readonly standardError?: number;
  readonly tracer: AmyloidTracer;
  readonly reference: "whole cerebellum" | (string & {});
  /** Minutes after the injection. */
  readonly window: readonly [number, number];
}

export interface Centiloid {
  readonly value: number;
  readonly standardError?: number;
  readonly unit: "CL";
  readonly source: string;
}

/**
 * Centiloid of a global cortical SUVR. Refused when reference region or window are not those of the tracer's equation:
 * an SUVR of another kind does not convert.
 *
 * @throws DataError `not-comparable`, `not-positive`
 */
export function centiloid({ suvr, standardError, tracer, reference, window }: CentiloidInput): Centiloid {
  const { slope, intercept, window: own, source } = centiloidEquations[tracer];
  if (!(suvr > 0 && Number.isFinite(suvr))) {
    throw new DataError("not-positive", "Centiloid needs an SUVR", { expected: "above 0", found: `${suvr}` });
  }
  if (reference !== "whole cerebellum") {
    throw new DataError("not-comparable", "the Centiloid equations hold for one reference region", {
      expected: "whole cerebellum",
      found: reference,
    });
  }
  if (Math.abs(window[0] - own[0]) > 1 || Math.abs(window[1] - own[1]) > 1) {
    throw new DataError("not-comparable", `the Centiloid equation of ${tracer} holds for one window`, {
      expected: `${own[0]} to ${own[1]} min`,
      found: `${window[0]} to ${window[1]} min`,
    });
  }
  const error = standardError === undefined ? {} : { standardError: slope * standardError };
  return { value: slope * suvr + intercept, ...error, unit: "CL", source };
}
