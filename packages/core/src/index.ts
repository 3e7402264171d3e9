export type { Affine, Point } from "./affine.ts";
export { affineOf, apply, determinant, identityAffine, invert, multiply, rigid, voxelSizes } from "./affine.ts";
export type { AttenuationCheck, AttenuationMap } from "./attenuation-map.ts";
export { attenuationLimit, checkAttenuationMap } from "./attenuation-map.ts";
export type { DataErrorContext } from "./data-error.ts";
export { DataError } from "./data-error.ts";
export type { Event, Events } from "./events.ts";
export { checkHounsfield } from "./hounsfield.ts";
export type {
  EncodingCounters,
  KSpace,
  KSpaceEncoding,
  KSpaceGrid,
  KSpaceWaveform,
  Readout,
  ReadoutPurpose,
  StepLimits,
} from "./k-space.ts";
export type { Concordance, Evidence, Measure, QcFinding, Side } from "./measure.ts";
export type { Montage, Sensor, SensorKind } from "./montage.ts";
export { sensorNamed } from "./montage.ts";
export { editDistance, nearestWords } from "./nearest-words.ts";
export type { Channel, ChannelGroup, ChannelKind, Recording, Segment } from "./recording.ts";
export { channelData, duration, sampleCount } from "./recording.ts";
export type { AxialBlocks, PetScanner, PolygonRing, RoundRing, TimeOfFlight } from "./scanner.ts";
export { checkScanner, detectorPositions, detectorsPerRing, evenRings, ringCount, ringPositions } from "./scanner.ts";
export type { ListMode, Sinogram, SinogramLayout, SinogramPlane } from "./sinogram.ts";
export {
  binOfDetectors,
  checkLayout,
  circleRadius,
  detectorsOfBin,
  sinogramPlanes,
  sinogramSize,
} from "./sinogram.ts";
export type { SpectProjections } from "./spect-projections.ts";
export { checkProjections } from "./spect-projections.ts";
export type { Metadata, Modality, Participant, Study, StudyFile, Subject } from "./study.ts";
export { modalities } from "./study.ts";
export type { Surface } from "./surface.ts";
export type { Blood, BloodCurve, Tac, Tacs } from "./tacs.ts";
export { midTimes } from "./tacs.ts";
export type { TimeMap, TimeMapPiece } from "./time-map.ts";
export { composeTimeMaps, identityTimeMap, invertTimeMap, mapTime, timeSigma } from "./time-map.ts";
export type { Transform, Warp } from "./transform.ts";
export { compose, inverse } from "./transform.ts";
export type {
  Hertz,
  KiloelectronVolts,
  Millimetres,
  Nanometres,
  Quantity,
  Radionuclide,
  Seconds,
  SignalUnit,
  VoxelUnit,
} from "./units.ts";
export { halfLives, siFactor, signalUnits, voxelUnits } from "./units.ts";
export type { Frame, Grid, LabelVolume, Mask, Space, Volume } from "./volume.ts";
export { frameData, sameGrid, spacing, toVoxel, toWorld, voxelCount, voxelVolume } from "./volume.ts";
