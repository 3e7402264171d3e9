export type { BandpassOptions } from "./correct/bandpass.ts";
export { bandpass } from "./correct/bandpass.ts";
export { correlationImprovement } from "./correct/correlation-improvement.ts";
export type { MotionMask, MotionOptions } from "./correct/motion-artefacts.ts";
export { maskedShare, motionArtefacts } from "./correct/motion-artefacts.ts";
export type { OpticalPair } from "./correct/pairs.ts";
export {
  channelsBeyond,
  isOptical,
  opticalPairs,
  pairMidpoint,
  pairName,
  selectChannels,
  sourceDetectorDistance,
  splitByDistance,
  withoutPairs,
} from "./correct/pairs.ts";
export type { PrincipalMotionOptions } from "./correct/principal-motion.ts";
export { principalMotion } from "./correct/principal-motion.ts";
export type { MotionMethod } from "./correct/repair.ts";
export { motionMethods, repairConcentration, repairDensity, repairLimits } from "./correct/repair.ts";
export { levelShifts, splineMotion, splineSavitzkyGolay } from "./correct/spline-motion.ts";
export { tddr } from "./correct/tddr.ts";
export { waveletMotion } from "./correct/wavelet-motion.ts";
export type { HeadOptics, OpticalHead, OpticalHeadOptions, PlacedOptode } from "./forward/optical-head.ts";
export { opticalHead, photonScene, placeOptodes } from "./forward/optical-head.ts";
export type { SemiInfinite, SemiInfiniteOptions, TurbidMedium } from "./forward/semi-infinite.ts";
export { semiInfinite } from "./forward/semi-infinite.ts";
export type { CaughtLight, OptodeField, OptodeFieldOptions, PairSensitivity } from "./forward/sensitivity.ts";
export { diffuseFields, optodeField, pairSensitivity, partialPaths, sensitivityVolume } from "./forward/sensitivity.ts";
export type { OpticalTissue, TissueTableName } from "./forward/tissue-optics.ts";
export { opticalTissues, tissueOptics, tissueTableFor, tissueTables } from "./forward/tissue-optics.ts";
export type { GlobalVariance } from "./qc/gvtd.ts";
export { globalVariance } from "./qc/gvtd.ts";
export type { MotionComparison, MotionRow } from "./qc/motion-comparison.ts";
export { compareMotion } from "./qc/motion-comparison.ts";
export type { PairQuality } from "./qc/pair-quality.ts";
export { pairQuality } from "./qc/pair-quality.ts";
export type { HeartRate } from "./qc/qc.ts";
export { heartRate, intensityVariation, qc, qcLimits, saturation } from "./qc/qc.ts";
export type { Coupling, CouplingOptions, PeakPower, WindowedCoupling } from "./qc/scalp-coupling.ts";
export { peakSpectralPower, scalpCouplingIndex, windowedCoupling } from "./qc/scalp-coupling.ts";
export type { Activation, ActivationOptions, Lateralisation } from "./quantify/activation.ts";
export { activation, lateralisation } from "./quantify/activation.ts";
export type { BlockOptions, BlockResponse } from "./quantify/block-average.ts";
export { blockAverage, poolResponses } from "./quantify/block-average.ts";
export type { EmbeddedCourses, EmbeddingOptions } from "./quantify/embedded-courses.ts";
export { embeddedCourses } from "./quantify/embedded-courses.ts";
export type { GroupEffect, SubjectEffects } from "./quantify/group-effects.ts";
export { groupEffects } from "./quantify/group-effects.ts";
export type {
  ChannelContrast,
  ChannelEffect,
  ChannelResponse,
  ConditionContrast,
  LinearModel,
  LinearModelOptions,
} from "./quantify/linear-model.ts";
export { linearModel } from "./quantify/linear-model.ts";
export type { ShortCourses, ShortRegressors } from "./quantify/short-channels.ts";
export { shortCourses } from "./quantify/short-channels.ts";
export type { BeerLambertOptions, PairPathlength } from "./recon/beer-lambert.ts";
export { beerLambert, pathlengths } from "./recon/beer-lambert.ts";
export { dpf } from "./recon/dpf.ts";
export type { Extinction, ExtinctionTableName } from "./recon/extinction.ts";
export { extinction, extinctionTableNames, extinctionTables } from "./recon/extinction.ts";
export type { ExtinctionTable } from "./recon/extinction-tables.ts";
export type { PointResolution } from "./recon/image-resolution.ts";
export { imageResolution } from "./recon/image-resolution.ts";
export type { DarkChannel } from "./recon/optical-density.ts";
export { darkChannels, opticalDensity } from "./recon/optical-density.ts";
export type { SensitivityRow, Tomography, TomographyOptions } from "./recon/tomography.ts";
export { tomography } from "./recon/tomography.ts";
