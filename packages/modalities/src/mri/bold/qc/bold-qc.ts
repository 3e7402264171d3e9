import type { Mask, QcFinding, Volume } from "@quintet/core";
import { median } from "@quintet/kernels";
import type { HeadMotion } from "../correct/motion.ts";
import type { DistortionHint } from "../distortion.ts";
import type { EpiGeometry } from "../epi-geometry.ts";
import { framewiseDisplacement } from "./framewise-displacement.ts";

/** mm; Power's later threshold for resting state (NeuroImage 2014;84:320-41). */
export const motionThreshold = 0.5;

export interface BoldQcInput {
  readonly motion: HeadMotion;
  readonly tsnr: Volume<"1">;
  readonly mask: Mask;
  readonly geometry: EpiGeometry;
  readonly distortion: DistortionHint;
  readonly sliceTimed: boolean;
}

/** What quality control found of a BOLD series; thresholds are conventions of the field, not measured here. */
export function boldQc({ motion, tsnr, mask, geometry, distortion, sliceTimed }: BoldQcInput): QcFinding[] {
  const fd = framewiseDisplacement(motion);
  const mean = fd.reduce((sum, v) => sum + v, 0) / Math.max(1, fd.length - 1);
  const above = fd.filter((v) => v > motionThreshold).length / fd.length;
  const largest = Math.max(...motion.shift.flatMap((p) => p.map(Math.abs)));
  const turn = Math.max(...motion.degrees.flatMap((p) => p.map(Math.abs)));
  const middle = median(tsnr.data.filter((_, i) => mask.data[i] !== 0));
  const row = (
    name: string,
    value: number | string,
    unit: string,
    verdict: QcFinding["verdict"],
    note: string,
  ): QcFinding => ({
    modality: "mri",
    name,
    value: typeof value === "number" ? Number(value.toPrecision(4)) : value,
    ...(unit ? { unit } : {}),
    verdict,
    note,
  });
  return [
    row(
      "mean-framewise-displacement",
      mean,
      "mm",
      mean > 0.5 ? "bad" : mean > 0.2 ? "warn" : "ok",
      "Power 2012, sphere of 50 mm",
    ),
    row(
      "volumes-moved",
      100 * above,
      "%",
      above > 0.5 ? "bad" : above > 0.2 ? "warn" : "ok",
      `share with more than ${motionThreshold} mm`,
    ),
    row("largest-shift", largest, "mm", largest > 3 ? "warn" : "ok", "along one axis, relative to the reference"),
    row("largest-turn", turn, "deg", turn > 3 ? "warn" : "ok", "about one axis, relative to the reference"),
    row(
      "unsettled-volumes",
      motion.unsettled.length,
      "{count}",
      motion.unsettled.length > 0 ? "warn" : "ok",
      motion.unsettled.length > 0
        ? `realignment did not settle at volume ${motion.unsettled.slice(0, 8).join(", ")}`
        : "realignment settled everywhere",
    ),
    row(
      "tsnr-median",
      middle,
      "1",
      middle < 20 ? "warn" : "ok",
      "mean over SD without slow drifts, median of the brain",
    ),
    row(
      "slice-timing",
      sliceTimed ? "corrected" : "not corrected",
      "",
      sliceTimed ? "ok" : "warn",
      geometry.sliceTimes ? `${geometry.multiband} slices at a time` : "the side file has no SliceTiming",
    ),
    row("distortion", distortion.kind, "", distortion.kind === "none" ? "warn" : "ok", distortion.note),
  ];
}
