/** Keywords of the attributes this project reads or writes, DICOM PS3.6. */
export type DicomAttribute =
  | "FileMetaInformationVersion"
  | "MediaStorageSOPClassUID"
  | "MediaStorageSOPInstanceUID"
  | "TransferSyntaxUID"
  | "ImplementationClassUID"
  | "ImageType"
  | "SOPClassUID"
  | "SOPInstanceUID"
  | "StudyDate"
  | "SeriesDate"
  | "AcquisitionDate"
  | "StudyTime"
  | "SeriesTime"
  | "AcquisitionTime"
  | "Modality"
  | "Manufacturer"
  | "CodeValue"
  | "CodingSchemeDesignator"
  | "CodeMeaning"
  | "SeriesDescription"
  | "PatientName"
  | "PatientID"
  | "PatientSex"
  | "PatientAge"
  | "PatientSize"
  | "PatientWeight"
  | "Radiopharmaceutical"
  | "SliceThickness"
  | "RepetitionTime"
  | "SpacingBetweenSlices"
  | "ProtocolName"
  | "RadiopharmaceuticalStartTime"
  | "RadiopharmaceuticalStopTime"
  | "RadionuclideTotalDose"
  | "RadionuclideHalfLife"
  | "RadionuclidePositronFraction"
  | "RadiopharmaceuticalStartDateTime"
  | "ActualFrameDuration"
  | "PatientPosition"
  | "StudyInstanceUID"
  | "SeriesInstanceUID"
  | "SeriesNumber"
  | "AcquisitionNumber"
  | "InstanceNumber"
  | "ImagePositionPatient"
  | "ImageOrientationPatient"
  | "FrameOfReferenceUID"
  | "TemporalPositionIdentifier"
  | "SamplesPerPixel"
  | "PhotometricInterpretation"
  | "NumberOfFrames"
  | "FrameIncrementPointer"
  | "Rows"
  | "Columns"
  | "PixelSpacing"
  | "BitsAllocated"
  | "BitsStored"
  | "HighBit"
  | "PixelRepresentation"
  | "RescaleIntercept"
  | "RescaleSlope"
  | "RadiopharmaceuticalInformationSequence"
  | "DetectorInformationSequence"
  | "RadionuclideCodeSequence"
  | "RadiopharmaceuticalCodeSequence"
  | "SliceVector"
  | "NumberOfSlices"
  | "NumberOfTimeSlices"
  | "SeriesType"
  | "Units"
  | "CountsSource"
  | "DecayCorrection"
  | "FrameReferenceTime"
  | "DecayFactor"
  | "ImageIndex"
  | "InstanceCreationDate"
  | "InstanceCreationTime"
  | "ContentDate"
  | "ContentTime"
  | "AccessionNumber"
  | "ConversionType"
  | "ReferringPhysicianName"
  | "StudyDescription"
  | "ManufacturerModelName"
  | "ReferencedSeriesSequence"
  | "ReferencedSOPClassUID"
  | "ReferencedSOPInstanceUID"
  | "ReferencedInstanceSequence"
  | "DerivationDescription"
  | "SourceImageSequence"
  | "PurposeOfReferenceCodeSequence"
  | "DerivationCodeSequence"
  | "PatientBirthDate"
  | "PatientIdentityRemoved"
  | "DeidentificationMethod"
  | "SoftwareVersions"
  | "CollimatorType"
  | "CorrectedImage"
  | "BurnedInAnnotation"
  | "LossyImageCompression"
  | "SmallestImagePixelValue"
  | "LargestImagePixelValue"
  | "PlanarConfiguration"
  | "StudyID"
  | "PositionReferenceIndicator"
  | "PatientOrientation"
  | "Laterality"
  | "BodyPartExamined"
  | "PatientOrientationModifierCodeSequence"
  | "EnergyWindowRangeSequence"
  | "PatientOrientationCodeSequence"
  | "PatientGantryRelationshipCodeSequence"
  | "ReprojectionMethod"
  | "RandomsCorrectionMethod"
  | "AttenuationCorrectionMethod"
  | "ReconstructionMethod"
  | "ScatterCorrectionMethod"
  | "SUVType"
  | "WindowCenter"
  | "WindowWidth"
  | "EnergyWindowVector"
  | "NumberOfEnergyWindows"
  | "EnergyWindowInformationSequence"
  | "EnergyWindowLowerLimit"
  | "EnergyWindowUpperLimit"
  | "DetectorVector"
  | "NumberOfDetectors"
  | "RotationVector"
  | "NumberOfRotations"
  | "RotationInformationSequence"
  | "NumberOfFramesInRotation"
  | "AngularViewVector"
  | "StartAngle"
  | "TypeOfDetectorMotion"
  | "ScanArc"
  | "AngularStep"
  | "RotationDirection"
  | "RadialPosition"
  | "CollimatorGridName"
  | "FocalDistance"
  | "XFocusCenter"
  | "YFocusCenter"
  | "AcquisitionContextSequence"
  | "CountsAccumulated"
  | "PixelData";

