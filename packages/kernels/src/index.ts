export type { Components } from "./components/components.ts";
export { connectedComponents, largestComponent } from "./components/components.ts";
export { distanceTransform } from "./distance/distance.ts";
export { fwhmPerSigma, smoothGaussian } from "./gauss/gauss.ts";
export { isosurface } from "./isosurface/isosurface.ts";
export { closing, dilate, erode, fillHoles, opening } from "./morphology/morphology.ts";
export type { Random } from "./random/random.ts";
export { seededRandom } from "./random/random.ts";
export type { ResampleOptions } from "./resample/resample.ts";
export { resample, resampleLabels } from "./resample/resample.ts";
export { applyWarp, inverseWarpMap, resampleLabelsWarped, resampleWarped, warpMap } from "./resample/warp.ts";
export { registeredKernels, unregisterKernels } from "./wasm/wasm.ts";
export { decayConstant, decayFactor, frameMeanFactor } from "./decay/decay.ts";
export type { Histogram } from "./histogram/histogram.ts";
export { finiteRange, histogram, histogramQuantile } from "./histogram/histogram.ts";
export type { GaussianMixture, MixtureOptions } from "./mixture/gaussian-mixture.ts";
export { gaussianMixture, responsibilities } from "./mixture/gaussian-mixture.ts";
export type { Estimate } from "./regions/asymmetry.ts";
export { asymmetry } from "./regions/asymmetry.ts";
export type { Cluster, ClusterOptions } from "./regions/clusters.ts";
export { zClusters } from "./regions/clusters.ts";
export type { Resels } from "./regions/gaussian-field.ts";
export {
  expectedEuler,
  extentProbability,
  fieldSmoothness,
  gaussianTail,
  peakProbability,
  reselCounts,
} from "./regions/gaussian-field.ts";
export type { Homologues, SidedName } from "./regions/homologues.ts";
export { pairHomologues, sideOf } from "./regions/homologues.ts";
export type { RegionOptions, RegionStatistic } from "./regions/region-statistics.ts";
export { effectiveSamples, regionStatistics } from "./regions/region-statistics.ts";
export type { ClusterSearch, Spread } from "./regions/z-map.ts";
export { searchClusters, smoothInside, spreadInside } from "./regions/z-map.ts";
export type { Spectrum } from "./fft/fft.ts";
export { fft, inverseFft, nextPowerOfTwo, realFft } from "./fft/fft.ts";
export { convolveFir } from "./fir/convolve-fir.ts";
export type { FirBand } from "./fir/fir-design.ts";
export { firDesign } from "./fir/fir-design.ts";
export type { WindowName } from "./fir/window.ts";
export { taper } from "./fir/window.ts";
export type { Section } from "./iir/butterworth.ts";
export { butterworth, transferFunction } from "./iir/butterworth.ts";
export { filtfilt } from "./iir/filtfilt.ts";
export type { Epochs, EpochWindow } from "./recording/cut-epochs.ts";
export { averageEpochs, cutEpochs, groupOf } from "./recording/cut-epochs.ts";
export { butterworthRecording, firFilterRecording, mapSignals } from "./recording/filter-recording.ts";
export type { Periodograms, PowerSpectrum, WelchOptions } from "./spectrum/welch.ts";
export { meanDensity, periodograms, welchSpectrum } from "./spectrum/welch.ts";
export { incompleteBeta, logGamma, normalTwoSided, studentTwoSided } from "./statistics/distribution.ts";
export type { LeastSquares } from "./statistics/least-squares.ts";
export { leastSquares } from "./statistics/least-squares.ts";
export type { Summary } from "./statistics/robust.ts";
export {
  correlation,
  madToSigma,
  median,
  medianAbsoluteDeviation,
  quantile,
  robustZ,
  summarise,
} from "./statistics/robust.ts";
export type { ResidualMotion } from "./regions/residual-motion.ts";
export { removeResidualMotion } from "./regions/residual-motion.ts";
export type { ChannelRow } from "./recording/channel-row.ts";
