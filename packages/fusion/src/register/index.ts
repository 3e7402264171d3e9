export { setElastixFolder } from "./elastix.ts";
export type { RegisterRigidOptions, Registration } from "./rigid.ts";
export { registerRigid } from "./rigid.ts";
