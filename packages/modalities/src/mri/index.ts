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
export type { EpiEchoes, GhostPhase } from "./correct/k-space/epi-ghost.ts";
export { correctGhost, flipReversed, ghostPhase, ghostRatio } from "./correct/k-space/epi-ghost.ts";
export { removeOversampling } from "./correct/k-space/oversampling.ts";
export type { NoiseCovariance } from "./correct/k-space/prewhiten.ts";
export { noiseCovariance, prewhiten } from "./correct/k-space/prewhiten.ts";
export type { ReadTrapezoid } from "./correct/k-space/ramp-regrid.ts";
export { rampRegridding, regridRamp, trapezoidPositions } from "./correct/k-space/ramp-regrid.ts";
export type { BiasCorrection, BiasOptions } from "./correct.ts";
export { correctBias } from "./correct.ts";
export type { CartesianKSpace, CoilData } from "./forward/coil-data.ts";
export { toImage, toKSpace } from "./forward/fourier.ts";
export type { CoilMaps } from "./forward/sense-model.ts";
export { nonCartesianSenseModel, senseModel, sumOverCoils } from "./forward/sense-model.ts";
export type { MriQcOptions } from "./qc.ts";
export { qc } from "./qc.ts";
export { addHardware, attenuationMap, convertAttenuation } from "./quantify/attenuation/attenuation-map.ts";
export { corticalShare, headAttenuation } from "./quantify/attenuation/head-attenuation.ts";
export type { BrainMask } from "./quantify/brain-mask.ts";
export { brainMask } from "./quantify/brain-mask.ts";
export { emissionLike } from "./quantify/emission-like.ts";
export { headMask } from "./quantify/head-mask.ts";
export type { HeadSegmentation, HeadTissue } from "./quantify/head-tissue/head-tissues.ts";
export { headTissueNames, headTissues } from "./quantify/head-tissue/head-tissues.ts";
export type { SegmentHeadOptions } from "./quantify/head-tissue/segment-head.ts";
export { segmentHead } from "./quantify/head-tissue/segment-head.ts";
export type { BemSurfaceOptions, BemSurfaces } from "./quantify/surfaces/bem-surfaces.ts";
export { bemSurfaces } from "./quantify/surfaces/bem-surfaces.ts";
export type { Cortex, CortexOptions } from "./quantify/surfaces/cortex.ts";
export { midGreyCortex } from "./quantify/surfaces/cortex.ts";
export type {
  Tissue,
  Tissue,
  TissueOptions,
  TissueOptions,
  TissuePriors,
  TissueSegmentation,
  TissueSegmentation,
} from "./quantify/tissue.ts";
export { tissueSegmentation, tissues } from "./quantify/tissue.ts";
export { tissueVolumes } from "./quantify/tissue-volumes.ts";
export { rootSumOfSquares, walshMaps } from "./recon/coil-combine.ts";
export type { CoilCombination, PartialMethod, ReconMethod } from "./recon/coil-image.ts";
export { coilCombinations, partialMethods, reconMethods } from "./recon/coil-image.ts";
export type { Espirit, EspiritOptions } from "./recon/espirit.ts";
export { espirit } from "./recon/espirit.ts";
export type { Grappa, GrappaOptions } from "./recon/grappa.ts";
export { grappa } from "./recon/grappa.ts";
export type { PartialAxis, PartialFourier } from "./recon/partial-fourier.ts";
export { homodyne, partialFourier, pocs } from "./recon/partial-fourier.ts";
export type { ReconImage, ReconQuality, Reconstruction, ReconstructOptions } from "./recon/reconstruct.ts";
export { reconstruct } from "./recon/reconstruct.ts";
export type { SenseImage, SenseOptions, SparseSenseImage, SparseSenseOptions } from "./recon/sense.ts";
export { cgSense, sparseSense } from "./recon/sense.ts";
