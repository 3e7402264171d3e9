export type { Components } from "./components/components.ts";
export { connectedComponents, largestComponent } from "./components/components.ts";
export { decayConstant, decayFactor, frameMeanFactor } from "./decay/decay.ts";
export { distanceTransform } from "./distance/distance.ts";
export { realFft } from "./fft/fft.ts";
export type { FftNorm, FftOptions } from "./fft/fft-n.ts";
export { fftN } from "./fft/fft-n.ts";
export { convolveFir } from "./fir/convolve-fir.ts";
export type { FirBand } from "./fir/fir-design.ts";
export { firDesign } from "./fir/fir-design.ts";
export type { WindowName } from "./fir/window.ts";
export { taper } from "./fir/window.ts";
export { fwhmPerSigma, smoothGaussian } from "./gauss/gauss.ts";
export type { Contrast, ContrastMap, GlmFit, GlmOptions } from "./glm/glm.ts";
export { glm } from "./glm/glm.ts";
export { falseDiscoveryThreshold, zOfStudent } from "./glm/tails.ts";
export type { ThinQr } from "./glm/thin-qr.ts";
export { thinQr } from "./glm/thin-qr.ts";
export type { Histogram } from "./histogram/histogram.ts";
export { finiteRange, histogram, histogramQuantile } from "./histogram/histogram.ts";
export type { Section } from "./iir/butterworth.ts";
export { butterworth } from "./iir/butterworth.ts";
export { filtfilt } from "./iir/filtfilt.ts";
export { isosurface } from "./isosurface/isosurface.ts";
export type { GaussianMixture, MixtureOptions } from "./mixture/gaussian-mixture.ts";
export { gaussianMixture, responsibilities } from "./mixture/gaussian-mixture.ts";
export { closing, dilate, erode, fillHoles } from "./morphology/morphology.ts";
export type { RealignedFrame, Realignment, RealignOptions } from "./motion/realign.ts";
export { realign } from "./motion/realign.ts";
export { resampleSpline } from "./motion/resample-spline.ts";
export { eulerAngles } from "./motion/rigid-motion.ts";
export type { Random } from "./random/random.ts";
export { seededRandom } from "./random/random.ts";
export type { ChannelRow } from "./recording/channel-row.ts";
export type { Epochs, EpochWindow } from "./recording/cut-epochs.ts";
export { averageEpochs, cutEpochs } from "./recording/cut-epochs.ts";
export { butterworthRecording, firFilterRecording, mapSignals } from "./recording/filter-recording.ts";
export type { Estimate } from "./regions/asymmetry.ts";
export { asymmetry } from "./regions/asymmetry.ts";
export type { Cluster } from "./regions/clusters.ts";
export type { Homologues, SidedName } from "./regions/homologues.ts";
export { pairHomologues, sideOf } from "./regions/homologues.ts";
export type { RegionOptions, RegionStatistic } from "./regions/region-statistics.ts";
export { effectiveSamples, regionStatistics } from "./regions/region-statistics.ts";
export { regionalAsymmetry } from "./regions/regional-asymmetry.ts";
export type { ResidualMotion } from "./regions/residual-motion.ts";
export { removeResidualMotion } from "./regions/residual-motion.ts";
export type { ClusterSearch, Spread } from "./regions/z-map.ts";
export { searchClusters, smoothInside, spreadInside } from "./regions/z-map.ts";
export type { ResampleOptions } from "./resample/resample.ts";
export { resample, resampleLabels } from "./resample/resample.ts";
export { inverseWarpMap, resampleLabelsWarped, resampleWarped, warpMap } from "./resample/warp.ts";
export type { Periodograms, PowerSpectrum, WelchOptions } from "./spectrum/welch.ts";
export { meanDensity, periodograms, welchSpectrum } from "./spectrum/welch.ts";
export { normalTwoSided, studentTwoSided } from "./statistics/distribution.ts";
export type { LeastSquares } from "./statistics/least-squares.ts";
export { leastSquares } from "./statistics/least-squares.ts";
export type { Summary } from "./statistics/robust.ts";
export {
  correlation,
  madToSigma,
  median,
  robustZ,
  summarise,
} from "./statistics/robust.ts";
