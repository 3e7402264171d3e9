import { latin1 } from "../bytes/byte-reader.ts";
import { type DicomDataset, tagName } from "./tags.ts";

/**
 * Attributes that tell who a person is, who cared for them, or where and when: those of the basic profile of
 * PS3.15 table E.1-1 that stand in image files. Dates are listed by the caller's own rule (they are shifted, not removed).
 */
const telling: ReadonlyMap<number, string> = new Map([
  [0x00080050, "AccessionNumber"],
  [0x00080080, "InstitutionName"],
  [0x00080081, "InstitutionAddress"],
  [0x00080090, "ReferringPhysicianName"],
  [0x00080092, "ReferringPhysicianAddress"],
  [0x00080094, "ReferringPhysicianTelephoneNumbers"],
  [0x00081010, "StationName"],
  [0x00081040, "InstitutionalDepartmentName"],
  [0x00081048, "PhysiciansOfRecord"],
  [0x00081050, "PerformingPhysicianName"],
  [0x00081060, "NameOfPhysiciansReadingStudy"],
  [0x00081070, "OperatorsName"],
  [0x00100010, "PatientName"],
  [0x00100020, "PatientID"],
  [0x00100030, "PatientBirthDate"],
  [0x00100032, "PatientBirthTime"],
  [0x00101000, "OtherPatientIDs"],
  [0x00101001, "OtherPatientNames"],
  [0x00101005, "PatientBirthName"],
  [0x00101040, "PatientAddress"],
  [0x00101060, "PatientMotherBirthName"],
  [0x00102154, "PatientTelephoneNumbers"],
  [0x00102160, "EthnicGroup"],
  [0x00102180, "Occupation"],
  [0x001021b0, "AdditionalPatientHistory"],
  [0x00104000, "PatientComments"],
  [0x00181000, "DeviceSerialNumber"],
  [0x00200010, "StudyID"],
  [0x00204000, "ImageComments"],
  [0x00321032, "RequestingPhysician"],
  [0x00324000, "StudyComments"],
  [0x00400006, "ScheduledPerformingPhysicianName"],
  [0x00400280, "CommentsOnThePerformedProcedureStep"],
  [0x40000010, "Arbitrary"],
]);

/** Names of the filled identity attributes, sequences included. Names only: what they say is not repeated. */
export function dicomIdentity(dataset: DicomDataset): readonly string[] {
  const found = new Set<string>();
  const walk = ({ elements }: DicomDataset): void => {
    for (const { tag, value, items } of elements.values()) {
      const name = telling.get(tag);
      if (name && latin1(value).trim() !== "") found.add(`${name} (${tagName(tag)})`);
      items?.forEach(walk);
    }
  };
  walk(dataset);
  return [...found];
}
