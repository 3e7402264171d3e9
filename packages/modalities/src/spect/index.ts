export { decayCorrect } from "./correct.ts";
export type { CameraResponse, Collimator } from "./forward/collimators.ts";
export {
  collimatorNamed,
  collimatorResponse,
  collimators,
  leadAttenuation,
  linearResponse,
} from "./forward/collimators.ts";
export type { CameraModel, SpectGeometry } from "./forward/spect-projector.ts";
export { spectGrid, spectProjector } from "./forward/spect-projector.ts";
export type { SpectQcOptions } from "./qc.ts";
export { qc } from "./qc.ts";
export { asymmetryIndex } from "./quantify/asymmetry-index.ts";
export { relativePerfusion } from "./quantify/relative-perfusion.ts";
export { sbr } from "./quantify/sbr.ts";
export type { Siscom, SiscomOptions } from "./quantify/siscom.ts";
export { siscom, siscomAlpha, siscomFocus } from "./quantify/siscom.ts";
export type { SpectReconstruction, SpectTerms } from "./recon/reconstruct.ts";
export { reconstruct } from "./recon/reconstruct.ts";
