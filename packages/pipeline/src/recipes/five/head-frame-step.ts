/** The person's anatomy in the template's words: regions on the T1, the map to the template and back, fiducials. */
import type { Mask, QcFinding, Volume } from "@quintet/core";
import { headFiducials, positions1005 } from "@quintet/fusion/head";
import { labelsToSubject, registerToTemplate } from "@quintet/fusion/register";
import { resampleWarped } from "@quintet/kernels";
import { loadKernels } from "@quintet/kernels/node";
import type { Step } from "../../engine/step.ts";
import { type Anatomy, finding, type HeadFrame } from "./outcome.ts";
import type { TemplateHead } from "./template-step.ts";
import { maskOnto, workGrid } from "./work-grid.ts";

export const headFrameStep: Step<{ anatomy: Anatomy; template: TemplateHead }, object, HeadFrame> = {
  name: "head-frame",
  version: 2,
  title: "Normalise to the template",
  async run({ anatomy, template }, _, { progress }) {
    await loadKernels();
    progress(0.05, template.name);
    const masks = template.brain ? { mask: anatomy.brain, templateMask: template.brain } : {};
    const registration = await registerToTemplate(anatomy.t1, template.t1, { ...masks, resolution: 2 });
    progress(0.8, "regions");
    const regions =
      template.regions && labelsToSubject({ ...template.regions, space: template.t1.space }, anatomy.t1, registration);
    const fiducials = headFiducials(registration.inverse, anatomy.scalp, template.fiducials);
    const positions = positions1005(anatomy.scalp, fiducials);
    return {
      template: {
        name: template.name,
        space: template.space,
        source: template.source,
        hasAtlas: regions !== undefined,
      },
      toTemplate: registration.warp,
      fromTemplate: registration.inverse,
      templateBrain: comparedBrain(template, anatomy, registration.inverse),
      expectedError: registrationError,
      qc: quality(registration.quality, registration.leastJacobian, registration.note),
      ...(regions ? { regions } : {}),
      fiducials,
      positions,
    };
  },
};

/**
 * Where a point of the brain may lie after an affine and B-spline normalisation of an individual, mm: gyri vary by more
 * than any volume registration undoes. A judgement, not an estimate from this person.
 */
const registrationError = 4;

/** The template's brain on a 2-mm grid of its own space; where the template has none, the person's brain mapped there. */
function comparedBrain(template: TemplateHead, anatomy: Anatomy, inverse: HeadFrame["fromTemplate"]): Mask {
  if (template.brain) {
    const brain = { ...template.brain, space: template.t1.space };
    return maskOnto(brain, workGrid(brain));
  }
  const soft: Volume<"1"> = {
    ...anatomy.brain,
    unit: "1",
    frames: [{ start: 0, duration: 0 }],
    clock: "none",
    data: Float32Array.from(anatomy.brain.data),
  };
  const there = resampleWarped(soft, template.t1, inverse);
  const mask: Mask = {
    shape: there.shape,
    affine: there.affine,
    space: there.space,
    data: new Uint8Array(there.data.length).map((_, i) => ((there.data[i] as number) >= 0.5 ? 1 : 0)),
  };
  return maskOnto(mask, workGrid(mask));
}

function quality(
  { affine, warp }: { readonly affine: number; readonly warp: number },
  jacobian: number,
  note: string,
): readonly QcFinding[] {
  return [
    finding(
      "mri",
      "normalisation-nmi",
      warp,
      warp > affine ? "ok" : "warn",
      `normalised mutual information with the template (${affine.toFixed(3)} after the affine part). ${note}`.trim(),
      "1",
    ),
    finding(
      "mri",
      "normalisation-jacobian",
      jacobian,
      jacobian > 0.1 ? "ok" : jacobian > 0 ? "warn" : "bad",
      "least volume change of the warp; at or below 0 it folds",
      "1",
    ),
  ];
}
