import { labelsToSubject, registerToTemplate } from "@quintet/fusion/register";
import { loadKernels } from "@quintet/kernels/node";
import type { Step } from "../../engine/step.ts";
import { finding } from "../five/outcome.ts";
import type { TemplateHead } from "../five/template-step.ts";
import type { NormalisedHead, T1WithBrain } from "./outcome.ts";

export interface NormaliseParams {
  /** Voxel edge of the warp, mm. */
  readonly resolution: 1 | 2;
}

/** Brain to brain where the template brings its brain, else head to head; the template's regions on the T1's grid. */
export const headNormaliseStep: Step<{ head: T1WithBrain; template: TemplateHead }, NormaliseParams, NormalisedHead> = {
  name: "head-normalise",
  version: 1,
  title: "Normalise to the template",
  async run({ head: { t1, brain }, template }, { resolution }, { progress }) {
    await loadKernels();
    progress(0.02, template.name);
    const masks = template.brain ? { mask: brain, templateMask: template.brain } : {};
    const found = await registerToTemplate(t1, template.t1, { ...masks, resolution });
    progress(0.9, "regions");
    const regions = template.regions && labelsToSubject({ ...template.regions, space: template.t1.space }, t1, found);
    const { inverseConsistency: apart, leastJacobian, quality, converged, note } = found;
    const { name, space, source } = template;
    return {
      template: { name, space, source },
      toTemplate: found.warp,
      fromTemplate: found.inverse,
      ...(regions ? { regions } : {}),
      inverseConsistency: apart,
      leastJacobian,
      qc: [
        finding(
          "mri",
          "normalisation",
          quality.warp,
          converged ? "ok" : "warn",
          `normalised mutual information with ${name}, ${quality.affine.toFixed(3)} before the warp. ${note}`.trim(),
          "1",
        ),
        finding(
          "mri",
          "inverse-consistency",
          apart.max,
          apart.max <= 0.5 ? "ok" : "warn",
          `largest distance between a point of the brain and itself carried there and back; mean ${apart.mean.toFixed(3)} mm`,
          "mm",
        ),
        finding(
          "mri",
          "least-jacobian",
          leastJacobian,
          leastJacobian > 0.1 ? "ok" : leastJacobian > 0 ? "warn" : "bad",
          "least volume change of the warp; at or below 0 it folds",
          "1",
        ),
      ],
    };
  },
};
