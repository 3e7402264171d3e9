import { DataError, identityAffine, type LabelVolume, type QcFinding, sameGrid, type Volume } from "@quintet/core";
import { resampleLabels } from "@quintet/kernels";
import type { Tissue } from "../tissue.ts";
import { type HeadSegmentation, headTissues } from "./head-tissues.ts";

/** Midline and unsided labels of FreeSurferColorLUT that are neither grey matter nor cortex; sides are pairs. */
const fluid = new Set([4, 43, 5, 44, 14, 15, 24, 30, 62, 31, 63, 72]);
const white = new Set([2, 41, 7, 46, 16, 28, 60, 77, 78, 79, 85, 250, 251, 252, 253, 254, 255, 5001, 5002]);
const grey = new Set([
  3, 42, 8, 47, 80, 81, 82, 9, 48, 10, 49, 11, 50, 12, 51, 13, 52, 17, 53, 18, 54, 19, 55, 20, 56, 26, 58, 27, 59,
]);

/**
 * The tissue of a label of aseg, aparc+aseg, wmparc or SynthSeg (FreeSurferColorLUT): ventricles, vessels and choroid
 * plexus are CSF, brainstem and ventral diencephalon white matter, deep nuclei grey matter; 1000 to 2999 cortex, 3000 to
 * 4999 white matter. `undefined` for anything else.
 */
export function tissueOfRegion(label: number): Tissue | undefined {
  if (fluid.has(label)) return "csf";
  if (white.has(label) || (label >= 3000 && label < 5000)) return "white";
  return grey.has(label) || (label >= 1000 && label < 3000) ? "grey" : undefined;
}

/** Below this overlap (Dice of grey and white matter) the labels are not of this head, or not in its place. */
const leastOverlap = 0.5;

export interface RegionHead extends HeadSegmentation {
  /** The imported regions on the T1's grid. */
  readonly regions: LabelVolume;
}

/**
 * The head with its brain as FreeSurfer, FastSurfer or SynthSeg parted it: what they name takes precedence; grey and
 * white matter that they do not name becomes CSF; skull and scalp stay.
 *
 * @param regions labels of FreeSurferColorLUT in the head's world, on any grid
 * @throws DataError `unknown-label` when no label is one of theirs, `no-overlap`
 */
export function withRegions(head: HeadSegmentation, regions: LabelVolume): RegionHead {
  const { labels } = head;
  const there = { ...regions, space: labels.space };
  const onHead = sameGrid(there, labels) ? there : resampleLabels(there, labels, identityAffine());
  const tissue = Array.from(onHead.data, (label) => (label === 0 ? undefined : tissueOfRegion(label)));
  if (!tissue.some((t) => t !== undefined)) {
    throw new DataError("unknown-label", "no label here is one of FreeSurfer's in this head", {
      expected: "aseg, aparc+aseg, wmparc or SynthSeg",
      found: [...new Set(regions.data)].slice(0, 8).join(", "),
    });
  }
  const overlap = dice(labels.data, tissue);
  if (!(overlap >= leastOverlap)) {
    throw new DataError("no-overlap", "these labels do not lie on this head's brain", {
      expected: `Dice of at least ${leastOverlap}`,
      found: overlap.toFixed(2),
    });
  }
  const data = new Uint8Array(labels.data.length).map((_, i) => {
    const own = labels.data[i] as number;
    const named = tissue[i];
    if (named !== undefined) return headTissues[named];
    return own === headTissues.grey || own === headTissues.white ? headTissues.csf : own;
  });
  const brain = {
    ...head.brain,
    data: data.map((label, i) =>
      label >= headTissues.grey || tissue[i] !== undefined || (head.brain.data[i] === 1 && label === headTissues.csf)
        ? 1
        : 0,
    ),
  };
  const share = (label: number): Volume<"{probability}"> => ({
    ...head.probabilities.scalp,
    data: new Float32Array(data.length).map((_, i) => (data[i] === label ? 1 : 0)),
  });
  const { csf, grey: g, white: w, scalp, skull } = headTissues;
  const probabilities = { scalp: share(scalp), skull: share(skull), csf: share(csf), grey: share(g), white: share(w) };
  const inside = data.map((label, i) => (brain.data[i] === 1 && label >= csf ? label - csf + 1 : 0));
  return {
    ...head,
    labels: { ...labels, data },
    probabilities,
    brain,
    tissue: { ...head.tissue, labels: { ...head.tissue.labels, data: inside }, probabilities },
    regions: onHead,
    qc: [...head.qc, finding(overlap)],
  };
}

/** Overlap of own grey and white matter with what the regions call so. */
function dice(own: LabelVolume["data"], tissue: readonly (Tissue | undefined)[]): number {
  let [both, sum] = [0, 0];
  for (let i = 0; i < own.length; i++) {
    const a = (own[i] as number) >= headTissues.grey;
    const b = tissue[i] === "grey" || tissue[i] === "white";
    if (a && b) both++;
    sum += Number(a) + Number(b);
  }
  return (2 * both) / sum;
}

function finding(overlap: number): QcFinding {
  return {
    modality: "mri",
    name: "imported-regions-overlap",
    value: overlap,
    verdict: overlap >= 0.8 ? "ok" : "warn",
    note: "Dice of grey and white matter between the imported labels and this image's own classes; 0.8 chosen here",
  };
}
