import { DataError, type Mask, type Measure, type Millimetres, type Volume } from "@quintet/core";
import { regionStatistics } from "@quintet/kernels";
import type { BindingErrors } from "./binding-errors.ts";
import type { DatRegions, StriatalSide } from "./dat-regions.ts";
import { asymmetries, caudateOverPutamen, combined, putamenOf } from "./derived-ratios.ts";
import { varianceOf } from "./mean-covariance.ts";
import { type RatioRow, sbr } from "./sbr.ts";
import { southampton } from "./southampton.ts";
import { sbrWithoutSpill } from "./spill-over.ts";

/** What a camera makes of a striatal phantom in one region: measured = slope true + offset. */
export interface SbrCalibration {
  /** As the measures name it: caudate, putamen, striatum. */
  readonly region: string;
  /** sbr or sbr-total-counts. */
  readonly measure: string;
  readonly slope: number;
  readonly offset: number;
}

/** Of healthy people, with this camera, these corrections and this method: value = at0 + perYear age, and the scatter about it. */
export interface SbrNorm {
  readonly region: string;
  readonly measure: string;
  readonly at0: number;
  readonly perYear: number;
  readonly sd: number;
}

export interface DatBindingOptions {
  readonly reference?: "occipital" | "whole-brain";
  /** Resolution, mm; for `spillOver`. */
  readonly fwhm?: Millimetres;
  /** Ratios of regions as they would be without blur: what regions give to each other and to their surroundings is taken back. */
  readonly spillOver?: boolean;
  /** mL of one striatum for total counts. */
  readonly striatum?: number | Readonly<Record<StriatalSide, number>>;
  readonly calibration?: readonly SbrCalibration[];
  readonly norms?: readonly SbrNorm[];
  readonly age?: number;
  readonly sources?: readonly string[];
  /** How regional means vary from scan to scan (bindingErrors); without it rows have no standard error. */
  readonly errors?: BindingErrors;
}

/**
 * The camera's line of a region from scans of a phantom whose ratios are known: least squares of measured against true.
 *
 * @throws DataError `too-few-points` below 3 scans or when all ratios are alike
 * @see Tossici-Bolt et al., EJNMMI Phys 2017;4:8 (calibration with striatal phantoms)
 */
export function sbrCalibration(
  region: string,
  measure: string,
  scans: readonly { readonly true: number; readonly measured: number }[],
): SbrCalibration {
  const n = scans.length;
  const [x, y] = [scans.reduce((sum, s) => sum + s.true / n, 0), scans.reduce((sum, s) => sum + s.measured / n, 0)];
  const spread = scans.reduce((sum, s) => sum + (s.true - x) ** 2, 0);
  if (n < 3 || !(spread > 0))
    throw new DataError("too-few-points", "a line through scans of a phantom", {
      expected: "3 scans or more with different ratios",
      found: `${n}`,
    });
  const slope = scans.reduce((sum, s) => sum + (s.true - x) * (s.measured - y), 0) / spread;
  return { region, measure, slope, offset: y - slope * x };
}

/**
 * Dopamine transporter binding: SBR of caudate, putamen and its halves on each side, their asymmetries, caudate over putamen, and the
 * whole striatum by total counts; calibrated where the camera's calibration is given, with z where norms are.
 *
 *   calibrated = (measured - offset) / slope,     z = (value - at0 - perYear age) / sd
 *   se(f)^2 = sum_ij (df/dm_i) (df/dm_j) Cov(m_i, m_j)
 *
 * Every value f is a function of regional means m: standard errors pass through spill-over, calibration, halves, asymmetry and caudate over
 * putamen by the chain rule, and what sides share through one reference is in them.
 *
 * Norms depend on camera, corrections and regions, so none is built in: published ones (ENC-DAT: a fall of 4 to 6.7 % in ten years,
 * Varrone et al., Eur J Nucl Med Mol Imaging 2013;40:213-27) hold for their own programs.
 *
 * @throws DataError `missing-region` (no reference), `bad-calibration`, `no-age`, `missing-resolution` (spill-over without fwhm), those of sbr,
 *   sbrWithoutSpill and southampton
 * @see Djang et al., J Nucl Med 2012;53:154-63
 */
