import { type Mask, spacing, type Volume } from "@quintet/core";
import { distanceTransform } from "@quintet/kernels";
import { correctBias } from "../../correct.ts";
import { qc } from "../../qc.ts";
import { type BrainMask, brainMask } from "../brain-mask.ts";
import { headMask } from "../head-mask.ts";
import { type TissueSegmentation, tissueSegmentation, tissues } from "../tissue.ts";
import { type HeadSegmentation, type HeadTissue, headTissueNames, headTissues } from "./head-tissues.ts";

export interface SegmentHeadOptions {
  /** What was found before on the same grid; made here when not given. */
  readonly brain?: BrainMask;
}

/** Thickness of the skull where the image does not tell it, mm. */
const skullThickness = 6;

/**
 * Scalp, skull, CSF, grey and white matter of a T1-weighted image, without a template.
 *
 * The brain (brainMask) is parted into CSF, grey and white (correctBias, tissueSegmentation); outside it, the skull is a
 * shell round the brain, the scalp what is left of the head (headMask).
 *
 * @throws DataError as `brainMask`, `correctBias`, `tissueSegmentation`
 */
export function segmentHead(t1: Volume, options: SegmentHeadOptions = {}): HeadSegmentation {
  const brain = options.brain ?? brainMask(t1);
  const head = brain.alreadyStripped ? brain : headMask(t1);
  const bias = correctBias(t1, brain);
  const inside = tissueSegmentation(bias.corrected, brain);
  const labels = labelled(t1, brain, head, inside);
  const { shape, affine, space } = t1;
  return {
    labels: { shape, affine, space, data: labels, names: headTissueNames },
    probabilities: shares(t1, labels, inside),
    brain,
    head,
    corrected: bias.corrected,
    qc: qc(t1, { brain, bias, tissue: inside }),
  };
}

function labelled(t1: Volume, brain: Mask, head: Mask, inside: TissueSegmentation): Uint8Array {
  const depth = distanceTransform(brain.data, t1.shape, spacing(t1));
  const offset = headTissues.csf - 1;
  return head.data.map((within, i) => {
    if (brain.data[i] !== 0) return (inside.labels.data[i] as number) + offset;
    if (within === 0) return headTissues.air;
    return (depth[i] as number) <= skullThickness ? headTissues.skull : headTissues.scalp;
  });
}

function shares(
  t1: Volume,
  labels: Uint8Array,
  inside: TissueSegmentation,
): Record<HeadTissue, Volume<"{probability}">> {
  const map = (data: Float32Array): Volume<"{probability}"> => ({ ...t1, unit: "{probability}", data });
  const outer = (label: number): Volume<"{probability}"> =>
    map(Float32Array.from(labels, (l) => (l === label ? 1 : 0)));
  const [csf, grey, white] = tissues.map((name) => inside.probabilities[name]) as [
    Volume<"{probability}">,
    Volume<"{probability}">,
    Volume<"{probability}">,
  ];
  return { scalp: outer(headTissues.scalp), skull: outer(headTissues.skull), csf, grey, white };
}
