export { fiducialsOf, headFiducials, templateFiducials } from "./fiducials.ts";
export type { NearestPoint } from "./mesh.ts";
export { nearestOn } from "./mesh.ts";
export { positions1005 } from "./positions.ts";
export type { ScalpOptions } from "./scalp.ts";
export { scalpSurface } from "./scalp.ts";
