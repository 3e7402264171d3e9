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
export type { DatBindingOptions, SbrCalibration, SbrNorm } from "./quantify/dat-binding.ts";
export { datBinding, sbrCalibration, striatalVolumes } from "./quantify/dat-binding.ts";
export type { DatRegionOptions, DatRegions, StriatalSide } from "./quantify/dat-regions.ts";
export { datRegions } from "./quantify/dat-regions.ts";
export type { NoiseNormalised, TestRetestNorms, TestRetestOptions } from "./quantify/noise-normalised.ts";
export { fewestPairs, noiseNormalised, testRetestNorms } from "./quantify/noise-normalised.ts";
export { relativePerfusion } from "./quantify/relative-perfusion.ts";
export { sbr } from "./quantify/sbr.ts";
export type { Siscom, SiscomOptions } from "./quantify/siscom.ts";
export { plainSiscom, siscom, siscomAlpha, siscomFocus } from "./quantify/siscom.ts";
export type { SettingResult, SiscomAgreement, SiscomSetting } from "./quantify/siscom-agreement.ts";
export { shareAtPeak, siscomAgreement, siscomSettings } from "./quantify/siscom-agreement.ts";
export { southampton, standardStriatum } from "./quantify/southampton.ts";
export type { SpectReconstruction, SpectTerms } from "./recon/reconstruct.ts";
export { reconstruct } from "./recon/reconstruct.ts";
