/** Verdicts over what a phantom's scan showed. */
import type { QcFinding } from "@quintet/core";
import type { CountRates } from "./count-rates.ts";
import type { CrossCalibration } from "./cross-calibration.ts";
import type { Recovery } from "./recovery.ts";
import type { ScannerCalibration } from "./scanner-calibration.ts";
import type { Uniformity } from "./uniformity.ts";

/**
 * Where a reader should look. Calibration: within 5 %, and never beyond 10 % (EANM's and EARL's bound for accreditation,
 * Boellaard 2015, EJNMMI 42:328; from the literature, not re-checked). All others are chosen here.
 */
export const phantomLimits = {
  variation: { warn: 0.05, bad: 0.1 },
  nonUniformity: { warn: 0.1, bad: 0.2 },
  axial: { warn: 0.05, bad: 0.1 },
  centreToRim: { warn: 0.03, bad: 0.06 },
  calibration: { warn: 0.05, bad: 0.1 },
  randoms: { warn: 0.6, bad: 0.8 },
  scatter: { warn: 0.5, bad: 0.7 },
  /** Contrast recovery of the largest sphere: what lies outside is not the resolution's doing. */
  recovery: { least: 0.5, most: 1.1 },
} as const;

export interface PhantomResults {
  readonly uniformity?: Uniformity;
  readonly recovery?: Recovery;
  readonly calibration?: CrossCalibration;
  readonly scanner?: ScannerCalibration;
  readonly counts?: CountRates;
}

/** Each figure with its unit, verdict and what the verdict is about. */
export function phantomFindings({
  uniformity,
  recovery,
  calibration,
  scanner,
  counts,
}: PhantomResults): readonly QcFinding[] {
  return [
    ...(uniformity ? ofUniformity(uniformity) : []),
    ...(calibration ? ofCalibration(calibration) : []),
    ...(scanner ? ofScanner(scanner) : []),
    ...(recovery ? ofRecovery(recovery) : []),
    ...(counts ? ofCounts(counts) : []),
  ];
}

function finding(name: string, value: number, unit: string, verdict: QcFinding["verdict"], note: string): QcFinding {
  return { modality: "pet", name, value, unit, verdict, note };
}

function verdictOf(
  value: number,
  { warn, bad }: { readonly warn: number; readonly bad: number },
): QcFinding["verdict"] {
  // What is no number is no pass.
  return value <= warn ? "ok" : value <= bad ? "warn" : "bad";
}

function ofUniformity({
  variation,
  above,
  below,
  axial,
  noise,
  centreToRim,
  regions,
}: Uniformity): readonly QcFinding[] {
  const { variation: v, nonUniformity, axial: a, centreToRim: c } = phantomLimits;
  const most = Math.max(above, below);
  return [
    finding(
      "uniformity-variation",
      variation,
      "1",
      verdictOf(variation, v),
      `sd over mean of ${regions} regions; 0.05 and 0.1 chosen here`,
    ),
    finding(
      "non-uniformity",
      most,
      "1",
      verdictOf(most, nonUniformity),
      "largest deviation of a region from the mean; 0.1 and 0.2 chosen here",
    ),
    finding(
      "axial-uniformity",
      axial,
      "1",
      verdictOf(axial, a),
      "largest deviation of a slice from the mean; 0.05 and 0.1 chosen here",
    ),
    finding(
      "centre-to-rim",
      centreToRim,
      "1",
      verdictOf(Math.abs(centreToRim - 1), c),
      "inner half of the radius over the outer: not 1 where attenuation or scatter are off; 0.03 and 0.06 chosen here",
    ),
    finding("voxel-noise", noise, "1", "ok", "sd over mean of the voxels of a region"),
  ];
}

function ofCalibration({ factor, standardError, expected }: CrossCalibration): readonly QcFinding[] {
  return [
    finding(
      "expected-activity",
      expected,
      "Bq/mL",
      "ok",
      "what the dose calibrator says is in the phantom, at the image's time",
    ),
    finding(
      "cross-calibration",
      factor,
      "1",
      verdictOf(Math.abs(factor - 1), phantomLimits.calibration),
      `dose calibrator over image, standard error ${standardError.toPrecision(2)}; within 5 % asked for, 10 % at most`,
    ),
  ];
}

function ofScanner({ factor, relativeError, expected, duration }: ScannerCalibration): readonly QcFinding[] {
  return [
    finding(
      "expected-activity",
      expected,
      "Bq/mL",
      "ok",
      "what the dose calibrator says is in the phantom, at the frame's start or the time of decay correction",
    ),
    finding(
      "calibration-factor",
      factor,
      "Bq/mL.s.mm",
      "ok",
      `quintet pet recon --calibration ${Number(factor.toPrecision(6))}; standard error ${(100 * relativeError).toPrecision(2)} %, from ${duration} s; of this scanner, with --norm as here`,
    ),
  ];
}

function ofRecovery({ spheres }: Recovery): readonly QcFinding[] {
  const largest = spheres.reduce((a, b) => (b.diameter > a.diameter ? b : a));
  const { least, most } = phantomLimits.recovery;
  return spheres.map((sphere) => {
    const { diameter, ratio, contrast, standardError } = sphere;
    const kind = ratio > 1 ? "hot" : "cold";
    const out = sphere === largest && !(contrast >= least && contrast <= most);
    return finding(
      `recovery-${kind}-${diameter}mm`,
      contrast,
      "1",
      out ? "warn" : "ok",
      `contrast against the truth of ${ratio} : 1, standard error ${standardError.toPrecision(2)}${sphere === largest ? "; the largest sphere should reach 0.5 to 1.1 (chosen here)" : ""}`,
    );
  });
}

function ofCounts({ rates, peak }: CountRates): readonly QcFinding[] {
  const mean = (of: (rate: CountRates["rates"][number]) => number): number =>
    rates.reduce((sum, rate) => sum + of(rate), 0) / rates.length;
  const [scatter, randoms] = [mean((r) => r.scatterFraction), mean((r) => r.randomsFraction)];
  const of = rates.length > 1 ? `, mean of ${rates.length} measurements` : "";
  return [
    finding(
      "prompt-rate",
      mean((r) => r.prompts),
      "1/s",
      "ok",
      `coincidences in the prompt window${of}`,
    ),
    finding(
      "scatter-fraction",
      scatter,
      "1",
      verdictOf(scatter, phantomLimits.scatter),
      `S / (T + S)${of}; 0.5 and 0.7 chosen here`,
    ),
    finding(
      "randoms-fraction",
      randoms,
      "1",
      verdictOf(randoms, phantomLimits.randoms),
      `R / P${of}; 0.6 and 0.8 chosen here`,
    ),
    finding(
      "noise-equivalent-rate",
      Math.max(...rates.map((r) => r.noiseEquivalent)),
      "1/s",
      "ok",
      "T^2 / (T + S + k R), the best of the series",
    ),
    ...(peak
      ? [
          finding(
            "noise-equivalent-peak",
            peak.activity,
            "Bq",
            "ok",
            "activity at which the noise-equivalent rate is largest",
          ),
        ]
      : []),
  ];
}