/** Tag (group x 65536 + element) and value representation of each. */
export const dictionary: Readonly<Record<DicomAttribute, readonly [tag: number, vr: string]>> = {
  FileMetaInformationVersion: [0x00020001, "OB"],
  MediaStorageSOPClassUID: [0x00020002, "UI"],
  MediaStorageSOPInstanceUID: [0x00020003, "UI"],
  TransferSyntaxUID: [0x00020010, "UI"],
  ImplementationClassUID: [0x00020012, "UI"],
  ImageType: [0x00080008, "CS"],
  SOPClassUID: [0x00080016, "UI"],
  SOPInstanceUID: [0x00080018, "UI"],
  StudyDate: [0x00080020, "DA"],
  SeriesDate: [0x00080021, "DA"],
  AcquisitionDate: [0x00080022, "DA"],
  StudyTime: [0x00080030, "TM"],
  SeriesTime: [0x00080031, "TM"],
  AcquisitionTime: [0x00080032, "TM"],
  Modality: [0x00080060, "CS"],
  Manufacturer: [0x00080070, "LO"],
  CodeValue: [0x00080100, "SH"],
  CodingSchemeDesignator: [0x00080102, "SH"],
  CodeMeaning: [0x00080104, "LO"],
  SeriesDescription: [0x0008103e, "LO"],
  PatientName: [0x00100010, "PN"],
  PatientID: [0x00100020, "LO"],
  PatientSex: [0x00100040, "CS"],
  PatientAge: [0x00101010, "AS"],
  PatientSize: [0x00101020, "DS"],
  PatientWeight: [0x00101030, "DS"],
  Radiopharmaceutical: [0x00180031, "LO"],
  SliceThickness: [0x00180050, "DS"],
  RepetitionTime: [0x00180080, "DS"],
  SpacingBetweenSlices: [0x00180088, "DS"],
  ProtocolName: [0x00181030, "LO"],
  RadiopharmaceuticalStartTime: [0x00181072, "TM"],
  RadiopharmaceuticalStopTime: [0x00181073, "TM"],
  RadionuclideTotalDose: [0x00181074, "DS"],
  RadionuclideHalfLife: [0x00181075, "DS"],
  RadionuclidePositronFraction: [0x00181076, "DS"],
  RadiopharmaceuticalStartDateTime: [0x00181078, "DT"],
  ActualFrameDuration: [0x00181242, "IS"],
  PatientPosition: [0x00185100, "CS"],
  StudyInstanceUID: [0x0020000d, "UI"],
  SeriesInstanceUID: [0x0020000e, "UI"],
  SeriesNumber: [0x00200011, "IS"],
  AcquisitionNumber: [0x00200012, "IS"],
  InstanceNumber: [0x00200013, "IS"],
  ImagePositionPatient: [0x00200032, "DS"],
  ImageOrientationPatient: [0x00200037, "DS"],
  FrameOfReferenceUID: [0x00200052, "UI"],
  TemporalPositionIdentifier: [0x00200100, "IS"],
  SamplesPerPixel: [0x00280002, "US"],
  PhotometricInterpretation: [0x00280004, "CS"],
  NumberOfFrames: [0x00280008, "IS"],
  FrameIncrementPointer: [0x00280009, "AT"],
  Rows: [0x00280010, "US"],
  Columns: [0x00280011, "US"],
  PixelSpacing: [0x00280030, "DS"],
  BitsAllocated: [0x00280100, "US"],
  BitsStored: [0x00280101, "US"],
  HighBit: [0x00280102, "US"],
  PixelRepresentation: [0x00280103, "US"],
  RescaleIntercept: [0x00281052, "DS"],
  RescaleSlope: [0x00281053, "DS"],
  RadiopharmaceuticalInformationSequence: [0x00540016, "SQ"],
  DetectorInformationSequence: [0x00540022, "SQ"],
  RadionuclideCodeSequence: [0x00540300, "SQ"],
  RadiopharmaceuticalCodeSequence: [0x00540304, "SQ"],
  SliceVector: [0x00540080, "US"],
  NumberOfSlices: [0x00540081, "US"],
  NumberOfTimeSlices: [0x00540101, "US"],
  SeriesType: [0x00541000, "CS"],
  Units: [0x00541001, "CS"],
  CountsSource: [0x00541002, "CS"],
  DecayCorrection: [0x00541102, "CS"],
  FrameReferenceTime: [0x00541300, "DS"],
  DecayFactor: [0x00541321, "DS"],
  ImageIndex: [0x00541330, "US"],
  InstanceCreationDate: [0x00080012, "DA"],
  InstanceCreationTime: [0x00080013, "TM"],
  ContentDate: [0x00080023, "DA"],
  ContentTime: [0x00080033, "TM"],
  AccessionNumber: [0x00080050, "SH"],
  ConversionType: [0x00080064, "CS"],
  ReferringPhysicianName: [0x00080090, "PN"],
  StudyDescription: [0x00081030, "LO"],
  ManufacturerModelName: [0x00081090, "LO"],
  ReferencedSeriesSequence: [0x00081115, "SQ"],
  ReferencedSOPClassUID: [0x00081150, "UI"],
  ReferencedSOPInstanceUID: [0x00081155, "UI"],
  ReferencedInstanceSequence: [0x0008114a, "SQ"],
  DerivationDescription: [0x00082111, "ST"],
  SourceImageSequence: [0x00082112, "SQ"],
  PurposeOfReferenceCodeSequence: [0x0040a170, "SQ"],
  DerivationCodeSequence: [0x00089215, "SQ"],
  PatientBirthDate: [0x00100030, "DA"],
  PatientIdentityRemoved: [0x00120062, "CS"],
  DeidentificationMethod: [0x00120063, "LO"],
  SoftwareVersions: [0x00181020, "LO"],
  CollimatorType: [0x00181181, "CS"],
  CorrectedImage: [0x00280051, "CS"],
  BurnedInAnnotation: [0x00280301, "CS"],
  LossyImageCompression: [0x00282110, "CS"],
  SmallestImagePixelValue: [0x00280106, "US"],
  LargestImagePixelValue: [0x00280107, "US"],
  PlanarConfiguration: [0x00280006, "US"],
  StudyID: [0x00200010, "SH"],
  PositionReferenceIndicator: [0x00201040, "LO"],
  PatientOrientation: [0x00200020, "CS"],
  BodyPartExamined: [0x00180015, "CS"],
  PatientOrientationModifierCodeSequence: [0x00540412, "SQ"],
  Laterality: [0x00200060, "CS"],
  EnergyWindowRangeSequence: [0x00540013, "SQ"],
  PatientOrientationCodeSequence: [0x00540410, "SQ"],
  PatientGantryRelationshipCodeSequence: [0x00540414, "SQ"],
  ReprojectionMethod: [0x00541004, "CS"],
  RandomsCorrectionMethod: [0x00541100, "CS"],
  AttenuationCorrectionMethod: [0x00541101, "LO"],
  ReconstructionMethod: [0x00541103, "LO"],
  ScatterCorrectionMethod: [0x00541105, "LO"],
  SUVType: [0x00541006, "CS"],
  WindowCenter: [0x00281050, "DS"],
  WindowWidth: [0x00281051, "DS"],
  EnergyWindowVector: [0x00540010, "US"],
  NumberOfEnergyWindows: [0x00540011, "US"],
  EnergyWindowInformationSequence: [0x00540012, "SQ"],
  EnergyWindowLowerLimit: [0x00540014, "DS"],
  EnergyWindowUpperLimit: [0x00540015, "DS"],
  DetectorVector: [0x00540020, "US"],
  NumberOfDetectors: [0x00540021, "US"],
  RotationVector: [0x00540050, "US"],
  NumberOfRotations: [0x00540051, "US"],
  RotationInformationSequence: [0x00540052, "SQ"],
  NumberOfFramesInRotation: [0x00540053, "US"],
  AngularViewVector: [0x00540090, "US"],
  StartAngle: [0x00540200, "DS"],
  TypeOfDetectorMotion: [0x00540202, "CS"],
  ScanArc: [0x00181143, "DS"],
  AngularStep: [0x00181144, "DS"],
  RotationDirection: [0x00181140, "CS"],
  RadialPosition: [0x00181142, "DS"],
  CollimatorGridName: [0x00181180, "SH"],
  FocalDistance: [0x00181182, "IS"],
  XFocusCenter: [0x00181183, "DS"],
  YFocusCenter: [0x00181184, "DS"],
  AcquisitionContextSequence: [0x00400555, "SQ"],
  CountsAccumulated: [0x00180070, "IS"],
  PixelData: [0x7fe00010, "OW"],
};

const byTag: ReadonlyMap<number, string> = new Map(Object.values(dictionary).map(([tag, vr]) => [tag, vr]));

/** Value representation of a tag for implicit-VR files; "UN" when it is none we ask for. */
export function vrOf(tag: number): string {
  return byTag.get(tag) ?? "UN";
}
