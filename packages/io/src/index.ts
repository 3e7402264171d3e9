export type { BloodOptions } from "./bids/blood.ts";
export { readBloodTsv } from "./bids/blood.ts";
export type { DescribedChannel } from "./bids/channels.ts";
export { readChannelsTsv, withChannels, writeChannelsTsv } from "./bids/channels.ts";
export type { EventsOptions } from "./bids/events.ts";
export { readEventsTsv, writeEventsTsv } from "./bids/events.ts";
export { readJson, writeJson } from "./bids/json.ts";
export type { BidsName } from "./bids/name.ts";
export { bidsName, parseBidsName } from "./bids/name.ts";
export type { PeopleOptions, ScanRow, SessionRow } from "./bids/people.ts";
export { readParticipantsTsv, readScansTsv, readSessionsTsv } from "./bids/people.ts";
export type { PositionsOptions } from "./bids/positions.ts";
export {
  coordsystemOf,
  readElectrodesTsv,
  readOptodesTsv,
  writeElectrodesTsv,
  writeOptodesTsv,
} from "./bids/positions.ts";
export type { BidsProblem } from "./bids/problem.ts";
export { problemLine } from "./bids/problem.ts";
export { injectedActivity, requiredFields, sidecarProblems } from "./bids/rules.ts";
export type { Cell, Table } from "./bids/tsv.ts";
export { cell, numberCell, readTsv, writeTsv } from "./bids/tsv.ts";
export { withSidecar } from "./bids/volume-facts.ts";
export { writeBloodTsv } from "./bids/write-blood.ts";
export type { BrainVisionFiles } from "./brainvision/brainvision.ts";
export { readBrainVision } from "./brainvision/brainvision.ts";
export type { BrainVisionFormat, BrainVisionHeader } from "./brainvision/header.ts";
export { readBrainVisionHeader } from "./brainvision/header.ts";
export type { WriteBrainVisionOptions } from "./brainvision/write-brainvision.ts";
export { writeBrainVision } from "./brainvision/write-brainvision.ts";
export type { ByteReader } from "./bytes/byte-reader.ts";
export { byteReader, checkedProduct, latin1, requireBytes } from "./bytes/byte-reader.ts";
export type { GunzipLimits } from "./bytes/gunzip.ts";
export { boundedGunzip, isGzip } from "./bytes/gunzip.ts";
export type { DicomAttribute } from "./dicom/dictionary.ts";
export type { DicomGeometry } from "./dicom/geometry.ts";
export { cornerPoints, dicomSeriesGeometry, dicomSliceTimes } from "./dicom/geometry.ts";
export { dicomIdentity } from "./dicom/identity.ts";
export { isNuclearVolume, readNuclearVolume } from "./dicom/nuclear.ts";
export type { NuclearProjections } from "./dicom/nuclear-projections.ts";
export { isNuclearProjections, readNuclearProjections } from "./dicom/nuclear-projections.ts";
export type { Radiopharmaceutical } from "./dicom/radiopharmaceutical.ts";
export { dicomRadiopharmaceutical } from "./dicom/radiopharmaceutical.ts";
export type { IdentityChoice } from "./dicom/result-identity.ts";
export type { DicomSuv } from "./dicom/suv-facts.ts";
export { dicomSuv } from "./dicom/suv-facts.ts";
export type { DicomDataset, DicomElement, DicomFile } from "./dicom/tags.ts";
export { looksLikeDicom, readDicomTags } from "./dicom/tags.ts";
export { dicomItems, dicomNumber, dicomNumbers, dicomText, dicomTexts } from "./dicom/values.ts";
export type { NuclearProjectionsOptions } from "./dicom/write-nuclear-projections.ts";
export { writeNuclearProjections } from "./dicom/write-nuclear-projections.ts";
export type { DicomOutput, DicomResultOptions } from "./dicom/write-result.ts";
export { writeDicomResult, writeSecondaryCapture } from "./dicom/write-result.ts";
export type { DicomSeriesOptions } from "./dicom/write-series.ts";
export { writeDicomSeries } from "./dicom/write-series.ts";
export type { EcatVolume } from "./ecat/ecat.ts";
export { readEcat } from "./ecat/ecat.ts";
export type { EcatHeader } from "./ecat/header.ts";
export { looksLikeEcat, readEcatHeader } from "./ecat/header.ts";
export { readEdf, readEdfFrom } from "./edf/edf.ts";
export type { EdfHeader, EdfSignal } from "./edf/edf-header.ts";
export { readEdfHeader } from "./edf/edf-header.ts";
export { readEdfSamples } from "./edf/edf-samples.ts";
export type { EdfRun, EdfTimeline } from "./edf/edf-timeline.ts";
export { readEdfTimeline } from "./edf/edf-timeline.ts";
export type { WriteEdfOptions } from "./edf/write-edf.ts";
export { writeBdf, writeEdf } from "./edf/write-edf.ts";
export { eeglabDataFile, eeglabFromMat, eeglabStruct, readEeglab } from "./eeglab/eeglab.ts";
export type { FifSurface, FifSurfaceName } from "./fif/geometry.ts";
export { readFifPoints, readFifSurfaces, readFifTransforms } from "./fif/geometry.ts";
export type { FifLeadField } from "./fif/lead-field.ts";
export { readFifLeadField } from "./fif/lead-field.ts";
export { readFifRecording } from "./fif/recording.ts";
export { looksLikeFif } from "./fif/tags.ts";
export { readFreeSurferAnnot } from "./freesurfer/annot.ts";
export { readFreeSurferCurv } from "./freesurfer/curv.ts";
export { freeSurferRegionNames } from "./freesurfer/region-names.ts";
export type { FreeSurferSurface, FreeSurferSurfaceOptions, SurfaceVolume } from "./freesurfer/surface.ts";
export { looksLikeFreeSurferSurface, readFreeSurferSurface } from "./freesurfer/surface.ts";
export type { Gifti, GiftiArray, GiftiLabel, GiftiTransform } from "./gifti/gifti.ts";
export { looksLikeGifti, readGifti } from "./gifti/gifti.ts";
export type { GiftiSurfaceOptions } from "./gifti/surface.ts";
export { readGiftiLabels, readGiftiSurface, readGiftiValues } from "./gifti/surface.ts";
export type { GiftiEncoding, GiftiWriteOptions } from "./gifti/write.ts";
export { writeGiftiLabels, writeGiftiSurface, writeGiftiValues } from "./gifti/write.ts";
export type { Hdf5Dataset, Hdf5Group, Hdf5Node } from "./hdf5/hdf5-tree.ts";
export type { EnergyWindow, InterfileFacts, PatientPosition } from "./interfile/frames.ts";
export { interfileFacts } from "./interfile/frames.ts";
export type { InterfileEntry, InterfileHeader } from "./interfile/header.ts";
export {
  interfileNumber,
  interfileNumbers,
  interfileText,
  looksLikeInterfile,
  readInterfileHeader,
} from "./interfile/header.ts";
export { interfileImage, readInterfileImage, writeInterfileImage } from "./interfile/image.ts";
export type { InterfileProjections } from "./interfile/projections.ts";
export {
  interfileProjections,
  isInterfileProjections,
  readInterfileProjections,
  writeInterfileProjections,
} from "./interfile/projections.ts";
export type { KnownScanner } from "./interfile/scanner.ts";
export { interfileScanner } from "./interfile/scanner.ts";
export type { SinogramOptions } from "./interfile/sinogram.ts";
export { readInterfileSinogram, writeInterfileSinogram } from "./interfile/sinogram.ts";
export type { InterfileSinogram } from "./interfile/sinogram-layout.ts";
export { interfileSinogram, isInterfileSinogram } from "./interfile/sinogram-layout.ts";
export { readMat } from "./mat/mat.ts";
export type { MatValue } from "./mat/mat-value.ts";
export { matField, matLength, matNumber, matNumbers, matText, matTexts } from "./mat/mat-value.ts";
export { matFromHdf5 } from "./mat/mat73.ts";
export { cRas, tkRas, tkRasAffine } from "./mgh/geometry.ts";
export type { MghHeader, MghType } from "./mgh/header.ts";
export { looksLikeMgh, readMghHeader } from "./mgh/header.ts";
export type { MghOptions } from "./mgh/read.ts";
export { readMgh, readMghLabels } from "./mgh/read.ts";
export type { MghWriteOptions } from "./mgh/write.ts";
export { writeMgh } from "./mgh/write.ts";
export { mrdDatasets, mrdFromTree } from "./mrd/mrd.ts";
export { writeMrd } from "./mrd/write-mrd.ts";
export type { NiftiDatatype } from "./nifti/datatypes.ts";
export type { NiftiHeader } from "./nifti/header.ts";
export { looksLikeNifti, readNiftiHeader } from "./nifti/header.ts";
export type { NiftiOrientation, OrientationChoice } from "./nifti/orientation.ts";
export { niftiOrientation } from "./nifti/orientation.ts";
export type { NiftiOptions } from "./nifti/read.ts";
export { openNifti, readNifti, readNiftiLabels } from "./nifti/read.ts";
export type { StorageOrder } from "./nifti/restack.ts";
export { canonicalOrder, restack } from "./nifti/restack.ts";
export type { NiftiWriteOptions } from "./nifti/write.ts";
export { writeNifti } from "./nifti/write.ts";
export { homerFromMat, readHomerNirs } from "./nirs/homer-nirs.ts";
export type { PairEfficiency } from "./petsird/efficiencies.ts";
export { petsirdEfficiency } from "./petsird/efficiencies.ts";
export { petsirdPulses, petsirdTick } from "./petsird/external-pulses.ts";
export type { PetsirdScannerFit } from "./petsird/fit-scanner.ts";
export { fitPetsirdScanner } from "./petsird/fit-scanner.ts";
export { joinListModes, petsirdListMode } from "./petsird/list-mode.ts";
export type { PetsirdHeader, PetsirdTimeBlock } from "./petsird/model.ts";
export type { PetsirdFile } from "./petsird/petsird.ts";
export { looksLikePetsird, readPetsird, writePetsird } from "./petsird/petsird.ts";
export type { WriteListModeOptions } from "./petsird/write-list-mode.ts";
export { petsirdEvents, petsirdHeader, writeListMode } from "./petsird/write-list-mode.ts";
export type { ByteSource } from "./signal/byte-source.ts";
export { bytesSource } from "./signal/byte-source.ts";
export type { Person, SignalFile, SignalFormat } from "./signal/signal-file.ts";
export { signalUnit } from "./signal/signal-unit.ts";
export { foldViolations } from "./snirf/fold-violations.ts";
export { snirfFromTree } from "./snirf/snirf.ts";
export type { SnirfViolation } from "./snirf/snirf-violations.ts";
export { snirfViolations } from "./snirf/snirf-violations.ts";
export type { SnirfParts } from "./snirf/write-snirf.ts";
export { snirfTree } from "./snirf/write-snirf.ts";
export type { VertexLabels } from "./surface/vertex-labels.ts";
export { readDft, writeDft } from "./tac/dft.ts";
export type { CurveOptions } from "./tac/pmod.ts";
export { readPmodBlood, readPmodTac, writePmodBlood, writePmodTac } from "./tac/pmod.ts";
export { readTacsTsv, writeTacsTsv } from "./tac/tacs-tsv.ts";
export type { TwixOptions } from "./twix/twix.ts";
export { readTwix } from "./twix/twix.ts";
export { looksLikeTwix } from "./twix/twix-measurements.ts";
export {
  xdfBoundary,
  xdfClockOffset,
  xdfFileHeader,
  xdfMagic,
  xdfSamplesChunk,
  xdfStreamFooter,
  xdfStreamHeader,
} from "./xdf/write-xdf.ts";
export type { ClockOffsets, Xdf, XdfChannel, XdfStream } from "./xdf/xdf.ts";
export { readXdf } from "./xdf/xdf.ts";
export type { XdfFormat, XdfNumberFormat } from "./xdf/xdf-format.ts";
export { xdfArray, xdfFormats, xdfValueBytes, xdfValueReader, xdfValueWriter } from "./xdf/xdf-format.ts";
export type { EvenStretch, StreamRole } from "./xdf/xdf-nouns.ts";
export { streamRole, xdfGroup, xdfMarks, xdfOptodes } from "./xdf/xdf-nouns.ts";
export type { XmlElement } from "./xml/xml.ts";
export { parseXml, xmlAt, xmlNumber, xmlText } from "./xml/xml.ts";
