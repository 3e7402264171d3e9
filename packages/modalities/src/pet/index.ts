export type { DecayCorrection, DecayState } from "./correct/activity.ts";
export { decayCorrect, decayFactors, toActivity } from "./correct/activity.ts";
export { annihilationEnergy, attenuationFactors, attenuationFromCt } from "./correct/attenuation-factors.ts";
export type { Calibration } from "./correct/calibration.ts";
export { calibrated, calibrationFrom, positronFraction } from "./correct/calibration.ts";
export { liveFraction } from "./correct/dead-time.ts";
export { fanCountsOf } from "./correct/fan-sums.ts";
export type { NormalisationComponents } from "./correct/normalisation.ts";
export { normalisationFrom, normalisationOf, normalisationOfPairs, pairsOfBins } from "./correct/normalisation.ts";
export { randomsFromDelayeds, randomsFromSingles } from "./correct/randoms.ts";
export type { EnergyWindow, ScatterOptions } from "./correct/scatter.ts";
export { scatterEstimate, windowEfficiency } from "./correct/scatter.ts";
export type { CorrectedAsStated } from "./correct/stated-decay.ts";
export { curvesCorrectedAsStated, imageCorrectedAsStated } from "./correct/stated-decay.ts";
export type { TailFit } from "./correct/tail-fit.ts";
export { fitTails, normalised } from "./correct/tail-fit.ts";
export type { AcquisitionModel, AcquisitionTerms, Term } from "./forward/acquisition-model.ts";
export { acquisitionModel } from "./forward/acquisition-model.ts";
export { imageResolution } from "./forward/image-resolution.ts";
export { eventLines, halfSpeedOfLight, sinogramLines } from "./forward/lines-of-response.ts";
export { scannerNamed, scanners } from "./forward/scanners.ts";
export type { SinogramProjector } from "./forward/sinogram-projector.ts";
export { attenuationProjector, listModeProjector, sinogramProjector } from "./forward/sinogram-projector.ts";
export type { CountCourse } from "./qc/count-course.ts";
export { countCourse } from "./qc/count-course.ts";
export type { CountRate, CountRates, MeasuredCounts } from "./qc/count-rates.ts";
export { countRates } from "./qc/count-rates.ts";
export type { CalibratorReading, CrossCalibration } from "./qc/cross-calibration.ts";
export { crossCalibration } from "./qc/cross-calibration.ts";
export type { Cylinder } from "./qc/find-cylinder.ts";
export { findCylinder } from "./qc/find-cylinder.ts";
export type { PetQcOptions } from "./qc/image-findings.ts";
export { qc } from "./qc/image-findings.ts";
export type { PhantomResults } from "./qc/phantom-findings.ts";
export { phantomFindings, phantomLimits } from "./qc/phantom-findings.ts";
export type { PhantomSphere, Recovery, RecoveryOptions, SphereRecovery } from "./qc/recovery.ts";
export { recovery } from "./qc/recovery.ts";
export type { ScannerCalibration } from "./qc/scanner-calibration.ts";
export { scannerCalibration } from "./qc/scanner-calibration.ts";
export type { Uniformity, UniformityOfSlice, UniformityOptions } from "./qc/uniformity.ts";
export { uniformity } from "./qc/uniformity.ts";
export { asymmetryIndex } from "./quantify/asymmetry-index.ts";
export type { AmyloidTracer, Centiloid, CentiloidEquation, CentiloidInput } from "./quantify/centiloid.ts";
export { centiloid, centiloidAnchors, centiloidEquations } from "./quantify/centiloid.ts";
export type { Hypometabolism, HypometabolismOptions } from "./quantify/hypometabolism.ts";
export { hypometabolicClusters } from "./quantify/hypometabolism.ts";
export {
  injectionFrom,
  radionuclideOf,
  statedWeights,
  weightTolerance,
} from "./quantify/injection.ts";
export type { Delay } from "./quantify/input/delay.ts";
export { estimateDelay } from "./quantify/input/delay.ts";
export { delayed, withoutDispersion } from "./quantify/input/dispersion.ts";
export type { SmoothTail } from "./quantify/input/exponential-tail.ts";
export { exponentialTail } from "./quantify/input/exponential-tail.ts";
export type { ParentFraction, ParentModel } from "./quantify/input/parent-fraction.ts";
export { parentFraction, parentModels } from "./quantify/input/parent-fraction.ts";
export type { PlasmaInput, PlasmaInputOptions } from "./quantify/input/plasma-input.ts";
export { plasmaInput } from "./quantify/input/plasma-input.ts";
export type { Estimate, KineticFit, LinePlotPoints } from "./quantify/kinetics/estimate.ts";
export { estimated } from "./quantify/kinetics/estimate.ts";
export type { WeightScheme } from "./quantify/kinetics/frame-weights.ts";
export { frameWeights, weightSchemes } from "./quantify/kinetics/frame-weights.ts";
export type { BloodVolume, InputFunction } from "./quantify/kinetics/input-function.ts";
export { irreversibleTwoTissue } from "./quantify/kinetics/irreversible-two-tissue.ts";
export type { KineticData, KineticDataOptions } from "./quantify/kinetics/kinetic-data.ts";
export { kineticData, regionNamed, unionOf } from "./quantify/kinetics/kinetic-data.ts";
export type { StartTime } from "./quantify/kinetics/linear-model.ts";
export { logan } from "./quantify/kinetics/logan.ts";
export { ma1 } from "./quantify/kinetics/ma1.ts";
export { mrtm1 } from "./quantify/kinetics/mrtm1.ts";
export { mrtm2 } from "./quantify/kinetics/mrtm2.ts";
export { oneTissue } from "./quantify/kinetics/one-tissue.ts";
export type { MapOptions, ParameterMap } from "./quantify/kinetics/parametric-map.ts";
export {
  loganMap,
  ma1Map,
  mrtm2Map,
  patlakMap,
  referenceLoganMap,
  srtm2Map,
  srtmMap,
} from "./quantify/kinetics/parametric-map.ts";
export { patlak } from "./quantify/kinetics/patlak.ts";
export { referenceLogan } from "./quantify/kinetics/reference-logan.ts";
export { referencePatlak } from "./quantify/kinetics/reference-patlak.ts";
export { srtm } from "./quantify/kinetics/srtm.ts";
export { srtm2 } from "./quantify/kinetics/srtm2.ts";
export { twoTissue } from "./quantify/kinetics/two-tissue.ts";
export { leanBodyMass, sul } from "./quantify/lean-body-mass.ts";
export type { Window } from "./quantify/mean-over-window.ts";
export { meanOverWindow } from "./quantify/mean-over-window.ts";
export type { NormalImage, NormalPerson, NormativeMap } from "./quantify/normative-map.ts";
export { atResolution, normativeMap, normativeZ } from "./quantify/normative-map.ts";
export { regionalMeans } from "./quantify/regional-means.ts";
export type { SurfacePeaksOptions } from "./quantify/surface-peaks.ts";
export { surfacePeaks } from "./quantify/surface-peaks.ts";
export type { Injection } from "./quantify/suv.ts";
export { suv, suvFromUncorrected } from "./quantify/suv.ts";
export { suvr } from "./quantify/suvr.ts";
export type { ModelledTerms } from "./recon/count-findings.ts";
export { countFindings, sumOfFrames } from "./recon/count-findings.ts";
export { frameEvents } from "./recon/frame-events.ts";
export { binFinder, histogram } from "./recon/histogram.ts";
export type { ListModeModel, ListModeTerms, SeenByPairs } from "./recon/list-mode.ts";
export { listModeModel, promptsOf, seenByPairs } from "./recon/list-mode.ts";
export { listModeLayout } from "./recon/list-mode-layout.ts";
export type { MotionTrack } from "./recon/motion-track.ts";
export { movedLines, posesOf } from "./recon/motion-track.ts";
export type { RealignedFrames } from "./recon/realign-frames.ts";
export { realignFrames } from "./recon/realign-frames.ts";
export type { PetReconstructionOptions, Reconstruction, ReconstructionTerms } from "./recon/reconstruct.ts";
export { reconstruct } from "./recon/reconstruct.ts";
export type { ListReconstruction, ListReconstructionTerms } from "./recon/reconstruct-list.ts";
export { reconstructList } from "./recon/reconstruct-list.ts";
export { reconstructionGrid } from "./recon/reconstruction-grid.ts";
