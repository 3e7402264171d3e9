import { DataError, type Grid, type LabelVolume, type Volume } from "@quintet/core";
import { type ResampleOptions, resampleLabelsWarped, resampleWarped } from "@quintet/kernels";
import type { TemplateRegistration } from "./template.ts";

function refuseSpace(found: string, expected: string): void {
  if (found !== expected) {
    throw new DataError("space-mismatch", "this image is not in the registration's space", { expected, found });
  }
}

/** An image of the subject on the template's grid. @throws DataError `space-mismatch` */
export function resampleToTemplate<V extends Volume>(
  volume: V,
  template: Grid,
  registration: TemplateRegistration,
  options: ResampleOptions = {},
): V {
  refuseSpace(volume.space, registration.warp.from);
  refuseSpace(template.space, registration.warp.to);
  return resampleWarped(volume, template, registration.inverse, options);
}

/** An image of the template on the subject's grid. @throws DataError `space-mismatch` */
export function resampleToSubject<V extends Volume>(
  volume: V,
  subject: Grid,
  registration: TemplateRegistration,
  options: ResampleOptions = {},
): V {
  refuseSpace(volume.space, registration.warp.to);
  refuseSpace(subject.space, registration.warp.from);
  return resampleWarped(volume, subject, registration.warp, options);
}

/** The subject's labels on the template's grid, nearest label. @throws DataError `space-mismatch` */
export function labelsToTemplate(labels: LabelVolume, template: Grid, registration: TemplateRegistration): LabelVolume {
  refuseSpace(labels.space, registration.warp.from);
  refuseSpace(template.space, registration.warp.to);
  return resampleLabelsWarped(labels, template, registration.inverse);
}

/** The template's labels on the subject's grid, nearest label. @throws DataError `space-mismatch` */
export function labelsToSubject(labels: LabelVolume, subject: Grid, registration: TemplateRegistration): LabelVolume {
  refuseSpace(labels.space, registration.warp.to);
  refuseSpace(subject.space, registration.warp.from);
  return resampleLabelsWarped(labels, subject, registration.warp);
}
