export { labelsToSubject, labelsToTemplate, resampleToTemplate } from "./apply-template.ts";
export { setElastixFolder } from "./elastix.ts";
export type { RegisterRigidOptions, Registration } from "./rigid.ts";
export { registerRigid } from "./rigid.ts";
export type { RegisterToTemplateOptions, TemplateRegistration } from "./template.ts";
export { registerToTemplate } from "./template.ts";
