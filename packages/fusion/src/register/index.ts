export { labelsToSubject, labelsToTemplate, resampleToSubject, resampleToTemplate } from "./apply-template.ts";
export { pointsToSubject, pointsToTemplate } from "./carry-points.ts";
export { setElastixFolder } from "./elastix.ts";
export type { RegisterRigidOptions, Registration } from "./rigid.ts";
export { registerRigid } from "./rigid.ts";
export type { RegisterToTemplateOptions, TemplateRegistration } from "./template.ts";
export { registerToTemplate } from "./template.ts";
export type { InverseConsistency } from "./warp-quality.ts";
