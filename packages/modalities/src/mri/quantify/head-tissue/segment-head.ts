import { type Mask, type QcFinding, spacing, type Volume } from "@quintet/core";
import { connectedComponents, distanceTransform } from "@quintet/kernels";
import { type BiasCorrection, correctBias } from "../../correct.ts";
import { qc } from "../../qc.ts";
import { type BrainMask, brainMask } from "../brain-mask.ts";
import { headMask } from "../head-mask.ts";
import { type TissuePriors, type TissueSegmentation, tissueSegmentation, tissues } from "../tissue.ts";
import { headQc } from "./head-qc.ts";
import { type HeadSegmentation, type HeadTissue, headTissueNames, headTissues } from "./head-tissues.ts";
import { oddTissue, oddTissueFinding } from "./odd-tissue.ts";
import { outerTissue } from "./outer-tissue.ts";

export interface SegmentHeadOptions {
  /** What was found before on the same grid; made here when not given. */
  readonly brain?: BrainMask;
  readonly bias?: BiasCorrection;
  /** Chances of CSF, grey and white matter on the same grid, from a template warped onto this head. */
  readonly priors?: TissuePriors;
}

/**
 * Scalp, skull, CSF, grey and white matter of a T1-weighted image; no template is needed.
 *
 * The brain (brainMask) is parted into CSF, grey and white matter (correctBias, tissueSegmentation). Round it lies CSF up
 * to the inner surface of the skull, the skull as a closed shell, and the scalp up to the skin (outerTissue). An image
 * that holds nothing but the brain gets no skull and no scalp, and keeps a bias field of less than 1.3.
 *
 * @param t1 any positive scale, any orientation
 * @throws DataError as `brainMask`, `correctBias`, `tissueSegmentation`
 */
export function segmentHead(t1: Volume, options: SegmentHeadOptions = {}): HeadSegmentation {
  const brain = options.brain ?? brainMask(t1);
  const bias = options.bias ?? correctBias(t1, brain);
  const corrected = brain.alreadyStripped && biasRange(bias) < smallField ? t1 : bias.corrected;
  const priors = options.priors ? { priors: options.priors } : {};
  const all = tissueSegmentation(corrected, brain, priors);
  const inside = brain.enhanced ? withoutEnhanced(corrected, brain, all, priors) : all;
  const head: Mask = brain.alreadyStripped ? maskOf(brain) : headMask(t1);
  const outer = brain.alreadyStripped ? undefined : outerTissue(corrected, brain, head, inside);
  const labels = new Uint8Array(brain.data.length).map((_, i) =>
    brain.data[i] === 0
      ? (outer?.labels[i] ?? headTissues.air)
      : (inside.labels.data[i] as number) + headTissues.csf - 1,
  );
  const findings: readonly QcFinding[] = [
    ...qc(t1, { brain, bias, tissue: inside }),
    ...headQc(t1, { labels, head, brain, shell: outer?.shell }),
    oddTissueFinding(oddTissue(corrected, brain, inside.means)),
  ];
  const { shape, affine, space } = t1;
  return {
    labels: { shape, affine, space, data: labels, names: headTissueNames },
    probabilities: shares(t1, labels, inside),
    brain,
    head,
    corrected,
    tissue: inside,
    qc: findings,
  };
}

/**
 * A stripped image has been through a program that takes the field out; less than this (98 % over 2 % quantile) is then
 * taken for anatomy, as in a template, whose cortex and cerebellum differ in truth (a judgement).
 */
const smallField = 1.3;

function biasRange({ qc: findings }: BiasCorrection): number {
  return Number(findings.find(({ name }) => name === "bias-range")?.value ?? 0);
}

function maskOf({ shape, affine, space, data }: BrainMask): Mask {
  return { shape, affine, space, data };
}

/** Half the thickness of meninges and sinuses that are looked for along the brain's border, mm. */
const meninges = 6;

/**
 * The classes of the brain without what a contrast agent brightens: voxels brighter than white + (white - grey) / 2 near the
 * mask's border, or joined to such ones, take no part in the fit and are CSF, the space they lie in.
 */
function withoutEnhanced(
  image: Volume,
  brain: BrainMask,
  { means }: TissueSegmentation,
  options: { readonly priors?: TissuePriors },
): TissueSegmentation {
  const [, grey, white] = means as [number, number, number];
  const bright = Uint8Array.from(brain.data, (within, i) =>
    within !== 0 && (image.data[i] as number) > white + (white - grey) / 2 ? 1 : 0,
  );
  const outside = brain.data.map((within) => (within === 0 ? 1 : 0));
  const deep = distanceTransform(outside, image.shape, spacing(image));
  const { labels: pieces, sizes } = connectedComponents(bright, image.shape, 18);
  const atBorder = new Uint8Array(sizes.length + 1);
  for (let i = 0; i < bright.length; i++)
    if (bright[i] !== 0 && (deep[i] as number) < meninges) atBorder[pieces[i] as number] = 1;
  const enhanced = pieces.map((piece) => (piece > 0 ? (atBorder[piece] as number) : 0));
  const rest: Mask = {
    ...maskOf(brain),
    data: brain.data.map((within, i) => (within !== 0 && enhanced[i] === 0 ? 1 : 0)),
  };
  const found = tissueSegmentation(image, rest, options);
  const csf = found.probabilities.csf.data.map((share, i) => (enhanced[i] !== 0 ? 1 : share));
  const labels = Uint8Array.from(found.labels.data, (label, i) =>
    enhanced[i] !== 0 ? tissues.indexOf("csf") + 1 : label,
  );
  return {
    ...found,
    probabilities: { ...found.probabilities, csf: { ...found.probabilities.csf, data: csf } },
    labels: { ...found.labels, data: labels },
  };
}

/** Inside the brain the classes' shares; outside each voxel is wholly what its label says. */
function shares(
  t1: Volume,
  labels: Uint8Array,
  { probabilities }: TissueSegmentation,
): Record<HeadTissue, Volume<"{probability}">> {
  const map = (data: Float32Array): Volume<"{probability}"> => ({ ...t1, unit: "{probability}", data });
  const whole = (label: number): Float32Array => {
    const out = new Float32Array(labels.length);
    for (let i = 0; i < out.length; i++) if (labels[i] === label) out[i] = 1;
    return out;
  };
  const { csf, grey, white } = Object.fromEntries(tissues.map((name) => [name, probabilities[name].data])) as Record<
    (typeof tissues)[number],
    Float32Array
  >;
  const [fluid, cord] = [csf.slice(), white.slice()];
  for (let i = 0; i < fluid.length; i++) {
    if ((csf[i] as number) + (grey[i] as number) + (white[i] as number) > 0) continue;
    if (labels[i] === headTissues.csf) fluid[i] = 1;
    if (labels[i] === headTissues.white) cord[i] = 1;
  }
  return {
    scalp: map(whole(headTissues.scalp)),
    skull: map(whole(headTissues.skull)),
    csf: map(fluid),
    grey: map(grey),
    white: map(cord),
  };
}
