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

/** Where a reader should look and where it fails, in words. */
function limitsText({ warn, bad }: { readonly warn: number; readonly bad: number }): string {
  return `look again above ${warn}, bad above ${bad} (limits of this program)`;
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
      `standard deviation over mean of ${regions} regions; ${limitsText(v)}`,
    ),
    finding(
      "non-uniformity",
      most,
      "1",
      verdictOf(most, nonUniformity),
      `largest deviation of a region from the mean, as a share of it; ${limitsText(nonUniformity)}`,
    ),
    finding(
      "axial-uniformity",
      axial,
      "1",
      verdictOf(axial, a),
      `largest deviation of a slice from the mean, as a share of it; ${limitsText(a)}`,
    ),
    finding(
      "centre-to-rim",
      centreToRim,
      "1",
      verdictOf(Math.abs(centreToRim - 1), c),
      `mean of the inner half of the radius over that of the outer, 1 where attenuation and scatter are right; away from 1: ${limitsText(c)}`,
    ),
    noise === undefined
      ? {
          modality: "pet",
          name: "voxel-noise",
          value: "not measured",
          verdict: "warn",
          note: "a region of 10 mm holds one voxel of this image, and noise between voxels needs two at least",
        }
      : finding(
          "voxel-noise",
          noise,
          "1",
          "ok",
          "standard deviation over mean of the voxels of a region, mean of all regions",
        ),
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
      `dose calibrator over image, standard error ${standardError.toPrecision(2)}; accepted within 5 % of 1, bad beyond 10 %`,
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
      `contrast against the truth of ${ratio} : 1, standard error ${standardError.toPrecision(2)}${sphere === largest ? `; the largest sphere should reach ${least} to ${most} (limits of this program)` : ""}`,
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
      `scatter over trues and scatter${of}; ${limitsText(phantomLimits.scatter)}`,
    ),
    finding(
      "randoms-fraction",
      randoms,
      "1",
      verdictOf(randoms, phantomLimits.randoms),
      `randoms over prompts${of}; ${limitsText(phantomLimits.randoms)}`,
    ),
    finding(
      "noise-equivalent-rate",
      Math.max(...rates.map((r) => r.noiseEquivalent)),
      "1/s",
      "ok",
      "trues squared over trues, scatter and k times randoms (k = 2 for randoms with noise, else 1); the best of the series",
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
