import { DataError, type Mask, type Metadata, spacing, type Volume } from "@quintet/core";
import type { EpiGeometry } from "./epi-geometry.ts";

/** What a fieldmap folder offers. */
export interface FieldmapFile {
  /** BIDS suffix: epi, phasediff, phase1, phase2, magnitude, fieldmap. */
  readonly suffix: string;
  readonly path: string;
  readonly metadata: Metadata;
}

/** What is known about the distortion of a series, and what was not done about it. */
export interface DistortionHint {
  readonly kind: "none" | "blips" | "phase-difference" | "fieldmap";
  /** Always false: nothing is unwarped here. */
  readonly applied: false;
  readonly files: readonly string[];
  readonly note: string;
}

/**
 * Says what could correct the distortion of an EPI series. Nothing is corrected: the distortion stays in the images, and
 * coregistration to an undistorted image is off by it where the field is uneven (above sinuses and ear canals).
 */
export function distortionHint(geometry: EpiGeometry, fieldmaps: readonly FieldmapFile[]): DistortionHint {
  const own = geometry.phaseEncoding?.voxel;
  const along = geometry.phaseEncoding ? ` along ${geometry.phaseEncoding.world}` : "";
  const opposite = fieldmaps.filter(
    ({ suffix, metadata }) =>
      suffix === "epi" && own !== undefined && turned(String(metadata.PhaseEncodingDirection)) === own,
  );
  const found = (suffix: RegExp): FieldmapFile[] => fieldmaps.filter((file) => suffix.test(file.suffix));
  const say = (kind: DistortionHint["kind"], files: readonly FieldmapFile[], note: string): DistortionHint => ({
    kind,
    applied: false,
    files: files.map(({ path }) => path),
    note: `${note} It is not applied: the images stay distorted${along}.`,
  });
  if (opposite.length > 0)
    return say(
      "blips",
      opposite,
      "EPI images with the opposite phase encoding are there (blip-up blip-down correction).",
    );
  const phase = found(/^phase(diff|1|2)$/);
  if (phase.length > 0) return say("phase-difference", phase, "A phase-difference map of two echoes is there.");
  const field = found(/^fieldmap$/);
  if (field.length > 0) return say("fieldmap", field, "A map of the field is there.");
  return {
    kind: "none",
    applied: false,
    files: [],
    note: `No fieldmap belongs to this series: its distortion${along} is neither known nor corrected.`,
  };
}

function turned(direction: string): string {
  return direction.endsWith("-") ? direction.slice(0, -1) : `${direction.replace("+", "")}-`;
}

export interface ShiftEstimate {
  /** 99th percentile of the shift's size inside the mask, mm along the phase encoding. */
  readonly largest: number;
  readonly median: number;
  /** Voxels per Hz times Hz: the same as `largest`, in voxels. */
  readonly voxels: number;
  /** Share of the mask within 5 % of the edge of one turn of phase: there the map may be wrapped and the shift larger. */
  readonly nearWrap: number;
}

/**
 * How far a phase-difference map says the EPI voxels are shifted.
 *
 *   f = phase / (2 pi (TE2 - TE1)),   shift = f x TotalReadoutTime voxels x voxel edge along the phase encoding
 *
 * The phase is taken as stored between -pi and pi (or as integers over -4096 .. 4095 or 0 .. 4095 for one turn); it is not
 * unwrapped, so a field beyond 1 / (2 (TE2 - TE1)) reads too small.
 *
 * @param mask on the grid of the map
 * @throws DataError `missing-readout`, `missing-echo-times`, `bad-phase`, `grid-mismatch`, `empty-region`
 * @see Jezzard & Balaban, Magn Reson Med 1995;34:65-73
 */
export function shiftOfPhaseDifference(
  phase: Volume,
  metadata: Metadata,
  mask: Mask,
  geometry: EpiGeometry & { readonly voxelEdge?: number },
  epi: Volume,
): ShiftEstimate {
  const [first, second] = [metadata.EchoTime1, metadata.EchoTime2];
  if (typeof first !== "number" || typeof second !== "number" || !(second > first)) {
    throw new DataError("missing-echo-times", "a phase difference needs both echo times", {
      expected: "EchoTime1 < EchoTime2 in seconds",
      found: `${first}, ${second}`,
    });
  }
  const { totalReadout, phaseEncoding } = geometry;
  if (totalReadout === undefined || phaseEncoding === undefined)
    throw new DataError("missing-readout", "the shift needs TotalReadoutTime and PhaseEncodingDirection of the series");
  if (mask.data.length !== phase.data.length)
    throw new DataError("grid-mismatch", "mask and phase map must lie on one grid");
  const inside = phase.data.filter((_, i) => mask.data[i] !== 0);
  if (inside.length < 100)
    throw new DataError("empty-region", "too few voxels inside the mask", { found: `${inside.length}` });
  const perUnit = radiansPerUnit(phase.data);
  const edge = spacing(epi)[phaseEncoding.axis];
  const hertz = inside.map((v) => Math.abs(v * perUnit.scale + perUnit.offset) / (2 * Math.PI * (second - first)));
  const sorted = hertz.toSorted();
  const at = (q: number): number => (sorted[Math.round(q * (sorted.length - 1))] as number) * totalReadout;
  const limit = (0.95 * 0.5) / (second - first);
  return {
    largest: at(0.99) * edge,
    median: at(0.5) * edge,
    voxels: at(0.99),
    nearWrap: hertz.reduce((n, f) => n + (f > limit ? 1 : 0), 0) / hertz.length,
  };
}

function radiansPerUnit(data: Float32Array): { readonly scale: number; readonly offset: number } {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const v of data) {
    low = Math.min(low, v);
    high = Math.max(high, v);
  }
  if (low >= -3.2 && high <= 3.2 && high > low) return { scale: 1, offset: 0 };
  if (low >= -4096 && low < 0 && high <= 4096) return { scale: Math.PI / 4096, offset: 0 };
  if (low >= 0 && high <= 4096 && high > 100) return { scale: Math.PI / 2048, offset: -Math.PI };
  throw new DataError("bad-phase", "the range of a phase map is one turn", {
    expected: "-pi to pi, -4096 to 4096 or 0 to 4095",
    found: `${low} to ${high}`,
  });
}
