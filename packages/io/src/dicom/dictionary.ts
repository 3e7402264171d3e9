/** Keywords of the attributes this project reads or writes, DICOM PS3.6. */
export type DicomAttribute =
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
  | "PixelData";

/** Tag (group x 65536 + element) and value representation of each. */
export const dictionary: Readonly<Record<DicomAttribute, readonly [tag: number, vr: string]>> = {
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
  PixelData: [0x7fe00010, "OW"],
};

const byTag: ReadonlyMap<number, string> = new Map(Object.values(dictionary).map(([tag, vr]) => [tag, vr]));

/** Value representation of a tag for implicit-VR files; "UN" when it is none we ask for. */
export function vrOf(tag: number): string {
  return byTag.get(tag) ?? "UN";
}
