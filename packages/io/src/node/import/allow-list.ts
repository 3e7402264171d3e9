/**
 * Keys of JSON side files that may cross into a de-identified data set. Everything else stays behind: names, numbers, dates,
 * institutions, free comments, and whatever a vendor invents next.
 */
import type { Metadata } from "@quintet/core";
import type { IdentityWords } from "./identity.ts";

/** Numbers, booleans and lists of such pass under any of these keys. */
const numeric = new Set(
  `AcquisitionDuration AcquisitionMatrixPE AcquisitionVoxelSize BandwidthPerPixelPhaseEncode BaseResolution
  CoilCombinationMethod ContrastBolusVolume DecayCorrectionFactor DecayFactor DelayTime DispersionConstant DispersionCorrected
  DoseCalibrationFactor DwellTime ECGChannelCount EEGChannelCount EMGChannelCount EOGChannelCount EchoNumber EchoTime EchoTime1
  EchoTime2 EchoTrainLength EffectiveEchoSpacing EpochLength FlipAngle FrameDuration FrameReferenceTime FrameTimesStart Haematocrit
  HeadCircumference ImageDecayCorrected ImageDecayCorrectionTime ImageOrientationPatientDICOM ImageVoxelSize ImagingFrequency
  InPlanePhaseEncodingDirectionDICOM InfusionRadioactivity InfusionSpeed InfusionStart InjectedMass InjectedMassPerWeight
  InjectedRadioactivity InjectedVolume InjectionEnd InjectionStart InversionTime MagneticFieldStrength MetaboliteAvail
  MetaboliteRecoveryCorrectionApplied MiscChannelCount MolarActivity MultibandAccelerationFactor NIRSChannelCount
  NIRSDetectorOptodeCount NIRSSourceOptodeCount NonlinearGradientCorrection NumberOfAverages NumberOfVolumesDiscardedByScanner
  NumberOfVolumesDiscardedByUser ParallelReductionFactorInPlane PartialFourier PercentPhaseFOV PercentSampling
  PharmaceuticalDoseAmount PhaseEncodingSteps PixelBandwidth PlasmaAvail PlasmaFreeFraction PowerLineFrequency PromptRate Purity
  RadionuclideHalfLife RadionuclidePositronFraction RadionuclideTotalDose RandomRate ReconFilterSize ReconMatrixPE ReconMatrixSize
  ReconMethodParameterValues RecordingDuration RepetitionTime RepetitionTimeExcitation RepetitionTimePreparation SAR SamplingFrequency ScaleFactor
  ScanDuration ScanStart ScatterFraction SeizureOnset ShimSetting ShortChannelCount SinglesRate SliceThickness SliceTiming
  SourceScale SpacingBetweenSlices SpecificRadioactivity TotalReadoutTime TracerMolecularWeight TriggerChannelCount TubingLength TxRefAmp
  UsePhaseEncodingGrappa VolumeTiming WaterFatShift WholeBloodAvail WithdrawalRate`.split(/\s+/),
);

/** Short texts pass under these keys when they hold no identity word, no long number and no date. */
const worded = new Set(
  `AcquisitionMode AttenuationCorrection AttenuationCorrectionMethodReference BodyPart BodyPartExamined CapManufacturer
  CapManufacturersModelName Collimator ConversionSoftware ConversionSoftwareVersion DecayCorrection DetectorType EEGGround
  FrameAlignment MotionTrack
  EEGPlacementScheme EEGReference HardwareFilters ImageType InfusionSpeedUnits InfusionRadioactivityUnits InjectedMassPerWeightUnits
  InjectedMassUnits InjectedRadioactivityUnits MRAcquisitionType Manufacturer ManufacturersModelName MatrixCoilMode
  MetaboliteMethod Modality ModeOfAdministration MolarActivityUnits NIRSPlacementScheme PatientPosition PhaseEncodingAxis
  PhaseEncodingDirection PharmaceuticalDoseUnits PulseSequenceType Radiopharmaceutical ReceiveCoilName ReconFilterType ReconMethodName
  ReconMethodParameterLabels ReconMethodParameterUnits RecordingType ScanOptions ScanningSequence ScatterCorrection SequenceName
  SequenceVariant SliceEncodingDirection SoftwareFilters SoftwareVersions SourceScaleName SourceType SourceUnits
  SUVType SpecificRadioactivityUnits SpectState TaskName TracerMolecularWeightUnits TracerName TracerRadionuclide TubingType Units Orbit EnergyWindow`.split(
    /\s+/,
  ),
);

