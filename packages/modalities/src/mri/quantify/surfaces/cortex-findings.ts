import type { QcFinding, Surface } from "@quintet/core";
import { isSphere, meshTopology, selfIntersections, type UntangledSurface } from "@quintet/kernels";
import { type GreyRibbon, ribbonOffsets } from "./grey-ribbon.ts";

/**
 * What can be said of a cortex: genus, area, faces that meet, how far it lies from the middle of grey matter.
 *
 * @param untangled what was smoothed away; without it the faces that meet are counted here
 */
export function cortexFindings(
  surface: Surface,
  ribbon: GreyRibbon,
  areaDistortion: number,
  untangled?: UntangledSurface,
): QcFinding[] {
  const topology = meshTopology(surface);
  const crossings = untangled ? untangled.after : selfIntersections(surface).length;
  const offsets = ribbonOffsets(surface, ribbon).sort();
  const away = offsets.map(Math.abs).sort();
  const at = (sorted: Float64Array, q: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
  const [middle, p95] = [at(offsets, 0.5), at(away, 0.95)];
  const inGrey = (100 * offsets.length) / topology.vertices;
  return [
    {
      modality: "mri",
      name: "cortex-genus",
      value: topology.genus,
      verdict: isSphere(topology) ? "ok" : "bad",
      note: `${topology.vertices} vertices, ${topology.faces} faces, ${topology.parts} part(s)`,
    },
    {
      modality: "mri",
      name: "cortex-area",
      value: topology.area,
      unit: "cm2",
      verdict: topology.area < 500 || topology.area > 1400 ? "warn" : "ok",
      note: "medial wall included; 500 to 1,400 cm2 in adults, chosen here",
    },
    {
      modality: "mri",
      name: "cortex-self-intersections",
      value: crossings,
      verdict: crossings > topology.faces / 100 ? "warn" : "ok",
      note: untangled
        ? `pairs of faces that cut or touch; ${untangled.before} before ${untangled.moved} vertices were smoothed, by up to ${untangled.farthest.toFixed(1)} mm`
        : "pairs of faces that cut or touch; 1 % of the faces chosen here",
    },
    {
      modality: "mri",
      name: "cortex-to-ribbon-middle",
      value: at(away, 0.5),
      unit: "mm",
      verdict: p95 <= 1.5 && inGrey >= 60 ? "ok" : "warn",
      note: `median distance to the middle of grey matter of the ${inGrey.toFixed(0)} % of vertices that lie in it; 95 % within ${p95.toFixed(2)} mm, median ${middle.toFixed(2)} mm outwards; 1.5 mm and 60 % chosen here`,
    },
    {
      modality: "mri",
      name: "cortex-inflated-area-distortion",
      value: areaDistortion,
      verdict: "ok",
      note: "standard deviation of ln(area inflated / area folded) over the vertices",
    },
  ];
}
