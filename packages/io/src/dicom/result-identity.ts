/** What a result takes over from the study it came from: whose it is, or nobody's. */
import { latin1 } from "../bytes/byte-reader.ts";
import { type DicomAttribute, dictionary } from "./dictionary.ts";
import { type DicomFields, uidOf } from "./encode.ts";
import type { DicomElement, DicomFile } from "./tags.ts";
import { dicomText } from "./values.ts";

/**
 * keep: patient, study and their identifiers as in the source, so that the result is filed beside it in an archive.
 * remove: names, numbers and dates of the person and free texts emptied (PS3.15 E.1), identifiers replaced by others that stay
 * the same for the same source.
 */
export type IdentityChoice = "keep" | "remove";

const copiedAlways: readonly DicomAttribute[] = ["PatientSex", "PatientAge", "PatientSize", "PatientWeight"];
const copiedWithIdentity: readonly DicomAttribute[] = [
  "PatientName",
  "PatientID",
  "PatientBirthDate",
  "StudyDate",
  "StudyTime",
  "StudyID",
  "StudyDescription",
  "AccessionNumber",
  "ReferringPhysicianName",
  "PositionReferenceIndicator",
];
const specificCharacterSet = 0x00080005;
const issuerOfPatientId = 0x00100021;

/** Fields that every image must have and that may be empty. */
export const emptied: DicomFields = {
  PatientName: "",
  PatientID: "",
  PatientBirthDate: "",
  StudyDate: "",
  StudyTime: "",
  StudyID: "",
  AccessionNumber: "",
  ReferringPhysicianName: "",
};

/** Elements of the source that go into the result as they are. */
export function copiedElements(source: DicomFile, identity: IdentityChoice): readonly DicomElement[] {
  const names = identity === "keep" ? [...copiedAlways, ...copiedWithIdentity] : copiedAlways;
  const tags = new Set(names.map((name) => dictionary[name][0]));
  if (identity === "keep") for (const tag of [specificCharacterSet, issuerOfPatientId]) tags.add(tag);
  return [...source.elements.values()].flatMap((element) => {
    if (!tags.has(element.tag) || element.items) return [];
    // All of these are texts, alike in both byte orders; implicit files leave the representation to the dictionary.
    const vr = element.tag === specificCharacterSet ? "CS" : element.tag === issuerOfPatientId ? "LO" : element.vr;
    return [{ ...element, vr }];
  });
}

/** Study, frame of reference and, without identity, what says that it was removed. */
export function resultFields(source: DicomFile, identity: IdentityChoice): DicomFields {
  const uid = (name: DicomAttribute): string => {
    const stated = dicomText(source, name);
    const known =
      stated ??
      uidOf(`${name} of ${latin1(source.elements.get(dictionary.SOPInstanceUID[0])?.value ?? new Uint8Array(0))}`);
    return identity === "keep" ? known : uidOf(`without identity ${known}`);
  };
  const ids = { StudyInstanceUID: uid("StudyInstanceUID"), FrameOfReferenceUID: uid("FrameOfReferenceUID") };
  if (identity === "keep") return ids;
  return {
    ...ids,
    ...emptied,
    PatientIdentityRemoved: "YES",
    DeidentificationMethod: "names, numbers, dates and texts emptied; UIDs replaced",
  };
}

/** The source's series and images as references, under the names they have in the result. */
export function references(
  sources: readonly DicomFile[],
  identity: IdentityChoice,
): Pick<DicomFields, "ReferencedSeriesSequence" | "SourceImageSequence"> {
  const named = (uid: string | undefined): string =>
    identity === "keep" ? (uid ?? "") : uidOf(`without identity ${uid}`);
  const bySeries = new Map<string, DicomFields[]>();
  for (const source of sources) {
    const series = named(dicomText(source, "SeriesInstanceUID"));
    const instance: DicomFields = {
      ReferencedSOPClassUID: dicomText(source, "SOPClassUID") ?? "",
      ReferencedSOPInstanceUID: named(dicomText(source, "SOPInstanceUID")),
    };
    bySeries.set(series, [...(bySeries.get(series) ?? []), instance]);
  }
  return {
    ReferencedSeriesSequence: [...bySeries].map(([uid, instances]) => ({
      SeriesInstanceUID: uid,
      ReferencedInstanceSequence: instances,
    })),
    SourceImageSequence: [...bySeries.values()].flat().map((instance) => ({
      ...instance,
      PurposeOfReferenceCodeSequence: [
        {
          CodeValue: "121322",
          CodingSchemeDesignator: "DCM",
          CodeMeaning: "Source image for image processing operation",
        },
      ],
    })),
  };
}