/** Objects of such fields and no other: terms, counts and views of a reconstruction (quintet pet recon, spect recon). */
const wordedFields: Readonly<Record<string, readonly string[]>> = {
  Terms: `nuclide collimator attenuation scatter lower upper above centre decay flood
    normalisation randoms energyWindow_keV resolution`.split(/\s+/),
};
const numericFields: Readonly<Record<string, readonly string[]>> = {
  Counts: `start_s duration_s prompts randoms scatter scatter_scale scatter_scale_error log_likelihood expected change
    time_of_flight alive course_start_s course_width_s course_prompts course_delayeds
    place_time_s place_end_s place_mm place_degrees poses pose_tolerance_mm`.split(/\s+/),
  Views: ["columns", "column_mm", "row", "counts", "centres_mm", "sinogram"],
};

const timeOfDay = new Set(["TimeZero"]);

export interface CleanMetadata {
  readonly metadata: Metadata;
  /** Keys left behind. */
  readonly dropped: readonly string[];
}

/** The part of a side file that may be kept. */
export function cleanMetadata(given: Metadata, words: IdentityWords): CleanMetadata {
  const dropped: string[] = [];
  const kept = Object.entries(given).filter(([key, value]) => {
    const stays =
      (numeric.has(key) && onlyNumbers(value)) ||
      (worded.has(key) && onlyPlainText(value, words)) ||
      onlyFields(wordedFields[key], value, (field) => onlyPlainText(field, words)) ||
      onlyFields(numericFields[key], value, onlyNumbers) ||
      (timeOfDay.has(key) && typeof value === "string" && /^\d\d:\d\d:\d\d(\.\d+)?$/.test(value));
    if (!stays) dropped.push(key);
    return stays;
  });
  return { metadata: Object.fromEntries(kept), dropped };
}

/** The part of a table's side file that may be kept: Units of its columns, and flags. */
export function cleanColumns(given: Metadata, columns: readonly string[], words: IdentityWords): CleanMetadata {
  const flags = cleanMetadata(given, words);
  const units = columns.flatMap((column): [string, Metadata][] => {
    const described = given[column];
    const unit = typeof described === "object" && described !== null ? (described as Metadata).Units : undefined;
    return typeof unit === "string" && onlyPlainText(unit, words) ? [[column, { Units: unit }]] : [];
  });
  return {
    metadata: { ...flags.metadata, ...Object.fromEntries(units) },
    dropped: flags.dropped.filter((key) => !columns.includes(key)),
  };
}

function onlyFields(known: readonly string[] | undefined, value: unknown, test: (field: unknown) => boolean): boolean {
  if (known === undefined || typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(([name, field]) => known.includes(name) && test(field));
}

function onlyNumbers(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(onlyNumbers);
  return typeof value === "number" || typeof value === "boolean" || value === "n/a";
}

/** No word of the person, no run of six digits (dates and record numbers), no date with separators, and short. */
function onlyPlainText(value: unknown, words: IdentityWords): boolean {
  if (Array.isArray(value)) return value.length <= 64 && value.every((item) => onlyPlainText(item, words));
  if (typeof value === "number" || typeof value === "boolean") return true;
  if (typeof value !== "string" || value.length > 100) return false;
  const looksLikeDate = /\d{6}|\d{1,4}[-/.]\d{1,2}[-/.]\d{2,4}(?!\d*\.)/.test(value) && !/^v?\d+(\.\d+)+$/.test(value);
  return !looksLikeDate && !/[@^]/.test(value) && !words.in(value);
}