export function datBinding(image: Volume, regions: DatRegions, options: DatBindingOptions = {}): Measure[] {
  const {
    reference: wanted = "occipital",
    fwhm,
    spillOver = false,
    striatum,
    calibration = [],
    norms = [],
    age,
    sources = [],
    errors,
  } = options;
  const reference = referenceOf(regions, wanted);
  for (const { slope, offset } of calibration) {
    if (slope > 0 && Number.isFinite(offset)) continue;
    throw new DataError("bad-calibration", "measured = slope true + offset", {
      expected: "a slope above 0",
      found: `${slope}, ${offset}`,
    });
  }
  if (norms.length > 0 && !(age !== undefined && age > 0))
    throw new DataError("no-age", "norms of healthy people are by age", { expected: "years", found: `${age}` });
  if (spillOver && fwhm === undefined)
    throw new DataError("missing-resolution", "spill-over is taken back by the image's resolution", {
      expected: "FWHM in mm",
      found: "none",
    });
  const parts =
    spillOver && fwhm !== undefined
      ? sbrWithoutSpill(image, regions.striatal, regions, reference, { fwhm, sources })
      : sbr(image, regions.striatal, reference, { sources });
  const anatomical = [...parts, ...putamenOf(parts)].map((row) => calibrated(row, calibration));
  const total = southampton(image, regions.large, reference, {
    ...(striatum === undefined ? {} : { striatum }),
    sources,
  }).map((row) => calibrated(row, calibration));
  const ratios = [...anatomical, ...total];
  const rows = [
    ...ratios.map((row) => withNorm(row, norms, age)),
    ...asymmetries(ratios),
    ...caudateOverPutamen(anatomical),
  ];
  return rows.map(({ gradient, ...row }) => {
    const standardError = errors ? Math.sqrt(varianceOf(gradient, errors.covariance)) : Number.NaN;
    return { ...row, ...(Number.isFinite(standardError) ? { standardError } : {}) };
  });
}

/** @throws DataError `missing-region` */
export function referenceOf({ occipital, wholeBrain }: DatRegions, wanted: "occipital" | "whole-brain"): Mask {
  const reference = wanted === "occipital" ? occipital : wholeBrain;
  if (reference) return reference;
  throw new DataError("missing-region", `the reference is ${wanted}`, {
    expected: wanted === "occipital" ? "regions called occipital" : "a brain mask",
    found: "none",
  });
}

function calibrated(row: RatioRow, lines: readonly SbrCalibration[]): RatioRow {
  const by = lines.find(({ region, measure }) => region === row.region && measure === row.measure);
  if (!by) return row;
  return {
    ...row,
    value: (row.value - by.offset) / by.slope,
    gradient: combined([[1 / by.slope, row.gradient]]),
    method: `${row.method}; calibrated by (x - ${by.offset}) / ${by.slope}`,
  };
}

function withNorm(row: RatioRow, norms: readonly SbrNorm[], age: number | undefined): RatioRow {
  const norm = norms.find(({ region, measure }) => region === row.region && measure === row.measure);
  if (!norm || age === undefined) return row;
  const expected = norm.at0 + norm.perYear * age;
  return { ...row, z: (row.value - expected) / norm.sd };
}

/** Millilitres of each striatum on the image's grid: the person's own volume for total counts. */
export function striatalVolumes({ striata }: DatRegions): Readonly<Record<"left" | "right", number>> {
  const volume = (mask: Mask): number => {
    const labels = { ...mask, names: new Map([[1, "striatum"]]) };
    const flat: Volume<"1"> = {
      ...mask,
      unit: "1",
      clock: "none",
      frames: [{ start: 0, duration: 0 }],
      data: new Float32Array(mask.data.length).fill(1),
    };
    return regionStatistics(flat, labels)[0]?.volume ?? 0;
  };
  return { left: volume(striata.left), right: volume(striata.right) };
}
