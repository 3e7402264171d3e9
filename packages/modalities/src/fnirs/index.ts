export type { BandpassOptions } from "./correct/bandpass.ts";
export { bandpass } from "./correct/bandpass.ts";
export type { OpticalPair } from "./correct/pairs.ts";
export {
  isOptical,
  opticalPairs,
  pairMidpoint,
  pairName,
  selectChannels,
  sourceDetectorDistance,
  splitByDistance,
  withoutPairs,
} from "./correct/pairs.ts";
export { tddr } from "./correct/tddr.ts";
export type { HeartRate } from "./qc/qc.ts";
export { heartRate, intensityVariation, qc, qcLimits, saturation } from "./qc/qc.ts";
export type { Coupling, CouplingOptions, PeakPower } from "./qc/scalp-coupling.ts";
export { peakSpectralPower, scalpCouplingIndex } from "./qc/scalp-coupling.ts";
export type { Activation, ActivationOptions, Lateralisation } from "./quantify/activation.ts";
export { activation, lateralisation } from "./quantify/activation.ts";
export type { BlockOptions, BlockResponse } from "./quantify/block-average.ts";
export { blockAverage, poolResponses } from "./quantify/block-average.ts";
export type { ChannelEffect, LinearModel, LinearModelOptions } from "./quantify/linear-model.ts";
export { linearModel } from "./quantify/linear-model.ts";
export type { ShortCourses, ShortRegressors } from "./quantify/short-channels.ts";
export { shortCourses } from "./quantify/short-channels.ts";
export type { BeerLambertOptions, PairPathlength } from "./recon/beer-lambert.ts";
export { beerLambert, pathlengths } from "./recon/beer-lambert.ts";
export { dpf } from "./recon/dpf.ts";
export type { Extinction, ExtinctionTableName } from "./recon/extinction.ts";
export { extinction, extinctionTables } from "./recon/extinction.ts";
export type { ExtinctionTable } from "./recon/extinction-tables.ts";
export type { DarkChannel } from "./recon/optical-density.ts";
export { darkChannels, opticalDensity } from "./recon/optical-density.ts";
