export type { OutlineEllipse } from "./correct/attenuation-maps.ts";
export { attenuationFromCt, bodyOutline, uniformAttenuation } from "./correct/attenuation-maps.ts";
export type { CentreOfRotation } from "./correct/centre-of-rotation.ts";
export { centreOfRotation } from "./correct/centre-of-rotation.ts";
export { decayCorrect } from "./correct/decay.ts";
export type { ScatterWindows } from "./correct/energy-windows.ts";
export { downscatter, dualWindowScatter, tripleWindowScatter } from "./correct/energy-windows.ts";
export { binFactors, floodFactor, viewDecay } from "./correct/view-factors.ts";
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
export type { AttenuationPlace } from "./qc/attenuation-place.ts";
export { attenuationFinding, attenuationPlace, refuseMapElsewhere } from "./qc/attenuation-place.ts";
export type { SpectQcOptions } from "./qc/pair-findings.ts";
export { leastPairCorrelation, pairCorrelation, qc } from "./qc/pair-findings.ts";
export { reconFindings } from "./qc/recon-findings.ts";
export type { DirectionEvidence } from "./qc/rotation-direction.ts";
export { directionEvidence, refuseWrongDirection } from "./qc/rotation-direction.ts";
export type { ViewTotals } from "./qc/view-totals.ts";
export { viewTotals } from "./qc/view-totals.ts";
export { asymmetryIndex } from "./quantify/asymmetry-index.ts";
export type { BindingErrorOptions, BindingErrors, ErrorSource } from "./quantify/binding-errors.ts";
export { bindingErrors } from "./quantify/binding-errors.ts";
export type { DatBindingOptions, SbrCalibration, SbrNorm } from "./quantify/dat-binding.ts";
export { datBinding, referenceOf, sbrCalibration, striatalVolumes } from "./quantify/dat-binding.ts";
export type { DatRegionOptions, DatRegions, StriatalSide } from "./quantify/dat-regions.ts";
export { datRegions } from "./quantify/dat-regions.ts";
export { fewestReplicates } from "./quantify/mean-covariance.ts";
export type { NoiseNormalised, TestRetestNorms } from "./quantify/noise-normalised.ts";
export { comparedInTemplate, fewestPairs, noiseNormalised, testRetestNorms } from "./quantify/noise-normalised.ts";
export { referenceLevel } from "./quantify/reference-level.ts";
export { relativePerfusion } from "./quantify/relative-perfusion.ts";
export type { RatioRow } from "./quantify/sbr.ts";
export { sbr } from "./quantify/sbr.ts";
export type { Siscom, SiscomOptions } from "./quantify/siscom.ts";
export { checkSiscomOptions, plainSiscom, siscom, siscomAlpha, siscomFocus } from "./quantify/siscom.ts";
export type { SettingResult, SiscomAgreement, SiscomSetting } from "./quantify/siscom-agreement.ts";
export { shareAtPeak, siscomAgreement, siscomSettings } from "./quantify/siscom-agreement.ts";
export { southampton, standardStriatum } from "./quantify/southampton.ts";
export { filteredBackProjection } from "./recon/filtered-back-projection.ts";
export type { SpectReconstruction, SpectTerms } from "./recon/reconstruct.ts";
export { reconstruct } from "./recon/reconstruct.ts";
export { countDispersion, expectedCounts, replicateCounts } from "./recon/replicates.ts";
