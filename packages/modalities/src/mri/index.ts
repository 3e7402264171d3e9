export { boldMask, meanFrame } from "./bold/correct/bold-mask.ts";
export type { HeadMotion, MotionOptions } from "./bold/correct/motion.ts";
export { estimateMotion } from "./bold/correct/motion.ts";
export { resampleBold, smoothBold } from "./bold/correct/resample-bold.ts";
export type { SliceTimed, SliceTimingOptions } from "./bold/correct/slice-timing.ts";
export { correctSliceTiming } from "./bold/correct/slice-timing.ts";
export type { DistortionHint, FieldmapFile, ShiftEstimate } from "./bold/distortion.ts";
export { distortionHint, shiftOfPhaseDifference } from "./bold/distortion.ts";
export type { EpiGeometry, PhaseEncoding } from "./bold/epi-geometry.ts";
export { epiGeometry } from "./bold/epi-geometry.ts";
export type { BoldQcInput } from "./bold/qc/bold-qc.ts";
export { boldQc, motionThreshold } from "./bold/qc/bold-qc.ts";
export type { Dvars } from "./bold/qc/dvars.ts";
export { dvars } from "./bold/qc/dvars.ts";
export {
  framewiseDisplacement,
  framewiseDisplacementRms,
  motionRegressors,
} from "./bold/qc/framewise-displacement.ts";
export type { Activation, ActivationMap, ActivationOptions, ContrastOf } from "./bold/quantify/activation.ts";
export { activation, standardContrasts } from "./bold/quantify/activation.ts";
export type { ActivationCluster } from "./bold/quantify/activation-clusters.ts";
export type { Alff } from "./bold/quantify/alff.ts";
export { alff } from "./bold/quantify/alff.ts";
export type { CleanOptions, CleanSeries } from "./bold/quantify/clean-series.ts";
export { cleanSeries } from "./bold/quantify/clean-series.ts";
export type { Condition, Design, DesignOptions, NamedCourse } from "./bold/quantify/design.ts";
export { boldDesign, slowCosines } from "./bold/quantify/design.ts";
export type { HrfDerivatives, ResponseFunction } from "./bold/quantify/hrf.ts";
export { canonicalHrf, responseAt, responseFunctions } from "./bold/quantify/hrf.ts";
export { percentSeries } from "./bold/quantify/percent-change.ts";
export { regionalHomogeneity } from "./bold/quantify/reho.ts";
export type { SeedConnectivity } from "./bold/quantify/seed-connectivity.ts";
export { seedConnectivity, sphereSeed } from "./bold/quantify/seed-connectivity.ts";
export { temporalSnr } from "./bold/quantify/tsnr.ts";
export type { BiasCorrection, BiasOptions } from "./correct.ts";
export { correctBias } from "./correct.ts";
export type { MriQcOptions } from "./qc.ts";
export { qc } from "./qc.ts";
export type { BrainMask } from "./quantify/brain-mask.ts";
export { brainMask } from "./quantify/brain-mask.ts";
export { emissionLike } from "./quantify/emission-like.ts";
export { headMask } from "./quantify/head-mask.ts";
export type { Tissue, TissueOptions, TissueSegmentation } from "./quantify/tissue.ts";
export { tissueSegmentation, tissues } from "./quantify/tissue.ts";
export { tissueVolumes } from "./quantify/tissue-volumes.ts";
